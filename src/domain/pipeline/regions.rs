//! A stage under way that goes one region at a time: which region's turn it is, and when that of the next one begins.

use std::ops::Range;

use super::{StageRun, window::closed_by};
use crate::domain::{
    calendar::{Opening, near},
    course::hotfix::{Skip, skips},
    event::Event,
    name::UnitId,
    pipeline::PipelineEvent,
    plan::{Shutter, Step, region_word},
    refusal::Obstacle,
    rollout::Unit,
    session::Session,
    time::{Now, WallTime},
};

impl StageRun {
    /// Whether its hosts are taken one region after another.
    pub fn by_region(&self) -> bool {
        self.steps.iter().any(Step::is_region)
    }

    /// The batches of each region's turn, in order; of a stage that takes its hosts together there is one turn.
    pub fn turns(&self) -> Vec<Range<usize>> {
        let begins = self.steps.iter().filter_map(|step| match step {
            Step::Region { next } => Some(*next as usize),
            _ => None,
        });
        let from = std::iter::once(0).chain(begins).collect::<Vec<_>>();
        let to = from.iter().skip(1).copied().chain([self.batches.len()]);
        from.iter().zip(to).map(|(from, to)| *from..to.max(*from)).collect()
    }

    /// Whose turn it is, from 0: at a step at which a region is to begin, it is the turn of that one.
    pub fn turn(&self) -> usize {
        self.steps.iter().take(self.at.step as usize + 1).filter(|step| step.is_region()).count()
    }

    /// Whose turn it was last to be found good, from 0.
    pub fn turn_compared(&self) -> usize {
        self.turn() - usize::from(self.step().is_some_and(Step::is_region))
    }

    /// The hosts whose turn it is, whether they are done or not.
    pub fn units_of_turn(&self) -> &[UnitId] {
        self.units_in(self.turn())
    }

    /// The hosts of one turn, from 0.
    pub fn units_in(&self, turn: usize) -> &[UnitId] {
        let Some(batches) = self.turns().get(turn).cloned() else { return &[] };
        let hosts = |batches: Range<usize>| {
            self.batches.get(batches).unwrap_or_default().iter().map(|batch| batch.hosts as usize).sum()
        };
        let (before, own): (usize, usize) = (hosts(0..batches.start), hosts(batches));
        self.units.get(before..before + own).unwrap_or_default()
    }
}

/// The region whose turn it is, and of how many turns it is which, from 1; none: the stage takes its hosts together.
pub fn region_in_turn<'a>(session: &'a Session, run: &StageRun) -> Option<(&'a str, usize, usize)> {
    let unit = one_in_turn(session, run).filter(|_| run.by_region())?;
    Some((region_word(unit.region.as_deref()), run.turn() + 1, run.turns().len()))
}

/// The region that is compared with its own rest, or was last: at a step at which another one is to begin, the one before
/// it. With it, of how many it is which, from 1; none: the stage takes its hosts together.
pub fn region_compared<'a>(session: &'a Session, run: &StageRun) -> Option<(&'a str, usize, usize)> {
    let turn = run.turn_compared();
    let region = session.rollout.unit(run.units_in(turn).first()?)?.region.as_deref();
    run.by_region().then(|| (region_word(region), turn + 1, run.turns().len()))
}

/// One of the hosts whose turn it is: all of them are of its region. None: there are none.
fn one_in_turn<'a>(session: &'a Session, run: &StageRun) -> Option<&'a Unit> {
    session.rollout.unit(run.units_of_turn().first()?)
}

/// What opens and closes the turn that a stage under way is at.
pub(super) fn opening_of_turn<'a>(
    session: &'a Session,
    run: &StageRun,
    index: usize,
) -> Option<Opening<Shutter<'a>>> {
    let unit = one_in_turn(session, run).filter(|_| run.by_region())?;
    Some(session.plan().opening_of_region(index, unit.region.as_deref()))
}

/// A region that is to begin, and whose hours do not let it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionWaits {
    pub region: String,
    /// None: no opening is known.
    pub opens: Option<WallTime>,
    /// In whose terms its times are said.
    pub zone: String,
    /// What is closed: `off-peak eu`, `freeze black friday`.
    pub what: String,
    pub obstacles: Vec<Obstacle>,
}

impl RegionWaits {
    /// `eu opens at Mon 22:00 Europe/Berlin (off-peak)`. `when`: a time as its reader wants it.
    pub fn words(&self, when: impl Fn(WallTime, &str) -> String) -> String {
        let region = &self.region;
        // `off-peak eu` of eu is said once.
        let what = self.what.strip_suffix(region.as_str()).map_or(self.what.as_str(), str::trim_end);
        match self.opens {
            Some(at) => format!("{region} opens at {} ({what})", when(at, &self.zone)),
            None => format!("{region} waits for {what}, and no opening is known"),
        }
    }

    /// The same for the record and the shell.
    pub fn in_words(&self) -> String {
        self.words(near)
    }
}

/// Whether the stage under way waits for the hours of the region whose turn it is.
pub fn region_waits(session: &Session, run: &StageRun, now: Now) -> Option<RegionWaits> {
    if !run.step().is_some_and(Step::is_region) || skips(session, Skip::Windows) {
        return None;
    }
    let (index, _) = session.plan().stage(&run.name)?;
    let opening = opening_of_turn(session, run, index)?;
    let closed = opening.closed(now.wall);
    let first = closed.first()?;
    Some(RegionWaits {
        region: region_word(one_in_turn(session, run)?.region.as_deref()).to_owned(),
        opens: opening.opens(now.wall),
        zone: first.by.zone().to_owned(),
        what: first.by.what(),
        obstacles: closed_by(session, &opening, "S", now),
    })
}

/// A hotfix that begins a region whose hours are closed: what it bypasses is a fact.
pub(super) fn bypassed(session: &Session, run: &StageRun, now: Now) -> Option<Event> {
    let hotfix = session.course.hotfix.as_ref().filter(|it| it.skips.contains(&Skip::Windows))?;
    let (index, _) = session.plan().stage(&run.name)?;
    let opening = opening_of_turn(session, run, index).filter(|_| run.step().is_some_and(Step::is_region))?;
    let closed: Vec<String> = opening.closed(now.wall).iter().map(|it| it.by.what()).collect();
    let (stage, reason) = (run.name.clone(), format!("hotfix: {}", hotfix.reason));
    (!closed.is_empty()).then_some(Event::Pipeline(PipelineEvent::WindowOverridden { stage, closed, reason }))
}
