//! What a rehearsal has shown: facts that the project keeps, bound to the steps that were rehearsed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::staged_hosts;
use crate::domain::{
    counted::counted,
    course::Ending,
    digests,
    name::{Digest, EnvironmentName, SessionId, StageName, Version},
    plan::Plan,
    refusal::Refusal,
    rollout::{self, Forecast, Times},
    session::Session,
    time::{Now, Span, WallTime},
    timeline::{Row, What, timeline},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Of a session in a record of its own.
    pub id: SessionId,
    pub version: Version,
    /// When it was over.
    pub at: WallTime,
    /// The steps of the plan that was rehearsed: of other steps it says nothing.
    pub steps: Digest,
    pub ending: Ending,
    /// Why it did not come to where it was to come; none: it did.
    pub short: Option<String>,
    /// Hosts that were played, and that the plan has.
    pub hosts: (u32, u32),
    /// Each part that was over.
    pub parts: Vec<PartTimed>,
    /// What the processes took that stood in for hosts.
    pub times: BTreeMap<EnvironmentName, Times>,
    /// The way back, where it was gone.
    pub back: Option<Back>,
    /// Requests that were sent while it was played, and that failed.
    pub requests: Option<(u64, u64)>,
    /// What was played otherwise than the plan has it, in words.
    pub otherwise: Vec<String>,
    /// What was made wrong with the version on purpose; none: nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// A part by its mark, since a part's own words change with what is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartTimed {
    pub stage: Option<StageName>,
    /// [`What::mark`].
    pub part: String,
    /// In words, as it was played.
    pub says: String,
    /// Hosts that it was played with, or how long it was to wait: of another number nothing is compared.
    pub hosts: Option<u32>,
    pub wait: Option<Span>,
    pub took: Span,
}

/// Every host that was changed was brought back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Back {
    pub hosts: u32,
    pub took: Span,
}

/// What the session has shown that rehearsed this plan. `live`: as it was when all of it was verified, before anything
/// went back; none: it never was. None where it is not over.
pub fn record(plan: &Plan, live: Option<&Session>, ended: &Session, aims: Aims) -> Option<Rehearsal> {
    let ending = ended.course.ending.clone()?;
    let furthest = live.unwrap_or(ended);
    let rows = |session: &Session| timeline(session, &Forecast::of(session), session.now).rows;
    let mut parts: Vec<PartTimed> = rows(furthest).iter().filter_map(timed).collect();
    let went_back = |row: &&Row| matches!(row.what, What::Rollback { .. });
    // Where it was never live all of it is in there already.
    if live.is_some() {
        parts.extend(rows(ended).iter().filter(went_back).filter_map(timed));
    }
    let environments = furthest.plan().environments.keys();
    let times =
        environments.filter_map(|name| Some((name.clone(), rollout::times(furthest, name)?))).collect();
    let back = back(ended);
    let reached = match &ending {
        Ending::Verified => !aims.back,
        Ending::RolledBack => aims.back && back.is_some() && live.is_some(),
        _ => false,
    };
    let count = |plan: &Plan| staged_hosts(plan) as u32;
    Some(Rehearsal {
        id: aims.id,
        version: ended.course.release.candidate.version.clone(),
        at: ended.now.wall,
        steps: digests::steps(plan),
        short: (!reached).then(|| fell_short(live, ended, &ending)),
        ending,
        hosts: (count(ended.plan()), count(plan)),
        parts,
        times,
        back,
        requests: aims.requests,
        otherwise: aims.otherwise,
        faults: aims.faults,
    })
}

/// What it was to come to, and how it was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aims {
    /// What it is called.
    pub id: SessionId,
    /// The way back was to be gone too.
    pub back: bool,
    pub otherwise: Vec<String>,
    pub faults: Vec<String>,
    /// Sent, and failed.
    pub requests: Option<(u64, u64)>,
}

fn timed(row: &Row) -> Option<PartTimed> {
    let took = row.ended?.wall.since(row.began?.wall);
    // People decide at once in a rehearsal: that says nothing of how long they take.
    let decided = match row.what {
        What::Poll | What::Start | What::Promotion { .. } | What::Judgement { .. } => true,
        What::Pause { pause, .. } => pause.span().is_none(),
        _ => false,
    };
    if decided {
        return None;
    }
    let (hosts, wait) = (row.what.hosts(), row.what.wait());
    Some(PartTimed {
        stage: row.stage.clone(),
        part: row.what.mark(),
        says: row.what.short(),
        hosts,
        wait,
        took,
    })
}

fn back(session: &Session) -> Option<Back> {
    let gone: Vec<_> = session.rollout.rollbacks.values().filter(|back| !back.narrow).collect();
    let all = !gone.is_empty() && gone.iter().all(|back| back.ended.is_some() && back.left.is_empty());
    let took = |from: Now, to: Now| to.wall.since(from.wall);
    all.then(|| Back {
        hosts: gone.iter().map(|back| back.units.len() as u32).sum(),
        took: Span(gone.iter().filter_map(|back| Some(took(back.started, back.ended?).0)).sum()),
    })
}

fn fell_short(live: Option<&Session>, ended: &Session, ending: &Ending) -> String {
    let open = ended.pipeline.stages.iter().find(|run| run.passed.is_none());
    match (live, open) {
        (None, Some(run)) => format!("{} was not passed, it ended {}", run.name, ending.word()),
        _ => format!("it ended {}", ending.word()),
    }
}

/// Parts and words that a rehearsal may have: far more than a plan of hundreds of stages comes to.
const MOST: usize = 2_000;

impl Rehearsal {
    /// It comes from a client, and is kept for good.
    pub fn bounded(&self) -> Result<(), Refusal> {
        let long = |words: &String| words.len() > 2_000;
        if self.parts.len() > MOST
            || self.otherwise.len() > MOST
            || self.faults.len() > MOST
            || self.otherwise.iter().chain(&self.faults).chain(&self.short).any(long)
        {
            let what = format!("a rehearsal of more than {MOST} parts");
            return Err(Refusal::input(what, "golive rehearse, of this plan"));
        }
        Ok(())
    }

    /// What it has shown that somebody has to look after before the go-live, a sentence each.
    pub fn findings(&self) -> Vec<String> {
        let id = &self.id;
        let short = self.short.iter().map(|short| format!("{id} fell short: {short}"));
        let failed = self.requests.filter(|(_, failed)| *failed > 0);
        let stopped = self.parts.iter().any(|part| part.part.starts_with("downtime"));
        let while_down = if stopped { ", those in the planned downtime among them" } else { "" };
        let failed =
            failed.map(|(sent, failed)| format!("{failed} of {sent} requests failed in {id}{while_down}"));
        let back = self.back.is_none().then(|| format!("the way back was not gone in {id}"));
        short.chain(failed).chain(back).collect()
    }

    /// `rehearsal-20261122-0705 of 2.5.0: live with with 12 stand-ins`; what it fell short of.
    pub fn words(&self) -> String {
        let (id, stand_ins) = (&self.id, counted(self.hosts.0, "stand-in"));
        let version = match self.faults.as_slice() {
            [] => self.version.to_string(),
            faults => format!("{} made to fail ({})", self.version, faults.join(", ")),
        };
        match (&self.short, &self.back) {
            (Some(short), _) => format!("{id} of {version}: FELL SHORT, {short}"),
            (None, Some(back)) => {
                format!("{id} of {version}: live with {stand_ins}, and back in {}", back.took)
            }
            (None, None) => format!("{id} of {version}: live with {stand_ins}, the way back was not gone"),
        }
    }

    /// Whether it says anything of the go-live: what was made to fail has shown neither that it can be done nor how long
    /// it takes, and takes the place of no rehearsal that has.
    pub fn counts(&self) -> bool {
        self.faults.is_empty()
    }

    pub fn passed(&self) -> bool {
        self.short.is_none()
    }
}
