//! The command line, by running the binary: what it prints, where, and the status it ends with.

mod awake;
mod candidate;
mod go_live;
mod golive;
mod init;
mod proxy;
mod refusals;
mod report;
mod shared;
mod unwritable;
mod words;
