//! The deterministic simulator: core and turn in a world of slow, hanging, lying and dying hosts, full journals,
//! killed conductors and people who press keys at the worst time. One seed is one world.

mod anytime;
mod conductor;
mod engine;
mod happy;
pub mod host;
mod journal;
pub mod lock;
mod oracle;
pub mod people;
pub mod plan;
mod random;
mod rng;
mod robot;
mod scale;
mod scenario;
pub mod world;
