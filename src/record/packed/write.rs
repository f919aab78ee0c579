//! The writing side.

use serde::{Serialize, ser};

use super::{error::Unpackable, words::Numbers};

#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
    words: Numbers,
}

impl Writer {
    pub fn bytes(self) -> Vec<u8> {
        self.out
    }

    #[inline]
    fn number(&mut self, number: u64) {
        // Most are of one byte.
        if number <= 0x7f { self.out.push(number as u8) } else { self.long_number(number) }
    }

    fn long_number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.out.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }

    fn length(&mut self, length: Option<usize>) -> Result<(), Unpackable> {
        let length = length.ok_or(Unpackable::Form("what does not say beforehand how long it is"))?;
        self.number(length as u64);
        Ok(())
    }

    /// A struct's fields are to follow.
    fn fields(&mut self) -> Fields<'_> {
        self.out.push(0);
        Fields { head: self.out.len() - 1, place: 0, partly: false, to: self }
    }
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unpackable;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    fn is_human_readable(&self) -> bool {
        false
    }
    fn serialize_bool(self, value: bool) -> Result<(), Unpackable> {
        self.serialize_u64(value.into())
    }
    fn serialize_i8(self, value: i8) -> Result<(), Unpackable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), Unpackable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), Unpackable> {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<(), Unpackable> {
        self.serialize_u64((value << 1 ^ value >> 63).cast_unsigned())
    }
    fn serialize_u8(self, value: u8) -> Result<(), Unpackable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<(), Unpackable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<(), Unpackable> {
        self.serialize_u64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<(), Unpackable> {
        self.number(value);
        Ok(())
    }
    fn serialize_f32(self, value: f32) -> Result<(), Unpackable> {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Result<(), Unpackable> {
        self.out.extend(value.to_bits().to_le_bytes());
        Ok(())
    }
    fn serialize_char(self, value: char) -> Result<(), Unpackable> {
        self.serialize_u32(value.into())
    }
    fn serialize_str(self, text: &str) -> Result<(), Unpackable> {
        if let Some(number) = self.words.of(text, &self.out) {
            return self.serialize_u64(number);
        }
        self.number(0);
        self.serialize_bytes(text.as_bytes())
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Unpackable> {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
        Ok(())
    }
    fn serialize_none(self) -> Result<(), Unpackable> {
        self.serialize_bool(false)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unpackable> {
        self.number(1);
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Unpackable> {
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unpackable> {
        Ok(())
    }
    fn serialize_unit_variant(self, _: &'static str, kind: u32, _: &'static str) -> Result<(), Unpackable> {
        self.serialize_u32(kind)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unpackable> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        kind: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unpackable> {
        self.number(kind.into());
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Unpackable> {
        self.length(length)?;
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, Unpackable> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Unpackable> {
        Ok(self)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        kind: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Unpackable> {
        self.number(kind.into());
        Ok(self)
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Self, Unpackable> {
        self.length(length)?;
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Unpackable> {
        Ok(self.fields())
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        kind: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Unpackable> {
        self.number(kind.into());
        Ok(self.fields())
    }
}

/// The fields of a struct, of which some may be left out.
pub struct Fields<'a> {
    to: &'a mut Writer,
    /// Where its byte is.
    head: usize,
    /// The fields so far.
    place: u8,
    /// One of them was left out.
    partly: bool,
}

impl Fields<'_> {
    /// The next field is there, or not.
    #[inline]
    fn next(&mut self, there: bool) -> Result<(), Unpackable> {
        let before = self.place;
        self.place = before.checked_add(1).ok_or(Unpackable::Form("a struct of more than 255 fields"))?;
        if !there && !self.partly {
            self.partly = true;
            self.to.out[self.head] = self.place;
        }
        if self.partly {
            self.to.out.push(there.into());
        }
        Ok(())
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Unpackable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unpackable> {
        self.next(true)?;
        value.serialize(&mut *self.to)
    }
    fn skip_field(&mut self, _: &'static str) -> Result<(), Unpackable> {
        self.next(false)
    }
    fn end(self) -> Result<(), Unpackable> {
        Ok(())
    }
}

impl ser::SerializeStructVariant for Fields<'_> {
    type Ok = ();
    type Error = Unpackable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unpackable> {
        ser::SerializeStruct::serialize_field(self, name, value)
    }
    fn skip_field(&mut self, _: &'static str) -> Result<(), Unpackable> {
        self.next(false)
    }
    fn end(self) -> Result<(), Unpackable> {
        Ok(())
    }
}

macro_rules! one_after_another {
    ($($form:ident $element:ident),*) => {$(
        impl ser::$form for &mut Writer {
            type Ok = ();
            type Error = Unpackable;

            fn $element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unpackable> {
                value.serialize(&mut **self)
            }
            fn end(self) -> Result<(), Unpackable> {
                Ok(())
            }
        }
    )*};
}

one_after_another!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Unpackable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unpackable> {
        key.serialize(&mut **self)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unpackable> {
        value.serialize(&mut **self)
    }
    fn end(self) -> Result<(), Unpackable> {
        Ok(())
    }
}
