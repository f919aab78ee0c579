//! One file a command; the only place that prints; where everything is put together.
//!
//! A command parses its arguments, builds a domain command, sends it, and prints the durable answer. It decides
//! nothing: rules are the core's, and only the conductor applies them.

mod account;
mod agents_line;
mod answer;
mod arguments;
mod beside;
mod capture;
mod columns;
mod command;
mod conducted;
mod context;
mod demo_cockpit;
mod demo_install;
mod demo_process;
mod downtime_line;
mod entry;
mod eta;
mod exit;
mod expected_times;
mod failure;
mod host_line;
mod hosting;
mod hosts_line;
mod hotfixing;
mod interview;
mod link;
mod machine;
mod moment;
mod out;
mod overview;
mod palette;
mod past;
mod plan_steps;
mod project;
mod queueing;
mod reach;
mod reachable;
mod readiness;
mod rehearsal;
mod side_line;
mod signals;
mod stage_step;
mod standing;
mod strictness;
mod superseding;
mod traffic;
mod unwell_line;

pub use arguments::Arguments;
pub use demo_install::ByEngine;
pub use entry::main;
pub use exit::Exit;
pub use palette::CommandLine;
