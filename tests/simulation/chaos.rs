//! What goes wrong in a random world, and when; and who presses what at the worst time.

use std::{collections::BTreeSet, sync::Arc};

use golive::domain::{
    command::{Asked, Command},
    course::CourseCommand,
    effect::LaneStep,
    name::PersonName,
    plan::{Adopted, Amount},
    rollout::RolloutCommand,
    time::Span,
};

use super::{
    host::Wrong,
    lock::Foreign,
    people::*,
    plan::{PRODUCTION, candidate, environment},
    rng::Rng,
    world::{Happening, HostFault, World},
};

/// One thing after another, so that some of it can be left out and the rest stays.
#[derive(Default)]
pub struct Wrongs {
    /// By number.
    pub left_out: BTreeSet<u32>,
    /// How many things could have gone wrong so far.
    pub met: u32,
    pub said: Vec<String>,
}

impl Wrongs {
    pub fn has(&mut self, what: impl FnOnce() -> String) -> bool {
        let number = self.met;
        self.met += 1;
        let has = !self.left_out.contains(&number);
        if has {
            self.said.push(format!("{number:>3} {}", what()));
        }
        has
    }

    pub fn comes(&mut self, world: &mut World, at: u64, happening: Happening) {
        if self.has(|| format!("at {}: {happening:?}", Span(at))) {
            world.plan_for(at, happening);
        }
    }
}

pub fn faults(world: &mut World, rng: &mut Rng, wrongs: &mut Wrongs) {
    let stops_all = world.session().plan().stops_all(&environment(PRODUCTION));
    for (index, host) in world.hosts.iter_mut().enumerate() {
        if rng.per_mille(200) {
            let wrong = *rng.pick(&[
                Wrong::Fails,
                Wrong::Fails,
                Wrong::Hangs,
                Wrong::Undecided,
                Wrong::Slow(20),
                Wrong::Lies,
            ]);
            let only = rng.per_mille(800).then(|| candidate("2.5.0").version.clone());
            let proves = |step: &&LaneStep| stops_all || **step != LaneStep::Prove;
            let steps: Vec<LaneStep> = LaneStep::CARRIED.iter().filter(proves).copied().collect();
            let step = *rng.pick(&steps);
            if wrongs.has(|| format!("host {index}: {step:?} {wrong:?}, only {only:?}")) {
                host.wrong.push((step, wrong, only));
            }
        }
    }
    if rng.per_mille(150) {
        let wrong = *rng.pick(&[Wrong::Fails, Wrong::Hangs, Wrong::Undecided]);
        let check = *rng.pick(&["smoke", "reachable", "database"]);
        if wrongs.has(|| format!("check {check}: {wrong:?}")) {
            world.check_faults.insert(check.into(), wrong);
        }
    }
    world.notices_fail = rng.per_mille(200);
    world.timings.commit.1 = *rng.pick(&[500, 20_000, 300_000]);
    world.timings.step.1 = *rng.pick(&[1_000_000, 4_000_000, 15_000_000]);
}

/// What goes wrong, and when; and who presses what at the worst time.
pub fn chaos(world: &mut World, rng: &mut Rng, until: u64, wrongs: &mut Wrongs) {
    let hosts = world.hosts.len() as u64;
    for _ in 0..rng.below(12) {
        let at = rng.below(until);
        let happening = match rng.below(17) {
            14 => Happening::BalancerForgets,
            15 => Happening::Host(rng.below(hosts) as usize, HostFault::PutBack),
            16 => {
                // Something that puts a host back whatever is done.
                let index = rng.below(hosts) as usize;
                for n in 0..rng.below(8) {
                    let later = (at + n * rng.between(2_000_000, 9_000_000)).min(until);
                    wrongs.comes(world, later, Happening::Host(index, HostFault::PutBack));
                }
                Happening::Host(index, HostFault::PutBack)
            }
            12 => Happening::Host(rng.below(hosts) as usize, HostFault::Crashes),
            0 | 1 => Happening::Host(rng.below(hosts) as usize, HostFault::Dies),
            2 => Happening::Host(rng.below(hosts) as usize, HostFault::ComesBack),
            3 => Happening::Host(rng.below(hosts) as usize, HostFault::Sick),
            4 => Happening::Host(rng.below(hosts) as usize, HostFault::Well),
            5 => {
                let back = at + rng.below(Span::minutes(4).0);
                wrongs.comes(world, back, Happening::Balancer(true));
                Happening::Balancer(false)
            }
            6 => {
                let back = at + rng.below(Span::minutes(4).0);
                wrongs.comes(world, back, Happening::JournalFull(false));
                Happening::JournalFull(true)
            }
            7 | 8 => Happening::Kill,
            9 => Happening::WallJumps(rng.between(0, 20_000_000_000).cast_signed() - 10_000_000_000),
            10 => Happening::Suspends(Span::secs(rng.between(1, 4000))),
            11 => {
                let leaves = if rng.per_mille(500) { Foreign::Dies } else { Foreign::Releases };
                wrongs.comes(world, at + rng.below(Span::minutes(6).0), Happening::Foreign(leaves));
                Happening::Foreign(Foreign::Locks)
            }
            _ => {
                // A host that flaps.
                let index = rng.below(hosts) as usize;
                for n in 0..rng.below(8) {
                    let fault = if n % 2 == 0 { HostFault::Sick } else { HostFault::Well };
                    // What goes wrong after everything was healed stays wrong for ever.
                    let later = (at + n * rng.between(500_000, 5_000_000)).min(until);
                    wrongs.comes(world, later, Happening::Host(index, fault));
                }
                Happening::Host(index, HostFault::Well)
            }
        };
        wrongs.comes(world, at, happening);
    }
    for _ in 0..rng.below(14) {
        let at = rng.below(until);
        let unit = rng.pick(&world.units).clone();
        let command = match rng.below(16) {
            0 | 1 => hold(),
            2 => go_on(),
            3 => start(),
            4 => promote(),
            5 => roll_back(),
            6 => Command::Rollout(RolloutCommand::RollBack { only: vec![unit] }),
            7 => try_again(&unit),
            8 => exclude(&unit),
            9 => force_next(),
            10 => mark_done(&unit),
            11 => claim(),
            12 => end_as_is(),
            13 | 14 => other_plan(world, rng),
            _ => Command::Course(CourseCommand::WatcherPresent { present: rng.per_mille(500) }),
        };
        let person = PersonName::new(["dana", "raj", "sam"][rng.below(3) as usize]).unwrap();
        let asked: Asked = command.into();
        if rng.per_mille(400) {
            let again = Box::new(asked.clone());
            wrongs.comes(world, at + rng.below(3_000_000), Happening::Says(person.clone(), again));
        }
        wrongs.comes(world, at, Happening::Says(person, Box::new(asked)));
    }
}

/// Another plan, adopted whatever runs: limits and deadlines, and a host less. What may not be is refused.
fn other_plan(world: &World, rng: &mut Rng) -> Command {
    let mut plan = super::profiles::again(world.session());
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    match rng.below(4) {
        0 => production.capacity.max_parallel = Some(Amount::Count(rng.between(1, 4) as u32)),
        1 => {
            production.capacity.min_healthy = Some(Amount::Count(rng.below(4) as u32));
            production.capacity.max_unavailable = None;
        }
        2 => production.deadlines.healthy_deadline.0 += Span::secs(rng.between(1, 60)).0,
        _ => {
            let hosts = &mut production.pools[0].hosts;
            if hosts.len() > 1 {
                let gone = rng.below(hosts.len() as u64) as usize;
                hosts.remove(gone);
            }
        }
    }
    let adopted = Arc::new(Adopted::new(plan, "golive.toml".into()));
    Command::Course(CourseCommand::AdoptPlan { adopted })
}
