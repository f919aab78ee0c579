//! A first stage of some hosts over several regions: one region at a time, each found good beside its own rest before the
//! next one is touched, and each in its own hours.

use golive::domain::{
    comparison,
    effect::LaneStep,
    event::Event,
    name::UnitId,
    pipeline::{PipelineEvent, StageRun, StageState, region_in_turn, region_waits},
    plan::{Amount, CheckKind, Pause, Rolling, Select, Step, Strategy, Threshold, rules},
    rollout::{LaneState, preview},
    session::Session,
    time::Span,
};

use super::ways::says;
use crate::simulation::{
    host::Wrong,
    people::*,
    plan::{PRODUCTION, Parts, Shape, TestBed, candidate, check, environment, plan},
    test_bed::with_traffic,
    world::World,
};

/// Three hosts first, of six in two regions: web-01 and web-03 of eu-1, and web-02 of eu-2.
fn shape() -> Shape {
    Shape {
        hosts: 6,
        regions: 2,
        one_box: true,
        bake: Span::minutes(5),
        test_bed: TestBed { hosts: 3, ..TestBed::default() },
        ..Shape::default()
    }
}

fn one_box(session: &Session) -> &StageRun {
    &session.pipeline.stages[0]
}

/// The hosts of the first stage that were touched.
fn touched(session: &Session) -> Vec<&str> {
    let units = session.rollout.units().iter().filter(|unit| unit.touched.is_some());
    units.map(|unit| unit.id.as_str()).collect()
}

fn at_region(session: &Session) -> bool {
    one_box(session).step().is_some_and(Step::is_region)
}

fn smoke(steps: &[Step]) -> Vec<&'static str> {
    let word = |step: &Step| match step {
        Step::Deploy { .. } => "deploy",
        Step::Validate(_) => "validate",
        Step::Pause(Pause::Bake(_)) => "bake",
        Step::Region { .. } => "region",
        _ => "?",
    };
    steps.iter().map(word).collect()
}

/// [R46] It goes one region at a time by itself, as its plan says beforehand: what machines look at, its bake and what a
/// person compares stand between the regions, and the stage's own are the last one's.
#[test]
fn some_hosts_of_several_regions_are_taken_one_region_at_a_time() {
    let world = World::new(801, &Shape { compared: true, ..shape() });
    let preview = preview(world.session(), world.now()).unwrap();
    assert_eq!(smoke(&preview.steps), ["deploy", "validate", "bake", "validate", "region", "deploy"]);
    let hosts = |n: usize| preview.batches[n].units.iter().map(UnitId::as_str).collect::<Vec<_>>();
    assert_eq!((hosts(0), hosts(1)), (vec!["web-01", "web-03"], vec!["web-02"]));
    let words = preview.regions_words().unwrap();
    assert!(words.starts_with("one at a time: eu-1 (2 hosts), eu-2 (1 host); 3 hosts over all"), "{words}");
}

/// [R46] The next region is untouched until the one before it was validated, has baked and was judged; and a person
/// judges each region by what its own hosts served, beside the rest of that region.
#[test]
fn no_region_begins_before_the_one_before_it_was_found_good() {
    let mut world = World::new(802, &Shape { compared: true, ..shape() });
    world.under_way();
    world.run_until(Span::minutes(5), |session| {
        matches!(one_box(session).step(), Some(Step::Pause(Pause::Bake(_))))
    });
    assert_eq!(region_in_turn(world.session(), one_box(world.session())), Some(("eu-1", 1, 2)));
    assert_eq!(touched(world.session()), ["web-01", "web-03"]);
    says(&world.ask("dana", go_on()).unwrap_err(), &["1-box pauses for", "a planned pause is not cut short"]);
    says(&world.ask("raj", judge(true, "it looks well")).unwrap_err(), &["nothing is compared now"]);
    let waits = |session: &Session| comparison::due(session).is_some();
    world.run_until(Span::minutes(10), waits);
    world.run_for(Span::minutes(5));
    assert_eq!(touched(world.session()), ["web-01", "web-03"], "nobody has judged it");
    let sides = world.session().rollout.compared(&environment(PRODUCTION)).unwrap();
    assert_eq!(
        (sides.new.hosts, sides.rest.hosts),
        (2, 1),
        "eu-1 has three hosts, and eu-2 is no part of it"
    );
    world.must("raj", judge(true, ""));
    world.run_until(Span::minutes(15), |session| one_box(session).state == StageState::Ready);
    let (_, _, of) = region_in_turn(world.session(), one_box(world.session())).unwrap();
    assert_eq!(of, 2);
    // The figures of one region are none of the other's.
    world.run_for(Span::minutes(10));
    let sides = world.session().rollout.compared(&environment(PRODUCTION)).unwrap();
    assert_eq!((sides.new.hosts, sides.rest.hosts), (1, 2));
    says(&world.ask("raj", promote()).unwrap_err(), &["nobody has judged it"]);
    world.must("raj", judge(true, ""));
    world.must("raj", promote());
}

/// [R46] A region that is judged not to be well keeps the next one untouched; so does a host of it that failed.
#[test]
fn a_region_that_is_not_good_keeps_the_next_one_untouched() {
    let mut world = World::new(803, &Shape { compared: true, bake: Span::ZERO, ..shape() });
    world.under_way();
    world.run_until(Span::minutes(10), |session| comparison::due(session).is_some());
    world.must("raj", judge(false, "its answers are slower"));
    world.run_for(Span::minutes(30));
    assert_eq!(touched(world.session()), ["web-01", "web-03"]);
    world.must("raj", roll_back());
    let mut world = World::new(804, &shape());
    world.hosts[2].wrong.push((LaneStep::SelfTest, Wrong::Fails, Some(candidate("2.5.0").version.clone())));
    world.under_way();
    world.run_for(Span::minutes(30));
    assert_eq!(touched(world.session()), ["web-01", "web-03"], "{}", world.story());
}

/// [R46] [R47] A region begins in its own off-peak hours, by its own clocks; until then it waits by name, and nobody but a
/// deployer with a reason begins it earlier.
#[test]
fn each_region_begins_in_its_own_hours() {
    // It is noon in UTC: hour 13 in Berlin and 7 in New York. Of eu-2 hours 1, 4, 7, 10 … are off-peak.
    let test_bed = TestBed { off_peak: Some(3), ..shape().test_bed };
    let mut world = World::new(805, &Shape { test_bed, validations: false, ..shape() });
    world.prepare();
    world.decide_go();
    world.must("raj", start_outside("1-box"));
    // At 07:06 there its hours are open.
    world.run_until(Span::minutes(10), |session| touched(session).len() == 3);
    let late = Shape { bake: Span::minutes(70), validations: false, ..shape() };
    let late = Shape { test_bed: TestBed { off_peak: Some(3), ..late.test_bed }, ..late };
    let mut world = World::new(806, &late);
    world.prepare();
    world.decide_go();
    world.must("raj", start_outside("1-box"));
    world.run_until(Span::hours(2), at_region);
    world.run_for(Span::minutes(10));
    let waits = region_waits(world.session(), one_box(world.session()), world.now()).unwrap();
    assert_eq!(waits.in_words(), "eu-2 opens at Mon 2 Mar 10:00 America/New_York (15:00 UTC) (off-peak)");
    assert_eq!(touched(world.session()), ["web-01", "web-03"]);
    says(
        &world.ask("dana", go_on()).unwrap_err(),
        &["1-box waits: eu-2 opens at", "or an override with a reason (S)"],
    );
    world.refused("sam", start_outside("1-box"));
    says(&world.refused("raj", start_outside(PRODUCTION)), &[]);
    world.run_for(Span::hours(2));
    assert_eq!(touched(world.session()).len(), 3, "its hours began by themselves\n{}", world.story());
    let mut world = World::new(807, &late);
    world.prepare();
    world.decide_go();
    world.must("raj", start_outside("1-box"));
    world.run_until(Span::hours(2), at_region);
    world.must("raj", start_outside("1-box"));
    let overridden = world.journal.durable.iter().filter(|it| {
        matches!(&it.event, Event::Pipeline(PipelineEvent::WindowOverridden { closed, .. }) if closed[0].contains("eu-2"))
    });
    assert_eq!(overridden.count(), 1);
    world.run_for(Span::minutes(5));
    assert_eq!(touched(world.session()).len(), 3, "{}", world.story());
}

/// [R46] So does what selects the rest, or all, where it goes off-peak and by region: hours that never meet keep nobody.
#[test]
fn the_rest_goes_by_region_too_where_each_has_its_hours() {
    let rolling = Rolling { by: Some("region".into()), ..Rolling::default() };
    let test_bed = TestBed { off_peak: Some(3), ..TestBed::default() };
    let mut plan = plan(&Shape { test_bed, strategy: Strategy::Rolling(rolling), ..shape() });
    let last = plan.stages.len() - 1;
    assert_eq!((plan.stages[last].select.clone(), plan.regions(last).len()), (Select::Rest, 0));
    plan.stages[last].off_peak = true;
    let names: Vec<_> = plan.regions(last).iter().map(|it| it.name.map(str::to_owned)).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let batches = plan.batches(last);
    assert_eq!(batches.len(), 2);
    assert!(plan.steps(last).iter().any(Step::is_region));
    for (at, name) in names.iter().enumerate() {
        let opening = plan.opening_of_region(last, name.as_deref());
        assert_eq!(opening.rules.len(), 1, "the hours of {name:?} alone");
        assert!(batches[at].hosts.iter().all(|host| host.region == *name));
    }
}

/// [R46] A hotfix bakes in no region and minds no hours, and stays validated and one region at a time.
#[test]
fn a_hotfix_skips_the_bake_and_the_hours_of_a_region_and_nothing_else() {
    let test_bed = TestBed { off_peak: Some(3), ..shape().test_bed };
    let mut world = World::new(808, &Shape { test_bed, bake: Span::minutes(70), ..shape() });
    world.must("dana", hotfix(Span::hours(24)));
    world.under_way();
    world.run_until(Span::minutes(20), |session| one_box(session).state == StageState::Ready);
    let steps = world.journal.durable.iter().filter_map(|it| match &it.event {
        Event::Pipeline(PipelineEvent::StepBegan { what, .. }) => Some(what.clone()),
        _ => None,
    });
    assert_eq!(smoke(&steps.collect::<Vec<_>>()), ["validate", "bake", "region", "deploy"]);
}

/// [R46] Only an explicit word takes the regions together, and `check` says what it means.
#[test]
fn regions_are_taken_together_only_where_the_plan_says_so() {
    let together = Shape { test_bed: TestBed { together: true, ..shape().test_bed }, ..shape() };
    let declared = plan(&together);
    assert!(!declared.by_region(0) && declared.steps(0).len() == 1);
    assert_eq!(rules::check(&declared), []);
    let said = rules::remarks(&declared).into_iter().map(|remark| remark.what).collect::<Vec<_>>();
    let wanted = "1-box changes hosts of eu-1, eu-2 at the same time: by = \"all\" says so";
    assert!(said.iter().any(|said| said == wanted), "{said:?}");
    let first = TestBed { order: vec!["eu-2".into()], ..shape().test_bed };
    let mut ordered = plan(&Shape { test_bed: first, ..shape() });
    assert_eq!(ordered.regions(0)[0].name, Some("eu-2"));
    let golive::domain::plan::Strategy::Rolling(rolling) = &mut ordered.stages[0].strategy else { panic!() };
    rolling.by = Some("all".into());
    let broken = rules::check(&ordered);
    assert!(
        broken.iter().any(|it| it.what.contains("takes all its hosts together, and \"eu-2\" first")),
        "{broken:?}"
    );
    // All hosts, or those of one region, are no test bed of several.
    let mut whole = plan(&shape());
    whole.stages[0].select = Select::Some { amount: None, region: Some("eu-1".into()), hosts: Vec::new() };
    assert!(!whole.by_region(0));
    whole.stages[0].select = Select::All;
    assert!(!whole.by_region(0));
}

/// [R46] A machine that joins while the second region is in progress has a turn of its own after it.
#[test]
fn who_joins_waits_for_a_turn_of_its_own() {
    let test_bed = TestBed { share: Some(2_500), ..TestBed::default() };
    let bed = Shape { hosts: 8, validations: false, bake: Span::minutes(1), test_bed, ..shape() };
    let mut world = World::new(809, &bed);
    world.spare_hosts(8, false);
    world.under_way();
    world.run_until(Span::minutes(20), |session| touched(session).len() == 2);
    world.must("dana", adopt(&Shape { hosts: 16, ..bed }));
    let run = one_box(world.session());
    let names: Vec<&str> = run.units.iter().map(UnitId::as_str).collect();
    assert_eq!(names, ["web-01", "web-02", "web-03", "web-04"]);
    assert_eq!(
        smoke(&run.steps),
        ["deploy", "bake", "region", "deploy", "bake", "region", "deploy", "bake", "region", "deploy"]
    );
    world.run_until(Span::hours(1), |session| one_box(session).state == StageState::Ready);
    let started = world.journal.durable.iter().filter_map(|it| match &it.event {
        Event::Rollout(golive::domain::rollout::RolloutEvent::LaneStarted { unit, .. }) => {
            Some(unit.to_string())
        }
        _ => None,
    });
    assert_eq!(started.collect::<Vec<_>>(), ["web-01", "web-02", "web-03", "web-04"]);
    let done = |unit: &&UnitId| {
        world.session().rollout.unit(unit).unwrap().lane.as_ref().unwrap().state == LaneState::Done
    };
    assert_eq!(one_box(world.session()).units.iter().filter(done).count(), 4);
}

/// A component that waits for one whose first host comes in a later region would wait for ever: refused.
#[test]
fn a_barrier_that_no_region_can_open_is_refused() {
    let parts =
        Parts { workers: 2, barrier: Threshold::All, apart: true, beside: false, keeps: None, at_once: None };
    let bed = Shape { parts: Some(parts), test_bed: TestBed { hosts: 1, ..TestBed::default() }, ..shape() };
    let mut declared = plan(&bed);
    let first = |declared: &golive::domain::plan::Plan| {
        declared.selected(0).iter().map(|it| it.unit.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(first(&declared), ["web@web-01", "worker@job-01"]);
    let production = declared.environments.get_mut(&environment(PRODUCTION)).unwrap();
    for pool in &mut production.pools {
        for (nth, host) in pool.hosts.iter_mut().enumerate() {
            let region = if pool.component.as_str() == "web" { nth % 2 } else { (nth + 1) % 2 };
            host.region = Some(format!("eu-{}", region + 1));
        }
    }
    // web-01 is of eu-1 and job-01 of eu-2: the worker's turn comes after web's.
    assert!(declared.by_region(0));
    let region = |broken: &rules::Broken| broken.what.contains("goes one region at a time");
    assert!(!rules::check(&declared).iter().any(region));
    let golive::domain::plan::Strategy::Rolling(rolling) = &mut declared.stages[0].strategy else { panic!() };
    rolling.by = Some("region".into());
    rolling.order = vec!["eu-2".into()];
    let broken = rules::check(&declared);
    assert!(broken.iter().any(region), "{broken:?}");
}

/// What nobody measured is said beforehand: a region of which nothing is left to compare with.
#[test]
fn a_region_without_a_rest_is_said_where_it_is_compared() {
    let bed =
        Shape { hosts: 4, compared: true, test_bed: TestBed { hosts: 3, ..TestBed::default() }, ..shape() };
    let declared = plan(&bed);
    assert!(declared.checks[&check("comparison")].kind == CheckKind::Comparison);
    let said = rules::remarks(&declared).into_iter().map(|remark| remark.what).collect::<Vec<_>>();
    assert!(said.iter().any(|said| said.starts_with("1-box takes all of eu-1 (2 hosts): nothing of that region is left")), "{said:?}");
    // And a map for each of its regions is asked for by name.
    let mut without = plan(&bed);
    with_traffic(&mut without, &bed, 2);
    without.traffic.remove("eu-2");
    let broken = rules::check(&without);
    assert!(broken.iter().any(|it| it.what.contains("there is no traffic map of eu-2")), "{broken:?}");
}

#[test]
fn batches_are_those_of_each_region() {
    let bed = Shape {
        hosts: 8,
        test_bed: TestBed {
            hosts: 6,
            batches: vec![Amount::Count(1), Amount::Percent(10_000)],
            ..TestBed::default()
        },
        bake: Span::ZERO,
        ..shape()
    };
    let declared = plan(&bed);
    let sizes: Vec<usize> = declared.batches(0).iter().map(|batch| batch.hosts.len()).collect();
    assert_eq!(sizes, [1, 2, 1, 2]);
    assert_eq!(smoke(&declared.steps(0)), ["deploy", "deploy", "validate", "region", "deploy", "deploy"]);
}
