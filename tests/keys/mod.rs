//! What reaches the cockpit from a keyboard, and what it makes of it.

#[path = "../rules/desk.rs"]
#[expect(dead_code, reason = "the desk is the rules' own; here it only answers the cockpit")]
mod desk;
mod golive;
mod guard;
mod list;
mod parse;
mod pictures;
mod script;
mod table;
