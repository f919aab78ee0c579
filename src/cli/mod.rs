//! One file a command; the only place that prints; where everything is put together.

pub mod demo_process;
