//! Real servers, real processes, a real terminal; all on the loopback address, all ended by who started them.
#![cfg(test)]

#[path = "real/demo_auto.rs"]
mod demo_auto;
#[path = "real/demo_balancer.rs"]
mod demo_balancer;
#[path = "real/demo_fleet.rs"]
mod demo_fleet;
#[path = "real/demo_ground.rs"]
mod demo_ground;
#[path = "real/demo_lane.rs"]
mod demo_lane;
#[path = "real/demo_service.rs"]
mod demo_service;
#[path = "real/engine/mod.rs"]
mod engine;
#[path = "pty/mod.rs"]
mod pty;
#[path = "real/rehearse.rs"]
mod rehearse;
#[path = "real/rollout/mod.rs"]
mod rollout;
