//! What a viewer has chosen on the Rollout screen: which environment, which order, which host.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{draw::list_rows, safety, view::Widths};
use crate::{
    domain::{
        name::{EnvironmentName, UnitId},
        rollout::{LaneState, Unit},
        session::Session,
    },
    tui::{app::place, terminal::Moment, text::width, widgets::List, world::World},
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What needs somebody, then what works, then as the plan has them.
    #[default]
    Need,
    Name,
    State,
}

impl Sort {
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Need => "",
            Sort::Name => "by name",
            Sort::State => "by state",
        }
    }
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Sort::Need => Sort::Name,
            Sort::Name => Sort::State,
            Sort::State => Sort::Need,
        }
    }
}

#[derive(Clone, Debug)]
pub struct State {
    pub list: List<UnitId>,
    pub filter: String,
    pub problems: bool,
    pub sort: Sort,
    pub marked: BTreeSet<UnitId>,
    pub zoomed: bool,
    /// Chosen with Tab; none: where it happens.
    pub environment: Option<EnvironmentName>,
    pub widths: Widths,
    seen: Option<(u64, Moment)>,
    looked_at: Option<Moment>,
    /// The environment whose hosts the list holds.
    of: Option<EnvironmentName>,
    /// Lines under Safety, for which the list leaves room.
    safety: u16,
    /// There is more than one stage, which a small screen names in a line of its own.
    several: bool,
    /// Rows that the screen has for hosts.
    rows: usize,
    measured_at: Option<Moment>,
    above: Above,
}

/// How the hosts over the first row on the screen stand: of thousands that are not asked one by one at every key.
#[derive(Clone, Debug, Default)]
struct Above {
    hosts: usize,
    words: BTreeMap<&'static str, usize>,
}

/// Fleets up to this size are looked at anew for every frame.
const SMALL: usize = 500;
/// Between two looks at a larger one.
const PAUSE: Duration = Duration::from_millis(100);
/// For how long the widths of a larger one count.
const MEASURED_FOR: Duration = Duration::from_secs(1);

impl Default for State {
    fn default() -> Self {
        Self {
            list: List::following_the_top(),
            filter: String::new(),
            problems: false,
            sort: Sort::default(),
            marked: BTreeSet::new(),
            zoomed: false,
            environment: None,
            widths: Widths::default(),
            seen: None,
            looked_at: None,
            of: None,
            safety: 0,
            several: false,
            rows: 0,
            measured_at: None,
            above: Above::default(),
        }
    }
}

impl State {
    pub fn environment<'a>(&'a self, world: &World<'a>) -> Option<&'a EnvironmentName> {
        self.environment.as_ref().or_else(|| place(world))
    }

    /// The filter, the order or the environment was changed on purpose.
    pub fn rerun(&mut self) {
        self.list.rerun();
        self.seen = None;
    }

    /// Rows for hosts on a terminal of this size, under what there was to say about safety when it was last looked at.
    pub fn list_rows(&self, columns: u16, rows: u16) -> u16 {
        list_rows(columns, rows, self.safety, self.several)
    }

    /// Takes over which hosts there are, in which order, once the record has moved on; with thousands of hosts not
    /// more often than ten times a second.
    pub fn refresh(&mut self, world: &World<'_>, columns: u16, rows: u16) {
        let Some(session) = world.session else { return };
        let still = self.list.still_until().filter(|until| *until > world.at);
        let looked = (session.seq, still.unwrap_or_default());
        let wait = self.wake_at(session).is_some_and(|at| at > world.at);
        if self.seen != Some(looked) && !wait {
            if !self.stands(session, world, still.is_some()) {
                self.measure(session, world);
                let wanted = self.wanted(session, world);
                self.list.refresh(wanted, |id| session.rollout.unit(id).is_some(), world.at);
                self.of = self.environment(world).cloned();
            }
            self.seen = Some(looked);
            self.looked_at = Some(world.at);
            self.above = Above::default();
        }
        let environment = self.environment(world);
        self.safety =
            environment.map_or(0, |environment| safety::lines(world, session, environment).len() as u16);
        self.several = session.pipeline.stages.len() > 1;
        self.rows = self.list_rows(columns, rows).into();
        self.list.scroll(self.rows);
        self.count_above(session);
    }

    fn count_above(&mut self, session: &Session) {
        let order = self.list.order();
        let first = self.list.first().min(order.len());
        let Above { hosts, words } = &mut self.above;
        let (more, fewer) = (order.get(*hosts..first), order.get(first..*hosts));
        for id in more.unwrap_or_default() {
            *words.entry(standing(session, id)).or_default() += 1;
        }
        for id in fewer.unwrap_or_default() {
            let count = words.entry(standing(session, id)).or_default();
            *count = count.saturating_sub(1);
        }
        *hosts = first;
    }

    /// How the hosts over the first row on the screen stand.
    pub fn above(&self) -> &BTreeMap<&'static str, usize> {
        &self.above.words
    }

    /// The hosts that have a row on the screen.
    pub fn seen_hosts(&self) -> &[UnitId] {
        let order = self.list.order();
        let first = self.list.first().min(order.len());
        &order[first..order.len().min(first + self.rows)]
    }

    /// When a large fleet that has moved on is to be looked at again.
    pub fn wake_at(&self, session: &Session) -> Option<Moment> {
        let moved = self.seen.is_some_and(|(seq, _)| seq != session.seq);
        let large = session.rollout.units().len() > SMALL;
        self.looked_at.filter(|_| moved && large).map(|at| at.plus(PAUSE))
    }

    /// While the order stands still, a whole fleet has nothing to take over: no host comes or goes.
    fn stands(&self, session: &Session, world: &World<'_>, still: bool) -> bool {
        let whole = !self.problems && self.filter.is_empty();
        let environment = self.environment(world);
        let hosts = environment.map(|environment| session.rollout.counts(environment).hosts);
        let same = self.seen.is_some() && self.of.as_ref() == environment;
        still && whole && same && hosts == Some(self.list.len() as u32)
    }

    /// Of all hosts of the environment, so that nothing shifts when one scrolls or filters. Large fleets are measured
    /// once a second, apart from when the screen turns to another environment.
    fn measure(&mut self, session: &Session, world: &World<'_>) {
        let environment = self.environment(world);
        let recent = self.measured_at.is_some_and(|at| world.at.since(at) < MEASURED_FOR);
        if recent && session.rollout.units().len() > SMALL && self.of.as_ref() == environment {
            return;
        }
        let agents = environment.is_some_and(|environment| session.plan().converges(environment).is_some());
        let mut widths = Widths { board: agents, ..Widths::default() };
        for unit in session.rollout.units().iter().filter(|unit| Some(&unit.environment) == environment) {
            widths.name = widths.name.max(width(unit.id.as_str()) as u16);
            widths.region = widths.region.max(unit.region.as_deref().map_or(0, width) as u16);
            widths.runs = widths.runs.max(unit.runs().map_or(1, width) as u16);
            widths.lane = widths.lane.max(unit.lane.as_ref().map_or(0, |lane| lane.steps.len()) as u16);
        }
        (self.widths, self.measured_at) = (widths, Some(world.at));
    }

    fn wanted(&self, session: &Session, world: &World<'_>) -> Vec<UnitId> {
        let environment = self.environment(world);
        let filter = self.filter.to_lowercase();
        let mut units: Vec<&Unit> = session
            .rollout
            .units()
            .iter()
            .filter(|unit| Some(&unit.environment) == environment)
            .filter(|unit| !self.problems || problem(unit))
            .filter(|unit| filter.is_empty() || matches(unit, &filter))
            .collect();
        match self.sort {
            Sort::Need => units.sort_by_key(|unit| need(unit)),
            Sort::Name => units.sort_by(|a, b| a.id.cmp(&b.id)),
            Sort::State => units
                .sort_by_key(|unit| (unit.lane.as_ref().map_or("", |lane| lane.state.word()), need(unit))),
        }
        units.into_iter().map(|unit| unit.id.clone()).collect()
    }
}

/// How a host stands, in a word.
pub fn standing(session: &Session, id: &UnitId) -> &'static str {
    session.rollout.unit(id).map_or("gone", Unit::standing)
}

fn need(unit: &Unit) -> u8 {
    if unit.troubled() {
        0
    } else if unit.working() {
        1
    } else {
        2
    }
}

/// What "problems only" keeps: whatever is not well, or not known.
pub fn problem(unit: &Unit) -> bool {
    let lane = unit.lane.as_ref().map(|lane| &lane.state);
    unit.troubled()
        || matches!(
            lane,
            Some(LaneState::Excluded { .. } | LaneState::Failed { .. } | LaneState::Unknown { .. })
        )
        || unit.fresh().is_none_or(|seen| seen.health != crate::domain::effect::Health::Healthy)
}

fn matches(unit: &Unit, filter: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(filter);
    holds(unit.id.as_str())
        || unit.region.as_deref().is_some_and(holds)
        || unit.runs().is_some_and(holds)
        || unit.lane.as_ref().is_some_and(|lane| holds(lane.state.word()) || holds(lane.step().word()))
}
