//! When a drill may begin that takes a data centre out of traffic: only in hours with little of it, by the traffic map of
//! each of its regions, and within the window of its environment. Without a map nothing is guessed.

use crate::domain::{
    calendar::near,
    pipeline::closed_by,
    plan::{Drill, DrillKind, quiet},
    refusal::{Obstacle, ObstacleKind},
    session::Session,
    time::Now,
};

/// What of the hours is in the way of beginning it now.
pub fn obstacles(session: &Session, drill: &Drill, now: Now) -> Vec<Obstacle> {
    let DrillKind::Offline { place, lasts } = &drill.kind else { return Vec::new() };
    let plan = session.plan();
    let Some(environment) = plan.environments.get(&drill.environment) else { return Vec::new() };
    let units = place.units(environment);
    let hosts = environment.hosts().filter(|host| units.contains(&host.unit));
    let regions = hosts.map(|host| host.region.as_deref()).collect();
    let opening = quiet(plan, &drill.environment, regions);
    let key = format!("golive drill start {} --outside-window REASON", drill.name);
    let mut list = closed_by(session, &opening, &key, now);
    // It is over before they close.
    if list.is_empty()
        && let Some((closes, by)) = opening.closes(now.wall)
        && closes < now.wall.plus(*lasts)
    {
        list.push(Obstacle {
            kind: ObstacleKind::Window,
            what: by.what(),
            why: format!("closes {}, and {place} is out for {lasts}", near(closes, by.zone())),
            lift: format!("its next opening, or an override with a reason ({key})"),
            who: String::new(),
        });
    }
    list
}
