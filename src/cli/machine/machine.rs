//! Which golive, and which machine: the conductor lives and dies with it.

use crate::{cli::command::doctor::Finding, config::init};

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
