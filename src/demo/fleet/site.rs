//! A host of the fleet before golive has seen it, and who puts its first release there.

use std::path::{Path, PathBuf};

use futures::future::BoxFuture;

use super::plan;
use crate::{
    demo::layout::Layout,
    domain::{
        effect::Candidate,
        plan::{Template, Vars},
    },
};

/// One host, and what runs on it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub name: String,
    pub port: u16,
    /// The host's own directory, as the local driver uses it.
    pub dir: PathBuf,
    /// The release to install.
    pub artifact: PathBuf,
    pub candidate: Candidate,
    /// The start command, ready to run.
    pub start: Vec<String>,
}

/// Installs and starts a release on a host, in the layout of the local driver. The demo may not reach into the
/// engine, so that it is handed this.
pub trait Installer: Send + Sync {
    fn install<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), String>>;
}

/// The hosts of a fleet, all with the same first release.
pub fn sites(
    layout: &Layout,
    program: &Path,
    hosts: &[(String, u16)],
    artifact: &Path,
    candidate: &Candidate,
) -> Vec<Site> {
    let start = plan::start(program, layout.dir());
    let site = |(name, port): &(String, u16)| {
        let dir = layout.hosts().join(name);
        let vars = Vars {
            host: "127.0.0.1".into(),
            name: name.clone(),
            port: port.to_string(),
            dir: dir.to_string_lossy().into_owned(),
            ..Vars::default()
        };
        // Every word is ours; one that is no template is taken as it stands.
        let word = |word: &String| Template::new(word).map_or_else(|_| word.clone(), |t| t.render(&vars));
        Site {
            name: name.clone(),
            port: *port,
            artifact: artifact.into(),
            candidate: candidate.clone(),
            start: start.iter().map(word).collect(),
            dir,
        }
    };
    hosts.iter().map(site).collect()
}
