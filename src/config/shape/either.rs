//! Values that may be written in two ways: a short and a long one.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value},
};

/// A text, or a table that says more.
#[derive(Clone, Debug)]
pub enum TextOr<T> {
    Text(String),
    Table(T),
}

/// A list of texts, or a table that says more.
#[derive(Clone, Debug)]
pub enum ListOr<T> {
    List(Vec<String>),
    Table(T),
}

/// A list, or one by each name.
#[derive(Clone, Debug)]
pub enum EachOr<T> {
    All(Vec<T>),
    Each(BTreeMap<String, Vec<T>>),
}

/// A whole number, or a text such as `"95%"`.
#[derive(Clone, Debug)]
pub enum NumberOrText {
    Number(u32),
    Text(String),
}

/// A text, number or truth value, compared as text.
#[derive(Clone, Debug)]
pub struct Scalar(pub String);

struct Seen<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Seen<TextOr<T>> {
    type Value = TextOr<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a table")
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOr::Text(text.into()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(value::MapAccessDeserializer::new(map)).map(TextOr::Table)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Seen<ListOr<T>> {
    type Value = ListOr<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts or a table")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(value::SeqAccessDeserializer::new(seq)).map(ListOr::List)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(value::MapAccessDeserializer::new(map)).map(ListOr::Table)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Seen<EachOr<T>> {
    type Value = EachOr<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or a table of lists")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(value::SeqAccessDeserializer::new(seq)).map(EachOr::All)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        BTreeMap::deserialize(value::MapAccessDeserializer::new(map)).map(EachOr::Each)
    }
}

impl Visitor<'_> for Seen<NumberOrText> {
    type Value = NumberOrText;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or a text")
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        u32::try_from(number).map(NumberOrText::Number).map_err(E::custom)
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        u32::try_from(number).map(NumberOrText::Number).map_err(E::custom)
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(NumberOrText::Text(text.into()))
    }
}

impl Visitor<'_> for Seen<Scalar> {
    type Value = Scalar;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Scalar(number.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar(number.to_string()))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar(flag.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar(text.into()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Seen::<Self>(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ListOr<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Seen::<Self>(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for EachOr<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Seen::<Self>(PhantomData))
    }
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Seen::<Self>(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Seen::<Self>(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for TextOr<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("TextOr{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<T>()] })
    }
}

impl<T: JsonSchema> JsonSchema for ListOr<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("ListOr{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "array", "items": { "type": "string" } }, generator.subschema_for::<T>()]
        })
    }
}

impl<T: JsonSchema> JsonSchema for EachOr<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("EachOr{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = generator.subschema_for::<Vec<T>>();
        json_schema!({ "anyOf": [list, { "type": "object", "additionalProperties": list }] })
    }
}

impl JsonSchema for NumberOrText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "NumberOrText".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "format": "uint32", "minimum": 0 }, { "type": "string" }] })
    }
}

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "string" }, { "type": "integer" }, { "type": "number" }, { "type": "boolean" }]
        })
    }
}
