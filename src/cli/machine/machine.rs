//! Which golive, and which machine: the conductor lives and dies with it.

use crate::{
    cli::{command::doctor::Finding, context::Context},
    conductor::sleep_guard,
    config::init,
    domain::course::SleepGuard,
};

pub fn version() -> Finding {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    Finding::good(
        "golive",
        format!("{} on {} {}", env!("CARGO_PKG_VERSION"), text(system.sysname()), text(system.machine())),
    )
}

pub fn name() -> Finding {
    match init::machine() {
        Some(name) => Finding::good("machine", format!("{name}: a conductor started here lives here")),
        None => Finding::warning(
            "machine",
            "it has no name, or one with spaces",
            "project.home can't name it: give it a host name",
        ),
    }
}

pub fn awake(context: &Context) -> Finding {
    let asked = context.wait(async { Ok(sleep_guard(&context.clock).await) });
    match asked.unwrap_or_else(|failure| SleepGuard::Not { why: failure.what.clone() }) {
        SleepGuard::Inhibits => Finding::good("sleep", "inhibited while anything is rolling"),
        SleepGuard::Not { why } => Finding::warning(
            "sleep",
            format!("sleep not inhibited: {why}"),
            "a machine that falls asleep in a rollout leaves hosts where they are: use one that stays awake",
        ),
    }
}
