//! What needs a human. While there is any, the line is stopped: no new host, no promotion.

use serde::{Deserialize, Serialize};

use super::{
    Direction, LaneState, RolloutCommand,
    behind::behind,
    conflict::in_the_way_back,
    converge, desire, left_out, once, over, reach,
    readiness::{self, past_return},
    rollback, share, shortage, waits_for_capacity,
};
use crate::domain::{
    effect::LaneStep,
    lock,
    name::{CheckName, EnvironmentName, OnceName, StageName, UnitId},
    pipeline,
    session::Session,
    signal,
    time::SessionTime,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    Failed {
        unit: UnitId,
        step: LaneStep,
        why: String,
        since: SessionTime,
    },
    Unknown {
        unit: UnitId,
        step: LaneStep,
        why: String,
        since: SessionTime,
    },
    RollbackFailed {
        unit: UnitId,
        step: LaneStep,
        why: String,
        since: SessionTime,
    },
    Validation {
        check: CheckName,
        /// Whose it is, where stages go on beside each other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName>,
        /// A person judged it, and no machine can.
        by_hand: bool,
        why: String,
        since: SessionTime,
    },
    Stalled {
        why: String,
        since: SessionTime,
    },
    /// Fewer hosts than the minimum can be serving, and it lasts.
    Capacity {
        environment: EnvironmentName,
        why: String,
        since: SessionTime,
    },
    /// A host that should not serve is in the pool, and something keeps it there.
    InPool {
        unit: UnitId,
        why: String,
        since: SessionTime,
    },
    /// The balancer could not be told how to share the requests out.
    Share {
        environment: EnvironmentName,
        why: String,
        since: SessionTime,
    },
    /// The desired version could not be set, or somebody set another one.
    Desired {
        environment: EnvironmentName,
        why: String,
        /// The keys that hold something else, each as it is named to be replaced.
        over: Vec<String>,
        /// Hosts that were left out and whose keys are to be set back: each may be let be.
        left_out: Vec<UnitId>,
        since: SessionTime,
    },
    /// A host that had converged runs something else, and its agent has had its time to mend that.
    Drifted {
        unit: UnitId,
        why: String,
        since: SessionTime,
    },
    /// A step that runs once has failed, or nobody knows whether it ran to its end.
    Once {
        stage: StageName,
        once: OnceName,
        /// It is what takes the step back.
        back: bool,
        unknown: bool,
        /// A rollback would change something.
        goes_back: bool,
        why: String,
        since: SessionTime,
    },
    /// The lock at the deploy target could not be taken.
    Locked {
        environment: EnvironmentName,
        why: String,
        since: SessionTime,
    },
    /// Requests came where none should.
    Traffic {
        environment: EnvironmentName,
        why: String,
        since: SessionTime,
    },
}

impl Trouble {
    pub const fn since(&self) -> SessionTime {
        match self {
            Self::Failed { since, .. }
            | Self::Unknown { since, .. }
            | Self::RollbackFailed { since, .. }
            | Self::Validation { since, .. }
            | Self::Stalled { since, .. }
            | Self::Capacity { since, .. }
            | Self::InPool { since, .. }
            | Self::Share { since, .. }
            | Self::Desired { since, .. }
            | Self::Once { since, .. }
            | Self::Drifted { since, .. }
            | Self::Locked { since, .. }
            | Self::Traffic { since, .. } => *since,
        }
    }

    pub const fn unit(&self) -> Option<&UnitId> {
        match self {
            Self::Failed { unit, .. }
            | Self::Unknown { unit, .. }
            | Self::RollbackFailed { unit, .. }
            | Self::Drifted { unit, .. }
            | Self::InPool { unit, .. } => Some(unit),
            Self::Validation { .. }
            | Self::Stalled { .. }
            | Self::Capacity { .. }
            | Self::Share { .. }
            | Self::Desired { .. }
            | Self::Once { .. }
            | Self::Locked { .. }
            | Self::Traffic { .. } => None,
        }
    }

    /// What tries again what no host failed at: a test, a lock, a balancer's shares.
    pub fn again(&self) -> Option<RolloutCommand> {
        Some(match self {
            Self::Validation { check, by_hand: false, .. } => {
                RolloutCommand::ValidateAgain { check: check.clone() }
            }
            Self::Locked { environment, .. } => {
                RolloutCommand::LockAgain { environment: environment.clone() }
            }
            Self::Once { once, .. } => RolloutCommand::OnceAgain { once: once.clone() },
            Self::Share { environment, .. } => {
                RolloutCommand::ShareAgain { environment: environment.clone() }
            }
            Self::Desired { environment, over, .. } => {
                RolloutCommand::DesireAgain { environment: environment.clone(), over: over.clone() }
            }
            _ => return None,
        })
    }

    /// What tries it again, by the cockpit's key and as it is typed: `(T: golive rollout try --desired production)`.
    fn by_t(&self) -> String {
        format!("(T: {})", self.tries())
    }

    /// What tries it again, as it is typed: `golive rollout try --desired production`.
    pub(super) fn tries(&self) -> String {
        let command = match self.again() {
            Some(RolloutCommand::ValidateAgain { check }) => format!(" --check {check}"),
            Some(RolloutCommand::LockAgain { environment }) => format!(" --lock {environment}"),
            Some(RolloutCommand::ShareAgain { environment }) => format!(" --share {environment}"),
            Some(RolloutCommand::DesireAgain { environment, over }) => {
                let over: Vec<String> = over.iter().map(|over| format!(" --over {over}")).collect();
                format!(" --desired {environment}{}", over.concat())
            }
            Some(RolloutCommand::OnceAgain { once }) => format!(" --once {once}"),
            _ => self.unit().map_or_else(String::new, |unit| format!(" {unit}")),
        };
        format!("golive rollout try{command}")
    }

    /// What lifts it, by the cockpit's keys.
    pub fn lift(&self, session: &Session) -> String {
        let again = self.by_t();
        // Past the point of no return R is dead, and says so.
        let plan_b = plan_b(session).map(|decides| format!("plan B, which {decides} decides (END AS IS: E)"));
        let roll = plan_b.as_deref().unwrap_or("roll back (R)");
        let rolling = plan_b.as_deref().unwrap_or("rolling back (R)");
        match self {
            Self::Locked { .. } => {
                format!("its end, then trying again {again}; where it was left, golive rollout break-lock")
            }
            Self::Share { .. } => format!("trying again {again}, or {rolling}"),
            Self::Desired { environment, over, left_out, .. } => {
                let what = if over.is_empty() { "trying again" } else { "trying again over what is there" };
                let again =
                    match (plan_b.is_some() || way_back_is_open(session, environment), over.is_empty()) {
                        (true, true) => format!("{what} {again}, or {rolling}"),
                        (true, false) => format!("{what} {again}, {rolling}, or END AS IS (E)"),
                        (false, _) => format!("{what} {again}, or END AS IS (E)"),
                    };
                let be = left_out.iter().map(|unit| format!("; {}", let_be(unit)));
                format!("{again}{}", be.collect::<String>())
            }
            Self::Drifted { .. } => {
                format!("its agent or a person mending it, excluding it (X), or {rolling}")
            }
            Self::Once { unknown: true, goes_back: true, .. } => {
                format!("looking at it: mark-done --once, try again {again}, force past it (F), or {roll}")
            }
            Self::Once { unknown: true, .. } => {
                format!("looking at it: mark-done --once, try again {again}, or force past it (F)")
            }
            Self::Once { goes_back: true, .. } => {
                format!("trying again {again}, mark-done --once, force past it (F), or {roll}")
            }
            Self::Once { .. } => format!("trying again {again}, mark-done --once, or force past it (F)"),
            Self::Failed { step: LaneStep::Converge, .. } => {
                format!("waiting on {again}, exclude (X), force (F), or {roll}")
            }
            Self::InPool { .. } => {
                format!("finding what puts it in, and taking it out by hand; or {rolling}")
            }
            Self::Capacity { .. } => format!("its recovery, going on as it is (C), or {rolling}"),
            Self::Failed { unit, step: LaneStep::Prove, .. }
            | Self::Unknown { unit, step: LaneStep::Prove, .. }
                if super::strangers::answers(session, unit) =>
            {
                format!(
                    "ending by hand what answers there, or mending alive where nothing does and it passes all the same; \
                     then trying again {again}, or {rolling}"
                )
            }
            Self::Failed { step: LaneStep::Prove, .. } | Self::Unknown { step: LaneStep::Prove, .. } => {
                format!("try again {again}, {roll}, or mark-done if you know that it is off")
            }
            Self::Failed { .. } | Self::Unknown { .. } => {
                format!("try again {again}, exclude (X), force (F), or {roll}")
            }
            Self::RollbackFailed { .. } => format!("try again {again}, or exclude (X)"),
            Self::Validation { by_hand: true, .. } => format!("judge it again (4 v), or {roll}"),
            Self::Validation { .. } => format!("run again {again}, or {roll}"),
            Self::Traffic { environment, .. } => format!(
                "finding who sends it; then lifting it (T: golive rollout lift-alarm {environment} --reason …), or \
                 {rolling}"
            ),
            Self::Stalled { .. } => match waits_for_capacity(session) {
                Some(wait) => format!("{}; then going on (C); or {rolling}", wait.lift),
                None if let Some(behind) = behind(session) => {
                    format!("going on (C), which runs {} all the same; or {rolling}", behind.once)
                }
                None => format!("its progress, going on (C), or {rolling}"),
            },
        }
    }

    /// One line, as on the waiting line of the screen.
    pub fn words(&self) -> String {
        match self {
            Self::Failed { unit, step, why, .. } => format!("{unit} failed {}: {why}", step.word()),
            Self::Unknown { unit, step, why, .. } => format!("{unit} unknown at {}: {why}", step.word()),
            Self::RollbackFailed { unit, step, why, .. } => {
                format!("rollback stopped: {unit} failed {}: {why}", step.word())
            }
            Self::Validation { check, stage, why, .. } => {
                let of = stage.as_ref().map_or_else(String::new, |stage| format!(" of {stage}"));
                format!("validation {check}{of} did not pass: {why}")
            }
            Self::Stalled { why, .. }
            | Self::InPool { why, .. }
            | Self::Drifted { why, .. }
            | Self::Desired { why, .. } => why.clone(),
            Self::Once { stage, once, back, unknown, why, .. } => {
                let what = if *back { "rollback stopped: taking back " } else { "" };
                let how = if *unknown { "unknown" } else { "failed" };
                format!("{what}{once} of {stage} {how}: {why}")
            }
            Self::Share { environment, why, .. } => {
                format!("the shares of {environment} could not be set: {why}")
            }
            Self::Traffic { environment, why, .. } => format!("{environment} has no traffic: {why}"),
            Self::Capacity { environment, why, .. } | Self::Locked { environment, why, .. } => {
                format!("{environment}: {why}")
            }
        }
    }
}

/// Who decides on plan B, where the point of no return is passed and nothing can be rolled back; none: it can.
fn plan_b(session: &Session) -> Option<&str> {
    let environment = rollback::place(session)?;
    past_return(session, environment)?;
    Some(session.plan().plan_b.decider())
}

/// Whether a rollback that nobody began yet would set back what agents read: it does not stop where this has stopped.
fn way_back_is_open(session: &Session, environment: &EnvironmentName) -> bool {
    let begun = session.rollout.rollbacks.get(environment).is_some_and(|it| it.ended.is_none());
    let to = readiness::target(session, environment);
    !begun && to.is_some_and(|to| in_the_way_back(session, environment, &to).is_none())
}

/// What a person does who knows that the key of a host that is left out need not be set back.
pub fn let_be(unit: &UnitId) -> String {
    format!("or, to let its key be, golive rollout mark-done {unit} --reason … --confirm {unit}")
}

/// Everything that needs a human now: what harms users this moment before all else, then the oldest first.
pub fn troubles(session: &Session) -> Vec<Trouble> {
    let mut list: Vec<Trouble> = session
        .rollout
        .troubled()
        .filter_map(|unit| {
            let lane = unit.lane.as_ref()?;
            let (id, since) = (unit.id.clone(), lane.step_since);
            Some(match (&lane.state, lane.direction) {
                (LaneState::Failed { step, why }, Direction::Back) => {
                    Trouble::RollbackFailed { unit: id, step: *step, why: why.clone(), since }
                }
                (LaneState::Failed { step, why }, Direction::Forward) => {
                    Trouble::Failed { unit: id, step: *step, why: why.clone(), since }
                }
                (LaneState::Unknown { step, why }, _) => {
                    Trouble::Unknown { unit: id, step: *step, why: why.clone(), since }
                }
                _ => return None,
            })
        })
        .collect();
    list.extend(session.rollout.strayed().filter_map(|unit| {
        let (why, at) = unit.contested()?;
        Some(Trouble::InPool { unit: unit.id.clone(), why: why.to_owned(), since: at.session })
    }));
    list.extend(pipeline::failed_validations(session));
    if let Some((why, at)) = &session.rollout.stalled {
        list.push(Trouble::Stalled { why: why.clone(), since: at.session });
    }
    if let Some((environment, short)) = shortage(session).filter(|(_, short)| short.low.is_some()) {
        let (environment, why) = (environment.clone(), short.why.clone());
        list.push(Trouble::Capacity { environment, why, since: short.since.session });
    }
    list.extend(share::refused(session).map(|(environment, why, since)| Trouble::Share {
        environment: environment.clone(),
        why: why.to_owned(),
        since,
    }));
    list.extend(once::refused(session).map(|it| Trouble::Once {
        stage: it.run.name.clone(),
        once: it.once.name.clone(),
        back: it.back,
        unknown: it.unknown,
        goes_back: !it.back && reach(session).is_ok(),
        why: it.why.to_owned(),
        since: it.once.since,
    }));
    list.extend(desire::refused(session).map(|(environment, why, since)| Trouble::Desired {
        environment: environment.clone(),
        why,
        over: over::shown(session, environment).iter().filter_map(over::Held::over).collect(),
        left_out: left_out::to_set_back(session, environment),
        since,
    }));
    list.extend(session.rollout.called().filter_map(|unit| {
        let (why, since) = converge::stays_drifted(session, unit)?;
        Some(Trouble::Drifted { unit: unit.id.clone(), why, since })
    }));
    list.extend(lock::refusals(session).map(|(environment, refused)| Trouble::Locked {
        environment: environment.clone(),
        why: refused.why.clone(),
        since: refused.since,
    }));
    list.extend(signal::alarms(session).map(|(environment, alarm)| Trouble::Traffic {
        environment: environment.clone(),
        why: alarm.words(),
        since: alarm.first.session,
    }));
    let harms = |trouble: &Trouble| matches!(trouble, Trouble::InPool { .. });
    list.sort_by_key(|trouble| (!harms(trouble), trouble.since()));
    list
}
