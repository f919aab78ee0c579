//! Events in words, a file for each part of a go-live. The account of a watch, the record and the report's timeline
//! all use these; and so do the screens, in fewer words.

mod carried_out;
mod clouds;
mod converge;
mod course;
mod event;
mod fleet;
mod meeting;
mod once;
mod step_help;
mod stop_all;
mod time;
mod told;
mod upkeep;
mod weight;

pub use event::{Teller, headline, says};
pub(super) use fleet::hosts;
pub use fleet::step;
pub(super) use meeting::vote_words;
pub use step_help::step_help;
pub use stop_all::tenths;
pub use time::utc;
pub use weight::{Weight, weight};
