//! When an item's check is due again. Checks by HTTP and TCP look and touch nothing, so they repeat; commands
//! may be expensive and run when a person or a stage asks for them.

use super::home_of;
use crate::domain::{
    checklist::ItemKind,
    name::{CheckName, EnvironmentName},
    plan::{Check, CheckKind},
    session::Session,
    time::{SessionTime, Span},
};

/// Items need no second-by-second answer.
const SELDOM: Span = Span::secs(30);

/// How often an item's check is asked by itself; none: only when somebody asks for it.
pub fn interval(check: &Check) -> Option<Span> {
    match check.kind {
        CheckKind::Http(_) | CheckKind::Tcp { .. } => Some(check.interval.max(SELDOM)),
        CheckKind::Exec { .. } | CheckKind::Parity { .. } | CheckKind::Comparison => None,
    }
}

/// The checks that items repeat, with when each is due next.
pub fn due(session: &Session) -> Vec<(SessionTime, CheckName, EnvironmentName)> {
    let plan = session.plan();
    let mut list: Vec<_> = plan
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Check { check } => plan.check(check.as_str()),
            _ => None,
        })
        .filter(|check| !plan.stages.iter().any(|stage| stage.asks_for().any(|asked| *asked == check.name)))
        .filter_map(|check| {
            let every = interval(check)?;
            let environment = home_of(session, &check.name)?;
            let run = session.checks.run(&check.name, &environment);
            if run.is_some_and(|run| run.running.is_some()) {
                return None;
            }
            let last = run.and_then(|run| run.last.as_ref());
            let next = match last {
                Some(last) if last.at.session >= session.course.stale_before => last.at.session.plus(every),
                _ => SessionTime::default(),
            };
            Some((next, check.name.clone(), environment))
        })
        .collect();
    list.sort();
    list.dedup();
    list
}
