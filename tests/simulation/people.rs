//! What people do in a simulated go-live: prepare, vote, declare, start; in one call each.

use std::sync::Arc;

use golive::domain::{
    checklist::ChecklistCommand,
    command::Command,
    course::{CourseCommand, Phase, hotfix::FollowUp},
    name::{EnvironmentName, PersonName, StageName, UnitId},
    plan::Adopted,
    poll::{Decision, PollCommand, VoteKind},
    refusal::Refusal,
    rollout::{Held, RolloutCommand, store_shows},
    time::{Span, WallTime},
};

use super::{
    plan::{Shape, item, plan},
    world::{MORNING, World},
};

pub fn hold() -> Command {
    Command::Course(CourseCommand::Hold { reason: "looking at something".into() })
}

pub fn go_on() -> Command {
    Command::Course(CourseCommand::Continue)
}

pub fn hotfix(due: Span) -> Command {
    hotfix_that_skips(due, &[])
}

/// The review is due so long after the simulated morning.
pub fn hotfix_that_skips(due: Span, skips: &[&str]) -> Command {
    let follow_up =
        FollowUp { owner: Some(PersonName::new("raj").unwrap()), due: WallTime(MORNING).plus(due) };
    let skips = skips.iter().map(|word| (*word).to_owned()).collect();
    Command::Course(CourseCommand::DeclareHotfix {
        reason: "logins fail since noon".into(),
        skips,
        follow_up,
    })
}

/// The plan of this shape.
pub fn adopt(shape: &Shape) -> Command {
    let adopted = Arc::new(Adopted::new(plan(shape), "golive.toml".into()));
    Command::Course(CourseCommand::AdoptPlan { adopted })
}

/// Over what the store is known to hold.
pub fn set_over(world: &World, environment: &str) -> Command {
    let environment = EnvironmentName::new(environment).unwrap();
    let over = store_shows(world.session(), &environment).iter().filter_map(Held::over).collect();
    Command::Rollout(RolloutCommand::DesireAgain { environment, over })
}

pub fn start() -> Command {
    Command::Rollout(RolloutCommand::Start { stage: None })
}

pub fn promote() -> Command {
    Command::Rollout(RolloutCommand::Promote)
}

pub fn start_of(stage: &str) -> Command {
    RolloutCommand::Start { stage: Some(StageName::new(stage).unwrap()) }.into()
}

pub fn promote_of(stage: &str) -> Command {
    RolloutCommand::PromoteStage { stage: StageName::new(stage).unwrap() }.into()
}

pub fn start_outside(stage: &str) -> Command {
    let (stage, reason) = (StageName::new(stage).unwrap(), "the fair opens tonight".into());
    Command::Rollout(RolloutCommand::StartOutside { stage, reason })
}

pub fn promote_outside(stage: &str) -> Command {
    let (stage, reason) = (StageName::new(stage).unwrap(), "the fair opens tonight".into());
    Command::Rollout(RolloutCommand::PromoteOutside { stage, reason })
}

pub fn extend(by: Span) -> Command {
    Command::Rollout(RolloutCommand::Extend { by, reason: "the night shift looks as well".into() })
}

pub fn judge(passed: bool, note: &str) -> Command {
    Command::Rollout(RolloutCommand::Judge { stage: None, passed, note: note.into() })
}

pub fn roll_back() -> Command {
    Command::Rollout(RolloutCommand::RollBack { only: Vec::new() })
}

pub fn close() -> Command {
    Command::Course(CourseCommand::Close)
}

pub fn try_again(unit: &UnitId) -> Command {
    Command::Rollout(RolloutCommand::TryAgain { unit: unit.clone() })
}

pub fn validate_again(name: &str) -> Command {
    Command::Rollout(RolloutCommand::ValidateAgain { check: super::plan::check(name) })
}

pub fn exclude(unit: &UnitId) -> Command {
    Command::Rollout(RolloutCommand::Exclude { unit: unit.clone(), reason: "its disk is broken".into() })
}

pub fn force_next() -> Command {
    Command::Rollout(RolloutCommand::ForceNext { reason: "that host is known to be odd".into() })
}

pub fn mark_done(unit: &UnitId) -> Command {
    let reason = "looked at it by hand".into();
    Command::Rollout(RolloutCommand::MarkDone { unit: unit.clone(), reason })
}

pub fn end_as_is() -> Command {
    Command::Rollout(RolloutCommand::EndAsIs { reason: "the rest follows tomorrow".into() })
}

pub fn lock_again(environment: &EnvironmentName) -> Command {
    Command::Rollout(RolloutCommand::LockAgain { environment: environment.clone() })
}

pub fn break_lock(environment: &EnvironmentName) -> Command {
    let reason = "their conductor is gone, and they know".into();
    Command::Rollout(RolloutCommand::BreakLock { environment: environment.clone(), reason })
}

pub fn lift_alarm(environment: &EnvironmentName) -> Command {
    let reason = "a crawler that is blocked by now".into();
    Command::Rollout(RolloutCommand::LiftAlarm { environment: environment.clone(), reason })
}

pub fn claim() -> Command {
    Command::Rollout(RolloutCommand::Claim)
}

pub fn tick(name: &str) -> Command {
    Command::Checklist(ChecklistCommand::Tick { item: item(name), evidence: None, file: None })
}

/// The review of the hotfix is done.
pub fn reviewed() -> Command {
    let evidence = Some("https://wiki.shop.example/reviews/17".into());
    Command::Checklist(ChecklistCommand::Tick { item: item("hotfix/review"), evidence, file: None })
}

pub fn answer(name: &str) -> Command {
    let text = "raj until 20:00, then sam".into();
    Command::Checklist(ChecklistCommand::Answer { item: item(name), text })
}

pub fn vote_go() -> Command {
    Command::Poll(PollCommand::Vote { seat: None, vote: VoteKind::Go, said_by: None })
}

pub fn declare_go() -> Command {
    let (reason, ask_again) = (String::new(), None);
    Command::Poll(PollCommand::Declare { decision: Decision::Go, reason, ask_again })
}

impl World {
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a call reads as what is said")]
    pub fn must(&mut self, person: &str, command: Command) {
        if let Err(refusal) = self.ask(person, command.clone()) {
            panic!("seed {}: {command:?} was refused: {refusal}\n{}", self.seed, self.story());
        }
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a call reads as what is said")]
    pub fn refused(&mut self, person: &str, command: Command) -> Refusal {
        match self.ask(person, command.clone()) {
            Err(refusal) => refusal,
            Ok(_) => panic!("seed {}: {command:?} was not refused\n{}", self.seed, self.story()),
        }
    }

    /// Everything a GO asks for, up to the votes.
    pub fn prepare(&mut self) {
        self.run_for(Span::secs(20));
        self.must("raj", tick("basic/announced"));
        self.must("raj", answer("basic/on-call"));
    }

    pub fn decide_go(&mut self) {
        self.must("dana", vote_go());
        self.must("raj", vote_go());
        self.must("dana", declare_go());
    }

    /// Opened, prepared, decided and started.
    pub fn under_way(&mut self) {
        self.prepare();
        self.decide_go();
        self.must("raj", start());
    }

    #[track_caller]
    pub fn reaches(&mut self, phase: Phase, within: Span) {
        self.run_until(within, |session| session.course.phase == phase);
    }
}
