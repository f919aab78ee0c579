//! From a session and its events to the report.

use std::collections::BTreeMap;

use super::{
    burn_down::{Count, burn_down, forecast},
    document::{
        DecisionLine, Document, EnvironmentLine, HostLine, ItemLine, RollbackLine, SeatLine, StageLine,
        TimelineLine, WaiverLine,
    },
    figures::{figures, millis},
    learned::{deviations, follow_ups},
    says::{Teller, Weight, utc, vote_words, weight},
};
use crate::domain::{
    checklist::{self, By, Severity},
    course::{Ending, Mode},
    event::Stamped,
    name::{PersonName, UnitId},
    plan::Separation,
    poll::{self, Decision, SeatState},
    rehearsal,
    rollout::{self, LaneState, Unit},
    session::Session,
    time::{Now, Span},
};

/// The report of a session as of `now`; `head` is the end of its record.
pub fn gather(session: &Session, events: &[Stamped], now: Now, head: Option<String>) -> Document {
    let course = &session.course;
    let plan = session.plan();
    let (figures, took) = figures(session, events, now);
    let open_items = burn_down(session, events, now);
    let name = |person: &Option<crate::domain::name::PersonName>| person.as_ref().map(ToString::to_string);
    Document {
        project: plan.project.to_string(),
        session: course.id.to_string(),
        mode: course.release.mode.word().into(),
        environment: plan.headline().map(|environment| environment.name.to_string()),
        kind: plan.headline().map(|environment| environment.kind.word().into()),
        environments: environments(session),
        version: course.release.candidate.version.to_string(),
        digest: course.release.candidate.digest.to_string(),
        plan_digest: course.adopted.digest.to_string(),
        strictness: session.left_out_words().map(|words| {
            let chosen = course.strictness.as_ref().filter(|chosen| !chosen.reason.is_empty());
            chosen.map_or_else(|| words.clone(), |chosen| format!("{words} ({})", chosen.reason))
        }),
        rehearsal: (course.release.mode == Mode::Live)
            .then(|| rehearsal::told(session).unwrap_or_else(|| rehearsal::standing(session).words())),
        machine: course.machine.clone(),
        no_separation: plan.separation == Separation::None,
        phase: course.phase.word().into(),
        ending: course.ending.as_ref().map(|ending| ending.word().into()),
        ending_reason: course.ending.as_ref().and_then(reason),
        partial: rollout::partial(session)
            .map(|it| it.words(course.release.candidate.version.as_str(), it.left.len())),
        opened: utc(course.opened.wall),
        opened_by: name(&course.opened_by),
        go_live: utc(course.go_live),
        started: course.started.map(|at| utc(at.wall)),
        closed: course.ending.as_ref().map(|_| utc(session.now.wall)),
        decision: session.poll.declared.as_ref().map(|declared| DecisionLine {
            decision: match declared.decision {
                Decision::Go => "GO".into(),
                Decision::NoGo => "NO-GO".into(),
            },
            by: name(&declared.by),
            at: utc(declared.at.wall),
            reason: declared.reason.clone(),
            ask_again: declared.ask_again.map(utc),
            expired: declared.expired,
            roll_call: declared.roll_call.clone(),
        }),
        seats: seats(session, now),
        items: items(session, now),
        waivers: waivers(session),
        stages: stages(session),
        hosts: session.rollout.units().iter().map(|unit| host(unit, &took)).collect(),
        rollbacks: rollbacks(session),
        once: rollout::taken_back(session).into_iter().map(|it| it.words).collect(),
        troubles: rollout::troubles(session).iter().map(rollout::Trouble::words).collect(),
        timeline: timeline(events),
        deviations: deviations(events),
        follow_ups: follow_ups(session, now),
        forecast: forecast(&open_items, now),
        burn_down: open_items.iter().map(Count::line).collect(),
        figures,
        head,
    }
}

/// How far the new version is in each environment; of what stays on it where another one was rolled back, that.
fn environments(session: &Session) -> Vec<EnvironmentLine> {
    let went = session.rollout.rollbacks.iter().filter(|(_, back)| !back.narrow);
    let stays: Vec<_> = went
        .flat_map(|(back, _)| {
            let stay = rollout::staying(session, back);
            stay.by_r.into_iter().chain(stay.by_name)
        })
        .collect();
    let line = |it: rollout::OnTheNew| {
        let declared = session.plan().environments.get(&it.environment);
        EnvironmentLine {
            name: it.environment.to_string(),
            kind: declared.map_or_else(String::new, |place| place.kind.word().into()),
            new: it.new,
            unknown: it.unknown,
            hosts: it.hosts,
            begun: it.begun,
            stays: stays.contains(&it.environment),
        }
    };
    rollout::on_the_new(session).into_iter().map(line).collect()
}

fn reason(ending: &Ending) -> Option<String> {
    match ending {
        Ending::NoGo { reason } | Ending::AsIs { reason } | Ending::Abandoned { reason } => {
            Some(reason.clone())
        }
        Ending::Superseded { by } => Some(format!("{by} took its place")),
        Ending::Verified | Ending::Partial { .. } | Ending::RolledBack => None,
    }
}

/// How each seat of the poll stands.
pub fn seats(session: &Session, now: Now) -> Vec<SeatLine> {
    let line = |seat: poll::SeatStanding| SeatLine {
        role: seat.role.to_string(),
        required: seat.required,
        veto: seat.veto,
        person: seat.person.map(|person| person.to_string()),
        state: seat_word(seat.state).into(),
        vote: seat.vote.as_ref().map(|vote| vote_words(&vote.kind)),
        note: seat.note,
        at: seat.vote.as_ref().map(|vote| utc(vote.at.wall)),
        recorded_by: seat.vote.and_then(|vote| vote.recorded_by).map(|person| person.to_string()),
    };
    // Votes are about starting: once that has happened they stand as they stood then.
    let asked = session.course.started.unwrap_or(now);
    poll::tally(session, asked).seats.into_iter().map(line).collect()
}

const fn seat_word(state: SeatState) -> &'static str {
    match state {
        SeatState::Go => "GO",
        SeatState::Conditional => "GO IF",
        SeatState::NoGo => "NO-GO",
        SeatState::Abstained => "abstained",
        SeatState::Stale => "stale",
        SeatState::NoVote => "no vote",
    }
}

fn items(session: &Session, now: Now) -> Vec<ItemLine> {
    let line = |spec: &checklist::ItemSpec| {
        let standing = checklist::standing(session, spec, now);
        let said = session.checklist.record(&spec.id).and_then(last_said);
        ItemLine {
            by: said.as_ref().map(|(by, _)| by.to_string()),
            at: said.map(|(_, at)| utc(at.wall)),
            id: spec.id.to_string(),
            title: spec.title.clone(),
            group: spec.group.clone(),
            severity: match spec.severity {
                Severity::ShowStopper => "show-stopper".into(),
                Severity::Required => "required".into(),
                Severity::Advisory => "advisory".into(),
            },
            owner: spec.owner.word().to_owned(),
            state: standing.state.word().into(),
            shows: standing.shows,
        }
    };
    session.plan().items.iter().map(line).collect()
}

/// Who said last how the item stands.
fn last_said(record: &checklist::ItemRecord) -> Option<(PersonName, Now)> {
    fn of<T>(said: Option<&By<T>>) -> Option<(PersonName, Now)> {
        said.map(|said| (said.by.clone(), said.at))
    }
    let all = [
        of(record.tick.as_ref()),
        of(record.evidence.last()),
        of(record.answer.as_ref()),
        of(record.not_applicable.as_ref()),
        of(record.waiver.as_ref().map(|waiver| &waiver.asked)),
    ];
    all.into_iter().flatten().max_by_key(|(_, at)| at.wall)
}

fn waivers(session: &Session) -> Vec<WaiverLine> {
    session
        .plan()
        .items
        .iter()
        .filter_map(|spec| {
            let waiver = session.checklist.record(&spec.id)?.waiver.as_ref()?;
            Some(WaiverLine {
                item: spec.id.to_string(),
                title: spec.title.clone(),
                reason: waiver.asked.what.clone(),
                asked_by: waiver.asked.by.to_string(),
                asked: utc(waiver.asked.at.wall),
                expires: utc(waiver.expires),
                approved_by: waiver.approved.as_ref().map(|approved| approved.by.to_string()),
                approved: waiver.approved.as_ref().map(|approved| utc(approved.at.wall)),
            })
        })
        .collect()
}

fn stages(session: &Session) -> Vec<StageLine> {
    session
        .pipeline
        .stages
        .iter()
        .enumerate()
        .map(|(index, run)| StageLine {
            name: run.name.to_string(),
            after: before(session, index),
            environment: run.environment.to_string(),
            state: run.state.word().into(),
            hosts: run.units.len() as u32,
            started: run.started.map(|at| utc(at.wall)),
            by: run.by.as_ref().map(ToString::to_string),
            rolled_out: run.rolled_out.map(|at| utc(at.wall)),
            passed: run.passed.map(|at| utc(at.wall)),
            outside: run.outside.as_ref().map(|it| {
                let by = it.by.as_ref().map_or("somebody", |person| person.as_str());
                format!("by {by}: {} ({})", it.reason, it.closed.join("; "))
            }),
        })
        .collect()
}

/// The names of the stages right before this one.
fn before(session: &Session, index: usize) -> Vec<String> {
    let stages = &session.pipeline.stages;
    session.pipeline.before(index).filter_map(|at| Some(stages.get(at)?.name.to_string())).collect()
}

fn host(unit: &Unit, took: &BTreeMap<UnitId, Span>) -> HostLine {
    let why = unit.lane.as_ref().and_then(|lane| match &lane.state {
        LaneState::Failed { step, why } | LaneState::Unknown { step, why } => {
            Some(format!("{}: {why}", step.word()))
        }
        LaneState::Excluded { reason } => Some(reason.clone()),
        _ => None,
    });
    HostLine {
        host: unit.id.to_string(),
        environment: unit.environment.to_string(),
        runs: unit.runs().map(str::to_owned),
        stale: unit.seen.as_ref().is_some_and(|seen| seen.stale),
        lane: unit.lane.as_ref().map_or("not started", |lane| lane.state.word()).into(),
        why,
        attempts: unit.lane.as_ref().map_or(0, |lane| lane.attempt),
        took_ms: took.get(&unit.id).copied().map(millis),
        touched: unit.touched.is_some(),
    }
}

fn rollbacks(session: &Session) -> Vec<RollbackLine> {
    session
        .rollout
        .rollbacks
        .iter()
        .map(|(environment, rollback)| RollbackLine {
            environment: environment.to_string(),
            to: rollback.to.version.to_string(),
            hosts: rollback.units.len() as u32,
            narrow: rollback.narrow,
            by: rollback.by.as_ref().map(ToString::to_string),
            started: utc(rollback.started.wall),
            ended: rollback.ended.map(|at| utc(at.wall)),
            not_brought_back: rollback.left.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

fn timeline(events: &[Stamped]) -> Vec<TimelineLine> {
    let mut teller = Teller::default();
    let told = events.iter().map(|at| (at, teller.says(&at.event)));
    told.filter(|(at, _)| weight(&at.event) == Weight::Milestone)
        .map(|(at, what)| TimelineLine { seq: at.seq, at: utc(at.now.wall), who: at.actor.to_string(), what })
        .collect()
}
