//! What golive does by itself about a host that is dead: it is repaired once in a cool-down, judged by the beat, given up
//! after so many that did not help, and then replaced where the plan says so. Where one fault takes many it stops and asks.

use golive::domain::{
    command::Command,
    effect::{LaneStep, Target},
    effect_log::EffectEvent,
    event::Event,
    operation::{self, Kind, OperationCommand, OperationEvent, RepairStands, standing},
    plan::{Heartbeat, Plan, Repair},
    rollout::unwell,
    time::{SessionTime, Span},
};

use super::replace::small;
use crate::{
    plan_parts::template,
    simulation::{
        people::*,
        plan::{PRODUCTION, environment, unit},
        upkeep::replaces,
        world::{Happening, HostFault, World},
    },
};

const COOL_DOWN: Span = Span::minutes(1);

fn policy(plan: &mut Plan, replace: Option<u32>) {
    replaces(plan);
    let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
    production.heartbeat = Some(Heartbeat { every: Span::secs(5), missed: 3 });
    production.repair = Some(Repair {
        argv: vec![template("ci/restart"), template("{host}")],
        timeout: Span::secs(20),
        cool_down: COOL_DOWN,
        attempts: 3,
        at_once: 1,
        replace,
    });
}

pub fn world(seed: u64) -> World {
    let mut world = World::changed(seed, &small(), |plan| policy(plan, None));
    world.run_for(Span::secs(20));
    world
}

/// Its driver has `replace`, and the rule says so.
fn replacing(seed: u64) -> World {
    let mut world = World::changed(seed, &small(), |plan| policy(plan, Some(1)));
    world.run_for(Span::secs(20));
    world.hosts[1].beyond_repair = true;
    world
}

pub fn falls(world: &mut World, index: usize) {
    world.plan_for(world.at, Happening::Host(index, HostFault::Sick));
}

/// What happened by itself, and when.
fn happened(world: &World) -> Vec<(String, SessionTime)> {
    let events = world.journal.durable.iter().filter_map(|stamped| {
        let Event::Operation(event) = &stamped.event else { return None };
        let words = match event {
            OperationEvent::HostDied { unit, .. } => format!("{unit} dies"),
            OperationEvent::HostRevived { unit, .. } => format!("{unit} lives"),
            OperationEvent::RepairBegan { unit, attempt } => format!("{unit} repair {attempt}"),
            OperationEvent::RepairJudged { unit, attempt, alive } => format!("{unit} {attempt} {alive}"),
            OperationEvent::RepairGivenUp { unit, tries } => format!("{unit} given up after {tries}"),
            OperationEvent::RepairsPaused { .. } => "paused".to_owned(),
            OperationEvent::RepairsResumed { .. } => "resumed".to_owned(),
            OperationEvent::HostFlagged { unit, reason } => format!("{unit} flagged: {reason}"),
            OperationEvent::ReplaceCommitted { .. } => "committed".to_owned(),
            OperationEvent::Began { kind: Kind::Replace, units, .. } => format!("{units:?} replaced"),
            OperationEvent::Ended { done, .. } => format!("{done:?} are new"),
            _ => return None,
        };
        let human = matches!(
            event,
            OperationEvent::RepairsPaused { .. }
                | OperationEvent::RepairsResumed { .. }
                | OperationEvent::HostFlagged { .. }
        );
        assert!(human || !stamped.actor.is_human(), "{words} by {}", stamped.actor);
        Some((words, stamped.now.session))
    });
    events.collect()
}

fn words(world: &World) -> Vec<String> {
    happened(world).into_iter().map(|(words, _)| words).collect()
}

pub fn repairs(world: &World) -> Vec<SessionTime> {
    happened(world).into_iter().filter(|(words, _)| words.contains(" repair ")).map(|(_, at)| at).collect()
}

pub fn release(world: &World) -> String {
    let list = unwell(world.session(), world.now());
    let of = list.iter().find(|it| it.unit == Some(unit("web-02")));
    of.unwrap_or_else(|| panic!("{list:?}")).release.clone()
}

fn notices(world: &World) -> String {
    world.session().notices.notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join("\n")
}

pub fn suspend() -> Command {
    let reason = "the network is being moved".into();
    OperationCommand::SuspendRepairs { environment: environment(PRODUCTION), reason }.into()
}

pub fn resume() -> Command {
    OperationCommand::ResumeRepairs { environment: environment(PRODUCTION) }.into()
}

/// [O14] It is repaired once, the beat says that it helped, and all of it stands in the record as nobody's act.
#[test]
fn a_dead_host_is_repaired_once_and_the_beat_judges_it() {
    let mut world = world(801);
    falls(&mut world, 1);
    world.run_for(Span::minutes(3));
    let did = ["web-02 dies", "web-02 repair 1", "web-02 lives", "web-02 1 true"];
    assert_eq!(words(&world), did);
    assert_eq!(world.hosts[1].repairs, 1);
    let feed = &world.session().operations.repairs.feed;
    assert_eq!((feed.len(), feed[0].ended.as_deref(), feed[0].alive), (1, Some("restarted"), Some(true)));
    // It is told with its end and how long ago that was; and after a few minutes not beside what is under way any more.
    let told = |world: &World| {
        let news = standing(world.session(), world.now());
        let all: Vec<_> = operation::repairs(world.session(), world.now()).collect();
        (news.into_iter().filter(|it| it.contains("repair")).collect::<Vec<String>>(), all)
    };
    let (news, all) = told(&world);
    let ago = world.now().session.since(feed[0].judged.unwrap().session).as_secs();
    let helped = |ago: u64| {
        let ago = Span::secs(ago);
        (RepairStands::Helped, format!("web-02: repair 1 of 3 by golive helped: it is alive, {ago} ago"))
    };
    assert_eq!((news, all), (vec![helped(ago).1], vec![helped(ago)]));
    world.run_for(Span::minutes(5));
    assert_eq!(told(&world), (vec![], vec![helped(ago + 300)]));
    // It was alive for a whole cool-down: its attempts are counted anew.
    falls(&mut world, 1);
    world.run_until(Span::minutes(1), |session| {
        session.flights.get(&Target::Repair(unit("web-02"))).is_some()
    });
    let (news, all) = told(&world);
    assert_eq!(news, ["web-02: repair 1 of 3 by golive is under way"]);
    assert_eq!(all.last().map(|it| it.0), Some(RepairStands::UnderWay));
    world.run_for(Span::minutes(1));
    assert_eq!(words(&world)[4..], did);
}

/// [O14] A command that ends well has repaired nothing as long as no beat says so. Between two of them lies a cool-down, and
/// after so many as the plan has a human is asked.
#[test]
fn what_does_not_help_is_tried_once_in_a_cool_down_and_given_up() {
    let mut world = world(802);
    world.hosts[1].beyond_repair = true;
    falls(&mut world, 1);
    world.run_for(Span::secs(70));
    assert!(release(&world).contains("repair 2 of 3 in "), "{}", release(&world));
    let mut last = false;
    for _ in 0..600 {
        world.run_for(Span::secs(1));
        let words = release(&world);
        assert!(!words.contains("4 of 3"), "{words}");
        last |= words.contains("the beat, after repair 3 of 3, the last; judged in ");
    }
    assert!(last, "that no other one follows is said");
    let did = [
        "web-02 dies",
        "web-02 repair 1",
        "web-02 1 false",
        "web-02 repair 2",
        "web-02 2 false",
        "web-02 repair 3",
        "web-02 3 false",
        "web-02 given up after 3",
    ];
    assert_eq!(words(&world), did);
    let at = repairs(&world);
    assert!(at.windows(2).all(|two| two[1].since(two[0]) >= COOL_DOWN), "{at:?}");
    assert!(
        notices(&world).contains("NEEDS A HUMAN: 3 repairs of web-02 did not help"),
        "{}",
        notices(&world)
    );
    assert!(release(&world).contains("3 repairs did not help: repair it by hand"), "{}", release(&world));
}

/// [O14] While it is suspended nothing is done, and it is said who did so and what lifts it.
#[test]
fn repairs_are_suspended_and_resumed_by_a_person() {
    let mut world = world(803);
    assert!(world.refused("sam", suspend()).reason.contains("none of the roles"));
    assert!(world.refused("raj", resume()).reason.contains("are not suspended"));
    world.must("raj", suspend());
    falls(&mut world, 1);
    world.run_for(Span::minutes(2));
    assert_eq!(words(&world), ["paused", "web-02 dies"]);
    let lift = "repairs suspended by raj (the network is being moved); golive repair resume production";
    assert_eq!(release(&world), lift);
    world.must("dana", resume());
    world.run_for(Span::secs(30));
    assert_eq!(words(&world)[2..], ["resumed", "web-02 repair 1", "web-02 lives", "web-02 1 true"]);
    // Who declares none is told so.
    let mut world = World::new(804, &small());
    assert!(world.refused("raj", suspend()).reason.contains("golive repairs no host of production"));
}

/// A network that dies must not restart the world: where more are dead than may be, none is touched and a human is asked.
#[test]
fn one_fault_that_takes_many_is_not_repaired() {
    let mut world = world(805);
    (0..3).for_each(|index| falls(&mut world, index));
    world.run_for(Span::minutes(5));
    let did = words(&world);
    assert_eq!(did.iter().filter(|it| it.contains("repair")).count(), 0, "{did:?}");
    assert!(did.contains(&"paused".to_owned()), "{did:?}");
    assert!(
        notices(&world).contains("NEEDS A HUMAN: repairs of production stopped: "),
        "{}",
        notices(&world)
    );
    assert!(release(&world).contains("suspended by golive"), "{}", release(&world));
    // Somebody mended the network, all but one host are back, and says so.
    for index in [0, 2] {
        world.plan_for(world.at, Happening::Host(index, HostFault::Well));
    }
    world.run_for(Span::minutes(1));
    assert_eq!(repairs(&world).len(), 0);
    world.must("raj", resume());
    world.run_for(Span::minutes(1));
    assert_eq!(repairs(&world).len(), 1);
}

/// Neither while somebody holds, nor on a host that somebody took out of the pool.
#[test]
fn nobody_is_repaired_who_is_held_or_was_put_out_on_purpose() {
    let mut world = world(806);
    world.must("dana", hold());
    falls(&mut world, 1);
    world.run_for(Span::minutes(2));
    assert_eq!(words(&world), ["web-02 dies"]);
    assert_eq!(release(&world), "not repaired: HOLD");
    world.must("dana", go_on());
    world.run_for(Span::secs(30));
    assert_eq!(repairs(&world).len(), 1);
    let mut world = self::world(807);
    world.plan_for(world.at, Happening::Host(1, HostFault::TakenOut));
    falls(&mut world, 1);
    world.run_for(Span::minutes(2));
    assert_eq!(words(&world), ["web-02 dies"]);
    assert_eq!(release(&world), "not repaired: somebody took it out of the pool");
}

/// Whether a command that a killed conductor left behind has helped the beat says; it is not run again before its time.
#[test]
fn a_killed_conductor_asks_the_beat_and_does_not_repair_twice() {
    let mut world = world(808);
    world.hosts[1].beyond_repair = true;
    falls(&mut world, 1);
    let under_way = |world: &World| {
        let session = world.session();
        session.flights.get(&Target::Repair(unit("web-02"))).is_some()
    };
    for _ in 0..100_000 {
        world.step();
        if under_way(&world) {
            break;
        }
    }
    assert!(under_way(&world));
    world.run_for(Span::millis(100));
    world.kill();
    world.run_for(Span::minutes(3));
    let at = repairs(&world);
    assert!(at.len() >= 2 && at.windows(2).all(|two| two[1].since(two[0]) >= COOL_DOWN), "{at:?}");
}

/// A lane that begins has the host to itself: what repairs it is cancelled first.
#[test]
fn a_lane_waits_for_the_end_of_a_repair() {
    let mut world = world(809);
    world.prepare();
    world.decide_go();
    world.hosts[0].beyond_repair = true;
    world.timings.step = (4_000_000, 4_000_000);
    falls(&mut world, 0);
    world.run_until(Span::minutes(2), |session| {
        session.flights.get(&Target::Repair(unit("web-01"))).is_some()
    });
    world.must("raj", start());
    world.run_until(Span::minutes(2), |session| {
        session.rollout.unit(&unit("web-01")).is_some_and(|it| it.lane.as_ref().is_some_and(|it| it.at > 0))
    });
    let asked = world.journal.durable.iter().any(|at| {
        matches!(&at.event, Event::Effect(EffectEvent::CancelAsked { id, .. })
            if id.target == Target::Repair(unit("web-01")))
    });
    assert!(asked, "{}", world.story());
}

/// [O15] A host that repairs did not help becomes a new machine, as by hand, and the record says by which rule.
#[test]
fn a_host_that_repairs_did_not_help_is_replaced_by_the_rule() {
    let mut world = replacing(810);
    falls(&mut world, 1);
    world.run_for(Span::minutes(10));
    let did = words(&world);
    let after = did.iter().position(|it| it == "web-02 given up after 3").unwrap();
    let flag = world.session().operations.last.as_ref().unwrap();
    assert_eq!(flag.operation.by, None, "nobody's act");
    let rule = "web-02 flagged: rule repair of production: 3 repairs did not help";
    let replaced = [rule, "committed", "[\"web-02\"] replaced", "[\"web-02\"] are new"];
    assert_eq!(did[after + 1..after + 5], replaced, "{did:?}");
    assert!(world.hosts[1].serves() && !world.hosts[1].beyond_repair);
    assert!(unwell(world.session(), world.now()).is_empty());
    assert_eq!(world.hosts.iter().filter(|host| host.installs > 0).count(), 1);
}

/// [O15] What keeps a human from replacing keeps golive from it; it waits, and says for what.
#[test]
fn a_replacement_by_the_rule_is_refused_as_by_hand() {
    let mut world = replacing(811);
    let flag = OperationCommand::Flag { unit: unit("web-04"), reason: "its disk makes noises".into() };
    world.must("raj", flag.into());
    falls(&mut world, 1);
    world.run_for(Span::minutes(10));
    assert!(!words(&world).iter().any(|it| it.contains("replaced")), "{:?}", words(&world));
    let why = "3 repairs did not help; golive replaces it, and waits: web-04 is flagged for replacement, and not committed";
    assert_eq!(release(&world), why);
    world.must("raj", OperationCommand::Unflag { unit: unit("web-04") }.into());
    world.run_for(Span::minutes(5));
    assert!(world.hosts[1].serves());
    // A replacement that fails is not begun again by itself.
    let mut world = replacing(812);
    world.hosts[1].wrong.push((LaneStep::Replace, crate::simulation::host::Wrong::Fails, None));
    falls(&mut world, 1);
    world.run_for(Span::minutes(30));
    assert_eq!(words(&world).iter().filter(|it| it.contains("replaced")).count(), 1);
}
