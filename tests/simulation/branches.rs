//! Stages that do not wait for each other, in the random worlds: two that bake beside each other before production, one
//! that nothing waits for, and production in two environments.

use golive::domain::{
    course::CourseEvent,
    event::{Event, Stamped},
    name::{EnvironmentName, StageName},
    pipeline::{PipelineEvent, StageState},
    plan::{Amount, EnvironmentKind, Plan, Select, Stage, Strategy},
    time::Span,
};

use super::{
    oracle::Oracle,
    people::{start, start_outside},
    plan::{PRODUCTION, Shape, place},
    rng::Rng,
    world::World,
};

/// Beside the beta and the production that are there.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each branch is there or not, whatever the others are")]
pub struct Branches {
    /// A stage before beta and gamma.
    pub alpha: bool,
    /// One after the first stage, that nothing waits for.
    pub load: bool,
    /// Production in a second environment, after the same stages.
    pub us: bool,
    /// The file names production first.
    pub backwards: bool,
}

/// A fifth of the worlds.
pub fn some_have_them(seed: u64, mut shape: Shape) -> Shape {
    let mut rng = Rng::new(seed ^ 0x9a4f);
    if rng.per_mille(200) {
        shape.beta = true;
        shape.branches = Some(Branches {
            alpha: rng.per_mille(600),
            load: rng.per_mille(400),
            us: shape.agents.is_none() && shape.parts.is_none() && rng.per_mille(400),
            backwards: rng.per_mille(300),
        });
    }
    shape
}

pub fn arrange(plan: &mut Plan, branches: &Branches, shape: &Shape) {
    let like = plan.stages.iter().find(|stage| stage.name.as_str() == "beta").cloned().unwrap();
    let another = |name: &str, after: &[&str]| Stage {
        name: StageName::new(name).unwrap(),
        environment: EnvironmentName::new(name).unwrap(),
        select: Select::All,
        strategy: Strategy::default(),
        after: Some(names(after)),
        // Some are through before the other one is.
        bake: Span(like.bake.0 / if name == "gamma" { 1 } else { 2 }),
        budget: None,
        ..like.clone()
    };
    let first: &[&str] = if branches.alpha { &["alpha"] } else { &[] };
    let mut more = vec![another("gamma", first)];
    if branches.alpha {
        more.push(another("alpha", &[]));
    }
    if branches.load {
        more.push(another("load", if branches.alpha { &["alpha"] } else { &["beta"] }));
    }
    if branches.us {
        more.push(another("us", &["beta", "gamma"]));
    }
    for stage in &more {
        let mut own = place(stage.environment.as_str(), stage.name.as_str(), 2, shape);
        if stage.name.as_str() == "us" {
            own.1.kind = EnvironmentKind::Production;
            own.1.traffic = plan.environments[&EnvironmentName::new(PRODUCTION).unwrap()].traffic;
            own.1.capacity.max_unavailable = Some(Amount::Count(1));
        }
        plan.environments.extend([own]);
    }
    for stage in &mut plan.stages {
        if stage.name.as_str() == "beta" {
            stage.after = Some(names(first));
        } else if stage.name == plan.poll.before {
            stage.after = Some(names(&["beta", "gamma"]));
        }
    }
    plan.stages.extend(more);
    if branches.backwards {
        for index in 0..plan.stages.len() {
            let before = plan.before(index).into_iter().map(|at| plan.stages[at].name.clone()).collect();
            plan.stages[index].after = Some(before);
        }
        plan.stages.reverse();
    }
    *plan = plan.clone().in_order().0;
}

fn names(names: &[&str]) -> Vec<StageName> {
    names.iter().map(|name| StageName::new(name).unwrap()).collect()
}

impl Oracle {
    /// No stage begins before all that it is after has passed, nor while another one's hosts are changed.
    pub(super) fn comes_in_its_turn(&mut self, index: usize, stage: &StageName) {
        let session = &self.shadow;
        let plan = session.plan();
        let open = plan.all_before(index).into_iter().map(|at| &session.pipeline.stages[at]);
        let open: Vec<&str> =
            open.filter(|run| run.state != StageState::Passed).map(|run| run.name.as_str()).collect();
        let open = open.join(", ");
        let rolls = session.pipeline.stages.iter().find(|run| run.state == StageState::Rolling);
        let rolls = rolls.map(|run| run.name.clone());
        let back = session
            .pipeline
            .stages
            .iter()
            .any(|run| matches!(run.state, StageState::RollingBack | StageState::RolledBack));
        self.must(open.is_empty(), || format!("{stage} began before {open} had passed"));
        self.must(rolls.is_none(), || format!("{stage} began while {rolls:?} rolls"));
        self.must(!back, || format!("{stage} began although another one went back"));
    }

    /// Whoever is verified has passed every stage.
    pub(super) fn all_have_passed(&mut self) {
        let runs = &self.shadow.pipeline.stages;
        let open: Vec<String> = runs
            .iter()
            .filter(|run| run.state != StageState::Passed)
            .map(|run| format!("{} is {}", run.name, run.state.word()))
            .collect();
        self.must(open.is_empty(), || format!("verified, and {}", open.join(", ")));
    }

    /// A bake is observed from its beginning to its end, by what the record says of it.
    pub(super) fn bakes(&mut self, stamped: &Stamped) {
        match &stamped.event {
            // Session time that nobody observed is in no bake.
            Event::Course(CourseEvent::Reopened { .. }) => {
                let away = stamped.now.session.since(self.shadow.now.session);
                for (_, unseen) in self.baked.values_mut() {
                    *unseen = Span(unseen.0 + away.0);
                }
            }
            Event::Pipeline(PipelineEvent::BakeStarted { stage }) => {
                self.baked.insert(stage.clone(), (stamped.now.session, Span::ZERO));
            }
            Event::Pipeline(PipelineEvent::BakeEnded { stage }) => {
                let Some((began, unseen)) = self.baked.remove(stage) else { return };
                let seen = Span(stamped.now.session.since(began).0.saturating_sub(unseen.0));
                let whole = self.shadow.plan().stage(stage).map_or(Span::ZERO, |(_, stage)| stage.bake);
                self.must(seen >= whole, || format!("{stage} baked {seen} of {whole}"));
            }
            _ => {}
        }
    }
}

/// The first stage is started: where others come before production without a GO, and outside its window where that is
/// meant.
pub fn begin(world: &mut World, branches: bool, outside: bool) {
    if !branches && !outside {
        return world.under_way();
    }
    world.prepare();
    if branches {
        return world.must("raj", start());
    }
    world.decide_go();
    world.must("raj", start_outside("1-box"));
}
