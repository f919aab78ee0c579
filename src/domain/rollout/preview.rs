//! What starting a stage would do, to be read before anything starts.

use serde::{Deserialize, Serialize};

use super::{
    Budget, Expected, GoesFirst, PartPreview, Readiness, budget, conflict, course, expected, first, is_first,
    readiness, runs_now,
};
use crate::domain::{
    calendar::{Opening, Rule, near},
    counted::counted,
    course::SleepGuard,
    effect::Candidate,
    gate,
    name::{EnvironmentName, StageName, UnitId},
    pipeline,
    plan::{self, Batch, HostShare, Split, Step},
    project,
    refusal::Obstacle,
    session::Session,
    time::{Now, Span, WallTime},
};

/// What the start dialog says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub stage: StageName,
    pub environment: EnvironmentName,
    pub from: Option<Candidate>,
    /// What serves there now, where that is something else, or is what is to be rolled out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_now: Option<String>,
    pub to: Candidate,
    pub units: Vec<UnitId>,
    /// Who is taken first in another one's place, since it does not serve; none: the order of the plan stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_first: Option<GoesFirst>,
    /// Those of them that stand by, come in for this, and leave again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spare: Vec<UnitId>,
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
    /// The regions that are taken one at a time, in order, or where nothing is there yet all together; empty: the plan
    /// takes hosts together always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionPreview>,
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
        format!("{} at once", self.most_at_once())
    }

    /// How many are under way at the same time, at the most, whichever batch it is.
    pub fn most_at_once(&self) -> u32 {
        self.batches.iter().map(|batch| batch.at_once).max().unwrap_or_else(|| self.budget.at_once())
    }

    /// `web-11, web-12 leave the pool again and stand by; 10 serve`.
    pub fn spares_leave(&self) -> String {
        let spare: Vec<&str> = self.spare.iter().map(UnitId::as_str).collect();
        format!("{} leave the pool again and stand by; {} serve", spare.join(", "), self.budget.limits.hosts)
    }

    /// `2 (web-11, web-12): in before anybody leaves, out again at the end; 10+0 → 10+2 → 8+2 → 8+4 …`; none: nobody stands
    /// by.
    pub fn surge_words(&self) -> Option<String> {
        let first = self.spare.first()?;
        let names: Vec<&str> = self.spare.iter().map(UnitId::as_str).collect();
        let limits = &self.budget.limits;
        let serve = limits.hosts;
        let taken = |batches: &[BatchPreview]| batches.iter().map(|it| it.units.len() as u32).sum::<u32>();
        let surge = self.spare.len() as u32;
        let (mut stands, mut now) = (Vec::new(), Split { canary: 0, stable: serve });
        for batch in 1..=self.batches.len() {
            let canary = taken(&self.batches[..batch]);
            let wanted = Split { canary, stable: serve + canary.min(surge) - canary.min(serve + surge) };
            let way = limits.room().way(wanted, now);
            stands.extend(way.into_iter().skip(usize::from(batch > 1)));
            now = wanted;
        }
        let words: Vec<String> =
            stands.iter().take(6).map(|it| format!("{}+{}", it.stable, it.canary)).collect();
        let more = if stands.len() > 6 { " …" } else { "" };
        let names =
            if self.spare.len() > 3 { format!("{first} and {} more", surge - 1) } else { names.join(", ") };
        Some(format!(
            "{surge} ({names}): in before anybody leaves, out again at the end; old+new {}{more}; {} serve at the least",
            words.join(" → "),
            limits.room().least()
        ))
    }

    /// `eu-2 begins in its own hours, off-peak eu-2`: where another region is next, with this batch.
    pub fn region_begins(&self, next: u32) -> String {
        let first = self.batches.get(next as usize).and_then(|batch| batch.units.first());
        let holds = |region: &&RegionPreview| first.is_some_and(|unit| region.units.contains(unit));
        let Some(region) = self.regions.iter().find(holds) else { return "the next region".to_owned() };
        match region.windows.as_slice() {
            [] => format!("{} begins", region.name),
            windows => {
                let whats: Vec<&str> = windows.iter().map(|window| window.what.as_str()).collect();
                format!("{} begins, when it is open for it: {}", region.name, whats.join(", "))
            }
        }
    }

    /// `one at a time: eu-1 (2 hosts), us-1 (1 host); 3 hosts over all of them`; of a first deploy which there are, all
    /// together; none: the plan takes them together always.
    pub fn regions_words(&self) -> Option<String> {
        let regions: Vec<String> = self
            .regions
            .iter()
            .map(|it| format!("{} ({})", it.name, counted(it.units.len(), "host")))
            .collect();
        let all = counted(self.units.len(), "host");
        if self.first && !regions.is_empty() {
            return Some(format!("all together, since nothing is there yet: {}", regions.join(", ")));
        }
        (!regions.is_empty()).then(|| {
            format!(
                "one at a time: {}; {all} over all of them. The next one begins when the one before is validated, has \
                 baked and is judged, each beside its own rest",
                regions.join(", ")
            )
        })
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

/// A region that a stage takes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionPreview {
    pub name: String,
    pub units: Vec<UnitId>,
    /// What may close it when its hosts are to begin.
    pub windows: Vec<WindowPreview>,
}

impl RegionPreview {
    /// Of a first deploy no region waits for hours of its own.
    fn of(plan: &plan::Plan, index: usize, first: bool, at: WallTime) -> Vec<Self> {
        let of = |region: plan::Region<'_>| Self {
            name: plan::region_word(region.name).to_owned(),
            units: region.hosts.iter().map(|host| host.unit.clone()).collect(),
            windows: if first {
                Vec::new()
            } else {
                WindowPreview::of(&plan.opening_of_region(index, region.name), at)
            },
        };
        plan.regions(index).into_iter().map(of).collect()
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
    fn of(opening: &Opening<plan::Shutter<'_>>, at: WallTime) -> Vec<Self> {
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
    fn of(batch: &Batch<'_>, budget: &Budget, (first, stops_all, all_out): (bool, bool, bool)) -> Self {
        let hosts = batch.hosts.len() as u32;
        // Where nobody serves, nobody is taken out.
        let at_once = if first || stops_all { budget.limits.max_parallel } else { budget.at_once() };
        Self {
            units: batch.hosts.iter().map(|host| host.unit.clone()).collect(),
            group: batch.group.map(str::to_owned),
            at_once: at_once.min(hosts),
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

/// What each share comes to where hosts stand for it.
fn in_whole_hosts(
    mut batches: Vec<BatchPreview>,
    steps: &[Step],
    (weighs, surge): (bool, u32),
    before: u32,
) -> Vec<BatchPreview> {
    let all = before + batches.iter().map(|batch| batch.units.len() as u32).sum::<u32>();
    let mut new = before;
    for step in steps {
        let Step::Deploy { batch, weight: Some(wanted) } = step else { continue };
        let Some(batch) = batches.get_mut(*batch as usize).filter(|_| !weighs) else { continue };
        new += batch.units.len() as u32;
        // Who stands by serves nobody before it came in.
        let of = all.saturating_sub(surge) + new.min(surge);
        batch.share = Some(HostShare { wanted: *wanted, new, of }).filter(HostShare::is_off);
    }
    batches
}

/// How many hosts of its environment have the new version from stages before it, such as a 1-box.
fn hosts_before(session: &Session, index: usize) -> u32 {
    let plan = session.plan();
    let Some(stage) = plan.stages.get(index) else { return 0 };
    let earlier = plan.stages.iter().take(index).filter(|before| before.environment == stage.environment);
    earlier.map(|before| session.rollout.done_in(&before.name)).sum()
}

/// The next stage and what its start would do; none when no stage is left.
pub fn preview(session: &Session, now: Now) -> Option<Preview> {
    preview_of(session, pipeline::next_index(session)?, now)
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
    let called_in = |host: &&&plan::Host| host.spare && steps.contains(&Step::StandBy);
    let spare = batches.iter().flat_map(|batch| &batch.hosts).filter(called_in);
    let spare = spare.map(|host| host.unit.clone()).collect();
    let takes_sides = steps.iter().any(Step::takes_side_out);
    // Each agent may install at any time once it is told.
    let all_out = takes_sides || steps.iter().any(Step::desires);
    let how = (first, downtime.is_some(), all_out);
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
    let (mut units, mut batches) = (units, batches);
    // Who stops all, takes sides or waits for agents takes nobody from the pool one by one.
    let one_by_one = !first && downtime.is_none() && !all_out;
    let goes_first =
        if one_by_one { first::foreseen(session, index, (&mut units, &mut batches)) } else { None };
    let surge = if first { 0 } else { budget.limits.surge };
    let batches =
        in_whole_hosts(batches, &steps, (environment.balancer.weighs(), surge), hosts_before(session, index));
    Some(Preview {
        stage: stage.name.clone(),
        environment: environment.name.clone(),
        from: rollback.to.clone(),
        runs_now: runs_now(session, &stage.environment, &units),
        to: session.course.release.candidate.clone(),
        lowest: match (downtime.is_some(), all_out) {
            (true, _) => 0,
            (false, true) if takes_over.is_some() => lowest_of_clouds(&budget, takes_over),
            (false, true) => batches.iter().map(|batch| batch.lowest).min().unwrap_or_default(),
            // Batches come one after another.
            (false, false) => batches.iter().map(|it| it.lowest).min().unwrap_or(budget.available),
        },
        units,
        goes_first,
        spare,
        batches,
        steps,
        once: stage.once.clone(),
        parts: PartPreview::of(session, index),
        first,
        stage_budget: stage.budget,
        crossed: project::crossed(session, &environment.name)
            .into_iter()
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
        windows: WindowPreview::of(&plan::opening(session.plan(), index), now.wall),
        regions: RegionPreview::of(session.plan(), index, first, now.wall),
        conflict: conflict::conflict(session, &environment.name),
        may_sleep: match &session.course.sleep {
            Some(SleepGuard::Not { why }) => Some(why.clone()),
            Some(SleepGuard::Inhibits) | None => None,
        },
    })
}
