//! The embedded checklists as they stand in `checklists/`: complete, short enough for a narrow terminal, and
//! made of the parts that the seeds ask for.

use std::{collections::BTreeSet, fs, path::Path};

use golive::domain::{
    checklist::{Fact, Severity},
    time::Span,
};
use serde::Deserialize;

const LISTS: [&str; 8] = [
    "artifact-ready",
    "basic",
    "going-live",
    "operation",
    "pipeline",
    "pre-production",
    "readiness",
    "rollout",
];

const ROLES: [&str; 7] =
    ["business", "decider", "deployer", "engineering", "operations", "security", "support"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    title: String,
    about: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    id: String,
    title: String,
    why: String,
    group: String,
    kind: String,
    check: Option<String>,
    fact: Option<Fact>,
    tier: Option<u8>,
    severity: Option<Severity>,
    owner: Option<String>,
    due: Option<String>,
    #[serde(default)]
    post_live: bool,
}

impl List {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists").join(name).with_extension("toml");
        toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    /// The groups in the order in which they first appear.
    fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = self.items.iter().map(|item| item.group.as_str()).collect();
        groups.dedup();
        groups
    }

    fn ids(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.id.as_str()).collect()
    }
}

impl Item {
    /// What is wrong with the item by itself.
    fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut hold = |right: bool, what: &str| {
            if !right {
                found.push(format!("{}: {what}", self.id));
            }
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        hold(self.id.chars().all(plain), "an id is lower-case words joined by -");
        hold(
            (1..=50).contains(&self.title.chars().count()),
            "the title has to fit beside its state in 80 columns",
        );
        hold((1..=100).contains(&self.why.chars().count()), "the reason has to fit on a line");
        hold(!self.why.contains('\n'), "the reason is one line");
        hold(
            matches!(self.kind.as_str(), "hand" | "evidence" | "question" | "check" | "fact"),
            "there is no such kind",
        );
        hold(
            (self.kind == "check") == self.check.is_some(),
            "a check names its check, and nothing else does",
        );
        hold((self.kind == "fact") == self.fact.is_some(), "a fact names its fact, and nothing else does");
        hold(
            (self.kind == "question") == self.title.ends_with('?'),
            "questions end in ?, and nothing else does",
        );
        hold(self.tier.is_none_or(|tier| (1..=3).contains(&tier)), "tiers are 1, 2 and 3");
        hold(self.owner.as_deref().is_none_or(|owner| ROLES.contains(&owner)), "nobody has that role");
        let due = self.due.as_deref().map(|due| due.strip_prefix("T-").map(Span::parse));
        hold(due.is_none_or(|due| matches!(due, Some(Ok(_)))), "due reads like T-14d");
        hold(!(self.post_live && self.due.is_some()), "what is asked afterwards is not due before");
        found
    }
}

#[test]
fn the_embedded_lists_are_the_files_in_checklists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists");
    let there: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(there, LISTS.map(str::to_owned).into());
}

#[test]
fn every_item_of_every_list_is_complete_and_short_enough_to_show() {
    let problems: Vec<String> = LISTS
        .iter()
        .flat_map(|name| {
            let list = List::read(name);
            assert!(!list.title.is_empty() && !list.about.is_empty(), "{name} says nothing of itself");
            list.items
                .iter()
                .flat_map(Item::problems)
                .map(move |what| format!("{name}/{what}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn ids_are_unique_and_groups_stand_together_in_each_list() {
    for name in LISTS {
        let list = List::read(name);
        let ids: BTreeSet<&str> = list.ids().into_iter().collect();
        assert_eq!(ids.len(), list.items.len(), "{name}: an id is there twice");
        let groups: BTreeSet<&str> = list.groups().into_iter().collect();
        assert_eq!(groups.len(), list.groups().len(), "{name}: a group is torn apart");
        assert!((10..=25).contains(&list.items.len()), "{name}: {} items", list.items.len());
    }
}

#[test]
fn the_basic_list_is_a_dozen_items_for_a_team_of_engineers_and_operators() {
    let list = List::read("basic");
    assert_eq!(list.items.len(), 12);
    let owners: BTreeSet<&str> = list.items.iter().filter_map(|item| item.owner.as_deref()).collect();
    assert_eq!(owners, ["engineering", "operations"].into());
    assert!(list.items.iter().all(|item| item.severity != Some(Severity::ShowStopper)));
}

/// The template of a go-live has the eight parts of the agenda, in their order.
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
    assert_eq!(List::read("going-live").groups(), parts);
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
    assert_eq!(List::read("artifact-ready").ids(), things);
}

/// The risks that every big change has are named for those who write their first register.
#[test]
fn the_readiness_list_names_the_risks_to_start_from() {
    let list = List::read("readiness");
    let risks = list.items.iter().find(|item| item.id == "risks-scored").unwrap();
    for risk in ["migration doesn't finish", "data is damaged", "a service fails"] {
        assert!(risks.why.contains(risk), "{risk} is not in {:?}", risks.why);
    }
}
