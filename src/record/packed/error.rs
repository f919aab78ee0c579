//! Why a value can't be packed, or bytes are none.

use std::fmt;

use serde::{de, ser};

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpackable {
    #[error("{0}")]
    Value(String),
    #[error("{0} can't be packed: write it otherwise")]
    Form(&'static str),
    #[error("it ends too early")]
    Short,
    #[error("{0} bytes are left over")]
    Long(usize),
    #[error("{0} is none that was packed")]
    Garbled(&'static str),
}

impl ser::Error for Unpackable {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::Value(why.to_string())
    }
}

impl de::Error for Unpackable {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::Value(why.to_string())
    }
}
