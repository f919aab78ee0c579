//! Bringing a release to a unit's directory, and installing it.

use super::{
    releases::{Releases, SCRATCH},
    service::{self, State},
};
use crate::{
    domain::effect::Candidate,
    engine::{
        artifact::{ArtifactError, Place, blocking, make_dir, obtain},
        driver::drive::Job,
        ending::{Done, Trouble},
    },
};

/// Brings the release here, verified, beside what runs.
pub async fn fetch(job: &Job<'_>) -> Result<Done, Trouble> {
    let (releases, want) = (Releases::of(&job.unit.dir), job.want.clone());
    let (here, stop) = (releases.clone(), job.cancel.clone());
    let scratch = blocking(move || {
        let root = here.root();
        make_dir(&root)?;
        here.sweep()?;
        if here.verify(&want, &stop)? {
            return Ok(None);
        }
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&root);
        scratch.map(Some).map_err(|error| ArtifactError::io(&root, error))
    })
    .await?;
    let short = job.want.digest.short();
    let Some(scratch) = scratch else {
        return Ok(Done::said(format!("{short} is kept already")).fact("digest", &job.want.digest));
    };
    let place = Place::read(
        &job.unit.site.source.render(&job.unit.vars(job.want.version.as_str())),
        &job.shop.dirs.base,
    );
    job.progress(&format!("fetching {place}"));
    let tree = scratch.path().join("tree");
    let manifest =
        obtain(&job.shop.means(job.cancel)?, &place, &job.want.digest, scratch.path(), &tree).await?;
    let files = manifest.lines.len();
    let want = job.want.clone();
    blocking(move || {
        releases.put(&want, manifest, &tree)?;
        // The scratch directory goes on drop; what can't be removed is swept by the next fetch.
        drop(scratch);
        Ok(())
    })
    .await?;
    Ok(Done::said(format!("{short} verified")).fact("digest", &job.want.digest).fact("files", files))
}

/// Points `current` to the release, which must be here and unchanged, and keeps no more than `count`.
pub async fn install(job: &Job<'_>, count: u32) -> Result<Done, Trouble> {
    let releases = Releases::of(&job.unit.dir);
    let (want, cancel) = (job.want.clone(), job.cancel.clone());
    let keep = job.keep.to_vec();
    let dir = job.unit.dir.clone();
    let (already, removed) = blocking(move || {
        let already = releases.installed()?.as_ref() == Some(&want);
        if !releases.verify(&want, &cancel)? {
            return Err(ArtifactError::NotKept(want.to_string()));
        }
        if !already {
            releases.install(&want)?;
        }
        let running = match service::state(&dir)? {
            State::Running(service, _) => Some(service.candidate),
            _ => None,
        };
        let spared: Vec<&Candidate> = keep.iter().chain([&want]).chain(&running).collect();
        Ok((already, releases.prune(count, &spared)?))
    })
    .await?;
    let done = Done::said(if already { "is installed already" } else { "installed" });
    Ok(if removed == 0 { done } else { done.fact("old releases removed", removed) })
}
