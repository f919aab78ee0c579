//! The scrubber: the one way by which text from outside (bodies, output, errors) leaves the engine.
//!
//! It masks what looks like a secret, drops escape sequences, control characters and marks that reorder text,
//! and bounds the length. It errs on the side of masking too much: evidence with a hole still helps, a password
//! in a record that cannot be unwritten does not.

mod controls;
mod keys;
mod mask;
mod scrubber;

pub(crate) use controls::without_controls;
pub(crate) use keys::KeyBlock;
pub use scrubber::Scrubber;
