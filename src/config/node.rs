//! TOML as a tree in source order in which every key and value knows where it stands. What is wrong is cut out
//! of it as it is reported, so that the rest can still be read and checked.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::domain::plan::{Place, Segment};

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub span: Range<usize>,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    Date(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_span: Range<usize>,
    pub node: Node,
}

/// The file is not TOML at this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    pub span: Range<usize>,
    pub what: String,
}

impl Node {
    /// Reads as much as can be read, and every syntax error.
    pub fn parse(text: &str) -> (Node, Vec<Syntax>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut syntax: Vec<Syntax> = errors
            .iter()
            .map(|error| Syntax { span: error.span().unwrap_or(0..0), what: error.message().to_owned() })
            .collect();
        let span = table.span();
        let node = Node { span, value: from_table(table.into_inner(), &mut syntax) };
        (node, syntax)
    }

    pub fn word(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a number",
            Value::Float(_) => "a decimal number",
            Value::Flag(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The keys of the table at `place`, in the order in which they were written.
    pub fn keys_at(&self, place: &Place) -> Vec<&str> {
        let mut node = self;
        for segment in place.segments() {
            match (segment, &node.value) {
                (Segment::Index(index), Value::List(items)) if *index < items.len() => node = &items[*index],
                (Segment::Key(key), Value::Table(_)) => match node.entry(key) {
                    Some(entry) => node = &entry.node,
                    None => return Vec::new(),
                },
                _ => return Vec::new(),
            }
        }
        match &node.value {
            Value::Table(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// The texts at `key` in the tables of the list at `list`: the names of the stages.
    pub fn texts_of(&self, list: &str, key: &str) -> Vec<&str> {
        let Some(Value::List(items)) = self.entry(list).map(|entry| &entry.node.value) else {
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| match &item.entry(key)?.node.value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Where `place` stands, or the nearest thing around it that was written.
    pub fn find(&self, place: &Place) -> Range<usize> {
        let mut node = self;
        // The file as a whole is shown by its first line.
        let mut span = 0..0;
        for segment in place.segments() {
            match (segment, &node.value) {
                (Segment::Index(index), Value::List(items)) if *index < items.len() => {
                    node = &items[*index];
                    span = node.span.clone();
                }
                (Segment::Key(key), Value::Table(_)) => match node.entry(key) {
                    Some(entry) => {
                        node = &entry.node;
                        // A table is named by its key, a value by itself.
                        let by_key = matches!(node.value, Value::Table(_));
                        span = if by_key { entry.key_span.clone() } else { node.span.clone() };
                    }
                    None => break,
                },
                _ => break,
            }
        }
        span
    }

    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) | Value::Date(text) => text.as_str().into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Table(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect(),
            ),
        }
    }
}

fn from_table(table: DeTable<'_>, syntax: &mut Vec<Syntax>) -> Value {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_span: key.span(),
            key: key.into_inner().into_owned(),
            node: from_value(value, syntax),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Value::Table(entries)
}

fn from_value(value: Spanned<DeValue<'_>>, syntax: &mut Vec<Syntax>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => {
            if let Ok(number) = i64::from_str_radix(number.as_str(), number.radix()) {
                Value::Integer(number)
            } else {
                let what = format!("the number {} is too large", number.as_str());
                syntax.push(Syntax { span: span.clone(), what });
                Value::Integer(0)
            }
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| from_value(item, syntax)).collect())
        }
        DeValue::Table(table) => from_table(table, syntax),
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, place: &Place) -> String {
        let (node, syntax) = Node::parse(text);
        assert_eq!(syntax, []);
        text[node.find(place)].to_owned()
    }

    #[test]
    fn a_place_is_found_by_key_or_value() {
        let text = "[a]\nb = { c = [1, 22] }\n[[s]]\nname = 'x'\n[[s]]\nname = 'y'\n[a.d]\n";
        let root = Place::root();
        assert_eq!(shown(text, &root.key("a").key("b").key("c").index(1)), "22");
        assert_eq!(shown(text, &root.key("a").key("b")), "b");
        assert_eq!(shown(text, &root.key("a").key("d")), "d");
        assert_eq!(shown(text, &root.key("s").index(1).key("name")), "'y'");
        assert_eq!(shown(text, &root.key("s").index(1)), "[[s]]");
        assert_eq!(shown(text, &root.key("s").index(1).key("bake")), "[[s]]");
        assert_eq!(shown(text, &root.key("nothing")), "");
    }

    #[test]
    fn keys_stay_in_the_order_in_which_they_were_written() {
        let (node, _) = Node::parse("z = 1\na = 2\n[m]\n");
        assert_eq!(node.keys_at(&Place::root()), ["z", "a", "m"]);
    }
}
