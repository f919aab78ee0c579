//! What can be done about a stopped line, and what each would do: the commands themselves are tried on a copy of the
//! session, so that what is offered here is what they do, and what they refuse is refused here in the same words.

use serde::Serialize;

use super::{
    Beforehand, Forecast, LaneState, RolloutCommand, Trouble, barred, behind::behind, budget, clouds,
    host_share, left_out_runs, left_out_waits, let_pass, mix, once_back, rollback, shortage, sides, troubles,
    waits_for_capacity,
};
use crate::domain::{
    actor::Actor,
    command::{Asked, Command},
    counted::counted,
    course::CourseCommand,
    decide::decide,
    event::Stamped,
    name::UnitId,
    operation,
    pipeline::{StageRun, waits_at_pause},
    plan::{HostShare, Step},
    refusal::Refusal,
    session::Session,
    time::Now,
};

/// One way on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// `CONTINUE`, `exclude web-02`.
    pub what: String,
    /// The cockpit's key.
    pub key: char,
    /// As a shell says it.
    pub command: String,
    /// What it would do; none: it is refused.
    pub does: Option<String>,
    /// Why it is refused to this person now, and what would lift that.
    pub refused: Option<String>,
}

/// Of more hosts that failed it is the same, and is said once.
const NAMED: usize = 3;
/// Stands for the reason that a person gives.
const REASON: &str = "a reason";

/// Every way on from here, to be taken by `actor`; none where the session is closed.
pub fn moves(session: &Session, actor: &Actor, now: Now) -> Vec<Move> {
    if session.course.is_over() {
        return Vec::new();
    }
    let trial = Trial { session, actor, now };
    let mut list = Vec::new();
    let stopped: Vec<UnitId> = session.rollout.troubled().take(NAMED).map(|unit| unit.id.clone()).collect();
    // Those that the line went on without are tried and excluded as well; there is nothing to force.
    let passed = let_pass(session).take(NAMED - stopped.len()).map(|unit| unit.id.clone());
    let failed: Vec<UnitId> = stopped.iter().cloned().chain(passed).collect();
    for unit in &failed {
        let command = RolloutCommand::TryAgain { unit: unit.clone() };
        list.push(trial.tried(format!("try {unit} again"), 'T', &format!("try {unit}"), command, |after| {
            let replaces = operation::replaces_again(session, unit).map(|words| format!("{words}; "));
            format!("{}{}", replaces.unwrap_or_default(), tried_again(after, unit))
        }));
    }
    for trouble in troubles(session) {
        let Some((again, what)) = trouble.again().zip(tried_what(&trouble)) else { continue };
        list.push(trial.of(format!("try {what} again"), 'T', trouble.tries(), again, |after| {
            format!("{what} once more; {}", goes_on(after))
        }));
    }
    for unit in &failed {
        let command = RolloutCommand::Exclude { unit: unit.clone(), reason: REASON.into() };
        let words = format!("exclude {unit} --reason REASON --confirm {unit}");
        list.push(trial.tried(format!("exclude {unit}"), 'X', &words, command, |after| {
            let stays = left_out_runs(session, unit);
            let once = left_out_waits(session, unit).map_or_else(String::new, |words| format!("; {words}"));
            format!("{stays}{}{once}; {}; {}", capacity(session), goes_on(after), at_best(after))
        }));
    }
    if let Some(first) = stopped.first() {
        let command = RolloutCommand::ForceNext { reason: REASON.into() };
        let words = format!("force-next --reason REASON --confirm {first}");
        list.push(trial.tried("force the next host".into(), 'F', &words, command, |after| {
            format!("goes on in spite of what failed; {}; {}", goes_on(after), at_best(after))
        }));
    }
    let stalled = session.rollout.stalled.is_some();
    let closed = barred(session).into_iter().filter(|it| stopped.is_empty() && (stalled || it.hopeless()));
    for waits in closed {
        let (component, after) = (&waits.barrier.component, &waits.barrier.after);
        let command = RolloutCommand::ForcePart { component: component.clone(), reason: REASON.into() };
        let words = format!("force-next --component {component} --reason REASON --confirm {component}");
        list.push(trial.tried(format!("force {component} past {after}"), 'F', &words, command, |after| {
            format!("hosts of {component} go on in spite of it: {}; {}", waits.words(), goes_on(after))
        }));
    }
    list.push(trial.of("CONTINUE".into(), 'C', "golive continue".into(), CourseCommand::Continue, |after| {
        let lifts = match (session.course.hold.is_some(), behind(session), waits_at_pause(session)) {
            (true, ..) => "lifts the hold".to_owned(),
            (_, Some(behind), _) => format!("runs {} all the same", behind.once),
            (_, _, Some(run)) if !stalled => format!("ends the pause of {}{}", run.name, then(session, run)),
            _ => "lets the stopped line go on".to_owned(),
        };
        // What brings it is said where it is all that is left to wait for.
        let wait = waits_for_capacity(after).filter(|_| troubles(after).is_empty());
        let on =
            wait.map_or_else(|| goes_on(after), |wait| format!("{}; lifted by {}", wait.words, wait.lift));
        format!("{lifts}{}; {on}", more_than_wanted(session))
    }));
    let back = RolloutCommand::RollBack { only: Vec::new() };
    let crossed = rollback::place(session).map_or_else(Vec::new, |place| once_back::crossed(session, place));
    let words = once_back::Crossed::asked(&crossed);
    list.push(trial.of("ROLL BACK".into(), 'R', words, back, |_| rolled_back(session)));
    let project = &session.course.release.project;
    let words = format!("end-as-is --reason REASON --confirm {project}");
    let ending = RolloutCommand::EndAsIs { reason: REASON.into() };
    list.push(trial.tried("END AS IS".into(), 'E', &words, ending, ended));
    list
}

struct Trial<'a> {
    session: &'a Session,
    actor: &'a Actor,
    now: Now,
}

impl Trial<'_> {
    fn tried(
        &self,
        what: String,
        key: char,
        words: &str,
        command: RolloutCommand,
        does: impl FnOnce(&Session) -> String,
    ) -> Move {
        self.of(what, key, format!("golive rollout {words}"), command, does)
    }

    fn of(
        &self,
        what: String,
        key: char,
        words: String,
        command: impl Into<Command>,
        does: impl FnOnce(&Session) -> String,
    ) -> Move {
        let tried = self.after(command.into());
        let refused = tried.as_ref().err().map(ToString::to_string);
        Move { what, key, command: words, does: tried.ok().map(|after| does(&after)), refused }
    }

    /// The session as it would be once what follows from the command is recorded.
    fn after(&self, command: Command) -> Result<Session, Refusal> {
        let events = decide(self.session, &Asked::from(command), self.actor, self.now)?;
        let mut after = self.session.clone();
        for event in events {
            let (seq, epoch) = (after.seq + 1, after.epoch);
            after.apply(&Stamped { seq, now: self.now, epoch, actor: self.actor.clone(), event });
        }
        Ok(after)
    }
}

fn tried_again(after: &Session, unit: &UnitId) -> String {
    let lane = after.rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
    let attempt =
        lane.map_or_else(String::new, |lane| format!("{}, attempt {}", lane.to.version, lane.attempt));
    format!("deploys {attempt}; {}; a failure stops it again", goes_on(after))
}

/// What the share of the new version is in fact, where it is more than what was asked for.
fn more_than_wanted(session: &Session) -> String {
    let share = host_share(session).filter(HostShare::is_more);
    share.map_or_else(String::new, |share| format!("; {} before it", share.words()))
}

/// What T tries again that is no host.
fn tried_what(trouble: &Trouble) -> Option<String> {
    Some(match trouble {
        Trouble::Validation { check, .. } => check.to_string(),
        Trouble::Once { once, back: true, .. } => format!("taking back {once}"),
        Trouble::Once { once, .. } => once.to_string(),
        Trouble::Share { environment, .. } => format!("the shares of {environment}"),
        Trouble::Desired { environment, .. } => format!("the desired version of {environment}"),
        Trouble::Locked { environment, .. } => format!("the lock on {environment}"),
        _ => return None,
    })
}

/// What a pause that ends leads to, where that is the switch from one cloud to another, or ends the way back by it.
fn then(session: &Session, run: &StageRun) -> String {
    let cloud = |batch: u32| clouds::cloud_of(session, run, batch).filter(|_| run.takes_clouds());
    let words = match run.steps.get(run.at.step as usize + 1) {
        Some(Step::Return { batch }) => {
            cloud(*batch).map(|it| format!("; then the switch: {it} into traffic"))
        }
        Some(Step::Stand { batch }) => {
            cloud(*batch).map(|it| format!("; then {it} is changed, and no switch leads back to it"))
        }
        _ => None,
    };
    words.unwrap_or_default()
}

/// How the line goes on.
fn goes_on(after: &Session) -> String {
    if let Some(trouble) = troubles(after).first() {
        return format!("the line stays stopped: {}", trouble.words());
    }
    if let Some(waits) = barred(after).first().filter(|waits| waits.hopeless()) {
        return format!("{}, and none is left to become one", waits.words());
    }
    if after.course.hold.is_some() {
        return "nothing new begins before CONTINUE".into();
    }
    if let Some((_, short)) = shortage(after) {
        return format!("the line stays stopped: {}", short.why);
    }
    let Some(environment) = rollback::place(after) else { return "no stage has begun".into() };
    let waiting = after.rollout.counts(environment).waiting;
    // Nobody comes back who could give it room.
    if let Some(wait) = waits_for_capacity(after) {
        return wait.brief;
    }
    // Where one side serves in place of the other, hosts wait for each other half way.
    let in_turns = after.pipeline.rolling().filter(|run| run.takes_clouds() || run.takes_sides());
    if let Some(run) = in_turns {
        let open = |id: &&UnitId| {
            let lane = after.rollout.unit(id).and_then(|unit| unit.lane.as_ref());
            lane.is_some_and(|lane| lane.stage == run.name && lane.open())
        };
        let left = run.units.iter().filter(open).count();
        if left > 0 {
            return format!("the line goes on: {} not through", counted(left, "host"));
        }
    }
    match waiting {
        0 => "no host of this stage is left to go".into(),
        hosts => format!("the line goes on: {} waiting", counted(hosts, "host")),
    }
}

/// What can still come of it.
fn at_best(after: &Session) -> String {
    let reached = mix::reached(after);
    let given_up = |unit: &&UnitId| {
        let lane = after.rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
        lane.is_some_and(|lane| {
            lane.set_aside || matches!(lane.state, LaneState::Excluded { .. } | LaneState::Skipped)
        })
    };
    let lost = reached.left.iter().filter(given_up).count() as u32;
    match lost {
        0 => "every host can still be reached".into(),
        lost => format!("PARTIAL at best: {} of {}", reached.of - lost, reached.of),
    }
}

/// What of the capacity remains as it stands.
fn capacity(session: &Session) -> String {
    let Some(environment) = rollback::place(session) else { return String::new() };
    let budget = budget(session, environment);
    format!(", capacity {} of {}", budget.available, budget.limits.hosts)
}

fn rolled_back(session: &Session) -> String {
    if rollback::going_back(session).is_some() {
        return "goes on already".into();
    }
    let Ok(scope) = rollback::scope(session) else { return "nothing is left to go back".into() };
    let hosts = scope.units.len();
    let names: Vec<&str> = scope.units.iter().take(NAMED).map(UnitId::as_str).collect();
    let more = if hosts > names.len() { " …" } else { "" };
    let beforehand = Beforehand::of(session, &scope.environment);
    let took = Forecast::of(session).hosts(session, &scope.environment, hosts as u32);
    // Where it stops on its way, nobody knows for how long.
    let took = took.filter(|_| hosts > 0 && beforehand.store.is_none());
    let took = took.map_or_else(String::new, |span| format!(", about {span}"));
    let first = sides::switch(session, &scope.environment).filter(|switch| switch.hosts > 0);
    let first = first.map_or_else(String::new, |switch| format!("; first a switch to {}", switch.to));
    let runs = once_back::taken_back(session).into_iter().filter_map(|it| Some((it.once, it.runs?)));
    let runs: Vec<String> =
        runs.map(|(once, line)| format!("; runs {line}, which takes {once} back")).collect();
    let runs = runs.concat();
    let past = once_back::crossed(session, &scope.environment);
    let past: Vec<String> =
        past.iter().map(|it| format!("; goes back past {}: {}", it.words, it.stays)).collect();
    let past = past.concat();
    let known: Vec<String> = beforehand.all().map(|words| format!("; {words}")).collect();
    let known = known.concat();
    let to = match hosts {
        0 => "no host was changed: only what ran once is taken back".to_owned(),
        _ => format!("{} on {}: {}{more}{took}", scope.to.version, counted(hosts, "host"), names.join(", ")),
    };
    format!("{to}{first}{runs}{past}{known}")
}

fn ended(after: &Session) -> String {
    let version = &after.course.release.candidate.version;
    let all = super::on_the_new(after);
    // Of one environment the hosts that lack say all.
    let each: Vec<String> = all.iter().map(super::OnTheNew::words).collect();
    let each = if all.len() > 1 { format!("; on {version}: {}", each.join(", ")) } else { String::new() };
    match super::partial(after) {
        Some(partial) => format!("closes now, {}{each}", partial.words(version.as_str(), NAMED)),
        None => format!("closes now, on the new version everywhere that it was meant for{each}"),
    }
}
