//! A value as few bytes, for the same build only.

mod bytes;
mod error;
mod read;
mod words;
mod write;

pub use bytes::{pack, unpack};
pub use error::Unpackable;
