//! Puts a first release on a host and starts it, as the local driver's steps would: for a fleet that is made up
//! before any plan is adopted.

use std::{collections::BTreeMap, path::Path};

use tokio_util::sync::CancellationToken;

use super::{
    releases::{Releases, SCRATCH},
    service::{Launch, Services},
};
use crate::{
    clock::Clock,
    domain::{
        effect::Candidate,
        plan::{Template, Vars},
    },
    engine::{
        artifact::{ArtifactError, Means, Place, Store, blocking, make_dir, obtain},
        ending::Trouble,
        http,
    },
};

/// What to put where.
#[derive(Clone, Copy, Debug)]
pub struct FirstRelease<'a> {
    /// The unit's own directory.
    pub dir: &'a Path,
    /// A file or a directory.
    pub artifact: &'a Path,
    pub candidate: &'a Candidate,
    /// The start command, ready to run.
    pub start: &'a [String],
}

impl FirstRelease<'_> {
    /// Fetches, verifies, installs and starts it; the process outlives us. The error is one line.
    pub async fn install(&self, clock: &Clock) -> Result<(), String> {
        self.try_install(clock).await.map_err(|trouble| trouble.to_string())
    }

    async fn try_install(&self, clock: &Clock) -> Result<(), Trouble> {
        let cancel = CancellationToken::new();
        let client = http::fetching().map_err(Trouble::failed)?;
        let releases = Releases::of(self.dir);
        let root = releases.root();
        let scratch = blocking(move || {
            make_dir(&root)?;
            let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&root);
            scratch.map_err(|error| ArtifactError::io(&root, error))
        })
        .await?;
        let store = Store::new(scratch.path().join("downloads"));
        let means = Means { store: &store, client: &client, clock, cancel: &cancel };
        let (place, tree) = (Place::Path(self.artifact.into()), scratch.path().join("tree"));
        let manifest = obtain(&means, &place, &self.candidate.digest, scratch.path(), &tree).await?;
        let (candidate, here) = (self.candidate.clone(), releases.clone());
        blocking(move || {
            here.put(&candidate, manifest, &tree)?;
            drop(scratch);
            here.install(&candidate)
        })
        .await?;
        // Every word is meant as it stands.
        let plain = |word: &String| Template::new(&word.replace('{', "{{").replace('}', "}}"));
        let argv = self.start.iter().map(plain).collect::<Result<Vec<_>, _>>().map_err(Trouble::failed)?;
        let launch = Launch {
            dir: self.dir,
            at: &releases.tree(self.candidate),
            candidate: self.candidate,
            argv: &argv,
            env: &BTreeMap::new(),
            vars: &Vars::default(),
        };
        Services::default().start(clock, &launch).await?;
        Ok(())
    }
}
