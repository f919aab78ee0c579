//! Starting a stage and promoting it. The gate is asked both times.

use serde::{Deserialize, Serialize};

use super::{Budget, Expected, PartPreview, Readiness, Unit, budget, conflict, expected, readiness};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    calendar::{Rule, near},
    checklist,
    course::{CourseEvent, SleepGuard, hotfix::Skip},
    effect::{Candidate, Health},
    event::Event,
    gate,
    name::{EnvironmentName, PersonName, StageName, UnitId},
    pipeline::{self, BatchSize, PipelineEvent, StageState},
    plan::{self, Batch, HostShare, Step},
    project,
    refusal::{Obstacle, Refusal},
    session::Session,
    time::{Now, Span, WallTime},
};

/// What the start dialog says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub stage: StageName,
    pub environment: EnvironmentName,
    pub from: Option<Candidate>,
    pub to: Candidate,
    pub units: Vec<UnitId>,
    pub batches: Vec<BatchPreview>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// What of it runs once, as it is declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub once: Vec<plan::Once>,
    /// Each component by itself, in their order, where several are deployed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartPreview>,
    /// Nothing is there yet: the hosts are taken without a strategy.
    pub first: bool,
    /// How long the whole stage may take, where the plan says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_budget: Option<Span>,
    /// What ran once for releases before this one, and a rollback would go back past, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crossed: Vec<String>,
    pub budget: Budget,
    /// All hosts are stopped before one is started: what that means for those who are served.
    pub downtime: Option<Expected>,
    /// The fewest available hosts on the way, if nothing fails.
    pub lowest: u32,
    pub rollback: Readiness,
    pub machine: String,
    pub obstacles: Vec<Obstacle>,
    /// Nothing takes a host out of traffic before it is changed.
    pub requests_may_fail: bool,
    /// Nothing at the target keeps conductors apart that share no journal.
    pub not_locked: bool,
    /// What may close it, and when that turns next: none of them where it can start at any time.
    pub windows: Vec<WindowPreview>,
    /// What the start would run into at the store that agents read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    /// Why the machine may fall asleep in the middle, where it may.
    pub may_sleep: Option<String>,
}

impl Preview {
    /// How many are under way at the same time, at the most: `3 at once`. No budget holds agents that were told.
    pub fn at_once(&self) -> String {
        if self.steps.iter().any(Step::desires) {
            let most = self.batches.iter().map(|batch| batch.units.len()).max().unwrap_or_default();
            return format!("up to {most} at once, as agents pull");
        }
        format!("{} at once", self.budget.limits.max_parallel)
    }

    /// `1 host: web-01`, `12 hosts, first web-01, web-02, web-03`; where agents pull, those that are told first, and no
    /// others: `12 hosts, told first: web-01`.
    pub fn hosts_words(&self) -> String {
        let told = self.batches.first().filter(|_| self.steps.iter().any(Step::desires));
        let units = told.map_or(&self.units, |batch| &batch.units);
        let names: Vec<&str> = units.iter().take(3).map(UnitId::as_str).collect();
        let names = names.join(", ");
        let more = units.len().saturating_sub(3);
        match (self.units.len(), told) {
            (1, _) => format!("1 host: {names}"),
            (hosts, Some(_)) if more > 0 => format!("{hosts} hosts, told first: {names} and {more} more"),
            (hosts, Some(_)) => format!("{hosts} hosts, told first: {names}"),
            (hosts, None) => format!("{hosts} hosts, first {names}"),
        }
    }
}

/// One thing that may close a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowPreview {
    pub what: String,
    /// The hours, or the reason.
    pub says: String,
    pub open: bool,
    /// When it next closes, or opens, in its own zone; none: not within three weeks.
    pub turns: Option<String>,
}

impl WindowPreview {
    fn of(plan: &plan::Plan, index: usize, at: WallTime) -> Vec<Self> {
        let opening = plan::opening(plan, index);
        let of = |(by, rule): &(plan::Shutter<'_>, Rule)| Self {
            what: by.what(),
            says: by.says(),
            open: rule.open(at),
            turns: rule.turns_after(at).map(|turn| near(turn, by.zone())),
        };
        opening.rules.iter().map(of).collect()
    }
}

/// One batch, as the plan has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPreview {
    pub units: Vec<UnitId>,
    /// The value of the label that they share, where the strategy takes one after another.
    pub group: Option<String>,
    /// How many are under way at the same time, at the most.
    pub at_once: u32,
    /// How many of them may fail without stopping the line.
    pub tolerates: u32,
    /// The fewest available hosts on the way, if nothing fails.
    pub lowest: u32,
    /// What the share that they bring comes to in whole hosts, where hosts stand for it and it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<HostShare>,
}

impl BatchPreview {
    fn of(batch: &Batch<'_>, budget: &Budget, (stops_all, all_out): (bool, bool)) -> Self {
        let hosts = batch.hosts.len() as u32;
        Self {
            units: batch.hosts.iter().map(|host| host.unit.clone()).collect(),
            group: batch.group.map(str::to_owned),
            at_once: budget.at_once().min(hosts),
            tolerates: batch.tolerates,
            share: None,
            // Whoever stops every host keeps none.
            lowest: match (stops_all, all_out) {
                (true, _) => 0,
                (false, true) => budget.available.saturating_sub(hosts),
                (false, false) => budget.lowest(hosts),
            },
        }
    }
}

/// Nothing is installed on any host of the environment, and nothing runs there: seen, not supposed.
pub fn is_first(session: &Session, environment: &EnvironmentName) -> bool {
    let bare = |unit: &Unit| {
        unit.fresh().is_some_and(|seen| {
            seen.installed.is_none() && seen.runs.is_none() && seen.health != Health::Healthy
        })
    };
    session.rollout.units().iter().filter(|unit| unit.environment == *environment).all(bare)
}

/// How the hosts of a stage are taken. A first deploy takes them under the capacity budget alone, without a strategy.
pub(in crate::domain) fn course(session: &Session, index: usize, first: bool) -> (Vec<Batch<'_>>, Vec<Step>) {
    let plan = session.plan();
    // Agents take nothing without being told, the first time as well.
    if first && plan.converging(index).is_none() {
        let batches = plan.whole(index);
        let steps = (0..batches.len() as u32).map(|batch| Step::Deploy { batch, weight: None }).collect();
        return (batches, plan.with_once(index, steps));
    }
    (plan.batches(index), plan.steps(index))
}

/// What each share comes to where hosts stand for it.
fn in_whole_hosts(mut batches: Vec<BatchPreview>, steps: &[Step], weighs: bool) -> Vec<BatchPreview> {
    let of = batches.iter().map(|batch| batch.units.len() as u32).sum();
    let mut new = 0;
    for step in steps {
        let Step::Deploy { batch, weight: Some(wanted) } = step else { continue };
        let Some(batch) = batches.get_mut(*batch as usize).filter(|_| !weighs) else { continue };
        new += batch.units.len() as u32;
        batch.share = Some(HostShare { wanted: *wanted, new, of }).filter(HostShare::is_off);
    }
    batches
}

/// The next stage and what its start would do; none when no stage is left.
pub fn preview(session: &Session, now: Now) -> Option<Preview> {
    preview_of(session, session.pipeline.next_index()?, now)
}

fn lowest_of_clouds(budget: &Budget, takes_over: Option<u32>) -> u32 {
    takes_over.map_or(budget.available, |hosts| hosts.min(budget.available))
}

/// What the start of this stage would do.
pub fn preview_of(session: &Session, index: usize, now: Now) -> Option<Preview> {
    let stage = session.plan().stages.get(index)?;
    let environment = session.plan().environments.get(&stage.environment)?;
    let budget = budget(session, &environment.name);
    let units = session.plan().units_of(index);
    let hosts = units.len() as u32;
    let rollback = readiness(session, &environment.name);
    let first = is_first(session, &environment.name);
    let downtime = expected(session, &environment.name, hosts).filter(|_| !first);
    let (batches, steps) = course(session, index, first);
    let takes_sides = steps.iter().any(Step::takes_side_out);
    // Each agent may install at any time once it is told.
    let all_out = takes_sides || steps.iter().any(Step::desires);
    let how = (downtime.is_some(), all_out);
    // Of clouds one always serves: the primary, and then the one that takes over.
    let takes_over = steps.iter().find_map(|step| match step {
        Step::Shift { to, .. } => batches.get(*to as usize).map(|batch| batch.hosts.len() as u32),
        _ => None,
    });
    let batches: Vec<BatchPreview> = batches
        .iter()
        .map(|batch| BatchPreview::of(batch, &budget, how))
        .map(|batch| match takes_over {
            Some(_) => BatchPreview { lowest: lowest_of_clouds(&budget, takes_over), ..batch },
            None => batch,
        })
        .collect();
    let batches = in_whole_hosts(batches, &steps, environment.balancer.weighs());
    Some(Preview {
        stage: stage.name.clone(),
        environment: environment.name.clone(),
        from: rollback.to.clone(),
        to: session.course.release.candidate.clone(),
        lowest: match (downtime.is_some(), all_out) {
            (true, _) => 0,
            (false, true) if takes_over.is_some() => lowest_of_clouds(&budget, takes_over),
            (false, true) => batches.iter().map(|batch| batch.lowest).min().unwrap_or_default(),
            (false, false) => budget.lowest(hosts),
        },
        units,
        batches,
        steps,
        once: stage.once.clone(),
        parts: PartPreview::of(session, index),
        first,
        stage_budget: stage.budget,
        crossed: project::crossed(session, &environment.name)
            .map(|left| format!("{}: a rollback goes back past it", left.words()))
            .collect(),
        budget,
        downtime,
        rollback,
        machine: session.course.machine.clone(),
        obstacles: gate::to_start(session, index, now),
        requests_may_fail: environment.balancer == plan::Balancer::None && environment.converges().is_none(),
        // What agents read is set by compare-and-set: nobody overwrites what another one set.
        not_locked: !environment.driver.locks() && environment.converges().is_none(),
        windows: WindowPreview::of(session.plan(), index, now.wall),
        conflict: conflict::conflict(session, &environment.name),
        may_sleep: match &session.course.sleep {
            Some(SleepGuard::Not { why }) => Some(why.clone()),
            Some(SleepGuard::Inhibits) | None => None,
        },
    })
}

pub fn decide_start(
    session: &Session,
    stage: Option<&StageName>,
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Deploy)?;
    let Some(index) = session.pipeline.next_index() else {
        return Err(Refusal::rule("every stage has been started", "nothing: the rollout is past that"));
    };
    let next = &session.plan().stages[index].name;
    if let Some(stage) = stage
        && stage != next
    {
        return Err(match session.plan().stage(stage) {
            Some(_) => Refusal::rule(format!("{stage} is not the next stage"), format!("starting {next}")),
            None => Refusal::input(format!("there is no stage {stage}"), format!("starting {next}")),
        });
    }
    let obstacles = gate::to_start(session, index, now);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{next} can't be started"), obstacles));
    }
    Ok(begun(session, index, &person.name, now))
}

/// Whoever starts a stage is on watch.
pub(super) fn begun(session: &Session, index: usize, by: &PersonName, now: Now) -> Vec<Event> {
    let mut events = Vec::new();
    if session.course.watch.by.as_ref() != Some(by) {
        events.push(Event::Course(CourseEvent::WatchTaken { by: by.clone() }));
    }
    events.extend(bypassed(session, index, now));
    events.extend(started(session, index));
    events
}

/// A hotfix that starts where its window is closed: what it bypasses is a fact.
fn bypassed(session: &Session, index: usize, now: Now) -> Option<Event> {
    let hotfix = session.course.hotfix.as_ref().filter(|it| it.skips.contains(&Skip::Windows))?;
    let stage = session.plan().stages.get(index)?.name.clone();
    let opening = plan::opening(session.plan(), index);
    let closed: Vec<String> = opening.closed(now.wall).iter().map(|it| it.by.what()).collect();
    let reason = format!("hotfix: {}", hotfix.reason);
    (!closed.is_empty()).then_some(Event::Pipeline(PipelineEvent::WindowOverridden { stage, closed, reason }))
}

/// The event that starts a stage; the gate has been asked.
pub fn started(session: &Session, index: usize) -> Option<Event> {
    let stage = session.plan().stages.get(index)?;
    let (batches, steps) = course(session, index, is_first(session, &stage.environment));
    let unit = |host: &&plan::Host| host.unit.clone();
    Some(Event::Pipeline(PipelineEvent::StageStarted {
        stage: stage.name.clone(),
        environment: stage.environment.clone(),
        units: batches.iter().flat_map(|batch| batch.hosts.iter().map(unit)).collect(),
        batches: batches.iter().map(BatchSize::of).collect(),
        steps: steps.into(),
        barriers: session.plan().barriers(index).into(),
        to: session.course.release.candidate.clone(),
        from: super::readiness::target(session, &stage.environment).map(Box::new),
    }))
}

pub fn decide_promote(session: &Session, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Deploy)?;
    let Some(run) = session.pipeline.running() else {
        return Err(Refusal::rule("no stage is under way", "starting one (S)"));
    };
    let mut obstacles = gate::to_promote(session, now);
    let last = session.pipeline.index_after(&run.name).is_none();
    if last {
        obstacles.extend(checklist::obstacles(session, now, checklist::When::PostLive));
    }
    if run.state != StageState::Ready || !obstacles.is_empty() {
        return Err(Refusal::not_ready(format!("{} can't be promoted", run.name), obstacles));
    }
    Ok(passed(session, now))
}

/// The running stage has passed; the next one starts with it, unless the poll stands between them. With the last
/// one, what is live is verified. The gate has been asked.
pub fn passed(session: &Session, now: Now) -> Vec<Event> {
    let Some(run) = session.pipeline.running() else { return Vec::new() };
    let mut events = vec![Event::Pipeline(PipelineEvent::StagePassed { stage: run.name.clone() })];
    let Some(next) = session.pipeline.index_after(&run.name) else {
        let untested = pipeline::untested(session, now).map(str::to_owned);
        events.push(Event::Course(CourseEvent::Verified { untested }));
        return events;
    };
    if next != session.plan().poll_index() {
        events.extend(bypassed(session, next, now));
        events.extend(started(session, next));
    }
    events
}
