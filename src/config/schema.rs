//! The JSON Schema of golive.toml and of TOML checklists: for editors, and for `validate`.

use std::sync::LazyLock;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use super::shape;

static PLAN: LazyLock<Value> = LazyLock::new(|| of::<shape::File>("golive.toml"));
static CHECKLIST: LazyLock<Value> = LazyLock::new(|| of::<shape::Checklist>("a golive checklist"));

/// The schema of golive.toml.
pub fn schema() -> &'static Value {
    &PLAN
}

/// The schema of a TOML checklist.
pub fn checklist_schema() -> &'static Value {
    &CHECKLIST
}

fn of<T: JsonSchema>(title: &str) -> Value {
    // Draft 7 is what TOML editors understand.
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), title.into());
    }
    schema
}

/// TOML has no null: an absent key is an absent key.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(map) => {
            map.values_mut().for_each(without_null);
            map.retain(|key, value| key != "default" || !value.is_null());
            if let Some(Value::Array(kinds)) = map.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(arms)) = map.get_mut("anyOf") {
                arms.retain(|arm| arm.get("type") != Some(&"null".into()));
                if let [only] = arms.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    map.insert("allOf".into(), Value::Array(vec![only]));
                }
            }
        }
        _ => {}
    }
}
