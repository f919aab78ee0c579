//! The verbs of the local driver.

use std::{collections::BTreeMap, path::PathBuf, sync::PoisonError, time::Duration};

use rustix::process::Signal;
use tokio_util::sync::CancellationToken;

use super::{
    log,
    releases::{Releases, SCRATCH},
    service::{self, Launch, State},
};
use crate::{
    domain::{effect::Candidate, plan::Template, time::Span},
    engine::{
        artifact::{ArtifactError, Place, blocking, make_dir, obtain},
        backoff::Backoff,
        driver::drive::{Drive, Job, Observed, Running, Work},
        ending::{Done, Trouble},
        process::{Identity, Signalled},
        unit::Unit,
        workshop::Workshop,
    },
};

/// How long a verified release counts as verified for the watch; a fetch always verifies.
const VERIFIED_FOR: u64 = 10 * 60 * 1_000_000;
/// How long a killed process may take to vanish.
const KILLED: Duration = Duration::from_secs(5);

pub struct Local<'a> {
    pub start: &'a [Template],
    pub env: &'a BTreeMap<String, Template>,
    pub keep: u32,
    pub stop_timeout: Span,
}

impl Drive for Local<'_> {
    fn observe<'a>(
        &'a self,
        shop: &'a Workshop,
        unit: &'a Unit,
        keeps: Option<&'a Candidate>,
        cancel: &'a CancellationToken,
    ) -> Work<'a, Observed> {
        Box::pin(async move {
            let dir = unit.dir.clone();
            let (state, installed) = blocking(move || {
                if let Err(error) = log::rotate(&dir) {
                    tracing::warn!(dir = %dir.display(), %error, "a unit's output could not be rotated");
                }
                Ok((service::state(&dir)?, Releases::of(&dir).installed()?))
            })
            .await?;
            let running = match state {
                State::Running(service, _) => Running::Yes(Some(service.candidate)),
                State::Ended(service) => Running::No(gone(shop, unit, &service)),
                State::Absent => Running::No("nothing runs".into()),
            };
            let kept = match keeps {
                Some(candidate) => kept(shop, unit, candidate, cancel).await,
                None => None,
            };
            let version = match &running {
                Running::Yes(started) => started.as_ref().map(|candidate| candidate.version.clone()),
                Running::No(_) | Running::Unknown => None,
            };
            Ok(Observed { installed, version, running, healthy: None, kept })
        })
    }

    fn fetch<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(fetch(job))
    }

    fn stop<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.stop_it(job))
    }

    fn install<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.install_it(job))
    }

    fn start<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.start_it(job))
    }

    fn log(&self, unit: &Unit) -> Option<PathBuf> {
        Some(log::path(&unit.dir))
    }

    fn last_words(&self, unit: &Unit) -> String {
        log::last_words(&unit.dir)
    }
}

/// Why it does not run.
fn gone(shop: &Workshop, unit: &Unit, service: &service::Service) -> String {
    match shop.services.ended(&unit.dir, service) {
        Some(how) => format!("the process ended, {how}"),
        None => "the process ended".into(),
    }
}

async fn kept(
    shop: &Workshop,
    unit: &Unit,
    candidate: &Candidate,
    cancel: &CancellationToken,
) -> Option<bool> {
    let releases = Releases::of(&unit.dir);
    let (tree, now) = (releases.tree(candidate), shop.clock.read().monotonic);
    let known = shop.services.verified.lock().unwrap_or_else(PoisonError::into_inner).get(&tree).copied();
    if let Some((at, true)) = known
        && now.saturating_sub(at) < VERIFIED_FOR
        && tree.is_dir()
    {
        return Some(true);
    }
    let (candidate, cancel) = (candidate.clone(), cancel.clone());
    // What can't be read is not known, rather than gone.
    let kept = blocking(move || releases.verify(&candidate, &cancel)).await.ok()?;
    shop.services.verified.lock().unwrap_or_else(PoisonError::into_inner).insert(tree, (now, kept));
    Some(kept)
}

async fn fetch(job: &Job<'_>) -> Result<Done, Trouble> {
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

impl Local<'_> {
    async fn stop_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let dir = &job.unit.dir;
        let identity = match service::state(dir)? {
            State::Absent => return Ok(Done::said("was not running")),
            State::Running(_, identity) => identity,
            State::Ended(service) => {
                let Some(left) = service.process.filter(Identity::group_runs) else {
                    service::forget(dir)?;
                    return Ok(Done::said("had ended already"));
                };
                left
            }
        };
        let done = self.end(job, &identity).await?;
        service::forget(dir)?;
        Ok(done.fact("pid", identity.pid))
    }

    /// TERM, wait, KILL; each only to the very process that was started.
    async fn end(&self, job: &Job<'_>, identity: &Identity) -> Result<Done, Trouble> {
        let limit = self.stop_timeout;
        if identity.signal(Signal::TERM) == Signalled::Refused {
            return Err(Trouble::failed(format!(
                "process {} may not be signalled: it runs as somebody else",
                identity.pid
            )));
        }
        if ended_within(job, identity, limit.duration()).await? {
            return Ok(Done::said("ended by TERM"));
        }
        job.progress(&format!("did not end within {limit} of TERM, killing it"));
        identity.signal(Signal::KILL);
        if ended_within(job, identity, KILLED).await? {
            return Ok(
                Done::said(format!("killed: it did not end within {limit} of TERM")).fact("killed", "yes")
            );
        }
        Err(Trouble::failed(format!(
            "process {} can't be ended, not even by KILL: look at the host",
            identity.pid
        )))
    }

    async fn install_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let releases = Releases::of(&job.unit.dir);
        let (want, cancel, count) = (job.want.clone(), job.cancel.clone(), self.keep);
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

    async fn start_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let (dir, releases) = (&job.unit.dir, Releases::of(&job.unit.dir));
        match service::state(dir)? {
            State::Running(service, identity) if service.candidate == *job.want => {
                return Ok(Done::said("runs already").fact("pid", identity.pid));
            }
            State::Running(service, identity) => {
                return Err(Trouble::failed(format!(
                    "process {} still runs {}: stop it first",
                    identity.pid, service.candidate.version
                )));
            }
            State::Ended(service) if service.process.as_ref().is_some_and(Identity::group_runs) => {
                return Err(Trouble::failed("children of the earlier process still run: stop it first"));
            }
            State::Ended(_) | State::Absent => {}
        }
        if releases.installed()?.as_ref() != Some(job.want) {
            return Err(Trouble::failed(format!("{} is not installed: nothing was started", job.want)));
        }
        let vars = job.unit.vars(job.want.version.as_str());
        let at = releases.tree(job.want);
        let launch =
            Launch { dir, at: &at, candidate: job.want, argv: self.start, env: self.env, vars: &vars };
        let identity = job.shop.services.start(&job.shop.clock, &launch).await?;
        Ok(Done::said(format!("process {}", identity.pid)).fact("pid", identity.pid))
    }
}

async fn ended_within(job: &Job<'_>, identity: &Identity, limit: Duration) -> Result<bool, Trouble> {
    let gone = async {
        let mut backoff = Backoff::up_to(Duration::from_millis(100));
        while identity.group_runs() {
            job.pause(backoff.pause()).await?;
        }
        Ok(())
    };
    match job.shop.clock.limit(limit, gone).await {
        Some(Ok(())) => Ok(true),
        Some(Err(trouble)) => Err(trouble),
        None => Ok(false),
    }
}
