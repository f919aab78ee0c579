//! Whole go-lives from a shell's point of view: the `golive` binary, four nginx instances behind a real HAProxy,
//! and steady load whose every failed request is counted.

mod agents;
mod batches;
mod bench;
mod blue_green;
mod branches;
mod canary;
mod clouds;
pub mod commands;
mod converge;
mod crash;
mod drill;
mod drill_away;
mod hearts;
mod load;
mod nginx;
mod once;
mod one_box;
mod partial_next;
mod parts;
mod queueing;
mod quiet;
mod scale;
mod site;
mod stop_all;
mod stray;
mod superseding;
mod surge;
mod two_conductors;
