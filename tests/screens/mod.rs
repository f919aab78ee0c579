//! Screens as pictures in text, and their styles.

mod ansi;
mod parts;
mod picture;
mod sketches;
mod themes;

pub use picture::{assert_picture, style_of, text};
