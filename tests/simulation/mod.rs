//! The deterministic simulator: core and turn in a world of slow, hanging, lying and dying hosts, full journals,
//! killed conductors and people who press keys at the worst time. One seed is one world.

pub mod after;
mod again;
pub mod agents;
#[cfg(test)]
mod anytime;
pub mod branches;
pub mod broken;
mod calendar;
pub mod chaos;
mod client;
mod clouds;
mod colours;
mod conductor;
mod counting;
mod engine;
mod fleet;
mod following;
#[cfg(test)]
mod happy;
pub mod host;
mod journal;
pub mod lock;
pub mod once;
pub mod opening;
mod oracle;
mod oracle_agents;
mod oracle_away;
mod oracle_clouds;
mod oracle_parts;
mod oracle_regions;
mod oracle_repairs;
mod oracle_sides;
mod oracle_steps;
mod oracle_times;
mod oracle_truth;
mod oracle_upkeep;
mod oracle_waits;
pub mod outlived;
pub mod parts;
pub mod people;
pub mod plan;
mod profiles;
mod queueing;
mod quiet;
pub mod random;
mod random_plan;
mod rehearsing;
mod rng;
pub mod robot;
#[cfg(test)]
mod scale;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod scenario_ending;
mod scenario_faults;
mod scenario_words;
mod second;
mod sharing;
mod stalled;
mod story;
pub mod superseding;
mod surging;
pub mod test_bed;
pub mod upkeep;
pub mod world;
