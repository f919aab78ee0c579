//! The app of one viewer: which screen, which dialog, what is selected; keys in, requests out. Pure: the time, the
//! terminal and the session are passed in, so that many viewers run in one process and key scripts run in a test.

pub mod dialog;

mod ask;
mod at_step;
mod browse;
mod chrome;
mod cockpit;
mod cut_off;
mod focus;
mod glance;
mod heard;
mod hours;
mod leaving;
mod link;
mod mouse;
mod moves;
mod not_well;
mod open;
mod pace;
mod press;
pub mod queue;
mod request;
mod since;
mod stage_line;
mod typing;
mod verbs;
mod viewer;

pub use chrome::{how_it_ended, waiting, whoever};
pub use cockpit::App;
pub use focus::Focus;
pub use glance::{Glance, place};
pub use heard::Heard;
pub use leaving::Leaving;
pub use pace::{Due, Pace};
pub use request::{Fill, Purpose, Request};
pub use viewer::Viewer;
