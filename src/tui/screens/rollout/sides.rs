//! The two sides of a blue/green environment: what each runs, how much of the traffic it has, and how it is; and the way
//! back, as long as that is to switch.

use crate::{
    domain::{
        name::EnvironmentName,
        plan::CloudRole,
        rollout::{Forecast, Readiness, Side, sides},
        session::Session,
        time::Span,
    },
    tui::{canvas::Line, theme::Role},
};

/// `blue   OUT   0 %  2.5.0 · 3 of 3 healthy`: a line each.
pub fn lines(session: &Session, environment: &EnvironmentName) -> Vec<Line> {
    let sides = sides(session, environment);
    let shares = Side::shares(&sides);
    let width = sides.iter().map(|side| side.name.as_str().chars().count()).max().unwrap_or_default();
    sides.iter().zip(shares).map(|(side, share)| line(side, share, width)).collect()
}

fn line(side: &Side, share: Option<u32>, width: usize) -> Line {
    let line = Line::new().text(format!("{:<width$}  ", side.name.as_str()));
    let line = match side.role {
        Some(CloudRole::Primary) => line.add(Role::Accent, "PRI  "),
        Some(CloudRole::Secondary) => line.dim("SEC  "),
        None => line,
    };
    if side.unseen > 0 {
        return line
            .add(Role::StateUnproven, format!("not known: {} of {} not looked at", side.unseen, side.hosts));
    }
    let runs: Vec<String> = side
        .runs
        .iter()
        .map(
            |(version, hosts)| {
                if *hosts == side.hosts { version.to_string() } else { format!("{version} on {hosts}") }
            },
        )
        .collect();
    let runs = if runs.is_empty() { "nothing runs".to_owned() } else { runs.join(", ") };
    let (role, pool) = match side.in_pool {
        // It stands by, which is what is wanted of it.
        0 if side.role == Some(CloudRole::Secondary) => (Role::TextDim, "OUT".to_owned()),
        0 => (Role::StateWarn, "OUT".to_owned()),
        all if all == side.hosts => (Role::Text, "in".to_owned()),
        some => (Role::StateWarn, format!("{some} of {} in", side.hosts)),
    };
    let share = share.map_or_else(|| "no traffic known".to_owned(), |share| format!("{share:>3} %"));
    let well = if side.healthy == side.hosts { Role::Text } else { Role::StateWarn };
    line.add(role, format!("{pool:<3}"))
        .text(format!("  {share}  {runs} · "))
        .add(well, format!("{} of {} healthy", side.healthy, side.hosts))
}

/// `≤15 min to converge` where agents change the hosts; `switch, about 1 s`, and once the other side is changed `redeploy, about 4 min`; none: there are
/// no sides.
pub fn way_back(session: &Session, forecast: &Forecast, ready: &Readiness, hosts: u32) -> Option<String> {
    if let Some(agents) = ready.agents {
        return Some(agents.words());
    }
    let environment = &ready.environment;
    if !session.plan().takes_sides(environment) {
        return None;
    }
    let about = |span: Span| format!("about {}", Span::secs(span.as_secs().max(1)));
    let redeploy =
        forecast.hosts(session, environment, hosts).map_or("for how long is unknown".to_owned(), about);
    Some(match &ready.switch {
        Some(switch) if switch.hosts == 0 => format!("no traffic on it · redeploy, {redeploy}"),
        Some(switch) => {
            let span = forecast.switch(session, environment, switch.hosts);
            format!("switch to {}, {}", switch.to, span.map_or("time not known".to_owned(), about))
        }
        None => format!("redeploy, {redeploy}"),
    })
}
