//! The whole course of a session: a row a part, with what was expected of it, what it took, and what is left.

use serde::{Deserialize, Serialize};

use super::{
    Chain, Expected, Outlook, Sum, What,
    actual::{actual, short},
    left::left,
    parts, whole,
};
use crate::domain::{
    name::StageName,
    pipeline::StageState,
    plan::Stage,
    rehearsal::{self, Rehearsed},
    rollout::Forecast,
    session::Session,
    time::{Now, Span},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub stage: Option<StageName>,
    pub what: What,
    /// What the plan and earlier sessions let expect, before anything of this one was seen.
    pub planned: Expected,
    pub began: Option<Now>,
    pub ended: Option<Now>,
    /// How it fell short of what it was for; none: it did not, or is not over.
    pub short: Option<String>,
    /// What is still to come of it; none: it is over, or never comes.
    pub left: Option<Expected>,
    /// What it took when these steps were rehearsed; none: it was not, or nobody has rehearsed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<Rehearsed>,
    /// When it is expected to be over, from now on; none: that is unknown, or hangs on somebody's decision.
    pub ends_in: Option<Span>,
    /// The end hangs on it.
    pub critical: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub rows: Vec<Row>,
    pub outlook: Outlook,
}

impl Timeline {
    /// Whether any part of it was rehearsed.
    pub fn rehearsed(&self) -> bool {
        self.rows.iter().any(|row| row.rehearsed.is_some())
    }

    /// Until the hosts of a stage are done; none: unknown, or somebody has to go on before.
    pub fn hosts_left(&self, stage: &StageName) -> Option<Span> {
        let of_hosts = |row: &Row| matches!(row.what, What::Hosts { .. } | What::Gather { .. });
        let rows = || self.rows.iter().filter(|row| row.stage.as_ref() == Some(stage));
        let count = rows().enumerate().filter(|(_, row)| of_hosts(row)).map(|(nth, _)| nth + 1).last()?;
        let sum = Sum::of(rows().take(count).filter_map(|row| row.left.as_ref()));
        sum.span().filter(|_| sum.people.is_empty())
    }
}

pub fn timeline(session: &Session, forecast: &Forecast, now: Now) -> Timeline {
    let beforehand = Forecast::beforehand(session);
    let plan = session.plan();
    let rehearsal = rehearsal::of(session);
    let mut rows = Vec::new();
    let mut chains = Vec::new();
    // What was given up goes no further; what it did stays. A stage beside it that is under way goes on.
    let back = session.rollout.rollbacks.values().any(|back| !back.narrow);
    for (index, (stage, run)) in plan.stages.iter().zip(&session.pipeline.stages).enumerate() {
        let before = (index == plan.poll_index()).then_some(What::Poll);
        let closed = session.course.is_over() || back && !run.state.running();
        for what in before.into_iter().chain(parts(session, index)) {
            let of_stage = what != What::Poll;
            let (began, ended) = actual(session, Some(run), &what);
            let mut chain = Chain::default();
            let over = ended.is_some() || run.passed.is_some() || closed || skipped(&what, run.bake_skipped);
            let left = (!over).then(|| match began.filter(|_| run.started.is_some()) {
                Some(_) => {
                    let (expected, hosts) = left(session, forecast, stage, run, &what, now);
                    chain = hosts;
                    expected
                }
                None => whole(session, forecast, stage, &what),
            });
            let began = began.filter(|_| of_stage || index == 0 || reached(session, index));
            rows.push(Row {
                stage: of_stage.then(|| run.name.clone()),
                planned: planned(session, &beforehand, stage, &what),
                short: ended.and_then(|_| short(session, Some(run), &what)),
                rehearsed: rehearsal.and_then(|it| it.part(of_stage.then_some(&run.name), &what)),
                what,
                began,
                ended,
                left,
                ends_in: None,
                critical: false,
            });
            chains.push(chain);
        }
    }
    for (environment, back) in &session.rollout.rollbacks {
        let what = What::Rollback { environment: environment.clone() };
        let Some(stage) = plan.stages.iter().find(|stage| stage.environment == *environment) else {
            continue;
        };
        // Who ends it as it is brings nothing more back.
        let over = back.ended.is_some() || session.course.is_over();
        let left = (!over).then(|| returning(session, forecast, stage));
        rows.push(Row {
            stage: None,
            planned: planned(session, &beforehand, stage, &what),
            began: Some(back.started),
            ended: back.ended,
            short: back.ended.and_then(|_| short(session, None, &what)),
            left,
            rehearsed: rehearsal.and_then(|it| it.part(None, &what)),
            ends_in: None,
            critical: false,
            what,
        });
        chains.push(Chain::default());
    }
    let outlook = Outlook::of(session, &mut rows, &chains, now);
    // A window that is open then is no part of it.
    rows.retain(|row| !matches!(row.what, What::Window | What::Region { .. }) || row.critical);
    Timeline { rows, outlook }
}

/// The poll opens its row only once the stages before it are through.
fn reached(session: &Session, index: usize) -> bool {
    let passed = |at: usize| session.pipeline.stages[at].state == StageState::Passed;
    session.plan().before_the_poll().into_iter().filter(|at| *at < index).all(passed)
}

const fn skipped(what: &What, bake_skipped: bool) -> bool {
    matches!(what, What::Bake { .. }) && bake_skipped
}

fn planned(session: &Session, beforehand: &Forecast, stage: &Stage, what: &What) -> Expected {
    whole(session, beforehand, stage, what)
}

/// The hosts that are still to be brought back.
fn returning(session: &Session, forecast: &Forecast, stage: &Stage) -> Expected {
    let hosts = session.rollout.to_go_back(&stage.environment);
    super::whole::hosts_of(session, forecast, &stage.environment, hosts, super::whole::host)
}
