//! What reaches the cockpit from a keyboard, and what it makes of it.

mod guard;
mod list;
mod parse;
mod table;
