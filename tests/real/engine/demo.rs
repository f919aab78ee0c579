//! The engine against the demo's fleet, by the plan that the demo writes: its hosts are installed and started as
//! the local driver does it, its balancer is asked by the same code as HAProxy.

use futures::future::BoxFuture;
use golive::{
    clock::Clock,
    config,
    demo::fleet::{Fleet, Installer, Options, Site},
    domain::{
        effect::{Candidate, Health, LaneStep, PoolState},
        name::Version,
    },
    engine::{EngineDirs, FirstRelease, artifact},
};

use super::fixture::{Bench, failed};
use crate::demo_ground::program;

/// As the command line does it.
struct ByEngine;

impl Installer for ByEngine {
    fn install<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let Site { dir, artifact, candidate, start, .. } = site;
            FirstRelease { dir, artifact, candidate, start }.install(&Clock::System).await
        })
    }
}

const LANE: [LaneStep; 8] = [
    LaneStep::Fetch,
    LaneStep::Drain,
    LaneStep::Stop,
    LaneStep::Install,
    LaneStep::Start,
    LaneStep::SelfTest,
    LaneStep::Alive,
    LaneStep::Rejoin,
];

async fn candidate(fleet: &Fleet, version: &Version) -> Candidate {
    let base = fleet.layout().project();
    let dirs = EngineDirs { state: base.join("state"), base };
    let source = format!("dist/shop-{version}.tar.gz");
    let digest = artifact::digest(&source, &dirs, &Clock::System).await.unwrap();
    Candidate { version: version.clone(), digest }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fleet_of_the_demo_is_rolled_and_a_bad_release_goes_back_without_a_failed_request() {
    let options = Options {
        hosts: 3,
        faults: vec!["selftest@host-2".parse().unwrap()],
        ..Options::new(program(), "tester".into())
    };
    let fleet = Fleet::start(options, &ByEngine).await.unwrap();
    let project = fleet.layout().project();
    let plan = config::load(&project, None).unwrap().plan;
    let mut bench = Bench::at(&project, plan);
    let [first, good, bad] = Fleet::versions().unwrap();
    let names: Vec<String> = fleet.sites().iter().map(|site| site.name.clone()).collect();
    let (one, two) = (names[0].as_str(), names[1].as_str());
    let (good, bad) = (candidate(&fleet, &good).await, candidate(&fleet, &bad).await);

    let watch = bench.begin_watch(Some(&fleet.sites()[0].candidate));
    let seen = bench.seen(two, |seen| seen.pool == PoolState::In).await;
    assert_eq!((seen.health, seen.runs, seen.kept), (Health::Healthy, Some(first.clone()), Some(true)));
    for host in [one, two] {
        bench.steps(host, &LANE, &good).await;
    }
    let seen = bench.seen(two, |seen| seen.runs.as_ref() == Some(&good.version)).await;
    assert_eq!(seen.installed, Some(good.clone()));
    bench.engine.cancel(&watch);

    bench.steps(two, &LANE[..5], &bad).await;
    let (why, evidence) = failed(bench.step(two, LaneStep::SelfTest, &bad).await);
    assert_eq!(why, "answered 503, wanted 200 to 299");
    assert!(evidence.contains("connection refused"), "{evidence}");
    // Back to what ran first, as a rollback does it.
    for host in [two, one] {
        bench.steps(host, &LANE, &fleet.sites()[0].candidate).await;
        let seen = bench.probe(host, &good).await;
        assert_eq!((seen.pool, seen.runs), (PoolState::In, Some(first.clone())));
    }
    let traffic = fleet.traffic().unwrap();
    assert!(traffic.sent > 0);
    assert_eq!(traffic.failed, 0, "of {}", traffic.sent);
}
