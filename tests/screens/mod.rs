//! Screens as pictures in text, and their styles.

mod ansi;
mod parts;
mod picture;
mod safety;
mod themes;

pub use picture::{assert_picture, caps, style_of, text};
