//! The kind of an event as it is stored: `part.fact`, as the two levels of the event's enum name it.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor},
};

/// `rollout.lane-started`: lower-case letters, digits and dashes around one dot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Arc<str>);

/// A text that is not a kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of event, part.fact")]
pub struct BadKind(pub String);

impl Kind {
    pub fn parse(text: &str) -> Result<Self, BadKind> {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        match text.split_once('.') {
            Some((part, fact)) if word(part) && word(fact) && text.len() <= 120 => Ok(Self(Arc::from(text))),
            _ => Err(BadKind(text.chars().take(120).collect())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `rollout` and `lane-started`.
    pub fn words(&self) -> (&str, &str) {
        self.0.split_once('.').unwrap_or((&self.0, ""))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every kind that a two-level enum has, as its own `Deserialize` names them: no list is kept by hand that
/// could fall behind.
pub fn kinds<'de, T: Deserialize<'de>>() -> Vec<Kind> {
    let mut found = Vec::new();
    let parts = variants::<T>(None);
    for part in parts {
        for fact in variants::<T>(Some(part)) {
            // A variant that is no word could never be stored; `encode` refuses it too.
            found.extend(Kind::parse(&format!("{part}.{fact}")));
        }
    }
    found
}

/// The names of the outer enum's variants, or of the enum within one of them.
fn variants<'de, T: Deserialize<'de>>(part: Option<&'static str>) -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Asking always ends in the error that stops it; the answer is what it left in `names`.
    let _ = T::deserialize(Ask { part, names: &mut names });
    names
}

/// A deserializer that asks an enum for its variants, and goes into one of them first if told to.
struct Ask<'a> {
    part: Option<&'static str>,
    names: &'a mut &'static [&'static str],
}

/// Stops the questioning.
#[derive(Debug, thiserror::Error)]
#[error("asked")]
struct Asked;

impl de::Error for Asked {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Ask<'_> {
    type Error = Asked;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Asked> {
        if self.part.is_some() {
            visitor.visit_enum(self)
        } else {
            *self.names = variants;
            Err(Asked)
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Ask<'_> {
    type Error = Asked;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Asked> {
        let name = self.part.unwrap_or_default();
        let value = seed.deserialize(de::value::StrDeserializer::<Asked>::new(name))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Ask<'_> {
    type Error = Asked;

    fn unit_variant(self) -> Result<(), Asked> {
        Err(Asked)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Asked> {
        seed.deserialize(Ask { part: None, names: self.names })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Asked> {
        Err(Asked)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Asked> {
        Err(Asked)
    }
}
