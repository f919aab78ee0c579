//! The reading side. What is wrong is an error, never a panic: bytes can be damaged on their way.

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, Visitor},
    forward_to_deserialize_any,
};

use super::{error::Unpackable, words::Words};

pub struct Reader<'de> {
    rest: &'de [u8],
    words: Words<'de>,
}

impl<'de> Reader<'de> {
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { rest: bytes, words: Words::default() }
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Unpackable> {
        if self.rest.is_empty() { Ok(()) } else { Err(Unpackable::Long(self.rest.len())) }
    }

    fn byte(&mut self) -> Result<u8, Unpackable> {
        let (byte, rest) = self.rest.split_first().ok_or(Unpackable::Short)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64, Unpackable> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Unpackable::Garbled("a number"))
    }

    fn flag(&mut self) -> Result<bool, Unpackable> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Unpackable::Garbled("yes or no")),
        }
    }

    /// How much follows. Each takes a byte at least, but for what is empty: no list is of that.
    fn length(&mut self) -> Result<usize, Unpackable> {
        usize::try_from(self.number()?)
            .ok()
            .filter(|length| *length <= self.rest.len())
            .ok_or(Unpackable::Short)
    }

    fn slice(&mut self) -> Result<&'de [u8], Unpackable> {
        let length = self.length()?;
        let (slice, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(slice)
    }

    fn text(&mut self) -> Result<&'de str, Unpackable> {
        match self.number()? {
            0 => {
                let text = std::str::from_utf8(self.slice()?).map_err(|_| Unpackable::Garbled("a text"))?;
                self.words.add(text);
                Ok(text)
            }
            number => self.words.get(number).ok_or(Unpackable::Garbled("a word")),
        }
    }

    fn fields(&mut self, count: usize) -> Result<Fields<'_, 'de>, Unpackable> {
        let partly = match self.byte()? {
            0 => count,
            place => usize::from(place) - 1,
        };
        Ok(Fields { from: self, place: 0, count, partly })
    }
}

macro_rules! numbers {
    ($($read:ident $visit:ident),*) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
            visitor.$visit(self.number()?)
        }
    )*};
}

macro_rules! signed {
    ($($read:ident),*) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
            let number = self.number()?;
            visitor.visit_i64((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Unpackable;

    numbers!(
        deserialize_u8 visit_u64,
        deserialize_u16 visit_u64,
        deserialize_u32 visit_u64,
        deserialize_u64 visit_u64
    );
    signed!(deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64);

    fn is_human_readable(&self) -> bool {
        false
    }
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unpackable> {
        Err(Unpackable::Form("what can be read only where its kind is written beside it"))
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        visitor.visit_bool(self.flag()?)
    }
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        self.deserialize_f64(visitor)
    }
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Unpackable::Short)?;
        self.rest = rest;
        visitor.visit_f64(f64::from_bits(u64::from_le_bytes(*bytes)))
    }
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        let number = u32::try_from(self.number()?).ok();
        visitor.visit_char(number.and_then(char::from_u32).ok_or(Unpackable::Garbled("a character"))?)
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        visitor.visit_borrowed_str(self.text()?)
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        self.deserialize_str(visitor)
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        visitor.visit_borrowed_bytes(self.slice()?)
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        self.deserialize_bytes(visitor)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        if self.flag()? { visitor.visit_some(self) } else { visitor.visit_none() }
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        visitor.visit_unit()
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        visitor.visit_unit()
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        let left = self.length()?;
        visitor.visit_seq(Several { from: self, left })
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Unpackable> {
        visitor.visit_seq(Several { from: self, left })
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        self.deserialize_tuple(left, visitor)
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unpackable> {
        let left = self.length()?;
        visitor.visit_map(Several { from: self, left })
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        visitor.visit_seq(self.fields(fields.len())?)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! { identifier ignored_any }
}

/// What follows one after another.
struct Several<'a, 'de> {
    from: &'a mut Reader<'de>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Several<'_, 'de> {
    type Error = Unpackable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unpackable> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.from).map(Some)
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for Several<'_, 'de> {
    type Error = Unpackable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unpackable> {
        de::SeqAccess::next_element_seed(self, seed)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unpackable> {
        seed.deserialize(&mut *self.from)
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The fields of a struct. One that was left out is told as none, and the next one all the same: what derives
/// `Deserialize` takes its default for the one, or says that it is missing, and goes on with the other.
struct Fields<'a, 'de> {
    from: &'a mut Reader<'de>,
    place: usize,
    count: usize,
    /// From here on a byte says whether the field is there.
    partly: usize,
}

impl<'de> de::SeqAccess<'de> for Fields<'_, 'de> {
    type Error = Unpackable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unpackable> {
        if self.place == self.count {
            return Ok(None);
        }
        self.place += 1;
        if self.place > self.partly && !self.from.flag()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.from).map(Some)
    }
}

impl<'de> de::EnumAccess<'de> for &mut Reader<'de> {
    type Error = Unpackable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unpackable> {
        let kind = self.number()?;
        let kind = seed.deserialize(IntoDeserializer::<Unpackable>::into_deserializer(kind))?;
        Ok((kind, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Reader<'de> {
    type Error = Unpackable;

    fn unit_variant(self) -> Result<(), Unpackable> {
        Ok(())
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unpackable> {
        seed.deserialize(self)
    }
    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Unpackable> {
        self.deserialize_tuple(left, visitor)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unpackable> {
        visitor.visit_seq(self.fields(fields.len())?)
    }
}
