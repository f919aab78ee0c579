//! The verbs of the local driver.

use std::{collections::BTreeMap, path::PathBuf, sync::PoisonError};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{
    capture, deploy, log,
    releases::Releases,
    service::{self, State},
};
use crate::{
    domain::{effect::Candidate, plan::Template, time::Span},
    engine::{
        artifact::blocking,
        driver::drive::{Drive, Job, Looking, Observed, Running, Work},
        unit::Unit,
        workshop::Workshop,
    },
};

/// How long a verified release counts as verified for the watch; a fetch always verifies.
const VERIFIED_FOR: u64 = 10 * 60 * 1_000_000;
pub struct Local<'a> {
    pub start: &'a [Template],
    pub env: &'a BTreeMap<String, Template>,
    pub keep: u32,
    pub stop_timeout: Span,
}

impl Drive for Local<'_> {
    fn observe<'a>(&'a self, at: Looking<'a>) -> Work<'a, Observed> {
        let Looking { shop, unit, keeps, cancel, .. } = at;
        Box::pin(async move {
            let (dir, golive) = (unit.dir.clone(), shop.dirs.golive.clone());
            let (state, installed) = blocking(move || {
                let state = service::state(&dir)?;
                if matches!(state, State::Running(..))
                    && let Err(error) = capture::ensure(&golive, &dir)
                {
                    tracing::warn!(dir = %dir.display(), %error, "nobody writes a unit's output down");
                }
                Ok((state, Releases::of(&dir).installed()?))
            })
            .await?;
            let running = match state {
                State::Running(service, _) => Running::Yes(Some(service.candidate)),
                State::Ended(service) => Running::Ended(gone(shop, unit, &service)),
                State::Absent => Running::No("nothing runs".into()),
            };
            let kept = match keeps {
                Some(candidate) => kept(shop, unit, candidate, cancel).await,
                None => None,
            };
            let version = match &running {
                Running::Yes(started) => started.as_ref().map(|candidate| candidate.version.clone()),
                Running::No(_) | Running::Ended(_) | Running::Unknown => None,
            };
            Ok(Observed { installed, version, running, healthy: None, kept, checked_in: None })
        })
    }

    fn fetch<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(deploy::fetch(job))
    }

    fn stop<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.stop_it(job))
    }

    fn install<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(deploy::install(job, self.keep))
    }

    fn start<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.start_it(job))
    }

    fn log(&self, unit: &Unit) -> Option<PathBuf> {
        Some(log::path(&unit.dir))
    }

    fn last_words(&self, unit: &Unit) -> BoxFuture<'static, String> {
        Box::pin(service::last_words(unit.dir.clone()))
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
