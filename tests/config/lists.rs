//! Checklists: embedded, the user's, the team's, in TOML and in Markdown.

use golive::{
    config::{EMBEDDED_CHECKLISTS, Loaded, Problems, read_text},
    domain::{
        checklist::{Fact, ItemKind, ItemSpec, Owner, Severity},
        time::Span,
    },
};

use super::{mistakes::GOOD, project::Project};

fn with_lists(project: &Project, lists: &str) -> Result<Loaded, Problems> {
    project.read(&GOOD.replace("checklists = [\"basic\"]", &format!("checklists = {lists}")))
}

fn items(project: &Project, lists: &str) -> Vec<ItemSpec> {
    with_lists(project, lists).unwrap_or_else(|p| panic!("{}", p.render(false))).plan.items
}

fn wrong(project: &Project, lists: &str) -> Vec<String> {
    with_lists(project, lists).unwrap_err().list.iter().map(ToString::to_string).collect()
}

#[test]
fn every_embedded_list_loads_into_any_plan() {
    let project = Project::new();
    let all: Vec<String> = EMBEDDED_CHECKLISTS.iter().map(|(name, _)| format!("{name:?}")).collect();
    assert_eq!(all.len(), 8);
    let items = items(&project, &format!("[{}]", all.join(", ")));
    assert!(items.len() > 100, "{}", items.len());
    let mut ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), items.len(), "ids are unique");
}

#[test]
fn every_checklist_file_of_the_tree_is_embedded() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("checklists");
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".toml", ""))
        .collect();
    let mut embedded: Vec<String> = EMBEDDED_CHECKLISTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    files.sort();
    embedded.sort();
    assert_eq!(files, embedded);
}

const OWN: &str = r#"
title = "Night"
[[items]]
id = "smoke-passed"
title = "smoke test passed"
kind = "check"
check = "alive"
tier = 1
severity = "show-stopper"
owner = "operations"
due = "T-4h"
[[items]]
id = "who-is-awake"
title = "who is awake?"
kind = "question"
owner = "@dana"
post_live = true
[[items]]
id = "way-back"
title = "the way back is there"
fact = "rollback-ready"
[[items]]
id = "load"
title = "load test"
check = "load"
"#;

#[test]
fn a_teams_own_list_is_read_with_its_defaults() {
    let project = Project::new();
    project.file("ops/night.toml", OWN);
    let items = items(&project, "[\"ops/night.toml\"]");
    assert_eq!(items[0].id.as_str(), "night/smoke-passed");
    assert!(matches!(&items[0].kind, ItemKind::Check { check } if check.as_str() == "alive"));
    assert_eq!(
        (items[0].tier.get(), items[0].severity, items[0].due),
        (1, Severity::ShowStopper, Some(Span::hours(4)))
    );
    assert!(matches!(&items[0].owner, Owner::Role(role) if role.as_str() == "operations"));
    assert!(matches!(&items[1].owner, Owner::Person(name) if name.as_str() == "dana"));
    assert!(items[1].post_live && items[1].kind == ItemKind::Question && items[1].group == "Night");
    assert_eq!(items[2].kind, ItemKind::Fact { fact: Fact::RollbackReady });
    assert_eq!(
        (items[2].tier.get(), items[2].severity, &items[2].owner),
        (2, Severity::Required, &Owner::Nobody)
    );
    assert_eq!(
        items[3].kind,
        ItemKind::Hand { evidence: true },
        "a check that is not declared is shown by hand"
    );
    let loaded = with_lists(&project, "[\"ops/night.toml\"]").unwrap();
    let note = loaded.notes.iter().find(|note| note.file == "ops/night.toml").unwrap();
    assert_eq!(note.line, 25);
    assert!(note.what.contains("\"load\" is not declared"), "{note}");
}

#[test]
fn mistakes_in_a_teams_list_are_found_in_its_own_file() {
    let project = Project::new();
    let list = OWN
        .replace("due = \"T-4h\"", "due = \"4h\"")
        .replace("owner = \"operations\"", "owner = \"operation\"")
        .replace("owner = \"@dana\"", "owner = \"@dan\"")
        .replace("fact = \"rollback-ready\"", "fact = \"rollback-redy\"")
        .replace("id = \"load\"", "id = \"way-back\"\nnotes = 1")
        .replace("kind = \"question\"", "kind = \"quesion\"");
    project.file("ops/night.toml", &list);
    assert_eq!(
        wrong(&project, "[\"ops/night.toml\"]"),
        [
            "ops/night.toml:10:9: nobody has the role \"operation\": did you mean `operations`?",
            "ops/night.toml:11:7: \"4h\" is not a due time: write T-14d, T-4h or T-0",
            "ops/night.toml:15:8: `items[1].kind` can't be \"quesion\": did you mean `question`?",
            "ops/night.toml:16:9: there is no person \"dan\": did you mean `@dana`?",
            "ops/night.toml:21:8: \"rollback-redy\" is not a fact: did you mean `rollback-ready`?",
            "ops/night.toml:23:6: two items have the id way-back: an id is unique in its list",
            "ops/night.toml:24:1: `items[3]` has no key `notes`: use one of: check, due, fact, group, id, kind, owner, post_live, severity, tier, title, why",
        ]
    );
}

#[test]
fn a_list_of_the_project_comes_before_the_users_and_that_before_the_embedded_one() {
    let project = Project::new();
    let user = Project::new();
    let text = GOOD.replace("[\"basic\"]", "[\"rollout\"]");
    let titles = |user: Option<&std::path::Path>| -> Vec<String> {
        read_text(&text, project.path(), user)
            .unwrap()
            .plan
            .items
            .into_iter()
            .map(|item| item.title)
            .collect()
    };
    assert!(titles(Some(user.path())).len() > 10, "embedded");
    let list = |title: &str| {
        format!("title = \"x\"\n[[items]]\nid = \"a\"\ntitle = {title:?}\nowner = \"nobody-has-this\"\n")
    };
    user.file("checklists/rollout.toml", &list("the user's"));
    assert_eq!(titles(Some(user.path())), ["the user's"], "a role that nobody has is a note here");
    project.file("checklists/rollout.toml", &list("the team's").replace("owner = \"nobody-has-this\"\n", ""));
    assert_eq!(titles(Some(user.path())), ["the team's"]);
    project.file("checklists/rollout.toml", &list("the team's"));
    assert!(wrong(&project, "[\"rollout\"]")[0].contains("checklists/rollout.toml:5:9: nobody has the role"));
}

#[test]
fn lists_that_are_not_there_or_twice_are_refused() {
    let project = Project::new();
    project.file("basic.md", "- [ ] x\n");
    assert!(
        wrong(&project, "[\"basics\"]")[0]
            .ends_with("there is no checklist \"basics\": did you mean \"basic\"?")
    );
    assert!(
        wrong(&project, "[\"GONE.md\"]")[0]
            .contains("the checklist GONE.md can't be read: there is no such file")
    );
    assert!(wrong(&project, "[\"basic\", \"basic.md\"]")[0].contains("two checklists are called \"basic\""));
    assert!(wrong(&project, "[\"../x\"]")[0].contains("there is no checklist"));
}

const RELEASE: &str = "# Release of shop

Some words, and a list that is none:
- not an item
- [link](https://example.com)

## Before the day
- [ ] changelog **written** @dana (T-2d)
* [ ] status page drafted @operations
  - [ ] its nested item (see the wiki)
1. [ ] told everybody (T-0)
- [x] changelog **written**

```sh
- [ ] inside code, so no item
```

### On the day ###
+ [X] mail dana@shop.example
- [ ]
";

#[test]
fn a_markdown_list_works_as_it_is() {
    let project = Project::new();
    project.file("RELEASE.md", RELEASE);
    let items = items(&project, "[\"RELEASE.md\"]");
    let seen: Vec<(&str, &str, &str, Option<Span>, &str)> = items
        .iter()
        .map(|i| (i.id.as_str(), i.title.as_str(), i.group.as_str(), i.due, i.owner.word()))
        .collect();
    let before = "Before the day";
    assert_eq!(
        seen,
        [
            ("release/changelog-written", "changelog **written**", before, Some(Span::days(2)), "dana"),
            ("release/status-page-drafted", "status page drafted", before, None, "operations"),
            ("release/its-nested-item-see-the-wiki", "its nested item (see the wiki)", before, None, "-"),
            ("release/told-everybody", "told everybody", before, None, "-"),
            ("release/changelog-written-2", "changelog **written**", before, None, "-"),
            ("release/mail-dana-shop-example", "mail dana@shop.example", "On the day", None, "-"),
        ]
    );
    assert!(
        items
            .iter()
            .all(|i| i.kind == ItemKind::Hand { evidence: false } && i.severity == Severity::Required)
    );
    let loaded = with_lists(&project, "[\"RELEASE.md\"]").unwrap();
    let note = loaded.notes.iter().find(|note| note.file == "RELEASE.md").unwrap();
    assert_eq!((note.line, note.column), (12, 7));
    assert!(note.what.starts_with("2 items are ticked in the file and open here"), "{note}");
}

#[test]
fn slips_in_a_markdown_list_are_found_with_line_and_column() {
    let project = Project::new();
    project.file("RELEASE.md", "- [ ] a @dan\n- [ ] b @operatons (T-2d)\n- [ ] c (T-soon)\n");
    assert_eq!(
        wrong(&project, "[\"RELEASE.md\"]"),
        [
            "RELEASE.md:1:9: @dan is neither a person nor a role that somebody has: did you mean `dana`?",
            "RELEASE.md:2:9: @operatons is neither a person nor a role that somebody has: did you mean `operations`?",
            "RELEASE.md:3:9: (T-soon) is not a due time: write (T-14d), (T-4h) or (T-0)",
        ]
    );
    project.file("RELEASE.md", "# nothing here\n");
    assert!(wrong(&project, "[\"RELEASE.md\"]")[0].contains("RELEASE.md has no items"));
}

#[test]
fn windows_line_ends_and_control_characters_do_no_harm() {
    let project = Project::new();
    project.file("RELEASE.md", "## A\r\n- [ ] one \u{1b}[31mred @dana (T-1d)\r\n");
    let items = items(&project, "[\"RELEASE.md\"]");
    assert_eq!((items[0].title.as_str(), items[0].group.as_str()), ("one [31mred", "A"));
    assert!(matches!(&items[0].owner, Owner::Person(_)));
}
