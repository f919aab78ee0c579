//! Steps that run once in a go-live, as written.

use golive::domain::plan::When;

use super::{
    mistakes::{GOOD, of},
    project::Project,
};

fn with(once: &str) -> String {
    GOOD.replace("[[stages]]", &format!("[[stages]]\nonce = [{once}]"))
}

const FINE: &str = "{ name = \"migrate\", run = [\"migrate\", \"up\", \"{version}\"], back = [\"migrate\", \"down\"] }, \
                    { name = \"announce\", run = [\"announce\"], when = \"after\", timeout = \"30s\" }";

#[test]
fn what_runs_once_is_read_with_when_how_long_and_what_takes_it_back() {
    let plan = Project::of_the_examples().read(&with(FINE)).unwrap().plan;
    let said: Vec<String> = plan.stages[0].once.iter().map(|once| once.words(true)).collect();
    assert_eq!(
        said,
        [
            "migrate: once, before any host: migrate up {version}, at most 5 min; a rollback runs migrate down once all \
             hosts are back",
            "announce: once, when all hosts are done: announce, at most 30 s; nothing takes it back"
        ]
    );
    assert_eq!(plan.stages[0].once[1].when, When::After);
}

#[test]
fn what_can_not_be_meant_is_refused_with_what_to_do() {
    let refused = |from: &str, to: &str, words: &str| {
        let found = of(&with(&FINE.replace(from, to)));
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    };
    refused("\"announce\", run", "\"migrate\", run", "are both called migrate");
    refused("\"after\"", "\"meanwhile\"", "meanwhile");
    refused("\"30s\"", "\"soon\"", "soon");
    refused("run = [\"announce\"], ", "", "run");
    refused("{version}", "{host}", "{host}");
    refused("[\"announce\"]", "[\"announce loudly\"]", "is a shell line, not a program");
    refused("[\"announce\"]", "\"announce\"", "");
    refused("when = \"after\"", "repeatable = true", "repeatable");
}

/// As in every command: what looks like a secret is refused, and blotted out where the line is shown.
#[test]
fn no_secret_stands_in_its_arguments() {
    for argv in
        ["[\"announce\", \"--token\", \"hunter2hunter2\"]", "[\"announce\", \"--password=hunter2hunter2\"]"]
    {
        for key in ["run", "back"] {
            let to = format!(
                "name = \"announce\", {}{key} = {argv}",
                if key == "back" { "run = [\"a\"], " } else { "" }
            );
            let found = of(&with(&FINE.replace("name = \"announce\", run = [\"announce\"]", &to)));
            assert!(found.iter().any(|it| it.contains("looks like a secret")), "{found:?}");
            assert!(found.iter().all(|it| !it.contains("hunter2")), "{found:?}");
        }
    }
}
