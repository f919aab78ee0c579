//! The pipeline as cards: each stage with what it touches, what it is asked to pass, and who lets it go on.

use serde::Serialize;

use super::{StageState, validation_standing};
use crate::domain::{
    name::{CheckName, EnvironmentName, PersonName, StageName},
    plan::{EnvironmentKind, Plan, Promote, Stage, TrafficKind},
    session::Session,
    signal::{self, JudgedVerdict},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Card {
    pub stage: StageName,
    /// The stages that must have passed before it, in their order.
    pub after: Vec<StageName>,
    pub environment: EnvironmentName,
    pub kind: EnvironmentKind,
    pub traffic: TrafficKind,
    /// Of one that should have no traffic: what is seen of any.
    pub traffic_seen: Option<String>,
    pub state: StageState,
    /// The poll stands before it.
    pub poll: bool,
    /// The go-live ends with it: what it brings is live, and nothing comes after it.
    pub last: bool,
    /// Its own hosts, and all those of its environment.
    pub hosts: u32,
    pub of: u32,
    /// Where its hosts are, as far as the plan says.
    pub regions: Vec<String>,
    pub strategy: &'static str,
    pub validations: Vec<Validation>,
    pub bake: Span,
    /// What the session's profile leaves out of it, in words: it has not passed, nobody asks for it.
    pub left_out: Vec<String>,
    pub starts: By,
    pub promotes: By,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Validation {
    pub check: CheckName,
    /// None: not run since the stage's hosts were done.
    pub verdict: Option<JudgedVerdict>,
}

/// What carries a stage over its boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// By itself, once nothing is in the way.
    Auto,
    /// One of these decides.
    Human(Vec<PersonName>),
}

/// What the stage asks for itself, and nobody does in this session.
fn left_out(session: &Session, stage: &Stage) -> Vec<String> {
    let out = session.left_out();
    let unasked = session.plan().strictness.unasked.get(&stage.name).into_iter().flatten();
    let validations = unasked.map(|check| format!("validation {check}"));
    let bake = out.bakes.contains(&stage.name).then(|| "bake".to_owned());
    let profile = session.profile();
    validations.chain(bake).map(|what| format!("{what} left out by {profile}")).collect()
}

/// Whether a person starts it: where nothing is before it, after the poll, and where stages branch off what a person
/// promotes (the first of them begins with that promotion).
fn by_hand(plan: &Plan, index: usize) -> bool {
    let before = plan.before(index);
    let promoted = |at: &usize| plan.stages[*at].promote == Promote::Human;
    before.is_empty() || plan.follows_the_poll(index) || plan.branches() && before.iter().any(promoted)
}

/// The stages in their order.
pub fn cards(session: &Session) -> Vec<Card> {
    let plan = session.plan();
    let people = |role: &str| {
        By::Human(plan.people.values().filter(|it| it.has(role)).map(|it| it.name.clone()).collect())
    };
    let (runs, finals) = (&session.pipeline.stages, plan.finals());
    plan.stages
        .iter()
        .zip(runs)
        .enumerate()
        .filter_map(|(at, (stage, run))| {
            let environment = plan.environments.get(&stage.environment)?;
            let hosts = plan.selected(at);
            let mut regions: Vec<String> = hosts.iter().filter_map(|host| host.region.clone()).collect();
            regions.sort();
            regions.dedup();
            let poll = at == plan.poll_index();
            let validation = |check: &CheckName| Validation {
                check: check.clone(),
                verdict: validation_standing(session, run, check).map(|judged| judged.verdict),
            };
            Some(Card {
                stage: stage.name.clone(),
                after: plan.before(at).into_iter().map(|at| plan.stages[at].name.clone()).collect(),
                environment: stage.environment.clone(),
                kind: environment.kind,
                traffic: environment.traffic,
                traffic_seen: signal::traffic(session, &stage.environment).map(|it| it.words()),
                state: run.state,
                poll,
                last: finals.contains(&at),
                hosts: hosts.len() as u32,
                of: environment.hosts().count() as u32,
                regions,
                strategy: stage.strategy.word(),
                validations: stage.validations.iter().map(validation).collect(),
                bake: stage.bake,
                left_out: left_out(session, stage),
                starts: if by_hand(plan, at) { people("deployer") } else { By::Auto },
                promotes: match stage.promote {
                    Promote::Automatic => By::Auto,
                    Promote::Human => people("deployer"),
                },
            })
        })
        .collect()
}
