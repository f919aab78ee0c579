//! Closing: only when what is live is verified, or everything was rolled back, or a NO-GO was declared; what was not
//! started is given up with a reason.

use super::{CourseEvent, Ending, Phase};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    checklist, drill,
    effect::Target,
    effect_log::EffectEvent,
    event::Event,
    gate, operation, pipeline,
    poll::Decision,
    refusal::{Obstacle, ObstacleKind, Refusal},
    rollout,
    session::Session,
    time::Now,
};

pub fn decide(session: &Session, actor: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Direct)?;
    let obstacles = close_obstacles(session, now);
    if !obstacles.is_empty() {
        return Err(Refusal::not_ready("the session can't be closed yet", obstacles));
    }
    let ending = match session.course.phase {
        Phase::Verified => match rollout::partial(session) {
            None => Ending::Verified,
            // What is live is good, and it is not everywhere: no success.
            Some(partial) => Ending::Partial { new: partial.new, of: partial.of },
        },
        Phase::RolledBack => Ending::RolledBack,
        _ => match &session.poll.declared {
            Some(declared) if declared.decision == Decision::NoGo => {
                Ending::NoGo { reason: declared.reason.clone() }
            }
            declared => {
                let stands = if declared.is_some() { "GO is declared and nothing started: " } else { "" };
                return Err(Refusal::rule(
                    // Short, so that what lifts it has room beside it on a narrow screen.
                    format!("{stands}giving it up needs a reason"),
                    "golive close --abandon REASON",
                ));
            }
        },
    };
    Ok(closing(session, ending))
}

/// The looks that nobody needs any more are ended, then the session: the record's last line is its closing.
pub fn closing(session: &Session, ending: Ending) -> Vec<Event> {
    let looks = session.flights.iter().filter(|it| it.effect.id.target.looks() && !it.cancel_asked);
    let mut events: Vec<Event> = looks
        .map(|flight| {
            let (id, why) = (flight.effect.id.clone(), "the session is closed".to_owned());
            Event::Effect(EffectEvent::CancelAsked { id, why })
        })
        .collect();
    events.push(Event::Course(CourseEvent::Closed { ending }));
    events
}

/// What is in the way of closing.
pub fn close_obstacles(session: &Session, now: Now) -> Vec<Obstacle> {
    let mut list: Vec<Obstacle> = operation::obstacle(session).into_iter().collect();
    list.extend(operation::repairing(session));
    list.extend(drill::under_way(session));
    match session.course.phase {
        // What is brought back is named below, as wherever a rollback goes on.
        Phase::Verified | Phase::RollingBack => {}
        Phase::RolledBack => {
            list.extend(stays_live(session));
            list.extend(rollout::once_left_over(session));
        }
        Phase::NoGo => list.extend(half_done(session)),
        _ if !session.rollout.any_touched() && session.pipeline.running().is_none() => {}
        Phase::LiveUnverified => {
            list.extend(checklist::obstacles(session, now, checklist::When::PostLive));
            list.extend(
                session.pipeline.under_way().flat_map(|run| pipeline::validation_obstacles(session, run)),
            );
            list.extend(gate::to_pass(session));
            if list.is_empty() {
                list.push(verification(session, now));
            }
        }
        phase => list.push(Obstacle {
            kind: ObstacleKind::Stage,
            what: "rollout".into(),
            why: format!("it is {}", phase.word()),
            lift: "its end, rolling back (R), or END AS IS (E)".into(),
            who: String::new(),
        }),
    }
    // A rollback by name runs in whatever phase the session is.
    let back = session.rollout.rollbacks.iter().filter(|(_, rollback)| rollback.ended.is_none());
    if list.is_empty() {
        list.extend(back.map(|(environment, _)| Obstacle {
            kind: ObstacleKind::Stage,
            what: "rollback".into(),
            why: format!("hosts of {environment} are brought back"),
            lift: "its end, or END AS IS".into(),
            who: String::new(),
        }));
    }
    if list.is_empty() {
        let pool = session.flights.iter().find(|flight| matches!(flight.effect.id.target, Target::Pool(_)));
        list.extend(pool.map(|flight| Obstacle {
            kind: ObstacleKind::Stage,
            what: "pool".into(),
            why: format!("{} is being taken out", flight.effect.id.target),
            lift: "its end".into(),
            who: String::new(),
        }));
    }
    // Of what was given up before anything was changed there is nothing to review.
    if list.is_empty() && session.rollout.any_touched() {
        list.extend(checklist::obstacles(session, now, checklist::When::Closing));
    }
    if list.is_empty() {
        list.extend(session.rollout.shares.keys().map(|environment| Obstacle {
            kind: ObstacleKind::Stage,
            what: "shares".into(),
            why: format!("the balancer of {environment} does not share as it is configured yet"),
            lift: "its answer; trying again (T) where it refused, or END AS IS".into(),
            who: String::new(),
        }));
    }
    list
}

/// What went back in one environment must not stay live in another without a word.
fn stays_live(session: &Session) -> Option<Obstacle> {
    let stays = rollout::live_on_the_new(session).map(|run| run.environment.to_string()).next()?;
    rollout::reach(session).is_ok().then(|| Obstacle {
        kind: ObstacleKind::Stage,
        what: stays,
        why: format!("stays on {}", session.course.release.candidate.version),
        lift: "rolling it back too (R); else HOLD (H) and END AS IS (E)".into(),
        who: String::new(),
    })
}

/// What a stage before the poll has under way is not left as it is for its being a NO-GO.
fn half_done(session: &Session) -> Option<Obstacle> {
    let rolls = |run: &&pipeline::StageRun| run.state == pipeline::StageState::Rolling;
    let changed = session.rollout.any_touched() || rollout::any_once_begun(session);
    let run = session.pipeline.running().filter(rolls).filter(|_| changed)?;
    Some(Obstacle {
        kind: ObstacleKind::Stage,
        what: run.name.to_string(),
        why: format!("hosts of {} are under way", run.environment),
        lift: "its end, rolling back (R), or END AS IS (E)".into(),
        who: String::new(),
    })
}

/// What else stands between live and verified: the bake, or a person's word.
fn verification(session: &Session, now: Now) -> Obstacle {
    let obstacle = |kind, why: &str, lift: &str, who: String| Obstacle {
        kind,
        what: "verification".into(),
        why: why.into(),
        lift: lift.into(),
        who,
    };
    // Among branches the last one to pass may be any.
    let run = session.pipeline.running().filter(|_| session.pipeline.branches());
    let last = run.map_or_else(|| "the last stage".to_owned(), |run| run.name.to_string());
    let Some(why) = pipeline::waits_to_be_verified(session, now) else {
        return obstacle(ObstacleKind::Time, &format!("{last} still bakes"), "its end", String::new());
    };
    let deploys = session.plan().people.values().find(|person| person.has("deployer"));
    let who = deploys.map_or(String::new(), |person| person.name.to_string());
    obstacle(ObstacleKind::Stage, why, &format!("the promotion of {last} (P)"), who)
}
