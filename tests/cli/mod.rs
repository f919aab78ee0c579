//! The command line, by running the binary: what it prints, where, and the status it ends with.

mod as_of;
mod awake;
mod candidate;
mod full_disk;
mod go_live;
mod golive;
mod hotfix;
mod init;
mod lost;
mod older;
mod proxy;
mod refusals;
mod report;
mod second_user;
mod strictness;
mod times;
mod unwritable;
mod waiting;
mod words;
