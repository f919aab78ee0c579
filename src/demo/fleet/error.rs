//! Why a fleet could not be started, or not be ended.

use std::{io, path::PathBuf};

use super::ready::LIMIT;
use crate::{
    demo::{fault::BadFault, release::ReleaseError, tether::TetherError},
    domain::{
        name::{BadName, EnvironmentName},
        plan::BadTemplate,
    },
};

#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("a demo has 1 to 200 hosts, not {0}")]
    Hosts(u16),
    #[error("a demo sends at least one request a second")]
    Rate,
    #[error(transparent)]
    Fault(#[from] BadFault),
    #[error("no {0} free ports were found on 127.0.0.1")]
    Ports(u16),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Version(#[from] BadName),
    #[error(transparent)]
    Template(#[from] BadTemplate),
    #[error("{0} can't be played: its name can't be a directory's")]
    NoDirectory(EnvironmentName),
    #[error("stand-ins can't play this plan: {0}")]
    Unplayable(String),
    #[error("the demo's own plan is not accepted: {0}")]
    Plan(String),
    #[error("the first release can't be started: {0}")]
    Install(String),
    #[error("the demo's {name} ended ({how}): {words}")]
    Ended { name: &'static str, how: String, words: String },
    #[error("the demo's {name} does not answer after {} s: {seen}", LIMIT.as_secs())]
    Silent { name: &'static str, seen: String },
}
