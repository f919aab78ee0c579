//! Telling people: one trait, one file a kind.

mod exec;
mod tell;
mod webhook;

pub(crate) use tell::tell;
