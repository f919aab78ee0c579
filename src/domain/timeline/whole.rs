//! How long a part of a stage takes as a whole, as far as anything has shown it.

use serde::{Deserialize, Serialize};

use super::{Expected, Sum, What, parts};
use crate::domain::{
    comparison,
    course::hotfix::{Skip, skips},
    effect::LaneStep,
    name::{CheckName, EnvironmentName},
    plan::{Pause, Stage},
    rollout::{Estimate, Forecast, budget, lane_steps},
    session::Session,
    time::Span,
};

/// Until requests were counted that show where they go.
const SHIFTS: Span = Span::secs(2);

/// A stage beforehand: its parts with what each takes, and all of them together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    pub parts: Vec<(What, Expected)>,
    pub sum: Sum,
}

/// The stage at `index`, from its start until it can be promoted.
pub fn ahead(session: &Session, forecast: &Forecast, index: usize) -> Ahead {
    let Some(stage) = session.plan().stages.get(index) else {
        return Ahead { parts: Vec::new(), sum: Sum::default() };
    };
    let parts: Vec<(What, Expected)> = parts(session, index)
        .into_iter()
        .filter(|what| {
            !matches!(what, What::Start | What::Window | What::Region { .. } | What::Promotion { .. })
        })
        .map(|what| {
            let expected = whole(session, forecast, stage, &what);
            (what, expected)
        })
        .collect();
    // A downtime is part of what is done meanwhile.
    let sum = parts.iter().filter(|(what, _)| !matches!(what, What::Downtime { .. })).map(|(_, it)| it);
    let sum = Sum::of(sum);
    Ahead { parts, sum }
}

/// A part of this stage, from its beginning to its end.
pub fn whole(session: &Session, forecast: &Forecast, stage: &Stage, what: &What) -> Expected {
    let environment = &stage.environment;
    match what {
        What::Poll => Expected::Person("the poll".to_owned()),
        What::Start => Expected::Person(format!("the start of {}", stage.name)),
        What::Hosts { hosts, .. } => hosts_of(session, forecast, environment, *hosts, host),
        What::Gather { after, at, hosts, .. } => {
            hosts_of(session, forecast, environment, *hosts, |session, forecast, environment| {
                portion(session, forecast, environment, *after, *at)
            })
        }
        What::Pause { pause: Pause::Bake(_), .. } if skips(session, Skip::Bakes) => Expected::NOTHING,
        What::Pause { pause, .. } => match pause.span() {
            Some(span) => Expected::Known(Estimate::planned(span)),
            None => Expected::Person(format!("the pause of {}", stage.name)),
        },
        What::Validate { checks, .. } => validated(session, forecast, environment, checks),
        What::Once { once, .. } => match forecast.once(environment, once) {
            Some(known) => Expected::Known(known),
            None => Expected::Unknown(format!("{once} was never timed")),
        },
        What::Window | What::Region { .. } => Expected::NOTHING,
        // Requests are looked at soon, and again: where any come, that is what it takes.
        What::Shift { .. } => Expected::Known(Estimate::planned(SHIFTS)),
        What::Bake { .. } if skips(session, Skip::Bakes) => Expected::NOTHING,
        What::Bake { bake } => Expected::Known(Estimate::planned(*bake)),
        What::Judgement { check } => Expected::Person(format!("the judgement of the {check}")),
        What::Promotion { .. } => Expected::Person(format!("the promotion of {}", stage.name)),
        What::Downtime { hosts, .. } => match forecast.downtime(session, environment, *hosts) {
            Some(span) => {
                let lane = forecast.lane(environment);
                Expected::Known(lane.map_or(Estimate::planned(span), |lane| lane.with(span)))
            }
            None => Expected::Unknown(format!("no downtime of {environment} was ever timed")),
        },
        What::Rollback { environment } => {
            let hosts = session.rollout.rollbacks.get(environment).map_or(0, |back| back.units.len() as u32);
            hosts_of(session, forecast, environment, hosts, host)
        }
    }
}

/// So many hosts, as many at a time as the budget lets.
pub(super) fn hosts_of(
    session: &Session,
    forecast: &Forecast,
    environment: &EnvironmentName,
    hosts: u32,
    each: impl Fn(&Session, &Forecast, &EnvironmentName) -> Result<Estimate, String>,
) -> Expected {
    if hosts == 0 {
        return Expected::NOTHING;
    }
    let rounds = u64::from(hosts.div_ceil(budget(session, environment).at_once()));
    match each(session, forecast, environment) {
        Ok(each) => {
            let span = Span(each.span.0.saturating_mul(rounds));
            Expected::Known(each.with(span))
        }
        Err(why) => Expected::Unknown(why),
    }
}

/// One host from its first step to its last.
pub(super) fn host(
    session: &Session,
    forecast: &Forecast,
    environment: &EnvironmentName,
) -> Result<Estimate, String> {
    let lane = forecast.lane(environment).ok_or_else(|| never_timed(environment))?;
    let span = Span(lane.span.0 + settle(session, environment).0);
    Ok(lane.with(span))
}

/// How long a host has to serve before it counts.
pub(super) fn settle(session: &Session, environment: &EnvironmentName) -> Span {
    let place = session.plan().environments.get(environment);
    place.map_or(Span::ZERO, |place| place.deadlines.min_healthy_time)
}

/// One host from the end of one of its steps (or its beginning) to the end of another.
pub(super) fn portion(
    session: &Session,
    forecast: &Forecast,
    environment: &EnvironmentName,
    after: Option<LaneStep>,
    at: LaneStep,
) -> Result<Estimate, String> {
    let plan = session.plan();
    let steps =
        plan.environments.get(environment).map(|it| lane_steps(plan, it, None, plan.stops_all(environment)));
    let within = steps.into_iter().flatten();
    let (settles, carried): (Vec<LaneStep>, Vec<LaneStep>) = within
        .filter(|step| after.is_none_or(|after| *step > after) && *step <= at)
        .partition(|step| *step == LaneStep::Settle);
    let worked = forecast
        .steps(environment, carried)
        .map_err(|step| format!("{} was never timed in {environment}", step.word()))?;
    let settle = if settles.is_empty() { Span::ZERO } else { settle(session, environment) };
    let span = Span(worked.span.0 + settle.0);
    Ok(worked.with(span))
}

/// One check after another.
fn validated(
    session: &Session,
    forecast: &Forecast,
    environment: &EnvironmentName,
    checks: &[CheckName],
) -> Expected {
    let mut whole: Option<Estimate> = None;
    for check in checks {
        if comparison::by_hand(session, check) {
            return Expected::Person(format!("the judgement of the {check}"));
        }
        let Some(one) = forecast.check(environment, check) else {
            return Expected::Unknown(format!("{check} was never timed in {environment}"));
        };
        let before = whole.map_or(Span::ZERO, |before| before.span);
        let span = Span(before.0 + one.span.0);
        whole = Some(one.with(span));
    }
    whole.map_or(Expected::NOTHING, Expected::Known)
}

fn never_timed(environment: &EnvironmentName) -> String {
    format!("no host of {environment} was ever timed")
}
