//! Go-lives that wait for the end of the one under way: queued at any time, twice, taken out again; and a conductor
//! that dies between any two lines while they are opened one after the other.

use std::sync::Arc;

use golive::domain::{
    course::{CourseEvent, Ending, Mode, OpenRequest, open, open_at},
    event::{Event, Stamped},
    name::{PersonName, SessionId, Version},
    plan::Adopted,
    project::{
        Project, ProjectEvent, owed,
        queue::{self, GoLive, Here, Next},
    },
    session::Session,
    time::{Now, SessionTime, Span},
};

use super::{
    plan::candidate,
    rng::Rng,
    world::{Happening, World, actor},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queues {
    Enters(&'static str),
    Leaves(&'static str),
}

#[cfg(test)]
impl Queues {
    /// `2.6.0 enters the queue`, `2.6.0 leaves the queue`.
    pub fn said(words: &str) -> Self {
        let (version, what) = words.split_once(' ').expect("a version, and what it does");
        let version = VERSIONS.into_iter().find(|it| *it == version).expect("a version that may wait");
        if what.starts_with("enters") { Self::Enters(version) } else { Self::Leaves(version) }
    }
}

/// Who waits, in order; and what becomes of the first of them: `opens 2.6.0`, or why it waits.
#[cfg(test)]
pub fn waiting(world: &World) -> (Vec<String>, String) {
    let mut project = world.project.clone();
    for event in owed(&project, world.session()) {
        let now = Now { wall: world.now().wall, session: SessionTime::default() };
        let event = Event::Project(event);
        project.apply(&Stamped { seq: 1, now, epoch: 1, actor: actor("dana"), event });
    }
    let plan = super::profiles::again(world.session());
    let id = SessionId::new(&(project.sessions.len() + 1).to_string()).unwrap();
    let first = project.queue().first().map(|first| first.asked.candidate.clone());
    let artifact = first.ok_or_else(|| "nobody waits".to_owned());
    let here = Here { machine: "deploy-1", now: world.now().wall, file: Ok(&plan), artifact, id };
    let next = match queue::next(&project, &here) {
        Some(Next::Opens(request, _)) => format!("opens {}", request.candidate.version),
        Some(Next::Waits(ProjectEvent::QueueWaits { waits, .. })) => waits.why,
        Some(Next::Waits(other)) => format!("{other:?}"),
        None => "waits for the end of what is open".to_owned(),
    };
    (project.queue().iter().map(|queued| queued.version().to_string()).collect(), next)
}

const VERSIONS: [&str; 3] = ["2.6.0", "2.7.0", "2.8.0"];

/// Others want to go live while this one is under way, and some think better of it.
pub fn others_come(world: &mut World, rng: &mut Rng, until: u64) {
    for version in VERSIONS {
        let who = PersonName::new(rng.pick::<&str>(&["dana", "raj", "sam"])).unwrap();
        let at = rng.below(until);
        // Twice, as with a key that is pressed twice.
        for _ in 0..rng.between(1, 2) {
            world.plan_for(at, Happening::Queues(who.clone(), Queues::Enters(version)));
        }
        if rng.per_mille(250) {
            let who = PersonName::new(rng.pick::<&str>(&["dana", "sam"])).unwrap();
            let at = rng.between(at, until);
            world.plan_for(at, Happening::Queues(who, Queues::Leaves(version)));
        }
    }
}

fn here<'a>(world: &'a World, plan: &'a golive::domain::plan::Plan, id: usize) -> Here<'a> {
    let id = SessionId::new(&id.to_string()).unwrap();
    let first = world.project.queue().first().map(|first| first.asked.candidate.clone());
    let artifact = first.ok_or_else(|| "nobody waits".to_owned());
    Here { machine: "deploy-1", now: world.now().wall, file: Ok(plan), artifact, id }
}

impl World {
    pub(super) fn queues(&mut self, person: &PersonName, what: Queues) {
        self.note(&format!("{person} {what:?}"));
        self.tells_project();
        let open = Some(self.session()).filter(|session| !session.course.is_over());
        let by = actor(person.as_str());
        let told = match what {
            Queues::Enters(version) => {
                let asked = GoLive {
                    candidate: candidate(version),
                    go_live: self.now().wall,
                    adopted: Arc::new(Adopted::new(
                        super::profiles::again(self.session()),
                        "golive.toml".into(),
                    )),
                    mode: Mode::Live,
                    author: None,
                    strictness: None,
                };
                queue::enter(&self.project, open, asked, &by, "deploy-1")
            }
            Queues::Leaves(version) => {
                queue::leave(&self.project, open, &Version::new(version).unwrap(), &by)
            }
        };
        match told {
            Ok(event) => self.project_hears(event, person.as_str()),
            Err(refusal) => self.note(&format!("refused: {refusal}")),
        }
    }

    pub(super) fn project_hears(&mut self, event: ProjectEvent, who: &str) {
        let now = Now { wall: self.now().wall, session: SessionTime::default() };
        let stamped = Stamped { seq: 1, now, epoch: 1, actor: actor(who), event: Event::Project(event) };
        self.project.apply(&stamped);
    }

    /// What the project's stream is still to be told of the session.
    fn tells_project(&mut self) {
        for event in owed(&self.project, self.session()) {
            self.project_hears(event, "dana");
        }
    }
}

fn ends(session: &mut Session, ending: Ending) {
    let now = Now { wall: session.now.wall, session: session.now.session.plus(Span::secs(1)) };
    let event = Event::Course(CourseEvent::Closed { ending });
    session.apply(&Stamped { seq: session.seq + 1, now, epoch: 1, actor: actor("dana"), event });
}

fn some_ending(rng: &mut Rng) -> Ending {
    let reason = || "so it was said".to_owned();
    match rng.below(9) {
        0 => Ending::NoGo { reason: reason() },
        1 => Ending::RolledBack,
        2 => Ending::Abandoned { reason: reason() },
        3 => Ending::Partial { new: 2, of: 3 },
        4 => Ending::AsIs { reason: reason() },
        _ => Ending::Verified,
    }
}

fn versions(project: &Project) -> Vec<Version> {
    project.queue().iter().map(|queued| queued.version().clone()).collect()
}

/// Whoever waited is opened, in the order in which they came, each once, and never beside another that is open; or
/// waits for a person, who says so; whatever the conductor had written when it died.
pub fn goes_on(world: &mut World, rng: &mut Rng) {
    let waited = versions(&world.project);
    let plan = super::profiles::again(world.session());
    // As it is durable: what a conductor that starts finds.
    let mut last = world.session().clone();
    let mut opened: Vec<Version> = Vec::new();
    let mut left: Vec<Version> = Vec::new();
    let mut by_itself_after: Vec<(Ending, bool)> = Vec::new();
    for _ in 0..200 {
        // The loop tells the project first, and goes on with the queue only once that is written: it may die after any
        // of these lines, and the next conductor finds what is owed still.
        let owed = owed(&world.project, &last);
        let written = if rng.per_mille(300) { rng.below(owed.len() as u64 + 1) as usize } else { owed.len() };
        let killed = written < owed.len();
        for event in owed.into_iter().take(written) {
            world.project_hears(event, "dana");
        }
        if killed {
            continue;
        }
        if !last.course.is_over() {
            let ending = some_ending(rng);
            ends(&mut last, ending);
            continue;
        }
        let id = world.project.sessions.len() + 1;
        let next = queue::next(&world.project, &here(world, &plan, id));
        let Some(first) = world.project.queue().first().cloned() else { break };
        let request = match next {
            Some(Next::Opens(request, by)) => {
                let ended = last.course.ending.clone();
                by_itself_after.extend(ended.map(|ending| (ending, last.rollout.any_touched())));
                Some((*request, by))
            }
            Some(Next::Waits(event)) => {
                world.project_hears(event, "dana");
                None
            }
            None => {
                assert!(first.waits.is_some(), "seed {}: nobody knows why {first:?} waits", world.seed);
                second_is_refused(world, &plan);
                if rng.per_mille(200) {
                    let version = first.version().clone();
                    let event = queue::leave(&world.project, None, &version, &actor("dana")).unwrap();
                    world.project_hears(event, "dana");
                    left.push(version);
                    None
                } else {
                    Some((by_hand(world, &first.asked, id), actor("dana")))
                }
            }
        };
        let Some((request, by)) = request else { continue };
        let version = request.candidate.version.clone();
        let asked = super::profiles::asked(&request.adopted.plan);
        let event = open_at(&world.project, request, asked.as_ref(), &by).unwrap();
        if rng.per_mille(300) {
            // It died before the session's first line was written.
            continue;
        }
        assert!(last.course.is_over(), "seed {}: {version} is open beside another", world.seed);
        let now = Now { wall: world.now().wall, session: SessionTime(0) };
        last = Session::begin(&Stamped { seq: 1, now, epoch: 1, actor: by, event }).unwrap();
        opened.push(version);
    }
    let meant: Vec<Version> = waited.iter().filter(|version| !left.contains(version)).cloned().collect();
    assert_eq!(opened, meant, "seed {}: {waited:?} waited, {left:?} left", world.seed);
    assert!(versions(&world.project).is_empty(), "seed {}: somebody is forgotten", world.seed);
    let calm = |(ending, changed): &(Ending, bool)| match ending {
        Ending::Verified => true,
        Ending::NoGo { .. } => !changed,
        _ => false,
    };
    assert!(by_itself_after.iter().all(calm), "seed {}: {by_itself_after:?}", world.seed);
}

fn by_hand(world: &World, asked: &GoLive, id: usize) -> OpenRequest {
    OpenRequest {
        id: SessionId::new(&id.to_string()).unwrap(),
        candidate: asked.candidate.clone(),
        go_live: world.now().wall,
        adopted: asked.adopted.clone(),
        mode: asked.mode,
        author: None,
        machine: "deploy-1".into(),
    }
}

/// Nobody passes whoever is first.
fn second_is_refused(world: &World, plan: &golive::domain::plan::Plan) {
    let id = world.project.sessions.len() + 1;
    let asked = GoLive {
        candidate: candidate("2.9.9"),
        go_live: world.now().wall,
        adopted: Arc::new(Adopted::new(plan.clone(), "golive.toml".into())),
        mode: Mode::Live,
        author: None,
        strictness: None,
    };
    let refused = open(&world.project, by_hand(world, &asked, id), &actor("dana"));
    assert!(refused.is_err(), "seed {}: 2.9.9 passed {:?}", world.seed, versions(&world.project));
}
