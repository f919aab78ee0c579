//! Puts the first release on the demo's hosts by the engine itself, with the steps of a lane. Nobody is in
//! the pool yet, so that nothing is drained.

use futures::{StreamExt as _, TryStreamExt as _, future::BoxFuture, stream};
use tokio::sync::mpsc;

use crate::{
    clock::Clock,
    demo::fleet::{Installer, Site},
    domain::{
        effect::{Effect, EffectId, LaneStep, Outcome, Report, Reported, Target, Work},
        name::UnitId,
        plan::SELF_TEST,
    },
    engine::{Engine, EngineDirs},
};

/// Hosts worked on at once.
const AT_ONCE: usize = 16;
const STEPS: [LaneStep; 4] = [LaneStep::Fetch, LaneStep::Install, LaneStep::Start, LaneStep::SelfTest];

/// The engine as an installer.
pub struct ByEngine;

impl Installer for ByEngine {
    fn install<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let each = site.units().into_iter().map(move |unit| install(site, unit)).collect::<Vec<_>>();
            stream::iter(each).buffer_unordered(AT_ONCE).try_collect::<()>().await
        })
    }
}

/// One engine a host, so that its reports are this host's.
async fn install(site: &Site, unit: UnitId) -> Result<(), String> {
    let (reports, mut heard) = mpsc::channel(8);
    let (base, state) = (site.project.clone(), site.project.join(".golive"));
    let dirs = EngineDirs { golive: site.program.clone(), ..EngineDirs::new(base, state) };
    let engine = Engine::new(site.plan.clone(), Clock::System, dirs, reports);
    let tests = site.plan().check(SELF_TEST).is_some();
    let steps = STEPS.into_iter().filter(|step| tests || *step != LaneStep::SelfTest);
    for (number, step) in (1..).zip(steps) {
        let id = EffectId { target: Target::Unit(unit.clone()), attempt: 1, step: number };
        let work = Work::Step { unit: unit.clone(), step, want: site.first.clone(), keep: Vec::new() };
        engine.start(Effect { id, work }, 1);
        match heard.recv().await {
            Some(Report { what: Reported::Ended(Outcome::Done { .. }), .. }) => {}
            Some(Report { what: Reported::Ended(outcome), .. }) => {
                return Err(format!("{unit}, {}: {}", step.word(), why(outcome)));
            }
            Some(_) | None => return Err(format!("{unit}, {}: the engine said nothing", step.word())),
        }
    }
    Ok(())
}

fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed { why, .. } | Outcome::Inconclusive { why } => why,
        Outcome::Cancelled => "it was cancelled".into(),
        Outcome::Done { note, .. } => note,
        Outcome::Seen(_) => "it was only looked at".into(),
    }
}
