//! What a scenario expects to hold at a time.

use std::collections::BTreeMap;

use golive::domain::{
    course::Phase,
    name::OnceName,
    rollout::{troubles, unwell},
};
use serde::Deserialize;

use super::{
    plan::{PRODUCTION, environment, unit},
    queueing::waiting,
    world::World,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    pub at: String,
    phase: Phase,
    /// How the session ended, in the word that people read.
    ended: Option<String>,
    /// How stages stand, in the words that people read.
    #[serde(default)]
    stages: BTreeMap<String, String>,
    done: Option<u32>,
    failed: Option<u32>,
    waiting: Option<u32>,
    /// The words of each thing that needs a human.
    #[serde(default)]
    needs_a_human: Vec<String>,
    /// The words of each thing that is wrong although nobody is needed yet, where they are given.
    unwell: Option<Vec<String>>,
    #[serde(default)]
    runs: BTreeMap<String, String>,
    #[serde(default)]
    left: Vec<String>,
    /// How often a version was installed on a host, whichever it was.
    #[serde(default)]
    installed: BTreeMap<String, u32>,
    /// Hosts that are out of the pool, where they are given.
    out: Option<Vec<String>>,
    /// Hosts that nobody is served by, where they are given.
    without_traffic: Option<Vec<String>>,
    /// All that ran once by then, in its order, where it is given: `migrate`, `back of migrate`.
    ran: Option<Vec<String>>,
    /// The versions that wait for the end of this one, where they are given; and what becomes of the first of them.
    queue: Option<Vec<String>>,
    next: Option<String>,
    /// The weight of the new version at the balancer, in per cent.
    weight: Option<u8>,
}

impl Ending {
    pub fn holds(&self, world: &World) {
        let session = world.session();
        assert_eq!(session.course.phase, self.phase, "{}", world.story());
        let said = |(once, back): &(OnceName, bool)| {
            if *back { format!("back of {once}") } else { once.to_string() }
        };
        let ran: Vec<String> = world.once.log.iter().map(said).collect();
        assert!(self.ran.is_none() || self.ran.as_ref() == Some(&ran), "{ran:?}\n{}", world.story());
        let ended = session.course.ending.as_ref().map(|ending| ending.word().to_owned());
        assert!(self.ended.is_none() || self.ended == ended, "{ended:?}\n{}", world.story());
        for (name, wanted) in &self.stages {
            let run = session.pipeline.stages.iter().find(|run| run.name.as_str() == name);
            let stands = run.map(|run| run.state.word());
            assert_eq!(stands, Some(wanted.as_str()), "{name}\n{}", world.story());
        }
        let counts = session.rollout.counts(&environment(PRODUCTION));
        for (what, is, wanted) in [
            ("done", counts.done, self.done),
            ("failed", counts.failed, self.failed),
            ("waiting", counts.waiting, self.waiting),
        ] {
            assert!(
                wanted.is_none_or(|wanted| wanted == is),
                "{is} {what}, not {wanted:?}\n{}",
                world.story()
            );
        }
        let called = troubles(session);
        assert_eq!(called.len(), self.needs_a_human.len(), "{}", world.story());
        for (trouble, words) in called.iter().zip(&self.needs_a_human) {
            assert!(trouble.words().contains(words), "{words:?} is not in {:?}", trouble.words());
        }
        let wrong = unwell(session, world.now());
        if let Some(wanted) = &self.unwell {
            assert_eq!(wrong.len(), wanted.len(), "{wrong:?}\n{}", world.story());
            for (wrong, words) in wrong.iter().zip(wanted) {
                assert!(wrong.what.contains(words), "{words:?} is not in {:?}", wrong.what);
                assert!(!wrong.release.is_empty());
            }
        }
        for (host, version) in &self.runs {
            let runs = world.hosts[world.index[&unit(host)]].runs.as_ref().map(ToString::to_string);
            assert_eq!(runs.as_deref(), Some(version.as_str()), "{host}\n{}", world.story());
        }
        for (host, times) in &self.installed {
            let installs = world.hosts[world.index[&unit(host)]].installs;
            assert_eq!(installs, *times, "installs on {host}\n{}", world.story());
        }
        if let Some(wanted) = &self.out {
            let out = session.rollout.units().iter().filter(|unit| unit.out);
            assert_eq!(out.map(|unit| unit.id.to_string()).collect::<Vec<_>>(), *wanted, "{}", world.story());
        }
        if let Some(wanted) = &self.without_traffic {
            let hosts = world.units.iter().zip(&world.hosts).filter(|(_, host)| !host.serves());
            let found: Vec<String> = hosts.map(|(unit, _)| unit.to_string()).collect();
            assert_eq!(found, *wanted, "{}", world.story());
        }
        if self.queue.is_some() || self.next.is_some() {
            let (queue, next) = waiting(world);
            assert!(self.queue.as_ref().is_none_or(|wanted| *wanted == queue), "{queue:?}");
            assert!(self.next.as_ref().is_none_or(|wanted| next.contains(wanted)), "{next}");
        }
        if let Some(wanted) = self.weight {
            let held = world.shares.get(&environment(PRODUCTION)).map(|share| share.weight.percent());
            assert_eq!(held, Some(wanted), "{}", world.story());
        }
        let left = session.rollout.rollbacks.values().flat_map(|rollback| &rollback.left);
        assert_eq!(left.map(ToString::to_string).collect::<Vec<_>>(), self.left, "{}", world.story());
    }
}
