//! What happened, for people who were not there: pure folds over a session and its events. It reads no file and
//! no clock, and writes none; secrets never got into what it is given, and control characters stop here.

mod burn_down;
mod clean;
mod compared;
mod document;
mod figures;
mod gather;
mod learned;
mod markdown;
mod says;

pub use clean::clean;
pub use compared::{Compared, compared};
pub use document::{
    BurnDown, DecisionLine, Document, Figures, FollowUp, HostLine, ItemLine, RollbackLine, SeatLine,
    StageLine, TimelineLine, WaiverLine,
};
pub use gather::{gather, seats};
pub use markdown::markdown;
pub use says::{Teller, Weight, headline, says, step, step_help, tenths, utc, weight};
