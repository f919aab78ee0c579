//! The cockpit: draws the folded session, turns keys into requests. Must not decide anything (the conductor does)
//! and must not know where a viewer sits: its terminal may be this one or a teammate's over SSH.

pub mod app;
pub mod canvas;
pub mod coach;
pub mod glyph;
pub mod keymap;
pub mod run;
pub mod say;
pub mod screens;
mod seat;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod when;
pub mod widgets;
pub mod words;
pub mod world;
