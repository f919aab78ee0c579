//! Events in words, a file for each part of a go-live. The account of a watch, the record and the report's timeline
//! all use these.

mod carried_out;
mod course;
mod event;
mod fleet;
mod meeting;
mod time;
mod weight;

pub use event::{Teller, says};
pub(super) use fleet::hosts;
pub(super) use meeting::vote_words;
pub use time::utc;
pub use weight::{Weight, weight};
