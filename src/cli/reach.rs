//! How a command finds the project's conductor, and what starts one where none runs.

use std::{env, ffi::OsString, path::PathBuf};

use super::{context::Context, failure::Failure, project::Project};
use crate::{
    client::{Launch, Way},
    config::SOCKET,
};

/// The conductor's log, among the project's logs.
pub const LOG: &str = "conductor.log";

/// A socket that is shared is its owner's to start; else the project's own, started if need be.
pub fn way(project: &Project, context: &Context) -> Result<Way, Failure> {
    if env::var_os(SOCKET).is_some_and(|path| !path.is_empty()) {
        return Ok(Way::Shared(project.files.socket().to_path_buf()));
    }
    let program = env::current_exe()
        .map_err(|error| Failure::internal(format!("this program can't be found again: {error}")))?;
    let mut arguments: Vec<OsString> = vec!["--project".into(), project.dir.clone().into()];
    if let Some(data) = &context.everywhere.data_dir {
        // The conductor runs in the project's directory, wherever this was called.
        let data = std::path::absolute(data).map_err(|error| Failure::file(data, &error))?;
        arguments.extend(["--data-dir".into(), data.into()]);
    }
    arguments.extend(["conductor".into(), "run".into()]);
    let log: PathBuf = project.files.logs().join(LOG);
    let launch = Launch { program, arguments, dir: project.dir.clone(), log };
    Ok(Way::Own { lock: project.files.lock(), sockets: project.files.sockets(), launch: Some(launch) })
}

/// The project's conductor if one runs; nothing is started.
pub fn running(project: &Project, context: &Context) -> Result<Way, Failure> {
    Ok(match way(project, context)? {
        Way::Own { lock, sockets, .. } => Way::Own { lock, sockets, launch: None },
        shared @ Way::Shared(_) => shared,
    })
}
