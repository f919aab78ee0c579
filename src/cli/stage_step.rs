//! The step that a stage is at, for `status`.

use serde::Serialize;

use crate::{
    domain::{
        pipeline::{StageRun, pause_left},
        plan::HostShare,
        rollout,
        session::Session,
        time::{Now, Span},
    },
    report,
};

/// Where a stage is in its steps.
#[derive(Serialize)]
pub struct StageStep {
    /// Counted from 1.
    at: usize,
    of: usize,
    /// What it is: `25 % (batch 2)`, `pause 10 min`.
    what: String,
    /// What a planned pause has left.
    left_seconds: Option<u64>,
    /// What the hosts of the new version come to, where they stand for a share and it is another one.
    hosts: Option<HostShare>,
    /// How the balancer has shared the requests out since it was told.
    served: Option<Counted>,
}

/// Of so many requests the new version's hosts got so many.
#[derive(Serialize)]
pub struct Counted {
    canary: u64,
    of: u64,
    /// Further from what was wanted than chance explains.
    off: bool,
    /// Too few requests to tell.
    few: bool,
    /// How long ago that was, where it may be so no more.
    old_seconds: Option<u64>,
    #[serde(skip)]
    words: String,
}

impl StageStep {
    pub fn of(session: &Session, run: &StageRun, now: Now) -> Option<Self> {
        let step = run.step().filter(|_| run.steps.len() > 1)?;
        Some(Self {
            at: run.at.step as usize + 1,
            of: run.steps.len(),
            what: report::step(step),
            left_seconds: pause_left(run, now).map(Span::as_secs),
            hosts: rollout::host_share(session).filter(HostShare::is_off),
            served: session.rollout.shares.get(&run.environment).and_then(|told| told.served).map(|served| {
                Counted {
                    canary: served.canary,
                    of: served.of,
                    off: served.off,
                    few: served.few(),
                    old_seconds: served.old(now).map(Span::as_secs),
                    words: served.words(now),
                }
            }),
        })
    }

    pub fn words(&self) -> String {
        let left = self.left_seconds.map_or(String::new(), |left| format!(", {} left", Span::secs(left)));
        let served = self.served.as_ref().map_or(String::new(), |it| format!(", {}", it.words));
        let hosts = self.hosts.map_or_else(String::new, |share| format!(", {}", share.words()));
        format!("step {} of {}: {}{left}{hosts}{served}", self.at, self.of, self.what)
    }
}
