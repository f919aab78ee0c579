//! The plan as a rehearsal plays it: its stages, strategies, batches, capacity, deadlines, pauses and validations, on
//! processes that stand in for its hosts. Nothing in what comes out names a host, a driver, a balancer, a command or an
//! address of the team's; what is played otherwise than the plan has it is said.

use std::collections::BTreeMap;

use crate::domain::{
    name::{CheckName, EnvironmentName, PersonName, RoleName, UnitId},
    plan::{
        ALIVE, Artifact, Balancer, CanaryStep, Check, CheckKind, Driver, Environment, HttpCheck, LaneCheck,
        Pause, Person, Plan, PlanB, SELF_TEST, Scope, Seat, SecondGoLive, Separation, Strategy, Template,
        Verb,
    },
    time::Span,
};

/// What stands in for one environment.
#[derive(Clone, Debug)]
pub struct Place {
    pub driver: Driver,
    /// Where its requests go through; none: the plan has no balancer either.
    pub balancer: Option<Balancer>,
    /// On this machine.
    pub ports: BTreeMap<UnitId, u16>,
}

/// What stands in for everything of the team's.
#[derive(Clone, Debug)]
pub struct StandIns {
    pub places: BTreeMap<EnvironmentName, Place>,
    pub artifact: Template,
    /// Asks an environment as a whole whether it serves; status 0 is yes.
    pub front: Vec<Template>,
    /// What a host is asked: whether it lives, and with which pointer to its version; its own test; any other question.
    pub alive: (Template, String),
    pub self_test: Template,
    pub other: Template,
    pub person: PersonName,
    pub login: String,
    /// A bake, a pause, a soak lasts no longer.
    pub longest: Span,
}

/// A plan to be rehearsed with, and what is otherwise in it.
#[derive(Clone, Debug)]
pub struct Played {
    pub plan: Plan,
    pub otherwise: Vec<String>,
}

/// Environments that no stage changes are left out, and so are those that nothing stands in for.
pub fn stand_in(plan: &Plan, with: &StandIns) -> Played {
    let mut said = Vec::new();
    let mut played = plan.clone();
    played.environments.retain(|name, _| with.places.contains_key(name));
    for environment in played.environments.values_mut() {
        if let Some(place) = with.places.get(&environment.name) {
            settle(environment, place, &mut said);
        }
    }
    people(&mut played, with, &mut said);
    parts(&mut played, &mut said);
    checks(plan, &mut played, with, &mut said);
    waits(&mut played, with.longest, &mut said);
    hours(plan, &mut played, &mut said);
    once(&mut played, &mut said);
    played.artifact = Artifact { source: with.artifact.clone() };
    Played { plan: played, otherwise: said }
}

fn settle(environment: &mut Environment, place: &Place, said: &mut Vec<String>) {
    let name = &environment.name;
    let balanced = match (&environment.balancer, &place.balancer) {
        (Balancer::None, _) | (_, None) => "without a balancer, as the plan has it",
        (Balancer::Haproxy { .. }, Some(_)) => "behind a balancer that answers as HAProxy does",
        (Balancer::Exec { .. }, Some(_)) => {
            "behind a balancer that answers as HAProxy does, in the place of the plan's commands"
        }
    };
    said.push(format!("{name}: processes on this machine in the place of its hosts, {balanced}"));
    if environment.converges().is_some() {
        said.push(format!("{name}: agents and a store of the rehearsal's own; its agents look every 2 s"));
    }
    if environment.heartbeat.take().is_some() {
        said.push(format!("{name}: no heartbeat; nothing is repaired"));
    }
    (environment.repair, environment.scale) = (None, None);
    environment.driver = place.driver.clone();
    environment.balancer = place.balancer.clone().unwrap_or(Balancer::None);
    for host in environment.pools.iter_mut().flat_map(|pool| &mut pool.hosts) {
        "127.0.0.1".clone_into(&mut host.address);
        host.port = place.ports.get(&host.unit).copied();
    }
}

/// Nobody is asked and nobody is told: whoever rehearses says all that is to be said.
fn people(played: &mut Plan, with: &StandIns, said: &mut Vec<String>) {
    let roles = ["decider", "deployer", "operations"].into_iter().filter_map(|role| RoleName::new(role).ok());
    let roles: std::collections::BTreeSet<RoleName> = roles.collect();
    let seats = roles.iter().next().map(|role| Seat {
        role: role.clone(),
        eligible: vec![with.person.clone()],
        deputy: None,
        required: true,
        veto: false,
        differs_from: Vec::new(),
        relies_on: Vec::new(),
    });
    let (items, asked) = (played.items.len(), played.poll.seats.len());
    said.push(format!(
        "not played: the checklist ({items} items) and the poll ({asked} seats); {} starts, promotes and rolls back",
        with.person
    ));
    if !played.drills.is_empty() {
        said.push("not played: drills".to_owned());
    }
    if !played.notify.is_empty() || !played.alarms.is_empty() {
        said.push("not played: notices and alarms; nobody outside is told anything".to_owned());
    }
    let person = Person { name: with.person.clone(), roles, login: with.login.clone(), contact: None };
    played.people = [(with.person.clone(), person)].into();
    played.poll.seats = seats.into_iter().collect();
    played.poll.quorum = Some(1);
    played.separation = Separation::None;
    played.items.clear();
    played.drills.clear();
    played.poll.drills.clear();
    played.notify.clear();
    played.alarms.clear();
    played.home = None;
    played.ca = None;
    played.share_group = false;
    played.second = SecondGoLive::Refused;
    let point_of_no_return = played.plan_b.point_of_no_return.clone();
    played.plan_b = PlanB { decides: Some(with.person.clone()), point_of_no_return, ..PlanB::default() };
    for component in played.components.values_mut() {
        component.owner = None;
    }
}

/// Every component is played by the same release, on processes of its own.
fn parts(played: &mut Plan, said: &mut Vec<String>) {
    if !played.has_parts() {
        return;
    }
    let project = |name: &str| CheckName::new(name).is_ok_and(|name| played.checks.contains_key(&name));
    let (alive, self_test) = (project(ALIVE), project(SELF_TEST));
    let mut names = Vec::new();
    for component in played.components.values_mut().filter(|it| !it.external) {
        (component.own.artifact, component.own.driver) = (None, None);
        // A check of its own is asked as the project's is.
        for (own, there) in [(&mut component.own.alive, alive), (&mut component.own.self_test, self_test)] {
            if matches!(own, LaneCheck::Check(_)) {
                *own = if there { LaneCheck::Project } else { LaneCheck::None };
            }
        }
        names.push(component.name.to_string());
    }
    said.push(format!("played by one release, each on processes of its own: {}", names.join(", ")));
}

fn checks(plan: &Plan, played: &mut Plan, with: &StandIns, said: &mut Vec<String>) {
    let (mut hosts, mut fronts, mut left_out, mut unasked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Every host is asked these two; all else a stage has to ask for, since neither items nor drills are played.
    let asked = |check: &CheckName| {
        matches!(check.as_str(), ALIVE | SELF_TEST)
            || plan.stages.iter().any(|stage| stage.asks_for().any(|name| name == check))
    };
    played.checks.retain(|name, check| {
        let kind = match (name.as_str(), check.scope()) {
            _ if check.kind == CheckKind::Comparison => {
                left_out.push(name.to_string());
                return false;
            }
            (ALIVE, _) => http(&with.alive.0, Some(with.alive.1.clone())),
            (SELF_TEST, _) => http(&with.self_test, None),
            (_, Scope::Hosts) => http(&with.other, None),
            (_, Scope::Environment) => {
                CheckKind::Exec { argv: with.front.clone(), dir: None, env: BTreeMap::new() }
            }
        };
        let list = match (name.as_str(), check.scope()) {
            _ if !asked(name) => &mut unasked,
            (ALIVE | SELF_TEST, _) | (_, Scope::Hosts) => &mut hosts,
            (_, Scope::Environment) => &mut fronts,
        };
        list.push(name.to_string());
        check.kind = kind;
        check.runbook = None;
        true
    });
    let own_test =
        |driver: &Driver| matches!(driver, Driver::Exec { verbs, .. } if verbs.contains_key(&Verb::SelfTest));
    let of_parts = plan.components.values().filter_map(|component| component.own.driver.as_ref());
    let tests = plan.environments.values().map(|place| &place.driver).chain(of_parts).any(own_test);
    if tests && let Ok(name) = CheckName::new(SELF_TEST) {
        played.checks.entry(name.clone()).or_insert_with(|| Check {
            name,
            kind: http(&with.self_test, None),
            timeout: Span::secs(10),
            retries: 1,
            interval: Span::secs(1),
            runbook: None,
        });
    }
    for stage in &mut played.stages {
        stage.validations.retain(|check| played.checks.contains_key(check));
    }
    if !hosts.is_empty() {
        said.push(format!("asked of the stand-ins, and of nothing else: {}", hosts.join(", ")));
    }
    if !fronts.is_empty() {
        said.push(format!("played as one request that has to be served: {}", fronts.join(", ")));
    }
    if !unasked.is_empty() {
        said.push(format!("not played, since no stage asks for them: {}", unasked.join(", ")));
    }
    if !left_out.is_empty() {
        said.push(format!(
            "not played: {}, since nobody judges the figures of stand-ins",
            left_out.join(", ")
        ));
    }
}

fn http(url: &Template, version_pointer: Option<String>) -> CheckKind {
    CheckKind::Http(HttpCheck {
        url: url.clone(),
        method: "GET".to_owned(),
        headers: BTreeMap::new(),
        status: (200, 299),
        latency: None,
        contains: None,
        json: None,
        version_pointer,
    })
}

/// What only lets time pass is cut, each with its length.
fn waits(played: &mut Plan, longest: Span, said: &mut Vec<String>) {
    let mut cut = Vec::new();
    for stage in &mut played.stages {
        let mut shorten = |what: &str, span: &mut Span| {
            if *span > longest {
                cut.push(format!("{} {what} {span}", stage.name));
                *span = longest;
            }
        };
        shorten("bake", &mut stage.bake);
        match &mut stage.strategy {
            Strategy::BlueGreen(sides) => {
                shorten("soak", &mut sides.soak);
                shorten("warm", &mut sides.warm);
            }
            Strategy::Canary(canary) => {
                for step in &mut canary.steps {
                    if let CanaryStep::Pause(Pause::For(span)) = step {
                        shorten("pause", span);
                    }
                }
            }
            _ => {}
        }
    }
    if !cut.is_empty() {
        said.push(format!("each cut to {longest}: {}", cut.join(", ")));
    }
}

/// Nothing stands in for a database: what runs once would change the team's own.
fn once(played: &mut Plan, said: &mut Vec<String>) {
    let stages = played.stages.iter_mut();
    let all = stages.flat_map(|stage| {
        let name = stage.name.clone();
        stage.once.drain(..).map(move |once| format!("{} of {name}", once.name))
    });
    let all: Vec<String> = all.collect();
    if !all.is_empty() {
        said.push(format!("NOT REHEARSED, since nothing stands in for it: {}", all.join(", ")));
    }
}

/// A rehearsal may be played at any hour.
fn hours(plan: &Plan, played: &mut Plan, said: &mut Vec<String>) {
    played.freezes.clear();
    played.traffic.clear();
    for environment in played.environments.values_mut() {
        environment.window = None;
    }
    for stage in &mut played.stages {
        stage.off_peak = false;
    }
    let closes = !plan.freezes.is_empty()
        || plan.environments.values().any(|place| place.window.is_some())
        || plan.stages.iter().any(|stage| stage.off_peak);
    if closes {
        said.push("not played: windows, freezes and off-peak hours".to_owned());
    }
}
