//! The screens: a folder is a screen. Each has what it shows (`view`) and how that is drawn (`draw`).

pub mod checklist;
pub mod compare;
pub mod decision;
pub mod drills;
mod empty;
pub mod layout;
pub mod pipeline;
pub mod record;
pub mod rollout;
pub mod start;
pub mod timeline;
pub mod versions;

pub(crate) use empty::{CONNECTING, UNREAD, empty};
