//! Everything around the pure core that needs no foreign program: files, journal, wire, screens, commands.
#![cfg(test)]

mod checklists;
mod cli;
mod conductor;
#[path = "config/mod.rs"]
mod config;
mod journal;
#[path = "keys/mod.rs"]
mod keys;
mod older;
mod plan_parts;
#[path = "screens/mod.rs"]
mod screens;
mod wire;
