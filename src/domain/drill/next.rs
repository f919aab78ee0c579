//! What follows by itself while an attempt is under way: the next sample, the tools' answers, and its end.

use super::{Attempt, AttemptLine, Criterion, DrillEvent, Finding, Standing, findings::findings};
use crate::domain::{
    event::Event,
    name::{CheckName, EnvironmentName},
    plan::Drill,
    session::{Next, Session},
    signal::{self, RunWhy},
    time::{Now, SessionTime, Span},
};

/// Between two questions to a tool that has not received anything yet.
const ASK_AGAIN: Span = Span::secs(2);

pub fn next(session: &Session, now: Now) -> Next {
    let Some(attempt) = session.drills.running.as_deref().filter(|_| !session.course.is_over()) else {
        return Next::Nothing;
    };
    let Some(drill) = session.plan().drills.get(&attempt.drill) else { return end(session, attempt, now) };
    match ended(session, drill, attempt, now) {
        Next::Events(events) => Next::Events(events),
        end => end.or(|| sample(session, drill, now)).or(|| receipts(session, drill, attempt, now)),
    }
}

/// Whether a run of the check is under way; else when the last one was judged.
fn asked(
    session: &Session,
    check: &CheckName,
    environment: &EnvironmentName,
) -> Result<Option<SessionTime>, ()> {
    match session.checks.run(check, environment) {
        Some(run) if run.running.is_some() => Err(()),
        run => Ok(run.and_then(|run| run.last.as_ref()).map(|last| last.at.session)),
    }
}

fn ask(session: &Session, check: &CheckName, drill: &Drill, every: Span, now: Now) -> Next {
    // Its end asks again.
    let Ok(last) = asked(session, check, &drill.environment) else { return Next::Nothing };
    let due = last.map_or(SessionTime::default(), |last| last.plus(every));
    if now.session < due {
        return Next::At(due);
    }
    let event = signal::ask_run(session, check, &drill.environment, None, RunWhy::Drill);
    event.map_or(Next::Nothing, |event| Next::Events(vec![event]))
}

fn sample(session: &Session, drill: &Drill, now: Now) -> Next {
    ask(session, &drill.probe, drill, drill.interval, now)
}

/// Tools are asked once the hosts are through: an alarm that came meanwhile is still there.
fn receipts(session: &Session, drill: &Drill, attempt: &Attempt, now: Now) -> Next {
    if attempt.carried.is_none() {
        return Next::Nothing;
    }
    let open = |tool: &&CheckName| {
        let receipt = attempt.tools.get(*tool).and_then(Option::as_ref);
        receipt.is_none_or(|receipt| receipt.received != Some(true))
    };
    drill
        .tools
        .iter()
        .filter(open)
        .fold(Next::Nothing, |next, tool| next.or(|| ask(session, tool, drill, ASK_AGAIN, now)))
}

/// Its end: every tool has received its alarm and what serves was seen once more, or the time for it is over.
fn ended(session: &Session, drill: &Drill, attempt: &Attempt, now: Now) -> Next {
    let Some(carried) = &attempt.carried else { return Next::Nothing };
    let seen_since = attempt.samples.last.is_some_and(|last| last > carried.at.session);
    if attempt.all_received() && seen_since {
        return end(session, attempt, now);
    }
    let over = carried.at.session.plus(drill.receipts);
    if now.session < over {
        return Next::At(over);
    }
    end(session, attempt, now)
}

/// What the record says so far of the attempt that is under way. A tool that is silent is asked again until its time is
/// over: before that nothing is said of it.
pub fn so_far(session: &Session) -> Vec<Finding> {
    let not_yet = |finding: Finding| match (finding.criterion, finding.standing) {
        (Criterion::Notified, Standing::NotMet) => {
            let shows = format!("not yet: {}", finding.shows);
            Finding { standing: Standing::Unproven, shows, ..finding }
        }
        _ => finding,
    };
    found(session).into_iter().map(not_yet).collect()
}

fn found(session: &Session) -> Vec<Finding> {
    let plan = session.plan();
    let Some(attempt) = session.drills.running.as_deref() else { return Vec::new() };
    let Some(drill) = plan.drills.get(&attempt.drill) else { return Vec::new() };
    let timeout = plan.check(drill.probe.as_str()).map_or(Span::ZERO, |check| check.timeout);
    findings(drill, attempt, plan.zone(), timeout)
}

fn end(session: &Session, attempt: &Attempt, now: Now) -> Next {
    let line = AttemptLine {
        number: attempt.number,
        session: session.course.id.clone(),
        by: attempt.by.clone(),
        began: attempt.began.wall,
        ended: now.wall,
        // A drill that the plan has no longer has no criteria, and an attempt without any has not passed.
        findings: found(session),
        fix: None,
        outside: attempt.outside.clone(),
    };
    let (drill, attempt) = (attempt.drill.clone(), Box::new(line));
    Next::Events(vec![Event::Drill(DrillEvent::Ended { drill, attempt })])
}
