//! What reaches the cockpit from a keyboard, and what it makes of it.

mod batches;
mod blue_green;
mod branches;
mod canary;
mod clouds;
mod compare;
mod converge;
#[path = "../rules/desk.rs"]
#[expect(dead_code, reason = "the desk is the rules' own; here it only answers the cockpit")]
mod desk;
mod drills;
mod facts;
mod flicker;
mod golive;
mod guard;
mod heard;
mod journey;
mod led;
mod list;
mod looking;
mod mouse;
mod once;
mod palette;
mod parse;
mod parts;
mod pictures;
mod queue;
mod random;
mod regions;
mod rehearsed;
mod script;
mod stop_all;
mod strictness;
mod supersede;
mod surge;
mod table;
mod twice;
mod unread;
mod unwritable;
mod versions;
mod watcher;
mod way_back;
mod way_back_stays;
mod windows;
