//! Scenarios: simulated rollouts as TOML files in `tests/scenarios`, so that somebody who does not know Rust can
//! add one. Times count from the start (`S`).

use std::path::PathBuf;

use golive::domain::{
    command::Command,
    name::StageName,
    plan::{
        Amount, BlueGreen, Canary, Capacity, Converging, Plan, PointOfNoReturn, Promote, Rolling, Strategy,
        Threshold, ZeroDowntime, rules,
    },
    project::Project,
    time::Span,
};
use serde::Deserialize;

use super::{
    agents::Agents,
    branches::{Branches, begin},
    lock::Foreign,
    once,
    outlived::Leaves,
    people::*,
    plan::{PRODUCTION, Parts, Shape, TestBed, check, environment, plan, unit},
    queueing::Queues,
    scenario_ending::Ending,
    scenario_faults::Fault,
    scenario_words::{amount, canary_step, one, span, stable, window},
    superseding::supersede,
    world::{Happening, HostFault, World},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, in a sentence.
    title: String,
    #[serde(default)]
    seed: u64,
    fleet: Fleet,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default)]
    happens: Vec<Moment>,
    #[serde(default)]
    ending: Vec<Ending>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "what a scenario varies is independent of all else")]
struct Fleet {
    hosts: u32,
    max_parallel: Option<u32>,
    min_healthy: Option<u32>,
    bake: Option<String>,
    #[serde(default)]
    first_deploy: bool,
    #[serde(default)]
    may_not_be_repeated: bool,
    /// Every host is stopped before one is deployed.
    #[serde(default)]
    stop_all: bool,
    /// Steps of a canary: `5 %`, `pause 10m`, `pause human`, `validate smoke`.
    #[serde(default)]
    canary: Vec<String>,
    /// The first half of the hosts is blue and the other one green, one after the other: how long each soaks, and how
    /// long green is kept warm.
    blue_green: Option<[String; 2]>,
    /// Over how many clouds the hosts are spread, the first of them primary: the others stand by, and the first of those
    /// takes over.
    clouds: Option<u32>,
    /// Agents change the hosts, every minute each: "one key", told all at once, or "a key each".
    agents: Option<String>,
    /// That first stage is compared with the rest.
    #[serde(default)]
    compared: bool,
    /// Sizes of batches: numbers and shares.
    #[serde(default)]
    batches: Vec<String>,
    /// The label whose values are taken one after another, and which come first.
    by: Option<String>,
    #[serde(default)]
    order: Vec<String>,
    /// A second part, "worker", on so many hosts of its own: the units are web@web-01 and worker@job-01.
    #[serde(default)]
    workers: u32,
    /// For how many hosts of web the workers wait (a number, or all), and how many workers are kept.
    barrier: Option<String>,
    workers_kept: Option<u32>,
    /// golive repairs hosts that are dead, in its upkeep's way.
    #[serde(default)]
    repaired: bool,
    /// How many hosts of a batch may fail.
    failures: Option<String>,
    /// Over how many regions (eu-1, eu-2 …) the hosts are spread, in turn.
    #[serde(default = "one")]
    regions: u32,
    /// When production's stages may start: `mon-fri 13:00-15:30 Europe/Berlin`. The first stage is started at 13:00 there
    /// on Monday 2 March 2026 (and a few seconds).
    window: Option<String>,
    /// alpha, then beta and gamma beside each other, then production after both; the first stage is started, and no GO is
    /// declared.
    #[serde(default)]
    diamond: bool,
    /// One host first, as a stage of its own.
    #[serde(default)]
    one_box: bool,
    /// So many of them instead, of each region in turn; in hours of which every so many are off-peak in a region.
    #[serde(default = "one")]
    test_bed: u32,
    off_peak: Option<u32>,
    /// It is started outside its window.
    #[serde(default)]
    outside: bool,
    /// Declared a hotfix before anybody voted; its review is raj's.
    #[serde(default)]
    hotfix: bool,
    /// Stages are promoted by themselves.
    #[serde(default)]
    automatic: bool,
    /// A second go-live supersedes the one under way.
    #[serde(default)]
    superseding: bool,
    /// What runs on every host before.
    #[serde(default = "stable")]
    runs: String,
    /// A second go-live waits for the end of the one under way.
    #[serde(default)]
    queued: bool,
    /// Hosts that stand by, and come in while a canary is on its way; after the others by name.
    #[serde(default)]
    surge: u32,
    /// Hosts that are there and that the plan does not have yet; after the others by name.
    #[serde(default)]
    spare: u32,
    /// The same of hosts on which nothing is, and that are in no pool.
    #[serde(default)]
    empty_spare: u32,
    /// There is no balancer: numbers of hosts stand for shares.
    #[serde(default)]
    no_balancer: bool,
    /// There is no way back past the first stage of one host.
    #[serde(default)]
    no_return: bool,
    /// The plan is refused with these words, and nothing else is played.
    refused: Option<String>,
    /// migrate runs once before the hosts and announce after them: whether a rollback takes each back.
    once: Option<[bool; 2]>,
    /// What runs and is left behind by a killed conductor runs on for this long, and how it ends is written down; "nothing": it
    /// ends with it.
    left_behind: Option<String>,
    /// The shortest and the longest time of a step.
    step: Option<(String, String)>,
}

impl Fleet {
    fn parts(&self) -> Option<Parts> {
        let barrier = self.barrier.as_deref().unwrap_or("1").parse().map_or(Threshold::All, Threshold::Hosts);
        let (workers, keeps) = (self.workers, self.workers_kept);
        (workers > 0).then_some(Parts { workers, barrier, apart: true, beside: false, keeps, at_once: None })
    }
}

/// Somebody says something, or something happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    at: String,
    who: Option<String>,
    says: Option<String>,
    what: Option<String>,
    host: Option<String>,
    /// To how many hosts the plan grows or shrinks.
    hosts: Option<u32>,
    /// The answer is a refusal that holds these words.
    refused: Option<String>,
}

impl Moment {
    fn command(&self, world: &World, shape: &Shape) -> Command {
        let host = || unit(self.host.as_deref().expect("this names a host"));
        match self.says.as_deref().unwrap_or_default() {
            "hold" => hold(),
            "continue" => go_on(),
            "roll back" => roll_back(),
            "promote" => promote(),
            "start" => start(),
            other if other.starts_with("start ") => start_of(other.trim_start_matches("start ")),
            other if other.starts_with("promote the ") => {
                promote_of(other.trim_start_matches("promote the "))
            }
            "promote outside the window" => promote_outside(PRODUCTION),
            "compare pass" => judge(true, "it was the database that was slow"),
            "compare fail" => judge(false, "its answers are slower"),
            "try again" => try_again(&host()),
            "exclude" => exclude(&host()),
            "force next" => force_next(),
            "mark done" => mark_done(&host()),
            "try migrate again" => once::again("migrate"),
            "migrate is done" => once::done("migrate"),
            "go on without migrate" => once::forced("migrate"),
            "end as is" => end_as_is(),
            "lock again" => lock_again(&environment(PRODUCTION)),
            "break lock" => break_lock(&environment(PRODUCTION)),
            "set over it" => set_over(world, PRODUCTION),
            "reviewed" => reviewed(),
            "open 2.6.0" => supersede("2.6.0"),
            "adopt" => adopt(&Shape { hosts: self.hosts.expect("to how many hosts"), ..shape.clone() }),
            "looked" => tick("basic/looked"),
            "close" => close(),
            other => panic!("{other:?} is nothing that is said"),
        }
    }

    fn happening(&self, world: &World) -> Happening {
        let host = || world.index[&unit(self.host.as_deref().expect("this names a host"))];
        match self.what.as_deref().unwrap_or_default() {
            "host dies" => Happening::Host(host(), HostFault::Dies),
            "host comes back" => Happening::Host(host(), HostFault::ComesBack),
            "host gets sick" => Happening::Host(host(), HostFault::Sick),
            "process ends" => Happening::Host(host(), HostFault::Crashes),
            "host is put back" => Happening::Host(host(), HostFault::PutBack),
            "host gets well" => Happening::Host(host(), HostFault::Well),
            "balancer gone" => Happening::Balancer(false),
            "host is taken out" => Happening::Host(host(), HostFault::TakenOut),
            "balancer forgets" => Happening::BalancerForgets,
            "balancer back" => Happening::Balancer(true),
            "journal full" => Happening::JournalFull(true),
            "journal back" => Happening::JournalFull(false),
            "kill" => Happening::Kill,
            "another conductor locks" => Happening::Foreign(Foreign::Locks),
            "another conductor takes over" => Happening::Foreign(Foreign::TakesOver),
            "another conductor dies" => Happening::Foreign(Foreign::Dies),
            "another conductor releases" => Happening::Foreign(Foreign::Releases),
            "agent is silent" => Happening::Agents(Agents::Silent(host(), true)),
            "agent is back" => Happening::Agents(Agents::Silent(host(), false)),
            "store gone" => Happening::Agents(Agents::Store(environment(PRODUCTION), true)),
            "store back" => Happening::Agents(Agents::Store(environment(PRODUCTION), false)),
            other if other.starts_with("another sets ") => {
                let version = other.trim_start_matches("another sets ").to_owned();
                let who = self.who.clone().expect("somebody sets it");
                Happening::Agents(Agents::Sets(environment(PRODUCTION), version, who))
            }
            other if other.ends_with(" the queue") => {
                let who = self.who.as_deref().expect("somebody has it wait").parse().unwrap();
                Happening::Queues(who, Queues::said(other))
            }
            "suspend" => Happening::Suspends(Span::hours(8)),
            other => panic!("{other:?} is nothing that happens"),
        }
    }
}

fn declared(fleet: &Fleet, shape: &Shape) -> Plan {
    let mut declared = plan(shape);
    if fleet.repaired {
        super::upkeep::replaces(&mut declared);
        declared.environments.values_mut().for_each(super::upkeep::repairs_in);
    }
    if fleet.no_return {
        declared.plan_b.point_of_no_return = PointOfNoReturn::Stage(StageName::new("1-box").unwrap());
    }
    declared
}

fn strategy(fleet: &Fleet) -> Strategy {
    if let Some(keys) = fleet.agents.as_deref() {
        let batches = fleet.batches.iter().map(|text| amount(text)).collect();
        let batches = Rolling { batches, ..Rolling::default() };
        Strategy::Converge(Converging { batches, all_at_once: keys == "one key" })
    } else if fleet.stop_all {
        Strategy::StopAll
    } else if let Some([soak, warm]) = &fleet.blue_green {
        let validate = vec![check("reachable")];
        Strategy::BlueGreen(BlueGreen { first: None, validate, soak: span(soak), warm: span(warm) })
    } else if fleet.clouds.is_some() {
        let verify = vec![check("reachable")];
        Strategy::ZeroDowntime(ZeroDowntime { verify, ..ZeroDowntime::default() })
    } else if fleet.canary.is_empty() {
        Strategy::Rolling(Rolling {
            batches: fleet.batches.iter().map(|text| amount(text)).collect(),
            by: fleet.by.clone(),
            order: fleet.order.clone(),
            failures: fleet.failures.as_deref().map(amount),
        })
    } else {
        Strategy::Canary(Canary { steps: fleet.canary.iter().map(|text| canary_step(text)).collect() })
    }
}

fn play(scenario: Scenario) {
    let fleet = &scenario.fleet;
    let count = |count: Option<u32>| count.map(Amount::Count);
    let shape = Shape {
        hosts: fleet.hosts,
        capacity: Capacity {
            max_parallel: count(fleet.max_parallel),
            min_healthy: count(fleet.min_healthy),
            max_unavailable: None,
        },
        bake: fleet.bake.as_deref().map_or(Span::ZERO, span),
        agents: fleet.agents.as_deref().map(|keys| keys == "a key each"),
        balanced: fleet.agents.is_none() && !fleet.no_balancer,
        strategy: strategy(fleet),
        clouds: fleet.clouds.unwrap_or(2),
        compared: fleet.compared,
        superseding: fleet.superseding,
        queued: fleet.queued,
        spares: fleet.surge,
        regions: fleet.regions,
        window: fleet.window.as_deref().map(window),
        one_box: fleet.one_box,
        test_bed: TestBed { hosts: fleet.test_bed, off_peak: fleet.off_peak, ..TestBed::default() },
        promote: if fleet.automatic { Promote::Automatic } else { Promote::Human },
        beta: fleet.diamond,
        branches: fleet.diamond.then(|| Branches { alpha: true, ..Branches::default() }),
        parts: fleet.parts(),
        repeatable: !fleet.may_not_be_repeated,
        once: fleet.once,
        ..Shape::default()
    };
    let declared = declared(fleet, &shape);
    if let Some(words) = &fleet.refused {
        let said: Vec<String> = rules::check(&declared).into_iter().map(|broken| broken.what).collect();
        assert!(said.iter().any(|said| said.contains(words)), "{words:?} is not in {said:?}");
        return;
    }
    let before = (!fleet.first_deploy).then_some(fleet.runs.as_str());
    let mut world =
        World::begin(scenario.seed, &shape, declared, (before, "2.5.0"), true, &Project::default());
    world.spare_hosts(fleet.spare, false);
    world.spare_hosts(fleet.empty_spare, true);
    if let Some((from, to)) = &fleet.step {
        world.timings.step = (span(from).0, span(to).0);
    }
    world.engine.leaves = fleet.left_behind.as_deref().map(|lasts| match lasts {
        "nothing" => Leaves::Nothing,
        lasts => Leaves::Running(span(lasts), true),
    });
    scenario.faults.into_iter().for_each(|fault| fault.into(&mut world));
    if scenario.fleet.hotfix {
        world.must("dana", hotfix(Span::hours(24)));
    }
    begin(&mut world, scenario.fleet.diamond, scenario.fleet.outside);
    let start = world.at;
    let mut moments: Vec<(u64, Result<Moment, Ending>)> = Vec::new();
    moments.extend(scenario.happens.into_iter().map(|moment| (span(&moment.at).0, Ok(moment))));
    moments.extend(scenario.ending.into_iter().map(|ending| (span(&ending.at).0, Err(ending))));
    // What holds at a time held before something else happens then.
    moments.sort_by_key(|(at, moment)| (*at, moment.is_ok()));
    for (at, moment) in moments {
        world.run_for(Span((start + at).saturating_sub(world.at)));
        match moment {
            Err(ending) => ending.holds(&world),
            Ok(Moment { what: Some(what), .. }) if what.starts_with("go-live of ") => {
                world.opens_next(what.trim_start_matches("go-live of "));
                world.under_way();
            }
            Ok(Moment { says: Some(says), .. }) if says == "decide go" => world.decide_go(),
            Ok(moment) if moment.says.is_some() => {
                let who = moment.who.as_deref().expect("somebody says it");
                let command = moment.command(&world, &shape);
                match (&moment.refused, world.ask(who, command)) {
                    (None, Ok(_)) => {}
                    (Some(words), Err(refusal)) if refusal.to_string().contains(words) => {}
                    (wanted, answer) => {
                        panic!("{:?}: {answer:?}, wanted {wanted:?}\n{}", moment.says, world.story())
                    }
                }
            }
            Ok(moment) => {
                let happening = moment.happening(&world);
                world.plan_for(world.at, happening);
                world.run_for(Span::ZERO);
            }
        }
    }
}

#[test]
fn every_scenario_file_ends_as_it_says() {
    let directory = super::broken::scenarios();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Whole worlds, by their seeds, are played with the random ones.
    files.retain(|file| file.is_file());
    files.sort();
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let ends = !scenario.ending.is_empty() || scenario.fleet.refused.is_some();
        assert!(ends, "{}: says no ending", file.display());
        assert!(scenario.title.ends_with('.'), "{}: its title is a sentence", file.display());
        play(scenario);
    }
}
