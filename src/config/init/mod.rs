//! `golive init` without its prompts: what can be detected, the eight answers, and the files they make. Nothing
//! here asks, prints or touches a host.

mod answers;
mod detect;
mod render;

pub use answers::{
    Answers, BadAnswer, DriverAnswer, HostAnswer, ListSize, PersonAnswer, parse_hosts, parse_people,
};
pub use detect::{detect, detect_as, login, machine};
pub use render::{NewFile, PLAN, files, render};
