//! What is wrong now although nobody is needed yet: a host that stopped answering, or fewer hosts than the minimum;
//! each with what will release it. The waiting line, `status` and whoever else asks say the same words.

use serde::{Deserialize, Serialize};

use super::{
    Direction, Lane, LaneState, PutBack, Unit, budget,
    capacity::{CALLS_AFTER, words},
    clouds::serving_by_mistake,
    downtime, let_pass, lost_share, not_shifted, off_share, once,
    readiness::target,
    rollback::reach,
    strangers,
    stray::stands,
    waits::waits_for_capacity,
};
use crate::domain::{
    effect::{Health, LaneStep, PoolState, Seen},
    name::{EnvironmentName, UnitId},
    operation,
    pipeline::{self, StageRun},
    plan::Deadlines,
    session::Session,
    time::{Now, SessionTime, Span},
};

/// Something that is wrong now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwell {
    pub environment: EnvironmentName,
    /// The host; none: the environment as a whole.
    pub unit: Option<UnitId>,
    /// Nobody is served.
    pub outage: bool,
    pub since: SessionTime,
    /// `web-02 stopped answering while settling: connection refused`.
    pub what: String,
    /// `waits until healthy_deadline in 4 min 12 s`.
    pub release: String,
}

/// Before so long has passed, nobody need have looked whether traffic has shifted.
const SOON: Span = Span::secs(10);

/// What is wrong now, where a stage runs or hosts are brought back: hosts that we took out and that serve again
/// first, then capacity, hosts under way, and the others, the oldest first; wherever it is, hosts that stand by and serve,
/// and hosts that a replacement left out. Other hosts that were taken out or need a human are not among them.
pub fn unwell(session: &Session, now: Now) -> Vec<Unwell> {
    let places = places(session).into_iter();
    let mut list: Vec<Unwell> = places.flat_map(|place| in_the_line(session, place, now)).collect();
    if !session.course.is_over() {
        list.extend(elsewhere(session));
        // Who is late or dead is said so, and not as a host that does not serve.
        let beats = operation::unwell(session, now);
        list.retain(|it| !beats.iter().any(|beat| beat.unit == it.unit));
        list.extend(beats);
        list.extend(by_mistake(session));
        list.extend(not_returned(session));
        list.extend(pipeline::over_budget(session, now));
        list.extend(let_pass::unwell(session));
        list.extend(once::outlived(session));
    }
    list
}

/// Hosts that stand by and are served to before any stage took them.
fn by_mistake(session: &Session) -> impl Iterator<Item = Unwell> + '_ {
    let found = session.plan().environments.keys().flat_map(|name| serving_by_mistake(session, name));
    found.map(|unit| {
        let cloud = unit.cloud.as_ref().map_or_else(String::new, |cloud| format!(": {cloud} is not primary"));
        let since = unit.seen.as_ref().map_or_else(SessionTime::default, |seen| seen.at.session);
        let release = "taking it out by hand; its stage takes it out as it starts".to_owned();
        Unwell {
            what: format!("{} stands by and gets traffic{cloud}", unit.id),
            ..host(unit, since, "", release)
        }
    })
}

/// Hosts that were replaced and did not come through: no stage is at work on them, and they are out of the pool.
fn not_returned(session: &Session) -> Vec<Unwell> {
    let Some(over) = &session.operations.last else { return Vec::new() };
    let for_a_drill = |unit: &UnitId| over.operation.away.is_some() && over.operation.units.contains(unit);
    let left = session.rollout.units().iter().filter_map(|unit| {
        let lane = unit.lane.as_ref().filter(|_| unit.out && !unit.awaits_back && !unit.in_pool())?;
        let release = match lane.state {
            LaneState::Excluded { .. } if lane.upkeep => {
                "replacing it again, or its stage, which deploys to it"
            }
            LaneState::Waiting if lane.at == 0 && lane.attempt > 0 => "its turn in its stage",
            LaneState::Skipped if lane.attempt > 0 => "replacing it again, or the next go-live",
            _ => return None,
        };
        // Of one that was only taken out no machine was thrown away.
        let away = lane.upkeep && !lane.steps.contains(&LaneStep::Replace) || for_a_drill(&unit.id);
        let sick = unit.fresh().is_some_and(|seen| seen.health == Health::Sick);
        let (what, release) = if away {
            let what = if sick {
                "is not well: it died while it was out of traffic for a drill, and did not come back"
            } else {
                "is out of the pool: it was out of traffic for a drill, and did not come back"
            };
            (what, "its recovery, then its stage, which deploys to it; or replacing it")
        } else {
            ("is out of the pool: it was replaced, and did not come through", release)
        };
        Some(host(unit, lane.step_since, what, release.to_owned()))
    });
    left.collect()
}

/// What is wrong where a stage runs or hosts are brought back.
fn in_the_line(session: &Session, environment: &EnvironmentName, now: Now) -> Vec<Unwell> {
    let here = |unit: &&Unit| unit.environment == *environment;
    let strayed = session.rollout.strayed().filter(here);
    let mut list: Vec<Unwell> = strayed.filter_map(|unit| back_in_the_pool(session, unit)).collect();
    list.sort_by_key(|it| it.since);
    // That nobody is served comes before all else.
    list.splice(0..0, downtime::unwell(session, environment, now));
    match short(session, environment, now) {
        Some(short) => list.push(short),
        None => list.extend(waits(session, environment, now)),
    }
    list.extend(lost_share::unwell(session, environment));
    list.extend(strangers::unwell(session, environment));
    list.extend(off_share::off(session, environment, now));
    list.extend(off_share::more_than_wanted(session));
    list.extend(off_share::of_nobody(session));
    list.extend(way_back(session, environment, now));
    list.extend(not_shifting(session, environment, now));
    let working = session.rollout.working().map(|(_, unit)| unit);
    let mut hosts: Vec<Unwell> =
        working.filter(here).filter_map(|unit| settling(session, unit, now)).collect();
    hosts.sort_by_key(|it| it.since);
    list.append(&mut hosts);
    // Whoever is down is one that was taken out, or one to look for: mostly there is nobody.
    if session.rollout.down(environment) > session.rollout.counts(environment).out {
        let down = session.rollout.units().iter().filter(here).filter(|unit| !blank(session, unit));
        hosts = down.filter_map(in_the_pool).collect();
        hosts.sort_by_key(|it| it.since);
        list.append(&mut hosts);
    }
    list.extend(beside(session, environment));
    list
}

/// Hosts that do not serve where no stage is under way: before its start, and once all is back.
fn elsewhere(session: &Session) -> Vec<Unwell> {
    let places = places(session);
    let names = session.plan().environments.keys().filter(|name| !places.contains(name));
    let short = names.filter(|name| session.rollout.down(name) > session.rollout.counts(name).out);
    let mut hosts: Vec<Unwell> = short
        .flat_map(|name| session.rollout.units().iter().filter(move |unit| unit.environment == *name))
        .filter(|unit| !blank(session, unit) && unit.fresh().is_some())
        .filter_map(in_the_pool)
        .collect();
    hosts.sort_by_key(|it| it.since);
    hosts
}

/// Hosts of a side that is without traffic, and that nobody is at work on: they are to take over, or are the way back,
/// and could not.
fn beside<'a>(session: &'a Session, environment: &'a EnvironmentName) -> impl Iterator<Item = Unwell> + 'a {
    let sides = session.pipeline.under_way_in(environment).is_some_and(StageRun::takes_sides);
    let here = session.rollout.units().iter().filter(move |unit| sides && unit.environment == *environment);
    here.filter_map(|unit| {
        let waits = |lane: &Lane| {
            matches!(lane.state, LaneState::Gathered { after: LaneStep::Drain | LaneStep::Alive })
        };
        unit.lane.as_ref().filter(|lane| waits(lane))?;
        let seen = unit.seen.as_ref().filter(|seen| !seen.stale && seen.seen.health == Health::Sick)?;
        let release = "its recovery, excluding it, or rolling back (R)".to_owned();
        Some(host(unit, seen.at.session, "is without traffic and is not well", release))
    })
}

/// Where stages are under way, else where hosts are brought back.
fn places(session: &Session) -> Vec<&EnvironmentName> {
    if session.course.is_over() {
        return Vec::new();
    }
    let back = || session.rollout.rollbacks.iter().find(|(_, it)| it.ended.is_none()).map(|(name, _)| name);
    let places: Vec<&EnvironmentName> = session.pipeline.under_way().map(|run| &run.environment).collect();
    if places.is_empty() { back().into_iter().collect() } else { places }
}

fn short(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let short = session.rollout.short.get(environment).filter(|short| short.over.is_none())?;
    let blanks = session.rollout.units().iter().filter(|it| it.environment == *environment);
    let to_come = blanks.filter(|unit| blank(session, unit)).count() as u32;
    let budget = budget(session, environment);
    if short.accepted.is_some() && budget.available + to_come >= budget.limits.min_healthy {
        return None;
    }
    let release = match (short.low, short.accepted) {
        // Somebody is called: that is told as what needs a human.
        (Some(_), None) => return None,
        (_, Some(_)) => "only hosts that do not serve are taken, until it is back".to_owned(),
        (None, None) => {
            let spent = now.session.since(short.fell.session);
            let left = Span(CALLS_AFTER.0.saturating_sub(spent.0));
            format!("no new host until it is back; somebody is called in {left}")
        }
    };
    let what = words(session, environment);
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: short.since.session,
        what,
        release,
    })
}

/// The line waits for capacity, and nobody under way will give it any. Where somebody was called, that is told as what
/// needs a human.
fn waits(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let wait = waits_for_capacity(session).filter(|wait| wait.environment == *environment)?;
    let run = session.pipeline.rolling().filter(|_| session.rollout.stalled.is_none())?;
    let deadlines = session.plan().environments.get(environment).map(|environment| environment.deadlines);
    let spent = session.course.active(now.session).since(run.progress);
    let left = Span(deadlines.unwrap_or_default().progress_deadline.0.saturating_sub(spent.0));
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: run.at.since,
        what: wait.words,
        release: format!("{}; somebody is called in {}", wait.lift, Span::secs(left.as_secs())),
    })
}

/// Traffic is to shift, has had as long as a look at it takes, and is not seen to have.
fn not_shifting(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let run = session.pipeline.rolling().filter(|run| run.environment == *environment)?;
    let what = not_shifted(session, run).filter(|_| session.rollout.stalled.is_none())?;
    let spent = session.course.active(now.session).since(run.progress);
    let left = Span(pipeline::shift_within(session, run).0.saturating_sub(spent.0));
    (spent > SOON).then(|| Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: run.at.since,
        what: format!("traffic has not shifted yet: {what}"),
        release: format!("the shift, observed; somebody is called in {}", Span::secs(left.as_secs())),
    })
}

/// Hosts are to go back, and none can yet: too few of the others are known to serve.
fn way_back(session: &Session, environment: &EnvironmentName, now: Now) -> Option<Unwell> {
    let rollback = session.rollout.rollbacks.get(environment).filter(|it| it.ended.is_none())?;
    let mut to_go = session.rollout.back().filter_map(|index| session.rollout.at(index));
    let unit = to_go.find(|unit| unit.environment == *environment)?;
    let budget = budget(session, environment);
    let called = session.rollout.any_troubled() || session.rollout.stalled.is_some();
    if called || budget.working > 0 || super::may_take_out(session, unit) {
        return None;
    }
    let deadlines = session.plan().environments.get(environment).map(|environment| environment.deadlines);
    let spent = now.session.since(rollback.progress);
    let left = Span(deadlines.unwrap_or_default().progress_deadline.0.saturating_sub(spent.0));
    let why = unit.fresh().and_then(|seen| seen.why.as_ref()).map_or(String::new(), |why| format!("; {why}"));
    Some(Unwell {
        environment: environment.clone(),
        unit: None,
        outage: false,
        since: rollback.progress,
        what: format!("{} can't go back yet, {}{why}", unit.id, budget.words()),
        release: format!("more hosts serving; somebody is called in {}", Span::secs(left.as_secs())),
    })
}

/// A host that was alive and is not healthy any more while its lane is under way, or to which its agent brought what was
/// set, and that is not well.
fn settling(session: &Session, unit: &Unit, now: Now) -> Option<Unwell> {
    let lane = unit.lane.as_ref()?;
    let sick = match lane.state {
        LaneState::Settling { healthy_since: None } => None,
        LaneState::Converging { sick: sick @ Some(_), .. } => sick,
        _ => return None,
    };
    let seen = unit.seen.as_ref().filter(|seen| !seen.stale)?;
    let installed = format!("runs {} and is not well", lane.to.version);
    let wrong = match (seen.seen.health, seen.seen.pool) {
        _ if sick.is_some() => installed.as_str(),
        (Health::Sick | Health::Unknown, _) => "stopped answering while settling",
        (_, PoolState::Unknown) => "is healthy, and whether it gets requests is not known",
        (_, PoolState::Out | PoolState::Down | PoolState::Draining) => "is healthy, and gets no requests",
        (_, PoolState::In | PoolState::None) => return None,
    };
    let deadlines = session
        .plan()
        .environments
        .get(&unit.environment)
        .map_or_else(Deadlines::default, |environment| environment.deadlines);
    let release = if lane.direction == Direction::Forward && session.course.hold.is_some() {
        "its healthy_deadline stands still while held".to_owned()
    } else {
        let spent =
            session.course.lane_clock(lane.direction, now.session).since(sick.unwrap_or(lane.started));
        let left = Span(deadlines.healthy_deadline.0.saturating_sub(spent.0));
        format!("waits until healthy_deadline in {}", Span::secs(left.as_secs()))
    };
    Some(host(unit, seen.at.session, wrong, release))
}

/// A host on which nothing was ever deployed, where nothing ran before this release: no trouble, its turn releases it.
fn blank(session: &Session, unit: &Unit) -> bool {
    let empty = |seen: &Seen| seen.runs.is_none() && seen.installed.is_none() && seen.ended.is_none();
    unit.touched.is_none() && unit.fresh().is_some_and(empty) && first_ever(session, &unit.environment)
}

/// Nothing to go back to, and nobody serves anything else. A driver that does not know what is installed says as much
/// of a host that ended as of one that is new: where others serve, the one is taken for the other by nobody.
fn first_ever(session: &Session, environment: &EnvironmentName) -> bool {
    let candidate = &session.course.release.candidate.version;
    let mut serving = session.rollout.serving(environment);
    target(session, environment).is_none()
        && serving.all(|(runs, _)| runs.is_none_or(|runs| runs == candidate))
}

/// A host that we took out, and that nobody found good since, gets requests: nothing is worse than this.
fn back_in_the_pool(session: &Session, unit: &Unit) -> Option<Unwell> {
    let lane = unit.lane.as_ref()?;
    let since = unit.seen.as_ref()?.at.session;
    if unit.contested().is_some() {
        // Somebody is called: that is told as what needs a human.
        return None;
    }
    let release = match unit.put_back.as_ref() {
        Some(PutBack { failed: Some(why), .. }) => format!("it is tried again to take it out: {why}"),
        Some(PutBack { left: None, .. }) => "it is being taken out again".to_owned(),
        // It is not ours to touch, or was given up with its lane.
        _ if unit.awaits_back => "take it out by hand; its way back waits for its turn".to_owned(),
        _ if reach(session).is_ok() => "take it out by hand, or R rolls back".to_owned(),
        _ => "take it out by hand".to_owned(),
    };
    Some(Unwell {
        environment: unit.environment.clone(),
        unit: Some(unit.id.clone()),
        outage: false,
        since,
        what: format!(
            "{} {} and is back in the pool: somebody or the balancer put it in",
            unit.id,
            stands(unit, lane)
        ),
        release,
    })
}

/// A host that should serve, and does not, although nobody is at work on it.
fn in_the_pool(unit: &Unit) -> Option<Unwell> {
    if unit.out || unit.working() || unit.troubled() || unit.was_let_pass() || !unit.known_not_to_serve() {
        return None;
    }
    // It serves nobody on purpose: what is wrong with it is that it could not.
    if unit.standby {
        let seen = unit.seen.as_ref().filter(|seen| !seen.stale && seen.seen.health == Health::Sick)?;
        return Some(host(unit, seen.at.session, "stands by and is not well", "its recovery".into()));
    }
    let seen = unit.seen.as_ref()?;
    // It could serve: whoever took it out, earlier or by hand, has not put it back.
    if !seen.stale && seen.seen.health == Health::Healthy && seen.seen.pool == PoolState::Out {
        let to_come = unit.lane.as_ref().is_none_or(|lane| lane.state == LaneState::Waiting);
        let release =
            if to_come { "its stage, which puts it back, or by hand" } else { "putting it back by hand" };
        return Some(host(unit, seen.at.session, "is well and OUT of the pool", release.into()));
    }
    let what = format!("({}) does not serve", unit.standing());
    Some(host(unit, seen.at.session, &what, "its recovery".into()))
}

fn host(unit: &Unit, since: SessionTime, what: &str, release: String) -> Unwell {
    let why = unit.fresh().and_then(|seen| seen.why.as_ref()).map_or(String::new(), |why| format!(": {why}"));
    Unwell {
        environment: unit.environment.clone(),
        unit: Some(unit.id.clone()),
        outage: false,
        since,
        what: format!("{} {what}{why}", unit.id),
        release,
    }
}
