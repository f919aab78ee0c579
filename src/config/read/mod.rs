//! From the file's shape to the typed plan: names, spans, templates, defaults. Every problem is collected with
//! its place, and reading goes on.

mod argv;
mod calendar;
mod check;
mod converge;
mod drill;
mod driver;
mod environment;
mod heartbeat;
mod people;
mod plan;
mod poll;
mod reading;
mod scale;
mod stage;
mod strictness;

pub use argv::plain as plain_error;
pub use plan::plan;
pub use reading::Reading;
