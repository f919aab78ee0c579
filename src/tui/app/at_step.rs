//! A stage between its hosts: at a planned pause, or at a test on the way. What it waits for, and what follows.

use super::chrome::{warn, whoever, working};
use crate::{
    domain::{
        gate,
        name::{CheckName, OnceName},
        next_step::waits_for_a_judgement,
        pipeline::{StageRun, pause_left, region_in_turn, region_waits, soak_alarm, validation_standing},
        plan::{HostShare, Pause, Step},
        rollout::{self, OnceState},
        session::Session,
        signal::JudgedVerdict,
        time::{Now, Span},
    },
    report,
    tui::{when, widgets::Message, world::World},
};

/// None: it changes hosts, and nothing is in the way.
pub fn message(world: &World<'_>, session: &Session, run: &StageRun) -> Option<Message> {
    let step = run.step().filter(|_| run.settled(session))?;
    let at = place(session, run);
    let then = || format!("then {}", after(run));
    let in_the_way = || gate::to_go_on(session, run).into_iter().next();
    // Nobody should learn of it only when it has lasted for long.
    let side = || {
        let why = rollout::side_in_the_way(session, run)?;
        Some(warn(format!("{at}: {why}")).until("its recovery, excluding it, or rolling back (R)"))
    };
    Some(match step {
        Step::Deploy { .. }
        | Step::Desire { .. }
        | Step::Gather { .. }
        | Step::Return { .. }
        | Step::Stand { .. }
        | Step::StandBy => {
            return side();
        }
        Step::Shift { .. } => {
            let why = rollout::not_shifted(session, run)?;
            warn(format!("{at}: {why}")).until("the shift of traffic, observed; or rolling back (R)")
        }
        Step::Region { .. } => {
            let waits = region_waits(session, run, world.now)?;
            let words = waits.words(|at, _| when::near(at, world.now.wall, world.zone));
            let done = session.rollout.done_in(&run.name);
            warn(format!("{} {done}/{}: {words}", run.name, run.units.len())).until("or S, with a reason")
        }
        Step::Once(name) => once_runs(session, run, name, &at, world.now).until(then()),
        Step::Pause(Pause::Human) => match in_the_way() {
            Some(first) => warn(format!("{at}: {} {}", first.what, first.why)).until(first.lift),
            None => side().unwrap_or_else(|| {
                warn(format!("{at}: paused until somebody goes on")).until(format!("C, {}", then()))
            }),
        },
        Step::Pause(pause @ (Pause::For(_) | Pause::Soak(_) | Pause::Bake(_) | Pause::Warm(_))) => {
            if run.at.paused.is_some() {
                let left = when::lasted(pause_left(run, world.now).unwrap_or_default());
                let why = soak_alarm(session, run).unwrap_or_default();
                return Some(
                    warn(format!("{at}: soak paused with {left} left: {why}"))
                        .until("its recovery, or rolling back (R)"),
                );
            }
            if let Some(left) = pause_left(run, world.now).filter(|left| *left > Span::ZERO) {
                let end = when::minute(world.now.wall.plus(left), world.zone);
                let what = match pause {
                    Pause::Soak(_) => "soaks",
                    Pause::Bake(_) => "bakes",
                    Pause::Warm(_) => "the other side is kept warm",
                    Pause::For(_) | Pause::Human => "paused",
                };
                working(format!("{at}: {what}, {} left, until {end}", when::lasted(left))).until(then())
            } else {
                match in_the_way() {
                    Some(first) => warn(format!("{at}: {} {}", first.what, first.why)).until(first.lift),
                    None => return side(),
                }
            }
        }
        Step::Validate(checks) => {
            let passed = |check: &&CheckName| {
                validation_standing(session, run, check)
                    .is_none_or(|judged| judged.verdict != JudgedVerdict::Passed)
            };
            if let Some(due) = waits_for_a_judgement(session) {
                return Some(judgement(&at, due.check, &then()));
            }
            let left: Vec<&str> = checks.iter().filter(passed).map(CheckName::as_str).collect();
            if left.is_empty() {
                return side();
            }
            working(format!("{at}: {} runs", left.join(", "))).until(then())
        }
    })
}

/// All that a stage asks of machines has passed: a person judges it, where both sides are compared, and promotes it.
pub fn ready(world: &World<'_>, session: &Session, run: &StageRun, promotion: &str) -> Message {
    if let Some(due) = waits_for_a_judgement(session) {
        return judgement(run.name.as_str(), due.check, &format!("then {promotion}"));
    }
    let presses = whoever(world, session, "deployer", "press");
    warn(format!("{} waits for its promotion", run.name)).until(format!("{presses} P"))
}

/// Nothing goes on until somebody has judged what is compared.
fn judgement(at: &str, check: &CheckName, then: &str) -> Message {
    warn(format!("{at}: nobody has judged the {check}")).until(format!("4 v, {then}"))
}

/// `production at 25 %, 3/10`.
fn place(session: &Session, run: &StageRun) -> String {
    let done = session.rollout.done_in(&run.name);
    let share = rollout::host_share(session).filter(HostShare::is_off);
    let hosts = share.map_or(String::new(), |share| format!(" (hosts: {} %)", share.percent()));
    let at = run.weight().map_or(String::new(), |weight| format!(" at {weight}{hosts},"));
    if let Some((region, ..)) = region_in_turn(session, run) {
        return format!("{} in {region}", run.name);
    }
    format!("{}{at} {done}/{}", run.name, run.units.len())
}

/// The next step, in a word or two.
fn after(run: &StageRun) -> String {
    match run.steps.get(run.at.step as usize + 1) {
        None => "its end".to_owned(),
        Some(Step::Deploy { weight: Some(weight), .. }) => weight.to_string(),
        Some(Step::Pause(Pause::Soak(_))) => "a soak".to_owned(),
        Some(Step::Region { .. }) => "the next region".to_owned(),
        Some(Step::Pause(Pause::Bake(_))) => "its bake".to_owned(),
        Some(Step::Pause(Pause::Warm(_))) => "the other side kept warm".to_owned(),
        Some(Step::Pause(Pause::For(_) | Pause::Human)) => "a pause".to_owned(),
        Some(step) => report::step(step),
    }
}

/// What runs once: for how long by now, and how long it may.
fn once_runs(session: &Session, run: &StageRun, name: &OnceName, at: &str, now: Now) -> Message {
    let most = session.plan().once(&run.name, name).map(|once| format!(", at most {}", once.timeout));
    let most = most.unwrap_or_default();
    match run.once.iter().find(|it| it.name == *name) {
        Some(it) if it.state == OnceState::UnderWay && rollout::once_left_behind(session, name).is_some() => {
            let left = rollout::once_left_behind(session, name).map(|left| left.words()).unwrap_or_default();
            working(format!("{at}: {left}; waits for its end"))
        }
        Some(it) if it.state == OnceState::UnderWay => {
            let lasts = when::lasted(now.session.since(it.since));
            working(format!("{at}: {name} runs, once, for {lasts}{most}"))
        }
        _ => working(format!("{at}: {name} is to run, once{most}")),
    }
}
