//! The embedded checklists as a team gets them: read by the loader, complete, short enough for a narrow
//! terminal, and made of the parts that each is there for.

use std::{collections::BTreeSet, fs, path::Path};

use golive::{
    config::{EMBEDDED_CHECKLISTS, read_text},
    domain::{
        checklist::{ItemKind, ItemSpec, Owner, Severity},
        time::Span,
    },
};

/// A plan that has everything the lists ask for: every role, and every check.
const PLAN: &str = r#"
[project]
name = "shop"
checklists = [LISTS]

[people]
dana = { roles = ["business", "decider", "deployer", "engineering", "operations", "security", "support"] }
raj = { roles = ["operations"] }

[artifact]
source = "dist/shop-{version}.tar.gz"

[environments.production]
hosts = ["web-01", "web-02"]
driver = { kind = "local", dir = "run", start = ["{dir}/current/shop"] }

[checks]
alive = { http = "http://{host}:8080/health" }
dependencies = { tcp = "db:5432" }
integration = { http = "http://ci/integration" }
load = { http = "http://ci/load" }
smoke = { http = "http://shop/" }
toolchain = { http = "http://ci/" }

[[stages]]
name = "production"
environment = "production"

[poll]
seats = [{ role = "operations" }]
"#;

/// The items of some of the embedded lists, as the loader hands them out.
fn items(names: &[&str]) -> Vec<ItemSpec> {
    let lists: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let plan = PLAN.replace("LISTS", &lists.join(", "));
    let empty = tempfile::tempdir().unwrap();
    let loaded = read_text(&plan, empty.path(), None).unwrap_or_else(|why| panic!("{}", why.render(false)));
    let lacking: Vec<&str> = loaded
        .notes
        .iter()
        .map(|note| note.what.as_str())
        .filter(|what| what.contains("checklist"))
        .collect();
    assert!(lacking.is_empty(), "the lists ask for more than the plan has: {lacking:?}");
    loaded.plan.items
}

fn every_item() -> Vec<ItemSpec> {
    items(&EMBEDDED_CHECKLISTS.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// The groups in the order in which they appear.
fn groups(items: &[ItemSpec]) -> Vec<&str> {
    let mut groups: Vec<&str> = items.iter().map(|item| item.group.as_str()).collect();
    groups.dedup();
    groups
}

/// What is wrong with an item by itself, beyond what the loader refuses.
fn problems(item: &ItemSpec) -> Vec<String> {
    let title = item.title.chars().count();
    let why = item.why.chars().count();
    let asks = matches!(item.kind, ItemKind::Question);
    [
        ((1..=50).contains(&title), "the title has to fit beside its state in 80 columns"),
        ((1..=100).contains(&why) && !item.why.contains('\n'), "the reason has to fit on a line"),
        (asks == item.title.ends_with('?'), "questions end in ?, and nothing else does"),
        (!(item.post_live && item.due.is_some()), "what is asked afterwards is not due before"),
    ]
    .iter()
    .filter(|(right, _)| !right)
    .map(|(_, what)| format!("{}: {what}", item.id))
    .collect()
}

#[test]
fn every_list_in_the_folder_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists");
    let there: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(there, EMBEDDED_CHECKLISTS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn every_item_of_every_list_is_short_enough_to_show_and_says_why() {
    let problems: Vec<String> = every_item().iter().flat_map(problems).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn each_list_has_ten_to_twenty_five_items_and_its_groups_stand_together() {
    for (name, _) in EMBEDDED_CHECKLISTS {
        let items = items(&[name]);
        assert!((10..=25).contains(&items.len()), "{name}: {} items", items.len());
        let groups = groups(&items);
        let distinct: BTreeSet<&str> = groups.iter().copied().collect();
        assert_eq!(distinct.len(), groups.len(), "{name}: a group is torn apart");
    }
}

#[test]
fn the_basic_list_is_a_dozen_items_for_a_team_of_engineers_and_operators() {
    let items = items(&["basic"]);
    assert_eq!(items.len(), 12);
    let owners: BTreeSet<&str> = items.iter().map(|item| item.owner.word()).collect();
    assert_eq!(owners, ["-", "engineering", "operations"].into());
    assert!(items.iter().all(|item| item.severity != Severity::ShowStopper));
}

#[test]
fn the_going_live_list_has_the_eight_parts_of_the_agenda_in_order() {
    let parts = [
        "Build and testing",
        "Metadata",
        "Error handling",
        "Versioning",
        "Pre-production",
        "Going live",
        "Escalation support",
        "Certification",
    ];
    assert_eq!(groups(&items(&["going-live"])), parts);
}

/// [K62] [K63] Support is asked two weeks ahead, and has everything one week ahead.
#[test]
fn support_is_asked_two_weeks_ahead_and_has_all_details_one_week_ahead() {
    let items = items(&["pre-production"]);
    let due = |id: &str| items.iter().find(|item| item.id.as_str() == id).and_then(|item| item.due);
    assert_eq!(due("pre-production/support-asked"), Some(Span::days(14)));
    assert_eq!(due("pre-production/support-knows"), Some(Span::days(7)));
}

/// [P32] A load test before the release is asked for, of this build, by a check that nobody ticks, and blocks.
#[test]
fn readiness_asks_for_a_load_test_that_is_checked_and_required_before_the_release() {
    let items = items(&["readiness"]);
    let load = items.iter().find(|item| item.id.as_str() == "readiness/load-on-this-build").unwrap();
    assert!(matches!(&load.kind, ItemKind::Check { check } if check.as_str() == "load"));
    assert!(golive::domain::checklist::blocks(load) && !load.post_live);
}

/// [R2] What stands behind an artifact is eleven things, each with an item.
#[test]
fn the_artifact_ready_list_has_the_eleven_things_behind_an_artifact() {
    let things = [
        "designed",
        "coded",
        "tested",
        "reviewed",
        "integration-tests",
        "logging",
        "metrics",
        "documentation",
        "dependencies",
        "pushed",
        "built",
    ];
    let items = items(&["artifact-ready"]);
    let ids: Vec<&str> =
        items.iter().map(|item| item.id.as_str().trim_start_matches("artifact-ready/")).collect();
    assert_eq!(ids, things);
}

#[test]
fn every_item_but_a_computed_fact_has_somebody_who_answers_for_it() {
    let orphans: Vec<String> = every_item()
        .iter()
        .filter(|item| item.owner == Owner::Nobody && !matches!(item.kind, ItemKind::Fact { .. }))
        .map(|item| item.id.to_string())
        .collect();
    assert!(orphans.is_empty(), "nobody answers for {orphans:?}");
}
