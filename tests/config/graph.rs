//! Stages as a graph: what is said where the graph means nothing, and that what means something loads.

use std::fmt::Write as _;

use golive::{config, domain::plan::Plan};

/// A plan with these stages, each with an environment of its own; `production` alone is live.
fn text(stages: &[(&str, Option<&[&str]>)], before: &str) -> String {
    let mut text =
        "[project]\nname = \"shop\"\n\n[people]\ndana = { roles = [\"decider\", \"deployer\", \"engineering\", \"operations\"] }\n\n\
        [artifact]\nsource = \"dist/shop-{version}.tar.gz\"\n\n"
            .to_owned();
    for (name, _) in stages {
        let kind = if name.starts_with("prod") { "production" } else { "staging" };
        let hosts = format!("hosts = [\"{name}-web\"]");
        write!(
            text,
            "[environments.{name}]\nkind = \"{kind}\"\ndriver = {{ kind = \"local\", dir = \"run/{name}\", \
             start = [\"bin/shop\"] }}\n{hosts}\n\n"
        )
        .unwrap();
    }
    for (name, after) in stages {
        write!(text, "[[stages]]\nname = \"{name}\"\nenvironment = \"{name}\"\n").unwrap();
        if let Some(after) = after {
            writeln!(text, "after = {after:?}").unwrap();
        }
        text.push('\n');
    }
    text + &format!("[poll]\nbefore = \"{before}\"\nseats = [{{ role = \"engineering\" }}]\n")
}

fn read(stages: &[(&str, Option<&[&str]>)], before: &str) -> Result<Plan, String> {
    let text = text(stages, before);
    let read = config::read_text(&text, std::path::Path::new("."), None);
    read.map(|loaded| loaded.plan).map_err(|problems| problems.to_string())
}

fn order(plan: &Plan) -> Vec<&str> {
    plan.stages.iter().map(|stage| stage.name.as_str()).collect()
}

#[track_caller]
fn says(stages: &[(&str, Option<&[&str]>)], words: &[&str]) {
    let said = read(stages, "prod").unwrap_err();
    for word in words {
        assert!(said.contains(word), "{word:?} is not in\n{said}");
    }
}

#[test]
fn a_list_stays_a_list() {
    let plan = read(&[("beta", None), ("gamma", None), ("prod", None)], "prod").unwrap();
    assert_eq!(order(&plan), ["beta", "gamma", "prod"]);
    assert!(!plan.branches() && plan.stages.iter().all(|stage| stage.after.is_none()));
    assert_eq!((plan.before(0), plan.before(2)), (vec![], vec![1]));
}

#[test]
fn stages_are_read_in_an_order_in_which_each_follows_what_it_is_after() {
    let stages: &[(&str, Option<&[&str]>)] = &[
        ("prod", Some(&["beta", "gamma"])),
        ("load", Some(&["alpha"])),
        ("gamma", Some(&["alpha"])),
        ("beta", Some(&["alpha"])),
        ("alpha", Some(&[])),
    ];
    let plan = read(stages, "prod").unwrap();
    assert_eq!(order(&plan), ["alpha", "gamma", "beta", "load", "prod"]);
    assert_eq!(plan.before_the_poll().into_iter().collect::<Vec<_>>(), [0, 1, 2], "not the load test");
    assert_eq!(plan.finals(), [4]);
}

#[test]
fn what_was_the_one_before_in_the_file_stays_so() {
    // Beta, which nothing waits for, is read between gamma and what comes after gamma.
    let stages: &[(&str, Option<&[&str]>)] =
        &[("gamma", Some(&["alpha"])), ("prod", None), ("alpha", Some(&[])), ("beta", Some(&["alpha"]))];
    let plan = read(stages, "prod").unwrap();
    assert_eq!(order(&plan), ["alpha", "gamma", "beta", "prod"]);
    assert_eq!(plan.before(3), [1]);
}

#[test]
fn what_is_no_graph_is_refused_with_its_place() {
    says(
        &[("beta", None), ("prod", Some(&["bta"]))],
        &["there is no stage \"bta\"", "did you mean \"beta\"?", "golive.toml:27:"],
    );
    says(&[("beta", Some(&["beta"])), ("prod", None)], &["beta is after itself", "golive.toml:23:"]);
    says(
        &[("beta", Some(&["gamma"])), ("gamma", Some(&["beta"])), ("prod", None)],
        &["no stage could ever begin", "beta → gamma → beta"],
    );
    says(&[("beta", None), ("prod", Some(&["beta", "beta"]))], &["prod names beta twice", "name it once"]);
    says(
        &[("beta", Some(&["prod-eu"])), ("prod-eu", Some(&[])), ("prod", Some(&["beta"]))],
        &["prod-eu changes production before the poll, which stands before prod"],
    );
}

#[test]
fn two_stages_of_one_environment_come_one_after_the_other() {
    let text = text(&[("beta", None), ("gamma", Some(&[])), ("prod", Some(&["beta", "gamma"]))], "prod");
    let text =
        text.replace("name = \"gamma\"\nenvironment = \"gamma\"", "name = \"gamma\"\nenvironment = \"beta\"");
    let said = config::read_text(&text, std::path::Path::new("."), None).unwrap_err().to_string();
    assert!(said.contains("beta and gamma both change beta, and neither comes after the other"), "{said}");
}

#[test]
fn what_is_after_anyway_is_remarked() {
    let stages: &[(&str, Option<&[&str]>)] =
        &[("alpha", None), ("beta", None), ("prod", Some(&["alpha", "beta"]))];
    let loaded = config::read_text(&text(stages, "prod"), std::path::Path::new("."), None).unwrap();
    let notes: Vec<&str> = loaded.notes.iter().map(|note| note.what.as_str()).collect();
    assert!(notes.contains(&"prod is after alpha anyway: it is after beta, which is"), "{notes:?}");
}

/// [R4] Whatever graph is drawn, what has no circle loads with each stage behind all that it is after, and production
/// needs the GO; where two stages wait for each other that is said, with every stage of the circle.
#[test]
fn whatever_graph_is_drawn_it_loads_or_says_what_goes_round() {
    use proptest::prelude::*;
    let names = ["one", "two", "three", "four", "five", "prod"];
    let graph = proptest::collection::vec(proptest::option::weighted(0.8, 0_u8..64), names.len());
    let whole = (graph, any::<bool>());
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = runner.run(&whole, |(masks, sound)| {
        // Of a sound one each names only such as stand before it in a shuffled file.
        let after: Vec<Option<Vec<&str>>> = masks
            .iter()
            .enumerate()
            .map(|(index, mask)| {
                let named = |at: &usize| *at != index && (!sound || *at < index);
                mask.map(|mask| {
                    (0..names.len())
                        .filter(|at| mask & (1 << at) != 0)
                        .filter(named)
                        .filter(|at| !sound || names[*at] != "prod")
                        .map(|at| names[at])
                        .collect()
                })
            })
            .collect();
        let stages: Vec<(&str, Option<&[&str]>)> =
            names.iter().copied().zip(after.iter().map(|it| it.as_deref())).collect();
        match read(&stages, "prod") {
            Ok(plan) => {
                for index in 0..plan.stages.len() {
                    prop_assert!(plan.before(index).into_iter().all(|before| before < index));
                    prop_assert_eq!(plan.changes_production(index) && index < plan.poll_index(), false);
                }
                for (name, named) in &stages {
                    let (index, _) =
                        plan.stages.iter().enumerate().find(|(_, it)| it.name.as_str() == *name).unwrap();
                    let before: std::collections::BTreeSet<&str> =
                        plan.before(index).into_iter().map(|at| plan.stages[at].name.as_str()).collect();
                    if let Some(named) = named {
                        prop_assert_eq!(before, named.iter().copied().collect());
                    }
                }
            }
            Err(said) => {
                prop_assert!(!sound, "{}", said);
                prop_assert!(said.contains("no stage could ever begin") && said.contains(" → "), "{}", said);
                prop_assert!(said.contains("golive.toml:"), "{}", said);
            }
        }
        Ok(())
    });
    run.unwrap();
}
