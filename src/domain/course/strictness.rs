//! The profile that a session was opened with. One below the project's own needs a reason, and somebody who decides.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{CourseEvent, Mode, Opened, Release, said_why};
use crate::domain::{
    actor::Actor,
    effect::Candidate,
    event::{Event, Stamped},
    name::{Digest, PersonName, SessionId, Version},
    plan::{Adopted, LeftOut, Plan, Profile},
    project::Project,
    refusal::Refusal,
    session::Session,
    time::{Now, SessionTime, WallTime},
};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedProfile {
    pub profile: Profile,
    #[serde(default)]
    pub reason: String,
}

/// What a session was opened with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub profile: Profile,
    /// The project's own at that time.
    pub own: Profile,
    /// Why another than that one; empty: it is that one, or a stricter.
    pub reason: String,
    pub by: Option<PersonName>,
}

/// The profile of a session that is opened; none: the plan knows but one. Whatever leaves something out needs a reason and
/// somebody who decides, whether it is asked for or the project's own.
///
/// # Errors
/// The plan declares no such profile, whoever opens it is no decider, or no reason is said.
pub fn choose(plan: &Plan, asked: Option<&AskedProfile>, actor: &Actor) -> Result<Option<Chosen>, Refusal> {
    let own = plan.strictness.own;
    let (profile, reason) = asked.map_or((own, ""), |asked| (asked.profile, asked.reason.trim()));
    if plan.strictness.is_default() && profile != Profile::Strict {
        return Err(Refusal::input(
            format!("the plan declares no profile {profile}: it has only what it says"),
            "what it leaves out, in [strictness.standard] and [strictness.relaxed]",
        ));
    }
    if profile < own || !plan.strictness.left_out(profile).is_empty() {
        lowered(plan, profile, reason, actor)?;
    }
    let chosen = Chosen { profile, own, reason: reason.to_owned(), by: actor.person().cloned() };
    Ok((asked.is_some() || !plan.strictness.is_default()).then_some(chosen))
}

/// The project's own, where nothing is deployed for good: in a rehearsal, nobody has to say why.
pub(super) fn own(plan: &Plan, actor: &Actor) -> Option<Chosen> {
    let own = plan.strictness.own;
    let chosen = Chosen { profile: own, own, reason: String::new(), by: actor.person().cloned() };
    (!plan.strictness.is_default()).then_some(chosen)
}

fn lowered(plan: &Plan, profile: Profile, reason: &str, actor: &Actor) -> Result<(), Refusal> {
    let own = plan.strictness.own;
    let than = if profile < own {
        format!("{profile} is less than the project's {own}")
    } else {
        format!("{profile}, the project's own, is less than strict")
    };
    let person = actor.person().and_then(|name| plan.people.get(name));
    if !person.is_some_and(|person| person.has("decider")) {
        let people = plan.people.values().filter(|person| person.has("decider"));
        let deciders: Vec<&str> = people.map(|person| person.name.as_str()).collect();
        return Err(Refusal::access(format!("{than}, and {actor} is no decider"), deciders.join(" or ")));
    }
    said_why(reason).map_err(|refusal| Refusal {
        reason: format!("{than}: {}", refusal.reason),
        lift: "--reason, a sentence that somebody can read tomorrow".into(),
        ..refusal
    })
}

impl Session {
    /// How strict it is.
    pub fn profile(&self) -> Profile {
        self.course.strictness.as_ref().map_or(Profile::Strict, |chosen| chosen.profile)
    }

    /// What it is not asked for.
    pub fn left_out(&self) -> LeftOut {
        self.plan().strictness.left_out(self.profile())
    }

    /// `left out by relaxed: validation load, bake of beta`; none: nothing is.
    pub fn left_out_words(&self) -> Option<String> {
        let out = self.left_out();
        (!out.is_empty()).then(|| format!("left out by {}: {}", self.profile(), out.words().join(", ")))
    }
}

/// The session as it would be if it were opened with this profile now: to be looked at, never to be written.
pub fn foreseen(
    project: &Project,
    adopted: &Arc<Adopted>,
    profile: Profile,
    now: WallTime,
) -> Option<Session> {
    let plan = &adopted.plan;
    let environments = || plan.environments.keys();
    let learned = environments().filter_map(|name| Some((name.clone(), project.learned(name)?))).collect();
    let version = Version::new("next").ok()?;
    let own = plan.strictness.own;
    let opened = Opened {
        id: SessionId::new("next").ok()?,
        release: Release {
            project: plan.project.clone(),
            candidate: Candidate::new(version, Digest::of(b"next")),
            mode: Mode::Live,
            author: None,
        },
        go_live: now,
        adopted: adopted.clone(),
        proven: BTreeMap::default(),
        proven_before: BTreeMap::default(),
        learned,
        rehearsal: project.rehearsal().cloned().map(Box::new),
        drills: project.drills.clone(),
        primaries: project.primaries(plan),
        strictness: Some(Box::new(Chosen { profile, own, reason: String::new(), by: None })),
        queued: None,
        left: project.left(),
        machine: String::new(),
    };
    let event = Event::Course(CourseEvent::Opened(Box::new(opened)));
    let now = Now { wall: now, session: SessionTime::default() };
    Session::begin(&Stamped { seq: 1, now, epoch: 1, actor: Actor::RULES, event }).ok()
}
