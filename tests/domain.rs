//! The pure core, and the tree itself: no process, no socket, no terminal.
#![cfg(test)]

extern crate golive_core as golive;

mod architecture;
mod core;
mod plan_parts;
mod rules;
mod simulation;
