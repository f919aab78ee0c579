//! The two example plans load in a directory that holds the files they name, and say what must be known.

use golive::{
    config::Note,
    domain::{
        name::HostName,
        plan::{Driver, EnvironmentKind, Separation, Strategy},
        time::Span,
    },
};

use super::project::Project;

const SMALL: &str = include_str!("fixtures/plan-small.toml");
const FULL: &str = include_str!("fixtures/plan-full.toml");

/// Line and text of the notes that keep the plan from being opened, or of the others.
fn said(notes: &[Note], blocks_open: bool) -> Vec<String> {
    let of_the_plan = |note: &&Note| note.blocks_open == blocks_open && note.file == "golive.toml";
    notes.iter().filter(of_the_plan).map(|note| format!("{} {}", note.line, note.what)).collect()
}

#[test]
fn the_small_plan_loads_with_its_defaults() {
    let loaded = Project::of_the_examples().read(SMALL).unwrap_or_else(|p| panic!("{}", p.render(false)));
    let plan = &loaded.plan;
    let production = &plan.environments["production"];
    assert_eq!(production.kind, EnvironmentKind::Production);
    assert_eq!(production.deadlines.min_healthy_time, Span::secs(10));
    assert_eq!(production.deadlines.healthy_deadline, Span::minutes(5));
    assert_eq!(production.deadlines.progress_deadline, Span::minutes(10));
    let limits = production.capacity.limits(3);
    assert_eq!((limits.max_parallel, limits.min_healthy), (1, 2));
    assert!(matches!(&production.driver, Driver::Ssh { unit, .. } if unit == "shop.service"));
    let host = production.hosts().next().unwrap();
    assert_eq!((host.name.as_str(), host.address.as_str(), host.port), ("web-01", "web-01", None));
    assert_eq!(host.unit.as_str(), "web-01", "with one component a unit reads as its host");
    assert_eq!(plan.people["dana"].login, "dana");
    assert_eq!(plan.checks["alive"].timeout, Span::secs(2));
    assert_eq!((plan.checks["alive"].retries, plan.checks["alive"].interval), (0, Span::secs(10)));
    assert_eq!(plan.stages[0].bake, Span::minutes(10));
    assert_eq!(plan.poll.before.as_str(), "production");
    assert_eq!((plan.poll.votes_expire, plan.poll.go_expires), (Span::hours(24), Span::hours(4)));
    assert!(plan.poll.by_voice && plan.poll.seats.iter().all(|seat| seat.required && !seat.veto));
    assert_eq!(plan.separation, Separation::Required);
    let own: Vec<&str> =
        plan.items.iter().filter(|i| i.id.as_str().starts_with("release/")).map(|i| i.id.as_str()).collect();
    assert_eq!(own, ["release/changelog-written", "release/status-page-drafted"]);
    assert!(plan.items.iter().any(|item| item.id.as_str().starts_with("basic/")));
    assert_eq!(loaded.source, SMALL);
    assert_eq!(loaded.sources.len(), 3, "the plan and two checklists");
}

#[test]
fn the_small_plan_says_what_must_be_known() {
    let loaded = Project::of_the_examples().read(SMALL).unwrap();
    assert_eq!(
        said(&loaded.notes, true),
        [
            "22 the ssh driver (production): checked, but not yet carried out by this build, so open refuses it"
        ]
    );
    assert_eq!(
        said(&loaded.notes, false),
        [
            "1 plan B names nobody who decides",
            "9 not declared: notify; nobody is told when the line needs a human",
            "11 checklist basic: the check \"smoke\" is not declared: 1 item is ticked by hand, with evidence",
            "20 production has no balancer: requests may fail while a host is changed",
            "25 not declared: self-test; no host is asked to test itself before it rejoins",
            "29 not declared: a smoke test (validations, or a check asked for after going live); what is live stays \
             unverified until somebody promotes it, which says that they looked",
        ]
    );
}

/// [O1] Project, environments, pools in their clouds, components, hosts: each level has as many as are written.
#[test]
fn the_full_plan_loads_and_everything_this_build_cannot_do_is_named_with_its_line() {
    let loaded = Project::of_the_examples().read(FULL).unwrap_or_else(|p| panic!("{}", p.render(false)));
    let plan = &loaded.plan;
    let production = &plan.environments["production"];
    let names: Vec<&HostName> = production.hosts().map(|host| &host.name).collect();
    assert_eq!(names.len(), 27);
    let of: Vec<_> =
        plan.environments.values().map(|it| (it.name.as_str(), it.pools.len(), it.hosts().count())).collect();
    assert_eq!(of, [("alpha", 1, 1), ("beta", 1, 8), ("gamma", 1, 1), ("production", 2, 27)]);
    assert_eq!((plan.project.as_str(), plan.components.len(), production.clouds.len()), ("shop", 2, 2));
    assert_eq!((names[0].as_str(), names[15].as_str(), names[26].as_str()), ("web-01", "web-16", "web-27"));
    assert_eq!(production.hosts().nth(15).unwrap().region.as_deref(), Some("eu-2"));
    assert_eq!(
        production.pools.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(),
        ["production/a", "production/b"]
    );
    let limits = production.capacity.limits(27);
    assert_eq!((limits.max_parallel, limits.min_healthy, limits.spare()), (3, 24, 3));
    assert_eq!(plan.selected(3).len(), 3, "the 1-box takes three");
    assert_eq!(plan.selected(4).len(), 24, "production takes the rest");
    assert_eq!(plan.poll.before.as_str(), "1-box");
    assert!(matches!(&plan.stages[4].strategy, Strategy::Rolling(rolling) if rolling.batches.len() == 2));
    assert_eq!(
        said(&loaded.notes, true),
        ["23 the ssh driver (alpha, beta, gamma, production)", "46 the alarm errors",].map(|thing| format!(
            "{thing}: checked, but not yet carried out by this build, so open refuses it"
        ))
    );
    assert_eq!(loaded.blockers().count(), 2);
    let window = production.window.as_ref().map(ToString::to_string);
    assert_eq!(window.as_deref(), Some("mon-thu 13:00-15:30 Europe/Berlin"));
}

#[test]
fn the_same_text_gives_the_same_plan_and_digest() {
    use golive::domain::plan::Adopted;
    let digest = |text: &str| {
        let loaded = Project::of_the_examples().read(text).unwrap();
        Adopted::new(loaded.plan, loaded.source).digest
    };
    assert_eq!(digest(FULL), digest(FULL));
    assert_eq!(digest(SMALL), digest(&SMALL.replace("# a dozen embedded items", "# a comment")));
    assert_ne!(digest(SMALL), digest(&SMALL.replace("bake = \"10m\"", "bake = \"11m\"")));
}

#[test]
fn an_adopted_plan_is_read_back_as_it_was() {
    use golive::domain::plan::{Adopted, Plan};
    for text in [SMALL, FULL] {
        let plan = Project::of_the_examples().read(text).unwrap().plan;
        let stored = serde_json::to_string(&plan).unwrap();
        let back: Plan = serde_json::from_str(&stored).unwrap();
        assert_eq!(back, plan);
        let digest = |plan| Adopted::new(plan, String::new()).digest;
        assert_eq!(digest(back), digest(plan));
    }
}
