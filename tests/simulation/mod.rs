//! The deterministic simulator: core and turn in a world of slow, hanging, lying and dying hosts, full journals,
//! killed conductors and people who press keys at the worst time. One seed is one world.

mod engine;
mod happy;
mod host;
mod journal;
mod oracle;
mod people;
mod plan;
mod random;
mod rng;
mod robot;
mod world;
