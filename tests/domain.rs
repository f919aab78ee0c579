//! The pure core, and the tree itself: no process, no socket, no terminal.
#![cfg(test)]

mod architecture;
mod core;
mod plan_parts;
mod rules;
mod simulation;
