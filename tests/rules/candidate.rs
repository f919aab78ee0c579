//! Another candidate within a session: what relied on the old one goes stale, and nothing else.

use std::sync::Arc;

use golive::domain::{
    checklist::{ItemState, standing},
    command::Command,
    course::{CourseCommand as C, CourseEvent, Phase},
    effect::Candidate,
    event::Event,
    plan::Adopted,
    poll::{Decision, SeatState, go_valid, tally},
    rollout::RolloutCommand,
    session::Session,
    time::Span,
};

use super::{
    desk::{Desk, candidate, item, plan},
    poll::{declare, go, ready},
};

fn adopt(version: &str) -> Command {
    Command::Course(C::AdoptCandidate { candidate: candidate(version) })
}

fn state(desk: &Desk, id: &str) -> ItemState {
    let spec = desk.session.plan().items.iter().find(|spec| spec.id == item(id)).unwrap();
    standing(&desk.session, spec, desk.now).state
}

fn seats(desk: &Desk) -> Vec<SeatState> {
    tally(&desk.session, desk.now).seats.iter().map(|seat| seat.state).collect()
}

/// [P49] [P33] Votes and evidence about the old candidate are stale; what was said of no build in particular stands. The
/// session knows which candidate was before and when it was replaced.
#[test]
fn another_candidate_makes_stale_what_relied_on_the_old_one_and_nothing_else() {
    let mut desk = ready();
    desk.say("raj", go()).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    assert!(go_valid(&desk.session, desk.now));
    desk.later(Span::minutes(5));
    desk.refused("sam", adopt("2.5.1"), &["sam"]);
    desk.refused("dana", adopt("2.5.0"), &["is the candidate already"]);
    desk.say("dana", adopt("2.5.1")).unwrap();

    assert_eq!(desk.session.course.release.candidate, candidate("2.5.1"));
    let (was, at) = desk.session.course.previous.clone().unwrap();
    assert_eq!((was, at.wall), (candidate("2.5.0"), desk.now.wall));
    assert!(!go_valid(&desk.session, desk.now), "the GO was about another build");
    assert_eq!(desk.session.course.phase, Phase::Polling);
    assert!(seats(&desk).iter().all(|state| *state == SeatState::Stale), "{:?}", seats(&desk));
    assert_eq!(state(&desk, "load-test"), ItemState::Stale, "its evidence is about the old build");
    assert_eq!(state(&desk, "support-told"), ItemState::Done, "that support knows is about no build");
    assert_eq!(state(&desk, "on-call"), ItemState::Done);
    let stale = desk.record.iter().find_map(|at| match &at.event {
        Event::Course(CourseEvent::CandidateAdopted { stale, .. }) => Some(stale.join("\n")),
        _ => None,
    });
    let stale = stale.unwrap();
    for line in ["vote of raj goes stale", "vote of lee goes stale", "evidence of load-test goes stale"] {
        assert!(stale.contains(line), "{line:?} is not in {stale}");
    }
    assert!(!stale.contains("on-call"), "{stale}");
    let folded = Session::fold(&desk.record).unwrap();
    assert_eq!(folded, desk.session);
}

/// [S6] Evidence is about what was built, not about what it is called: the same content under another version keeps
/// it, and any other content does not.
#[test]
fn the_same_content_published_under_another_version_keeps_its_evidence() {
    let mut desk = ready();
    let (built, named) = (candidate("2.5.0"), candidate("2.5.0-final"));
    let published = Candidate::new(named.version.clone(), built.digest.clone());
    desk.say("dana", Command::Course(C::AdoptCandidate { candidate: published })).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::Done);
    desk.say("dana", adopt("2.5.1")).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::Stale);
}

/// [P33] A load test of another configuration is no load test of this one.
#[test]
fn other_steps_make_evidence_stale_too() {
    let mut desk = ready();
    assert_eq!(state(&desk, "load-test"), ItemState::Done);
    let mut other = plan();
    other.stages[0].bake = Span::minutes(20);
    let adopted = Arc::new(Adopted::new(other, "the new file".into()));
    desk.say("dana", Command::Course(C::AdoptPlan { adopted })).unwrap();
    assert_eq!(state(&desk, "load-test"), ItemState::Stale);
}

#[test]
fn once_the_go_live_has_started_its_candidate_stands() {
    let mut desk = ready();
    desk.say("raj", go()).unwrap();
    desk.say("lee", go()).unwrap();
    desk.say("dana", declare(Decision::Go)).unwrap();
    desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).unwrap();
    desk.refused("dana", adopt("2.5.1"), &["has started", "its candidate stands"]);
}
