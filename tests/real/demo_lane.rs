//! The engine at work on the embedded fleet: the real driver, balancer and probes, step by step.

use golive::{
    clock::Clock,
    demo::fleet::Fleet,
    domain::{
        effect::{Candidate, Effect, EffectId, LaneStep, Outcome, Report, Reported, Target, Work},
        name::UnitId,
    },
    engine::{Engine, EngineDirs},
};
use tokio::sync::mpsc;

use crate::demo_ground::{fleet, until};

struct Lane<'a> {
    fleet: &'a Fleet,
    engine: Engine,
    heard: mpsc::Receiver<Report>,
    steps: u32,
}

impl<'a> Lane<'a> {
    fn on(fleet: &'a Fleet) -> Self {
        let (reports, heard) = mpsc::channel(8);
        let project = fleet.layout().project();
        let dirs = EngineDirs {
            golive: env!("CARGO_BIN_EXE_golive").into(),
            ..EngineDirs::new(project.clone(), project.join(".golive"))
        };
        let engine = Engine::new(fleet.site().plan.clone(), Clock::System, dirs, reports);
        Self { fleet, engine, heard, steps: 0 }
    }

    async fn step(&mut self, unit: &UnitId, step: LaneStep, want: &Candidate) -> Outcome {
        self.steps += 1;
        let id = EffectId { target: Target::Unit(unit.clone()), attempt: 1, step: self.steps };
        let work = Work::Step {
            unit: unit.clone(),
            step,
            want: want.clone(),
            keep: vec![self.fleet.site().first.clone()],
        };
        self.engine.start(Effect { id, work }, 1);
        match self.heard.recv().await.unwrap().what {
            Reported::Ended(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    /// The whole lane; the step that failed, if one did.
    async fn run(&mut self, unit: &UnitId, want: &Candidate) -> Option<(LaneStep, Outcome)> {
        for step in LaneStep::CARRIED.iter().copied().filter(|step| *step != LaneStep::Replace) {
            match self.step(unit, step, want).await {
                Outcome::Done { .. } => {}
                outcome => return Some((step, outcome)),
            }
        }
        None
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_release_rolls_over_every_host_and_no_request_fails() {
    let fleet = fleet(3, &[]).await;
    let good = &fleet.site().good;
    let mut lane = Lane::on(&fleet);
    for unit in fleet.site().units() {
        assert_eq!(lane.run(&unit, good).await, None);
    }
    until("only the new version serves", async || {
        fleet.traffic().is_ok_and(|stats| stats.recent.versions.keys().eq([good.version.as_str()]))
    })
    .await;
    let stats = fleet.traffic().unwrap();
    assert_eq!((stats.failed, &stats.reasons), (0, &[].into()), "{:?}", stats.last_failures);
    assert!(stats.versions["2.4.1"] > 0);
    fleet.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_that_stops_a_rollout_stops_the_lane_before_the_host_rejoins() {
    for (fault, at, said) in [
        ("selftest", LaneStep::SelfTest, "12 of 14"),
        ("crash", LaneStep::SelfTest, ""),
        ("hang", LaneStep::SelfTest, ""),
    ] {
        let fleet = fleet(2, &[&format!("{fault}@host-2")]).await;
        let mut lane = Lane::on(&fleet);
        let (bad, first) = (&fleet.site().bad, &fleet.site().first);
        let units = fleet.site().units();
        assert_eq!(lane.run(&units[0], bad).await, None, "{fault}");
        let (step, outcome) = lane.run(&units[1], bad).await.expect("the lane fails");
        assert_eq!(step, at, "{fault}: {outcome:?}");
        assert!(format!("{outcome:?}").contains(said), "{fault}: {outcome:?}");
        // Back: the newest first, and everybody is served all the time.
        for unit in units.iter().rev() {
            assert_eq!(lane.run(unit, first).await, None, "{fault}");
        }
        let stats = fleet.traffic().unwrap();
        assert_eq!((stats.failed, &stats.reasons), (0, &[].into()), "{fault}: {:?}", stats.last_failures);
        fleet.end().await.unwrap();
    }
}
