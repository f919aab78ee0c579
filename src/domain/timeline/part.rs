//! The parts of a go-live in their order: what is waited for, and what is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    checklist, comparison,
    counted::counted,
    effect::LaneStep,
    name::{CheckName, CloudName, EnvironmentName, OnceName, StageName},
    pipeline::{StageRun, Verifies, verifies},
    plan::{Pause, Promote, Step, Strategy, Weight, region_word},
    rollout,
    session::Session,
    time::Span,
};

/// One part. Its stage, where it has one, stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Until somebody declares.
    Poll,
    /// Until somebody starts the stage.
    Start,
    /// The hosts of one batch, from 0.
    Hosts {
        step: u32,
        batch: u32,
        of: u32,
        hosts: u32,
        weight: Option<Weight>,
    },
    /// Hosts go as far as this step of theirs, and wait for each other.
    Gather {
        step: u32,
        batch: u32,
        after: Option<LaneStep>,
        at: LaneStep,
        hosts: u32,
        /// The cloud that they are of, where clouds are taken one after another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cloud: Option<CloudName>,
    },
    /// Until traffic is seen to have shifted from one cloud to another.
    Shift {
        step: u32,
        /// The cloud that is to get it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<CloudName>,
    },
    /// A command of the team's that runs once.
    Once {
        step: u32,
        once: OnceName,
    },
    Pause {
        step: u32,
        pause: Pause,
        /// Between which steps it is, where there are more of the kind: `before the switch to b`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        between: Option<String>,
    },
    /// At a step on the way, or once the hosts are done.
    Validate {
        step: Option<u32>,
        checks: Vec<CheckName>,
    },
    Bake {
        bake: Span,
    },
    /// What a person compares, and judges before the promotion.
    Judgement {
        check: CheckName,
    },
    Promotion {
        last: bool,
    },
    /// Until a window opens, where the stage follows by itself.
    Window,
    /// Until the hours of the next region are open.
    Region {
        step: u32,
        region: String,
    },
    /// Nobody serves, as planned: beside other parts, and in nobody's way.
    Downtime {
        environment: EnvironmentName,
        hosts: u32,
    },
    Rollback {
        environment: EnvironmentName,
    },
}

impl What {
    /// In a few words: `batch 2 of 4: 2 hosts`.
    pub fn words(&self) -> String {
        match self {
            Self::Poll => "poll".to_owned(),
            Self::Start => "start".to_owned(),
            Self::Hosts { batch, of, hosts, weight, .. } => {
                let hosts = match hosts {
                    0 => "no further host".to_owned(),
                    hosts => counted(hosts, "host"),
                };
                match weight {
                    Some(weight) => format!("{weight}: {hosts}"),
                    None if *of > 1 => format!("batch {} of {of}: {hosts}", batch + 1),
                    None => hosts,
                }
            }
            Self::Gather { cloud: Some(cloud), after, at, hosts, .. } => match (after, at) {
                (Some(LaneStep::Alive), _) => format!("back in: {}", of_cloud(*hosts, cloud)),
                (_, LaneStep::Settle) => format!("deploy {}", of_cloud(*hosts, cloud)),
                (_, LaneStep::Drain) => format!("out of traffic: {cloud}"),
                _ => format!("change {}", of_cloud(*hosts, cloud)),
            },
            Self::Gather { at: LaneStep::Fetch, hosts, .. } => format!("fetch to {}", counted(hosts, "host")),
            Self::Gather { after: Some(LaneStep::Alive), hosts, .. } => {
                format!("back in: {}", counted(hosts, "host"))
            }
            Self::Gather { at: LaneStep::Settle, hosts, .. } => format!("deploy {}", counted(hosts, "host")),
            Self::Gather { at: LaneStep::Drain, hosts, .. } => {
                format!("out of traffic: {}", counted(hosts, "host"))
            }
            Self::Gather { at: LaneStep::Alive, hosts, .. } => format!("change {}", counted(hosts, "host")),
            Self::Gather { at: LaneStep::Prove, .. } => "prove all stopped".to_owned(),
            Self::Gather { hosts, .. } => format!("stop {}", counted(hosts, "host")),
            Self::Shift { to: Some(cloud), .. } => format!("traffic shifts to {cloud}"),
            Self::Shift { to: None, .. } => "traffic shifts".to_owned(),
            Self::Once { once, .. } => format!("once: {once}"),
            Self::Pause { pause: Pause::Human, between: Some(between), .. } => format!("pause {between}"),
            Self::Pause { pause, .. } => pause.to_string(),
            Self::Validate { checks, .. } => {
                let names: Vec<&str> = checks.iter().map(CheckName::as_str).collect();
                format!("validate {}", names.join(", "))
            }
            Self::Bake { bake } => format!("bake {bake}"),
            Self::Judgement { check } => format!("judge {check}"),
            Self::Promotion { last: false } => "promotion".to_owned(),
            Self::Promotion { last: true } => "promotion: verified".to_owned(),
            Self::Window => "window opens".to_owned(),
            Self::Region { region, .. } => format!("{region} opens"),
            Self::Downtime { .. } => "downtime".to_owned(),
            Self::Rollback { environment } => format!("rollback of {environment}"),
        }
    }
}

impl What {
    /// Without its own length, beside which another one stands.
    pub fn short(&self) -> String {
        match self {
            Self::Bake { .. } => "bake".to_owned(),
            Self::Pause { pause: Pause::For(_), .. } => "pause".to_owned(),
            Self::Pause { pause: Pause::Soak(_), .. } => "soak".to_owned(),
            Self::Pause { pause: Pause::Bake(_), .. } => "bake".to_owned(),
            Self::Pause { pause: Pause::Warm(_), .. } => "kept warm".to_owned(),
            other => other.words(),
        }
    }
}

impl What {
    /// Which part of its stage it is, whatever has become of it: by this one session's part is another's.
    pub fn mark(&self) -> String {
        match self {
            Self::Poll => "poll".to_owned(),
            Self::Start => "start".to_owned(),
            Self::Hosts { step, .. } => format!("hosts {step}"),
            Self::Gather { step, at, .. } => format!("{} {step}", at.word()),
            Self::Shift { step, .. } => format!("shift {step}"),
            Self::Once { step, .. } => format!("once {step}"),
            Self::Pause { step, .. } => format!("pause {step}"),
            Self::Validate { step: Some(step), .. } => format!("validate {step}"),
            Self::Validate { step: None, .. } => "validate".to_owned(),
            Self::Bake { .. } => "bake".to_owned(),
            Self::Judgement { check } => format!("judge {check}"),
            Self::Promotion { .. } => "promotion".to_owned(),
            Self::Window => "window".to_owned(),
            Self::Region { step, .. } => format!("region {step}"),
            Self::Downtime { environment, .. } => format!("downtime {environment}"),
            Self::Rollback { environment } => format!("rollback {environment}"),
        }
    }

    /// How many hosts it is about, where it is about some.
    pub const fn hosts(&self) -> Option<u32> {
        match self {
            Self::Hosts { hosts, .. } | Self::Gather { hosts, .. } | Self::Downtime { hosts, .. } => {
                Some(*hosts)
            }
            _ => None,
        }
    }

    /// How long it waits, where it does nothing else.
    pub const fn wait(&self) -> Option<Span> {
        match self {
            Self::Bake { bake } => Some(*bake),
            Self::Pause { pause, .. } => pause.span(),
            _ => None,
        }
    }
}

/// The parts of the stage at `index`: as it was started, or as it would be.
pub fn parts(session: &Session, index: usize) -> Vec<What> {
    let plan = session.plan();
    let (Some(stage), Some(run)) = (plan.stages.get(index), session.pipeline.stages.get(index)) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let before = plan.before(index);
    // Whoever or whatever begins it waits for it to be open.
    if run.started.is_none() {
        parts.push(What::Window);
    }
    if before.is_empty() || plan.follows_the_poll(index) {
        parts.push(What::Start);
    }
    let (steps, sizes) = course(session, index, run);
    let of = sizes.len() as u32;
    let clouds = Clouds { session, index, run };
    let between = clouds.pauses(&steps);
    // The batches whose hosts wait for each other, and after which step of theirs.
    let mut gathered: BTreeMap<u32, LaneStep> = BTreeMap::new();
    for (nth, step) in steps.into_iter().enumerate() {
        let nth = nth as u32;
        let hosts = |batch: u32| sizes.get(batch as usize).copied().unwrap_or_default();
        parts.push(match step {
            Step::Deploy { batch, .. } | Step::Return { batch } | Step::Stand { batch }
                if gathered.contains_key(&batch) =>
            {
                let after = gathered.get(&batch).copied();
                let (hosts, cloud) = (hosts(batch), clouds.of(batch));
                What::Gather { step: nth, batch, after, at: LaneStep::Settle, hosts, cloud }
            }
            Step::Return { batch } | Step::Stand { batch } | Step::Desire { batch } => {
                What::Hosts { step: nth, batch, of, hosts: hosts(batch), weight: None }
            }
            Step::Deploy { batch, weight } => {
                What::Hosts { step: nth, batch, of, hosts: hosts(batch), weight }
            }
            Step::Gather { batch, at } => {
                let after = gathered.insert(batch, at);
                What::Gather { step: nth, batch, after, at, hosts: hosts(batch), cloud: clouds.of(batch) }
            }
            Step::Shift { to, .. } => What::Shift { step: nth, to: clouds.of(to) },
            Step::StandBy => continue,
            Step::Once(once) => What::Once { step: nth, once },
            Step::Pause(pause) => What::Pause { step: nth, pause, between: between.get(&nth).cloned() },
            Step::Validate(checks) => What::Validate { step: Some(nth), checks },
            Step::Region { next } => What::Region { step: nth, region: region(session, index, run, next) },
        });
    }
    if plan.stops_all(&stage.environment) && !gathered.is_empty() {
        let hosts = sizes.iter().sum();
        parts.push(What::Downtime { environment: stage.environment.clone(), hosts });
    }
    let first = match run.started {
        Some(_) => run.from.is_none(),
        None => rollout::is_first(session, &stage.environment),
    };
    let (by_hand, checks): (Vec<CheckName>, Vec<CheckName>) =
        stage.validations.iter().cloned().partition(|check| comparison::by_hand(session, check));
    if !checks.is_empty() {
        parts.push(What::Validate { step: None, checks });
    }
    if stage.bake > Span::ZERO {
        parts.push(What::Bake { bake: stage.bake });
    }
    parts.extend(by_hand.into_iter().filter(|_| !first).map(|check| What::Judgement { check }));
    let finals = plan.finals();
    let last = finals.contains(&index);
    // Where several stages are the last ones, each is promoted by itself, and the last of all says that it is verified.
    let by_hand = if last && finals.last() == Some(&index) {
        // What the checklist asks after it is people's too.
        verifies(session, session.now) != Verifies::Tests
            || !checklist::obstacles(session, session.now, checklist::When::PostLive).is_empty()
    } else {
        stage.promote == Promote::Human
    };
    if by_hand {
        parts.push(What::Promotion { last });
    }
    parts
}

/// `2 hosts of b`
fn of_cloud(hosts: u32, cloud: &CloudName) -> String {
    format!("{} of {cloud}", counted(hosts, "host"))
}

/// Whose hosts the batches of a stage are, where it takes clouds.
struct Clouds<'a> {
    session: &'a Session,
    index: usize,
    run: &'a StageRun,
}

impl Clouds<'_> {
    fn of(&self, batch: u32) -> Option<CloudName> {
        let (session, plan) = (self.session, self.session.plan());
        if !matches!(plan.stages.get(self.index)?.strategy, Strategy::ZeroDowntime(_)) {
            return None;
        }
        if self.run.started.is_some() {
            return session.rollout.unit(self.run.units_of(batch).first()?)?.cloud.clone();
        }
        let batches = plan.batches(self.index);
        let host = batches.get(batch as usize)?.hosts.first()?;
        let here = |unit: &&rollout::Unit| unit.environment == self.run.environment && unit.host == host.name;
        session.rollout.units().iter().find(here)?.cloud.clone()
    }

    /// Where pauses stand, by their step: of two in a row the first is after what was done, the second before what comes.
    fn pauses(&self, steps: &[Step]) -> BTreeMap<u32, String> {
        let named = |step: &Step| {
            Some(match step {
                Step::Gather { batch, .. } | Step::Stand { batch } => {
                    format!("change of {}", self.of(*batch)?)
                }
                Step::Return { batch } => format!("switch to {}", self.of(*batch)?),
                Step::Shift { to, .. } => format!("switch to {}", self.of(*to)?),
                Step::Validate(_) if self.of(0).is_some() => "the test".to_owned(),
                _ => return None,
            })
        };
        let mut all = BTreeMap::new();
        for (nth, step) in steps.iter().enumerate().filter(|(_, step)| **step == Step::Pause(Pause::Human)) {
            let words = match steps.get(nth + 1) {
                Some(next) if next != step => named(next).map(|next| format!("before {next}")),
                _ => nth.checked_sub(1).and_then(|nth| named(&steps[nth])).map(|it| format!("after {it}")),
            };
            all.extend(words.map(|words| (nth as u32, words)));
        }
        all
    }
}

/// The region that begins with this batch.
fn region(session: &Session, index: usize, run: &StageRun, next: u32) -> String {
    let started = || session.rollout.unit(run.units_of(next).first()?)?.region.as_deref();
    let planned = || session.plan().batches(index).get(next as usize)?.hosts.first()?.region.as_deref();
    region_word(if run.started.is_some() { started() } else { planned() }).to_owned()
}

/// Its steps, and how many hosts each of its batches has.
fn course(session: &Session, index: usize, run: &StageRun) -> (Vec<Step>, Vec<u32>) {
    if run.started.is_some() {
        return (run.steps.clone(), run.batches.iter().map(|batch| batch.hosts).collect());
    }
    let first = rollout::is_first(session, &run.environment);
    let (batches, steps) = rollout::course(session, index, first);
    (steps, batches.iter().map(|batch| batch.hosts.len() as u32).collect())
}

/// The name of a part's stage, for what is said of it elsewhere: `production: bake 10 min`.
pub(super) fn named(stage: Option<&StageName>, what: &What) -> String {
    match stage {
        Some(stage) => format!("{stage}: {}", what.words()),
        None => what.words(),
    }
}
