//! The two checks that run for each host in its lane rather than where they are named.

/// Answers, and runs the new version: asked after the start and while the host serves.
pub const ALIVE: &str = "alive";
/// The service's own test of itself, before it may rejoin.
pub const SELF_TEST: &str = "self-test";
