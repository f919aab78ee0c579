//! Hosts that are under way, and those that wait for one of them: what is left, and which of them the end hangs on.

use serde::{Deserialize, Serialize};

use super::{
    Expected,
    whole::{host, portion, settle},
};
use crate::domain::{
    effect::LaneStep,
    name::UnitId,
    pipeline::StageRun,
    rollout::{
        Basis, Direction, Estimate, Forecast, Lane, LaneState, Unit, budget, check_in, installed_and_not_well,
    },
    session::Session,
    time::{Now, Span},
};

/// Hosts one after another, each in the place that the one before leaves: the longest such chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    pub left: Span,
    /// The first of them, in order.
    pub hosts: Vec<UnitId>,
    /// How many come after those.
    pub more: u32,
}

/// The hosts that are named of a chain.
const NAMED: usize = 4;

/// A step that lasts so many times what it took elsewhere is like nothing that was timed.
const OUTLIER: u64 = 3;
/// Below this nobody waits for it.
const SHORT: Span = Span::secs(10);

/// The hosts of this batch of a stage that is under way, as far as a step of theirs (none: to their end).
pub(super) fn left(
    session: &Session,
    forecast: &Forecast,
    run: &StageRun,
    batch: u32,
    portion_of: Option<(Option<LaneStep>, LaneStep)>,
    now: Now,
) -> (Expected, Chain) {
    let (mut working, mut waiting): (Vec<(Span, &UnitId)>, Vec<&UnitId>) = Default::default();
    let mut known = Estimate::planned(Span::ZERO);
    let until = portion_of.map(|(_, until)| until).filter(|until| *until != LaneStep::Settle);
    // All units in one go: to look each of thousands up by its name would cost more.
    for unit in session.rollout.units() {
        let of = |lane: &&Lane| {
            lane.batch == batch && lane.stage == run.name && lane.direction == Direction::Forward
        };
        let Some(lane) = unit.lane.as_ref().filter(of) else { continue };
        match &lane.state {
            LaneState::Gathered { after } if until.is_some_and(|until| *after >= until) => {}
            LaneState::Waiting | LaneState::Gathered { .. } => waiting.push(&unit.id),
            state if state.under_way() => match of_lane(session, forecast, unit, lane, until, now) {
                Ok(left) => {
                    working.push((left.span, &unit.id));
                    known = left;
                }
                Err(why) => return (Expected::Unknown(why), Chain::default()),
            },
            _ => {}
        }
    }
    let each = match portion_of {
        Some((after, at)) => portion(session, forecast, &run.environment, after, at),
        None => host(session, forecast, &run.environment),
    };
    let each = match each {
        Ok(each) => each,
        // Those under way are the last: what they take is known step by step.
        Err(_) if waiting.is_empty() => known,
        Err(why) => return (Expected::Unknown(why), Chain::default()),
    };
    let agents = session.plan().converges(&run.environment).is_some();
    let at_once = if agents { usize::MAX } else { budget(session, &run.environment).at_once() as usize };
    let chain = longest(working, &waiting, each.span, at_once);
    (Expected::Known(each.with(chain.left)), chain)
}

/// What is left of one lane, as far as this step (none: to its end).
fn of_lane(
    session: &Session,
    forecast: &Forecast,
    unit: &Unit,
    lane: &Lane,
    until: Option<LaneStep>,
    now: Now,
) -> Result<Estimate, String> {
    let environment = &unit.environment;
    // When an agent looks that has missed its time, nobody knows; nor what it will read where nobody can.
    if matches!(lane.state, LaneState::Converging { .. })
        && let Some(converge) = session.plan().converges(environment)
    {
        let store = session.rollout.stores.get(environment);
        if store.is_some_and(|store| store.unread.is_some()) {
            return Err("what agents are told can't be read".to_owned());
        }
        if installed_and_not_well(unit) {
            return Err(format!("{} runs {} and is not well", unit.id, lane.to.version));
        }
        match check_in(unit, converge, now) {
            Some(it) if it.ahead.is_some() => {
                return Err(format!("the clock of the agent of {} is ahead", unit.id));
            }
            Some(it) if it.late => return Err(format!("the agent of {} is late", unit.id)),
            _ => {}
        }
    }
    let spent = match &lane.state {
        LaneState::Working | LaneState::Converging { .. } => now.session.since(lane.step_since),
        LaneState::Settling { healthy_since: Some(since) } => now.session.since(*since),
        _ => Span::ZERO,
    };
    let steps = lane.steps.get(lane.at..).unwrap_or_default();
    let (mut left, mut basis) = (0, Basis::Plan);
    for (nth, step) in steps.iter().copied().enumerate() {
        if until.is_some_and(|until| step > until) {
            break;
        }
        let takes = if step == LaneStep::Settle {
            settle(session, environment)
        } else if let Ok(takes) = forecast.steps(environment, [step]) {
            basis = takes.basis;
            takes.span
        } else {
            // The steps were not timed one by one, but whole hosts were.
            let whole = host(session, forecast, environment)?;
            let gone = lane.worked().0 + spent.0;
            let left = Span(whole.span.0.saturating_sub(gone));
            return Ok(whole.with(left));
        };
        if nth > 0 {
            left += takes.0;
            continue;
        }
        if step != LaneStep::Settle && spent > SHORT && spent.0 / OUTLIER > takes.0 {
            let (word, spent) = (step.word(), Span::secs(spent.as_secs()));
            return Err(format!("{} has been at {word} for {spent}, expected {takes}", unit.id));
        }
        left += takes.0.saturating_sub(spent.0);
    }
    Ok(Estimate { span: Span(left), basis })
}

/// Hosts that wait take the places in the order in which these become free, and each takes as long as the others.
fn longest(mut working: Vec<(Span, &UnitId)>, waiting: &[&UnitId], each: Span, at_once: usize) -> Chain {
    working.sort();
    let free = at_once.saturating_sub(working.len());
    let place = |nth: usize| nth.checked_sub(free).and_then(|nth| working.get(nth)).copied();
    let places = free.saturating_add(working.len()).max(1);
    let under_way = working.last().map_or(Span::ZERO, |(left, _)| *left);
    let Some(last) = waiting.len().checked_sub(1) else {
        let hosts = working.last().map(|(_, unit)| (*unit).clone()).into_iter().collect();
        return Chain { left: under_way, hosts, more: 0 };
    };
    let nth = last % places;
    let before = place(nth);
    let rounds = (last / places + 1) as u64;
    let left = Span(before.map_or(0, |(left, _)| left.0) + each.0.saturating_mul(rounds));
    if under_way > left {
        let hosts = working.last().map(|(_, unit)| (*unit).clone()).into_iter().collect();
        return Chain { left: under_way, hosts, more: 0 };
    }
    let after = waiting.iter().skip(nth).step_by(places).copied();
    let all = before.map(|(_, unit)| unit).into_iter().chain(after);
    let count = rounds as usize + usize::from(before.is_some());
    let hosts: Vec<UnitId> = all.take(NAMED).cloned().collect();
    let more = count.saturating_sub(hosts.len()) as u32;
    Chain { left, hosts, more }
}

impl Chain {
    /// `web-02, web-03 and 4 more`; empty where nothing is left.
    pub fn words(&self) -> String {
        let names: Vec<&str> = self.hosts.iter().map(UnitId::as_str).collect();
        match self.more {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str) -> UnitId {
        UnitId::new(name).unwrap()
    }

    #[test]
    fn the_end_hangs_on_the_chain_of_hosts_that_is_longest() {
        let [one, two, three, four, five] = ["a", "b", "c", "d", "e"].map(unit);
        let secs = Span::secs;
        let chain = longest(vec![(secs(9), &two), (secs(2), &one)], &[&three, &four, &five], secs(10), 2);
        // c follows a (2), d follows b (9), e follows c (12).
        assert_eq!((chain.left, chain.words()), (secs(22), "a, c, e".to_owned()));
        let chain = longest(vec![(secs(9), &two)], &[&three], secs(10), 2);
        assert_eq!((chain.left, chain.words()), (secs(10), "c".to_owned()), "a place is free");
        let chain = longest(vec![(secs(30), &two)], &[&three], secs(10), 2);
        assert_eq!((chain.left, chain.words()), (secs(30), "b".to_owned()), "it takes longer than the next");
        assert_eq!(longest(Vec::new(), &[], secs(10), 2).left, Span::ZERO);
        let many: Vec<UnitId> = (0..20).map(|n| unit(&format!("h{n}"))).collect();
        let chain = longest(Vec::new(), &many.iter().collect::<Vec<_>>(), secs(10), 2);
        assert_eq!((chain.left, chain.words()), (secs(100), "h1, h3, h5, h7 and 6 more".to_owned()));
    }
}
