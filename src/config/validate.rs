//! Holds a file against the shape it must have: unknown keys, wrong types, unknown words, missing keys. The
//! shape is the JSON Schema that `golive check --schema` prints, so an editor and golive agree by construction.
//!
//! What is wrong is reported and cut out of the tree, so that everything else can still be read.

use serde_json::Value as Json;

use super::{
    node::{Node, Value},
    suggest::advice,
};
use crate::domain::plan::Place;

/// One departure from the shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// What was cut out, or the table that lacks something.
    pub place: Place,
    pub span: std::ops::Range<usize>,
    pub what: String,
    pub help: String,
}

/// Checks `node` in place against `schema`.
pub fn validate(node: &mut Node, schema: &Json) -> Vec<Departure> {
    let mut walk = Walk { root: schema, found: Vec::new() };
    walk.node(node, schema, &Place::root(), 0..0);
    walk.found
}

struct Walk<'a> {
    root: &'a Json,
    found: Vec<Departure>,
}

/// A range of the text by which a table is shown: its key.
type Shown = std::ops::Range<usize>;

impl<'a> Walk<'a> {
    /// Follows references, and leaves out the one-armed unions that descriptions bring.
    fn resolve(&self, mut schema: &'a Json) -> &'a Json {
        loop {
            if let Some(target) = schema.get("$ref").and_then(Json::as_str) {
                let Some(found) = self.root.pointer(target.trim_start_matches('#')) else { return schema };
                schema = found;
            } else if let Some([only]) = schema.get("allOf").and_then(Json::as_array).map(Vec::as_slice) {
                schema = only;
            } else {
                return schema;
            }
        }
    }

    /// False: the value can't stay.
    fn node(&mut self, node: &mut Node, schema: &'a Json, place: &Place, shown: Shown) -> bool {
        let described = schema.get("description").and_then(Json::as_str);
        let schema = self.resolve(schema);
        let described = described.or_else(|| schema.get("description").and_then(Json::as_str));
        let arms = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array);
        if let Some(arms) = arms {
            return self.union(node, arms, place, shown, described);
        }
        if let Some(words) = Self::words(schema) {
            return self.word(node, &words, place);
        }
        let kind = schema.get("type").and_then(Json::as_str);
        if !kind.is_none_or(|kind| fits(node, kind)) {
            let wanted = kind.map_or("something else", name_of);
            self.wrong_type(node, wanted, place, described);
            return false;
        }
        match &mut node.value {
            Value::Table(_) => self.table(node, schema, place, shown),
            Value::List(items) => {
                if let Some(schema) = schema.get("items") {
                    let mut at = 0;
                    items.retain_mut(|item| {
                        let shown = item.span.clone();
                        let keep = self.node(item, schema, &place.index(at), shown);
                        at += 1;
                        keep
                    });
                }
                true
            }
            Value::Integer(number) => {
                let number = *number;
                self.bounds(node, number, schema, place)
            }
            _ => true,
        }
    }

    fn wrong_type(&mut self, node: &Node, wanted: &str, place: &Place, described: Option<&str>) {
        let what = format!("`{place}` is {}, and must be {wanted}", node.word());
        let help = described.map_or_else(|| format!("write {wanted}"), first_sentence);
        self.found.push(Departure { place: place.clone(), span: node.span.clone(), what, help });
    }

    fn bounds(&mut self, node: &Node, number: i64, schema: &Json, place: &Place) -> bool {
        let format_max = match schema.get("format").and_then(Json::as_str) {
            Some("uint8") => Some(i64::from(u8::MAX)),
            Some("uint16") => Some(i64::from(u16::MAX)),
            Some("uint32") => Some(i64::from(u32::MAX)),
            _ => None,
        };
        let min = schema.get("minimum").and_then(Json::as_i64).unwrap_or(i64::MIN);
        let max = schema.get("maximum").and_then(Json::as_i64).or(format_max).unwrap_or(i64::MAX);
        if (min..=max).contains(&number) {
            return true;
        }
        let help = match (min, max) {
            (min, i64::MAX) => format!("use {min} or more"),
            (i64::MIN, max) => format!("use {max} or less"),
            (min, max) => format!("use {min} to {max}"),
        };
        let what = format!("`{place}` is {number}");
        self.found.push(Departure { place: place.clone(), span: node.span.clone(), what, help });
        false
    }

    /// The words of an enumeration, where the schema is one.
    fn words(schema: &'a Json) -> Option<Vec<&'a str>> {
        if let Some(word) = schema.get("const").and_then(Json::as_str) {
            return Some(vec![word]);
        }
        schema.get("enum").and_then(Json::as_array).map(|all| all.iter().filter_map(Json::as_str).collect())
    }

    fn word(&mut self, node: &Node, words: &[&str], place: &Place) -> bool {
        match &node.value {
            Value::Text(text) if words.contains(&text.as_str()) => true,
            Value::Text(text) => {
                let what = format!("`{place}` can't be {text:?}");
                let help = advice(text, words.iter().copied());
                self.found.push(Departure { place: place.clone(), span: node.span.clone(), what, help });
                false
            }
            _ => {
                self.wrong_type(node, &format!("one of: {}", words.join(", ")), place, None);
                false
            }
        }
    }

    fn union(
        &mut self,
        node: &mut Node,
        arms: &'a [Json],
        place: &Place,
        shown: Shown,
        described: Option<&str>,
    ) -> bool {
        let arms: Vec<&'a Json> = arms.iter().map(|arm| self.resolve(arm)).collect();
        // Words, each with its own description.
        let words: Option<Vec<Vec<&str>>> = arms.iter().map(|arm| Self::words(arm)).collect();
        if let Some(words) = words {
            return self.word(node, &words.concat(), place);
        }
        // Tables told apart by `kind`.
        if arms.iter().all(|arm| tag(arm).is_some()) {
            return self.tagged(node, &arms, place, shown, described);
        }
        // Otherwise by type.
        let fitting = arms.iter().find(|arm| {
            let inner = arm.get("anyOf").or_else(|| arm.get("oneOf")).and_then(Json::as_array);
            match (arm.get("type").and_then(Json::as_str), inner) {
                (Some(kind), _) => fits(node, kind),
                (None, Some(inner)) => inner.iter().all(|arm| tag(arm).is_some()) && fits(node, "object"),
                (None, None) => Self::words(arm).is_some() && fits(node, "string"),
            }
        });
        if let Some(arm) = fitting {
            return self.node(node, arm, place, shown);
        }
        let wanted: Vec<&str> = arms
            .iter()
            .map(|arm| arm.get("type").and_then(Json::as_str).map_or("a table", name_of))
            .collect();
        self.wrong_type(node, &wanted.join(" or "), place, described);
        false
    }

    fn tagged(
        &mut self,
        node: &mut Node,
        arms: &[&'a Json],
        place: &Place,
        shown: Shown,
        described: Option<&str>,
    ) -> bool {
        if !fits(node, "object") {
            self.wrong_type(node, "a table", place, described);
            return false;
        }
        let words: Vec<&str> = arms.iter().filter_map(|arm| tag(arm)).collect();
        let Some(entry) = node.entry("kind") else {
            self.found.push(Departure {
                place: place.key("kind"),
                span: shown,
                what: format!("`{place}` has no `kind`"),
                help: format!("use one of: {}", words.join(", ")),
            });
            return false;
        };
        let Value::Text(word) = &entry.node.value else {
            let entry = entry.node.clone();
            return self.word(&entry, &words, &place.key("kind"));
        };
        if let Some(arm) = arms.iter().find(|arm| tag(arm) == Some(word)) {
            self.table(node, arm, place, shown)
        } else {
            let entry = entry.node.clone();
            self.word(&entry, &words, &place.key("kind"))
        }
    }

    fn table(&mut self, node: &mut Node, schema: &'a Json, place: &Place, shown: Shown) -> bool {
        let Value::Table(entries) = &mut node.value else { return true };
        let properties = schema.get("properties").and_then(Json::as_object);
        let additional = schema.get("additionalProperties");
        let closed = additional == Some(&Json::Bool(false));
        let required = schema.get("required").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        for key in required.iter().filter_map(Json::as_str) {
            if !entries.iter().any(|entry| entry.key == key) {
                let what = match place.segments() {
                    [] => format!("`{key}` is missing"),
                    _ => format!("`{place}` has no `{key}`"),
                };
                let described = properties
                    .and_then(|all| all.get(key))
                    .and_then(|schema| {
                        schema.get("description").or_else(|| self.resolve(schema).get("description"))
                    })
                    .and_then(Json::as_str);
                let help = described
                    .map_or_else(|| format!("add `{key}`"), |d| format!("add it: {}", first_sentence(d)));
                self.found.push(Departure { place: place.key(key), span: shown.clone(), what, help });
            }
        }
        entries.retain_mut(|entry| {
            let below = place.key(&entry.key);
            let schema = match properties.and_then(|all| all.get(&entry.key)) {
                Some(schema) => Some(schema),
                None if closed => {
                    let known = properties.into_iter().flat_map(|all| all.keys()).map(String::as_str);
                    let what = match place.segments() {
                        [] => format!("`{}` is not a key of a plan", entry.key),
                        _ => format!("`{place}` has no key `{}`", entry.key),
                    };
                    let help = advice(&entry.key, known);
                    self.found.push(Departure {
                        place: below.clone(),
                        span: entry.key_span.clone(),
                        what,
                        help,
                    });
                    return false;
                }
                None => additional.filter(|schema| schema.is_object()),
            };
            schema.is_none_or(|schema| self.node(&mut entry.node, schema, &below, entry.key_span.clone()))
        });
        true
    }
}

/// The word that tells a table of this kind from others.
fn tag(arm: &Json) -> Option<&str> {
    arm.pointer("/properties/kind/const").and_then(Json::as_str)
}

fn fits(node: &Node, kind: &str) -> bool {
    matches!(
        (&node.value, kind),
        (Value::Text(_), "string")
            | (Value::Integer(_), "integer" | "number")
            | (Value::Float(_), "number")
            | (Value::Flag(_), "boolean")
            | (Value::List(_), "array")
            | (Value::Table(_), "object")
    )
}

fn name_of(kind: &str) -> &'static str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a table",
    }
}

/// Descriptions may go on; a message has room for one sentence, which goes on after a colon.
fn first_sentence(text: &str) -> String {
    let line = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    let end = line.find(". ").map_or(line.len(), |at| at);
    let sentence = line[..end].trim_end_matches('.');
    let mut letters = sentence.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(sentence.chars().skip(1)).collect()
        }
        _ => sentence.to_owned(),
    }
}
