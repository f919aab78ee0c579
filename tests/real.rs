//! Real servers, real processes, a real terminal; all on the loopback address, all ended by who started them.
#![cfg(test)]

#[path = "real/engine/mod.rs"]
mod engine;
