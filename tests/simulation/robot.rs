//! Somebody sensible who looks at the screen now and then and does what it asks for, so that every simulated
//! rollout has a human to wait for. How patient they are comes from the seed.

use std::collections::BTreeMap;

use golive::domain::{
    command::Command,
    course::{CourseCommand, Phase, close_obstacles},
    gate,
    name::EnvironmentName,
    next_step::waits_for_a_judgement,
    pipeline::{StageState, follows, next_index, region_waits, waits_at_pause},
    refusal::Obstacle,
    rollout::{Lane, RolloutCommand, Trouble, any_once_begun, once_left_over, troubles},
    time::Span,
};

use super::{
    people::*,
    stalled::stalled,
    world::{Happening, HostFault, World},
};

/// What they tend to do when the line needs a human.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    /// Repairs, forces past what can't be repaired, goes on.
    Forward,
    /// Rolls back at the first failure.
    Back,
}

/// Whoever has tried to start it for hours in vain gives it up.
const VAIN: u32 = 300;

pub struct Robot {
    pub temper: Temper,
    tried: BTreeMap<String, u32>,
}

impl Robot {
    pub fn new(temper: Temper) -> Self {
        Self { temper, tried: BTreeMap::new() }
    }

    pub(super) fn nth(&mut self, what: &str) -> u32 {
        let times = self.tried.entry(what.to_owned()).or_default();
        *times += 1;
        *times
    }

    /// Looks once, and says at most a few things.
    pub fn look(&mut self, world: &mut World) {
        let session = world.session();
        if session.course.is_over() || world.turn.broken().is_some() {
            return;
        }
        // Of what is rolled back nothing is left to hold: it is closed.
        if session.course.hold.is_some() && session.course.phase != Phase::RolledBack {
            world.say("dana", go_on());
            return;
        }
        if let Some(trouble) = troubles(session).into_iter().next() {
            return self.repair(world, &trouble);
        }
        match session.course.phase {
            Phase::Verified | Phase::RolledBack => {
                if session.course.hotfix.is_some() {
                    world.say("raj", reviewed());
                }
                if close_obstacles(world.session(), world.now())
                    .iter()
                    .any(|it| it.why.starts_with("stays on"))
                {
                    world.say("sam", roll_back());
                }
                world.say("dana", close());
                // What was not taken back, since a host is not, is closed over in the open.
                if !world.session().course.is_over() && once_left_over(world.session()).is_some() {
                    let again = self.nth("left over") <= 2;
                    world.say("dana", if again { roll_back() } else { end_as_is() });
                }
            }
            Phase::RollingBack => self.meddle(world),
            _ => self.goes_on(world),
        }
    }

    fn goes_on(&mut self, world: &mut World) {
        let first = world.session().pipeline.running().map(|run| run.state);
        if first.is_some_and(|first| self.goes_on_beside(world, first)) {
            return;
        }
        let session = world.session();
        match first {
            Some(_) if waits_for_a_judgement(session).is_some() => self.judge(world),
            Some(StageState::Ready) => {
                world.say("raj", tick("basic/looked"));
                unlock(world);
                world.say("raj", promote());
                self.outside_promote(world);
            }
            Some(_) if waits_at_pause(session).is_some() => {
                world.say("dana", go_on());
            }
            Some(_) => {
                // Now and then somebody wants to look for longer; where nothing is timed that is refused.
                if self.nth("looks") % 9 == 8 && self.nth("longer") < 4 {
                    world.say("sam", extend(Span::secs(40)));
                }
                self.meddle(world);
                self.begin_region(world);
            }
            None => self.start(world),
        }
    }

    /// Where stages go on beside each other they start the one whose turn it is, and promote the one that waits for it.
    fn goes_on_beside(&mut self, world: &mut World, first: StageState) -> bool {
        let session = world.session();
        let waits = gate::promotable(session, world.now()).is_some_and(|run| run.state == StageState::Ready);
        if !session.pipeline.branches() || first == StageState::Ready {
            return false;
        }
        if first != StageState::Rolling
            && next_index(session).is_some_and(|index| session.pipeline.may_begin(index))
        {
            self.start(world);
        } else if waits && self.nth("promote beside").is_multiple_of(2) {
            unlock(world);
            world.say("raj", promote());
        } else {
            return false;
        }
        true
    }

    fn outside_promote(&mut self, world: &mut World) {
        let (session, now) = (world.session(), world.now());
        let next = gate::promotable(session, now).and_then(|run| follows(session, run));
        self.outside(world, &gate::to_promote_next(session, now), next, promote_outside);
    }

    /// Where a window is all that is in the way they wait a while, then override it.
    fn outside(
        &mut self,
        world: &mut World,
        in_the_way: &[Obstacle],
        next: Option<usize>,
        command: fn(&str) -> Command,
    ) {
        let stage = next.map(|index| world.session().plan().stages[index].name.to_string());
        if let Some(stage) = stage {
            self.outside_of(world, in_the_way, &stage, command);
        }
    }

    fn outside_of(
        &mut self,
        world: &mut World,
        in_the_way: &[Obstacle],
        stage: &str,
        command: fn(&str) -> Command,
    ) {
        let only = !in_the_way.is_empty() && in_the_way.iter().all(gate::is_window);
        if only && self.nth("window").is_multiple_of(4) {
            world.say("raj", command(stage));
        }
    }

    /// A region waits for its hours: they wait a while as well, and then some begin it all the same.
    fn begin_region(&mut self, world: &mut World) {
        let session = world.session();
        let Some(run) = session.pipeline.running() else { return };
        let Some(waits) = region_waits(session, run, world.now()) else { return };
        let stage = run.name.to_string();
        self.outside_of(world, &waits.obstacles, &stage, start_outside);
    }

    /// By the figures where there are enough, else by what else was seen; now and then it fails first.
    fn judge(&mut self, world: &mut World) {
        let times = self.nth("judge");
        let (passed, note) = match (self.temper, times) {
            (Temper::Back, 1) => (false, "its answers are slower"),
            (_, 0..=3) => (true, ""),
            _ => (true, "the dashboards show no difference"),
        };
        world.say("raj", judge(passed, note));
    }

    fn start(&mut self, world: &mut World) {
        let session = world.session();
        let past_poll = session.course.started.is_some();
        let poll_is_next = next_index(session).is_some_and(|index| index >= session.plan().poll_index());
        if poll_is_next && !past_poll {
            world.say("raj", tick("basic/announced"));
            world.say("raj", answer("basic/on-call"));
            world.say("dana", vote_go());
            world.say("raj", vote_go());
            world.say("dana", declare_go());
        }
        unlock(world);
        if self.nth("start") > VAIN {
            // A line that nothing has stopped is held before it is ended as it is: the refusal says so.
            let changed = world.session().rollout.any_touched() || any_once_begun(world.session());
            if changed && world.session().course.hold.is_none() {
                world.say("dana", hold());
            }
            world.say("dana", end_as_is());
            world.say("dana", abandon());
            return;
        }
        world.say("raj", start());
        let index = next_index(world.session());
        let in_the_way = index.map(|index| gate::to_start(world.session(), index, world.now()));
        self.outside(world, &in_the_way.unwrap_or_default(), index, start_outside);
    }

    fn repair(&mut self, world: &mut World, trouble: &Trouble) {
        let what = trouble.unit().map_or_else(|| trouble.words(), ToString::to_string);
        let back = matches!(trouble, Trouble::RollbackFailed { .. })
            || world.session().course.phase == Phase::RollingBack;
        if self.temper == Temper::Back && !back && self.nth("rollback") <= 3 {
            world.say("sam", roll_back());
            return;
        }
        let times = self.nth(&format!("{what}/{back}"));
        match trouble {
            Trouble::Failed { unit, .. }
            | Trouble::Unknown { unit, .. }
            | Trouble::RollbackFailed { unit, .. } => {
                // Whoever is sensible does not vouch for a host of which nobody knows whether it runs.
                let session = world.session();
                let lane = session.rollout.unit(unit).and_then(|unit| unit.lane.as_ref());
                let runs = lane.is_some_and(Lane::may_still_run);
                let touched = touched(session);
                let command = match times {
                    0..=6 if runs => try_again(unit),
                    7..=20 if runs && !back && touched => roll_back(),
                    7.. if runs && !touched => abandon(),
                    21.. if runs && times.is_multiple_of(2) => end_as_is(),
                    _ if runs => try_again(unit),
                    1 if matches!(trouble, Trouble::Unknown { .. }) => mark_done(unit),
                    0..=2 => try_again(unit),
                    3 if !back => force_next(),
                    3..=8 => exclude(unit),
                    _ => end_as_is(),
                };
                // To give up is a decider's.
                let gives_up = matches!(command, Command::Rollout(RolloutCommand::EndAsIs { .. }));
                world.say(if runs || gives_up { "dana" } else { "raj" }, command);
            }
            Trouble::Validation { by_hand: true, .. } => {
                let passed = judge(true, "it was another release that was slow");
                world.say("dana", if times <= 2 { passed } else { roll_back() });
            }
            Trouble::Validation { check, .. } => {
                let command = match times {
                    3.. if !touched(world.session()) => abandon(),
                    0..=2 => Command::Rollout(RolloutCommand::ValidateAgain { check: check.clone() }),
                    3..=5 => roll_back(),
                    _ => end_as_is(),
                };
                world.say("dana", command);
            }
            // Somebody finds what puts it in, and takes it out.
            Trouble::InPool { unit, .. } => {
                let index = world.index[unit];
                world.plan_for(world.at, Happening::Host(index, HostFault::TakenOut));
            }
            // It goes on as it is, then gives up; capacity that stays away stalls the line meanwhile.
            Trouble::Capacity { .. } => {
                let command = match times {
                    0..=3 => go_on(),
                    4..=6 => roll_back(),
                    _ => end_as_is(),
                };
                world.say("dana", command);
            }
            Trouble::Once { once, unknown, .. } => {
                let (once, reason) = (once.clone(), "the table is there".to_owned());
                let command = match times {
                    1 if *unknown => RolloutCommand::OnceDone { once, reason },
                    0..=2 => RolloutCommand::OnceAgain { once },
                    3 => RolloutCommand::OnceForced { once, reason },
                    _ => RolloutCommand::OnceDone { once, reason },
                };
                world.say("raj", Command::Rollout(command));
            }
            Trouble::Share { environment, .. } => {
                let again = RolloutCommand::ShareAgain { environment: environment.clone() };
                // Before a host was changed there is nothing to roll back: it is tried again in between.
                let gives_up = !back && times.is_multiple_of(6);
                world.say("raj", if gives_up { roll_back() } else { Command::Rollout(again) });
            }
            // Its agent may come to it yet; then it is left out, or all is given up.
            Trouble::Drifted { unit, .. } => {
                let command = match times {
                    0..=1 => return,
                    2..=4 => exclude(unit),
                    5..=8 if !back => roll_back(),
                    _ => end_as_is(),
                };
                world.say("dana", command);
            }
            // Whoever can't have the key of a host set back that is left out lets it be.
            Trouble::Desired { left_out, .. } if !left_out.is_empty() && times.is_multiple_of(3) => {
                world.say("raj", mark_done(&left_out[0]));
            }
            Trouble::Desired { environment, over, .. } => {
                let (environment, over) = (environment.clone(), over.clone());
                let again = RolloutCommand::DesireAgain { environment, over };
                let gives_up = !back && times.is_multiple_of(6);
                world.say("raj", if gives_up { roll_back() } else { Command::Rollout(again) });
            }
            Trouble::Stalled { .. } => stalled(world, back, times),
            Trouble::Traffic { environment, .. } => {
                world.say("raj", lift_alarm(environment));
            }
            Trouble::Locked { environment, .. } => {
                let command =
                    if times.is_multiple_of(2) { lock_again(environment) } else { break_lock(environment) };
                world.say("raj", command);
            }
        }
    }
}

pub fn abandon() -> Command {
    Command::Course(CourseCommand::Abandon { reason: "nothing was changed".into() })
}

/// Locks of another conductor, left where the stages are deployed to, are broken.
fn unlock(world: &mut World) {
    let foreign = |environment: &EnvironmentName| {
        let lock = world.session().locks.get(environment);
        lock.is_some_and(|lock| lock.foreign().is_some_and(|it| lock.breaks.as_ref() != Some(&it.digest)))
    };
    let left: Vec<_> = world.session().plan().environments.keys().filter(|it| foreign(it)).cloned().collect();
    for environment in left {
        world.say("raj", break_lock(&environment));
    }
}

/// Whether anything was changed that could be left as it is.
fn touched(session: &golive::domain::session::Session) -> bool {
    session.rollout.any_touched() || any_once_begun(session)
}
