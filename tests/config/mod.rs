//! The plan's file, from the team's text to the typed plan.

mod calendar;
mod clouds;
mod converge;
mod drills;
mod examples;
mod graph;
mod guide;
mod init;
mod lists;
mod mistakes;
mod once;
mod parity;
mod parts;
mod pipelines;
mod project;
mod rehearsal;
mod rules;
mod shape;
mod sides;
mod spares;
mod strictness;
