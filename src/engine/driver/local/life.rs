//! Starting and ending a unit's process.

use std::{path::Path, time::Duration};

use rustix::process::Signal;

use super::{
    releases::Releases,
    service::{self, Launch, State},
    verbs::Local,
};
use crate::engine::{
    artifact::{ArtifactError, blocking},
    backoff::Backoff,
    driver::drive::Job,
    ending::{Done, Trouble},
    process::{Identity, Signalled},
};

/// How long a killed process may take to vanish.
const KILLED: Duration = Duration::from_secs(5);

impl Local<'_> {
    pub(super) async fn stop_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let dir = &job.unit.dir;
        let identity = match state(dir).await? {
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

    pub(super) async fn start_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let (dir, releases) = (&job.unit.dir, Releases::of(&job.unit.dir));
        match state(dir).await? {
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
        let launch = Launch {
            dir,
            golive: &job.shop.dirs.golive,
            at: &at,
            candidate: job.want,
            argv: self.start,
            env: self.env,
            vars: &vars,
        };
        let identity = job.shop.services.start(&job.shop.clock, &launch).await?;
        Ok(Done::said(format!("process {}", identity.pid)).fact("pid", identity.pid))
    }
}

/// As it is now; looking through all processes is nothing for a task that others wait for.
async fn state(dir: &Path) -> Result<State, ArtifactError> {
    let dir = dir.to_owned();
    blocking(move || service::state(&dir)).await
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
