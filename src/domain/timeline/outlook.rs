//! When it ends, and what that hangs on. What is unknown is named and never counted as nothing; what people decide is
//! named beside it.

use serde::{Deserialize, Serialize};

use super::{Chain, Expected, Row, Sum, What, course::Course, part::named};
use crate::domain::{
    course::hotfix::{Skip, skips},
    lock,
    name::StageName,
    pipeline,
    plan::{opening, region_word},
    rollout::{self, Estimate},
    session::Session,
    time::{Now, Span, WallTime},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// Why nothing goes on by itself now: then nobody knows when it ends.
    pub halted: Option<String>,
    /// All that is still to come.
    pub whole: Sum,
    /// Of the stage that is under way, until nothing but a decision is left of it.
    pub stage: Option<(StageName, Sum)>,
    /// What the end hangs on, in order.
    pub path: Vec<Link>,
    /// Nothing is to come.
    #[serde(default)]
    pub over: bool,
    /// Before T-0: when that is planned, and what is known of the way from there to the end.
    #[serde(default)]
    pub after_t0: Option<(WallTime, Span)>,
}

/// A part of the critical path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub stage: Option<StageName>,
    /// `web-02, web-03`, `bake 10 min`, `promotion`.
    pub what: String,
    pub left: Expected,
}

/// Why the line stands still until somebody acts; none: it does not.
pub fn halted(session: &Session) -> Option<String> {
    // A hold keeps nothing from going back.
    let held = session.course.hold.as_ref().filter(|_| rollout::going_back(session).is_none());
    if let Some(hold) = held {
        let by = hold.by.as_ref().map_or("somebody", |person| person.as_str());
        return Some(format!("HELD by {by}"));
    }
    if let Some(trouble) = rollout::troubles(session).first() {
        return Some(format!("the line is stopped: {}", trouble.words()));
    }
    if let Some((why, _)) = &session.rollout.stalled {
        return Some(format!("the line is stopped: {why}"));
    }
    if rollout::shortage(session).is_some() {
        return Some("too few hosts serve".to_owned());
    }
    if lock::refused(session) {
        return Some("the environment is locked by another".to_owned());
    }
    let still = session.pipeline.under_way().find(|run| run.at.paused.is_some())?;
    let why =
        pipeline::soak_alarm(session, still).unwrap_or_else(|| "not all are seen to be well".to_owned());
    Some(format!("the soak of {} stands still: {why}", still.name))
}

impl Outlook {
    /// Sets on each row when it will be over and whether the end hangs on it.
    pub(super) fn of(session: &Session, rows: &mut [Row], chains: &[Chain], now: Now) -> Self {
        let mut outlook = Self { halted: halted(session), ..Self::default() };
        let running = session.pipeline.running().map(|run| run.name.clone());
        let mut stage = Sum::default();
        let mut course = Course::new(session);
        for (at, (row, chain)) in rows.iter_mut().zip(chains).enumerate() {
            // Nobody waits for the end of a downtime: it is over when hosts are.
            if row.left.is_none() || matches!(row.what, What::Downtime { .. }) {
                continue;
            }
            if matches!(row.what, What::Window | What::Region { .. }) {
                let begins = now.wall.plus(course.begins(row).known);
                row.left = Some(until_it_opens(session, row, not_before_t0(session, row, begins)));
            }
            let Some(left) = row.left.clone() else { continue };
            let ends = course.take(at, row, &left);
            if row.stage.is_some() && row.stage == running && !matches!(row.what, What::Promotion { .. }) {
                stage.add(&left);
            }
            row.critical = left.span() != Some(Span::ZERO);
            let certain = ends.people.is_empty() && outlook.halted.is_none();
            row.ends_in = ends.span().filter(|_| certain);
            if row.critical {
                let what = if chain.hosts.is_empty() { row.what.short() } else { chain.words() };
                outlook.path.push(Link { stage: row.stage.clone(), what, left });
            }
        }
        outlook.whole = course.whole();
        if session.pipeline.branches() {
            let path = course.path();
            outlook.path.clear();
            for (at, (row, chain)) in rows.iter_mut().zip(chains).enumerate() {
                row.critical &= path.contains(&at);
                if let Some(left) = row.left.clone().filter(|_| row.critical) {
                    let what = if chain.hosts.is_empty() { row.what.short() } else { chain.words() };
                    outlook.path.push(Link { stage: row.stage.clone(), what, left });
                }
            }
        }
        outlook.stage = running.map(|name| (name, stage));
        outlook.over = rows.iter().all(|row| row.left.is_none());
        if session.course.started.is_none() {
            let after = rows.iter().filter(|row| row.critical && of_the_go_live(session, row));
            let after = after.filter_map(|row| row.left.as_ref()?.span()).map(|span| span.0).sum();
            outlook.after_t0 = Some((session.course.go_live, Span(after)));
        }
        outlook
    }

    /// Until the stage under way has nothing left but its promotion; none: unknown.
    pub fn stage_left(&self) -> Option<Span> {
        let (_, sum) = self.stage.as_ref()?;
        sum.span().filter(|_| self.halted.is_none() && sum.people.is_empty())
    }

    /// Why the end of the stage under way is not known; none: it is, or none is under way.
    pub fn why_unknown(&self) -> Option<String> {
        let (_, sum) = self.stage.as_ref()?;
        let first = || sum.unknown.first().cloned();
        let people = || sum.people.first().map(|what| format!("it waits for {what}"));
        self.halted.clone().or_else(first).or_else(people)
    }

    /// All that is still to come; none: a part of it is unknown, or the line stands still.
    pub fn left(&self) -> Option<Span> {
        self.whole.span().filter(|_| self.halted.is_none())
    }
}

/// Whether it is a part of what begins with T-0.
fn of_the_go_live(session: &Session, row: &Row) -> bool {
    let index = row.stage.as_ref().and_then(|name| session.plan().stage(name)).map(|(index, _)| index);
    index.is_some_and(|index| index >= session.plan().poll_index())
}

/// What comes after T-0 is not asked to begin before the time that was planned for it.
fn not_before_t0(session: &Session, row: &Row, at: WallTime) -> WallTime {
    let waits = session.course.started.is_none() && of_the_go_live(session, row);
    if waits { at.max(session.course.go_live) } else { at }
}

/// How long a stage that would begin at this time waits for its window, or a region for its hours.
fn until_it_opens(session: &Session, row: &Row, at: WallTime) -> Expected {
    let index = row.stage.as_ref().and_then(|name| session.plan().stage(name)).map(|(index, _)| index);
    let Some(index) = index.filter(|_| !skips(session, Skip::Windows)) else { return Expected::NOTHING };
    let opening = match &row.what {
        What::Region { region, .. } => {
            let regions = session.plan().regions(index);
            let named = regions.iter().find(|it| region_word(it.name) == region);
            let Some(named) = named else { return Expected::NOTHING };
            session.plan().opening_of_region(index, named.name)
        }
        _ => opening(session.plan(), index),
    };
    if opening.closed(at).is_empty() {
        return Expected::NOTHING;
    }
    match opening.opens(at) {
        Some(opens) => Expected::Known(Estimate::planned(opens.since(at))),
        None => Expected::Unknown("no opening of its window is known".to_owned()),
    }
}

impl Link {
    /// `web-02, web-03 46 s`.
    pub fn words(&self) -> String {
        match self.left.span() {
            Some(span) => format!("{} {span}", self.what),
            None => self.what.clone(),
        }
    }
}

impl Row {
    /// `production: bake 10 min`.
    pub fn name(&self) -> String {
        named(self.stage.as_ref(), &self.what)
    }
}
