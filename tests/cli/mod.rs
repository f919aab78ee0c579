//! The command line, by running the binary: what it prints, where, and the status it ends with.

mod golive;
mod init;
mod words;
