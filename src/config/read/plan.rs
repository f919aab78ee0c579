//! The whole plan, its project, artifact and components.

use std::collections::BTreeMap;

use super::{
    Reading, argv::OF_AN_ARTIFACT, calendar, check, drill, driver, environment, people, poll, stage,
    strictness,
};
use crate::{
    config::{
        secret,
        shape::{self, NumberOrText},
    },
    domain::{
        name::{CheckName, ComponentName, EnvironmentName, PersonName, ProjectName, StageName},
        plan::{
            Artifact, Check, Component, Environment, EnvironmentKind, FailureMode, LaneCheck, Own, Place,
            Plan, SecondGoLive, Separation, Stage, Template, Threshold, Tier, VersionPolicy, in_order,
        },
    },
};

/// Components that say nothing else are important, not critical.
const TIER: u8 = 2;

/// The plan as far as it could be read, without the items of its checklists. None only where there is not even
/// a stand-in for what is missing; a problem was reported then.
pub fn plan(file: &shape::File, reading: &mut Reading<'_>) -> Option<Plan> {
    let no_project = shape::Project::default();
    let project = file.project.as_ref().unwrap_or(&no_project);
    let at = Place::of(&["project"]);
    let name = project.name.as_deref().and_then(|text| reading.name::<ProjectName>(&at.key("name"), text));
    // A stand-in, so that the rest is still checked: the problem was reported.
    let name = name.or_else(|| ProjectName::new("unnamed").ok())?;
    let people = people::people(&file.people.clone().unwrap_or_default(), reading);
    let notify =
        project.notify.as_deref().map_or_else(Vec::new, |written| people::notifiers(written, reading));
    if let Some(home) = &project.home
        && (home.is_empty() || home.contains(char::is_whitespace))
    {
        reading.bad(
            &at.key("home"),
            format!("{home:?} is not the name of a machine"),
            "write what `hostname` prints",
        );
    }
    if let Some(ca) = &project.ca {
        reading.authorities(&at.key("ca"), ca);
    }
    let artifact = artifact(file.artifact.as_ref(), &Place::of(&["artifact"]), reading)?;
    let components = components(&file.components, &name, reading)?;
    let deployed = in_order(&components).into_iter().map(|it| it.name.clone()).collect();
    let around = environment::Surroundings { deployed, defaults: file.defaults.as_ref() };
    let environments =
        environment::environments(&file.environments.clone().unwrap_or_default(), &around, reading);
    let mut checks = check::checks(&file.checks, reading);
    let alarms = check::alarms(&file.alarms, reading);
    let stages = stage::stages(file.stages.as_deref().unwrap_or_default(), reading);
    comparison(&stages, &mut checks);
    let no_poll = shape::Poll::default();
    let before = before(&stages, &environments)?;
    let poll = poll::poll(file.poll.as_ref().unwrap_or(&no_poll), before, reading);
    let plan_b = file.plan_b.as_ref().map(|written| poll::plan_b(written, reading)).unwrap_or_default();
    let drills = drill::drills(&file.drills, &environments, reading);
    let zone = calendar::zone(project.zone.as_deref(), &at, reading);
    Some(Plan {
        project: name,
        zone,
        second: match project.second {
            Some(shape::Second::Queued) => SecondGoLive::Queued,
            Some(shape::Second::Superseding) => SecondGoLive::Superseding,
            Some(shape::Second::Refused) | None => SecondGoLive::Refused,
        },
        versions: match project.versions {
            Some(shape::Versions::Exclusive) => VersionPolicy::Exclusive,
            Some(shape::Versions::Mixed) | None => VersionPolicy::Mixed,
        },
        home: project.home.clone(),
        separation: match project.separation {
            Some(shape::Separation::None) => Separation::None,
            Some(shape::Separation::Required) | None => Separation::Required,
        },
        share_group: matches!(project.share, Some(shape::Share::Group)),
        people,
        notify,
        ca: project.ca.clone(),
        artifact,
        components,
        environments,
        checks,
        alarms,
        stages,
        freezes: calendar::freezes(file, reading),
        traffic: calendar::traffic(file, reading),
        drills,
        strictness: strictness::strictness(file, reading),
        poll,
        plan_b,
        items: Vec::new(),
    })
}

fn artifact(written: Option<&shape::Artifact>, place: &Place, reading: &mut Reading<'_>) -> Option<Artifact> {
    let place = place.key("source");
    let source = written.and_then(|artifact| artifact.source.as_deref());
    let template = source.and_then(|text| {
        reading.no_secret(&place, "source", text, "use a path, or a URL that needs no password");
        if let Some((scheme, _)) = text.split_once("://")
            && !matches!(scheme, "http" | "https")
        {
            reading.bad(
                &place,
                format!("an artifact can't be fetched by {scheme}"),
                "use a path, http:// or https://",
            );
        }
        if text.starts_with(secret::REFERENCE) || text.trim().is_empty() {
            reading.bad(
                &place,
                format!("{text:?} is neither a path nor a URL"),
                "write \"dist/shop-{version}.tar.gz\"",
            );
            return None;
        }
        reading.template(&place, text, OF_AN_ARTIFACT)
    });
    // The stand-in satisfies the rules; that it is missing was reported.
    let source = template.or_else(|| Template::new("{version}").ok())?;
    Some(Artifact { source })
}

fn components(
    written: &BTreeMap<String, shape::Component>,
    project: &ProjectName,
    reading: &mut Reading<'_>,
) -> Option<BTreeMap<ComponentName, Component>> {
    let tier = Tier::new(TIER)?;
    let mut components = BTreeMap::new();
    for (key, component) in written {
        let place = Place::of(&["components", key]);
        let Some(name) = reading.name::<ComponentName>(&place, key) else { continue };
        let owner =
            component.owner.as_deref().and_then(|text| reading.name::<PersonName>(&place.key("owner"), text));
        let depends = reading.names(&place.key("depends"), &component.depends);
        components.insert(
            name.clone(),
            Component {
                name,
                tier: component.tier.and_then(Tier::new).unwrap_or(tier),
                owner,
                failure: match component.failure {
                    Some(shape::Failure::Degrade) => FailureMode::Degrade,
                    Some(shape::Failure::Down) | None => FailureMode::Down,
                },
                depends,
                external: component.external,
                own: own(component, &place, reading),
            },
        );
    }
    if components.is_empty() {
        let name = ComponentName::new(project.as_str()).ok()?;
        let only = Component {
            name: name.clone(),
            tier,
            owner: None,
            failure: FailureMode::Down,
            depends: Vec::new(),
            external: false,
            own: Own::default(),
        };
        components.insert(name, only);
    }
    Some(components)
}

/// What makes a component a part that is deployed beside others.
fn own(written: &shape::Component, place: &Place, reading: &mut Reading<'_>) -> Own {
    let after =
        written.after.as_deref().and_then(|text| reading.name::<ComponentName>(&place.key("after"), text));
    let barrier = match &written.barrier {
        None => Threshold::default(),
        Some(NumberOrText::Number(hosts)) if *hosts > 0 => Threshold::Hosts(*hosts),
        Some(NumberOrText::Text(text)) if text == "first" => Threshold::Hosts(1),
        Some(NumberOrText::Text(text)) if text == "all" => Threshold::All,
        Some(other) => {
            let said = match other {
                NumberOrText::Number(number) => number.to_string(),
                NumberOrText::Text(text) => format!("{text:?}"),
            };
            reading.bad(
                &place.key("barrier"),
                format!("{said} is not a number of hosts to wait for"),
                "write \"first\", a number such as 2, or \"all\"",
            );
            Threshold::default()
        }
    };
    let mut check = |key: &str, text: Option<&str>| match text {
        None => LaneCheck::Project,
        Some("none") => LaneCheck::None,
        Some(text) => {
            reading.name::<CheckName>(&place.key(key), text).map_or(LaneCheck::Project, LaneCheck::Check)
        }
    };
    let alive = check("alive", written.alive.as_deref());
    let self_test = check("self_test", written.self_test.as_deref());
    let own_artifact = written.artifact.as_ref();
    Own {
        after,
        barrier,
        artifact: own_artifact.and_then(|it| artifact(Some(it), &place.key("artifact"), reading)),
        driver: written.driver.as_ref().and_then(|it| driver::driver(it, &place.key("driver"), reading)),
        alive,
        self_test,
        unbalanced: written.balanced == Some(false),
        capacity: written
            .capacity
            .as_ref()
            .map(|it| environment::capacity(it, &place.key("capacity"), reading)),
    }
}

/// The built-in check is declared by being named.
fn comparison(stages: &[Stage], checks: &mut BTreeMap<CheckName, Check>) {
    let named = stages.iter().flat_map(Stage::asks_for).find(|name| name.as_str() == check::COMPARISON);
    if let Some(name) = named {
        checks.insert(name.clone(), check::comparison(name.clone()));
    }
}

/// The first stage of production, else the first of all.
fn before(stages: &[Stage], environments: &BTreeMap<EnvironmentName, Environment>) -> Option<StageName> {
    let production = |stage: &&Stage| {
        environments.get(&stage.environment).is_some_and(|e| e.kind == EnvironmentKind::Production)
    };
    let stage = stages.iter().find(production).or_else(|| stages.first());
    stage.map(|stage| stage.name.clone()).or_else(|| StageName::new("none").ok())
}
