//! The step that a stage is at, for `status`.

use serde::Serialize;

use crate::{
    domain::{
        pipeline::{StageRun, pause_left},
        plan::HostShare,
        rollout::{self, Answer, Shares},
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
    /// That it has lost what it was told; none: it has not, since it was told this.
    lost: Option<Lost>,
}

/// A share that a balancer has lost.
#[derive(Serialize)]
pub struct Lost {
    /// How often that was seen, one time soon after another.
    times: u32,
    /// How long ago the last time was.
    seconds: u64,
    /// What it gave the new version instead then, in hundredths of a percent.
    gave: u64,
    /// It holds again what it was told.
    told_again: bool,
    #[serde(skip)]
    words: String,
}

impl Lost {
    fn of(told: &Shares, now: Now) -> Option<Self> {
        let lost = told.lost?;
        let told_again = told.answer == Answer::Holds;
        let ago = now.session.since(lost.last.session);
        let ago = Span::secs(ago.as_secs());
        let then = match &told.answer {
            Answer::Holds => "told again, and it holds",
            Answer::Awaited => "it is told again",
            Answer::Refused { .. } => "not told again by itself any more",
        };
        let words = format!("the balancer lost its share {ago} ago (it gave {}): {then}", lost.gave());
        Some(Self { times: lost.times, seconds: ago.as_secs(), gave: lost.gives, told_again, words })
    }
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
        let told = session.rollout.shares.get(&run.environment);
        let step = run.step().filter(|_| run.steps.len() > 1)?;
        Some(Self {
            at: run.at.step as usize + 1,
            of: run.steps.len(),
            what: report::step(step),
            left_seconds: pause_left(run, now).map(Span::as_secs),
            hosts: rollout::host_share(session).filter(HostShare::is_off),
            served: told.and_then(|told| told.served).map(|served| Counted {
                canary: served.canary,
                of: served.of,
                off: served.off,
                few: served.few(),
                old_seconds: served.old(now).map(Span::as_secs),
                words: served.words(now),
            }),
            lost: told.and_then(|told| Lost::of(told, now)),
        })
    }

    pub fn words(&self) -> String {
        let left = self.left_seconds.map_or(String::new(), |left| format!(", {} left", Span::secs(left)));
        let served = self.served.as_ref().map_or(String::new(), |it| format!(", {}", it.words));
        let hosts = self.hosts.map_or_else(String::new, |share| format!(", {}", share.words()));
        let lost = self.lost.as_ref().map_or_else(String::new, |lost| format!(", {}", lost.words));
        format!("step {} of {}: {}{left}{hosts}{served}{lost}", self.at, self.of, self.what)
    }
}
