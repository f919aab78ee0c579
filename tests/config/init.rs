//! What `golive init` writes is a plan that loads.

use golive::config::init::{Answers, DriverAnswer, ListSize, detect, files, parse_hosts, parse_people};
use proptest::prelude::*;

use super::project::Project;

/// Writes the files as init does, and reads the plan back.
fn load(answers: &Answers) -> golive::config::Loaded {
    let project = Project::new();
    let mut plan = String::new();
    for file in files(answers) {
        match (file.path.as_str(), file.executable) {
            ("golive.toml", _) => plan = file.text,
            (path, true) => project.program(path),
            (path, false) => project.file(path, &file.text),
        }
    }
    project.read(&plan).unwrap_or_else(|problems| panic!("{plan}\n{}", problems.render(false)))
}

fn detected() -> Answers {
    let project = Project::new();
    detect(project.path(), Some("dana"), Some("deploy-1"))
}

#[test]
fn what_is_detected_is_already_a_plan_that_can_be_opened() {
    let loaded = load(&detected());
    assert_eq!(loaded.blockers().count(), 0, "{:?}", loaded.notes);
    assert_eq!(loaded.plan.environments["production"].hosts().count(), 3);
    assert_eq!(loaded.plan.home.as_deref(), Some("deploy-1"));
}

#[test]
fn every_size_of_checklist_and_both_drivers_load_without_anything_that_blocks() {
    for (_, size) in ListSize::ALL {
        for people in ["dana", "dana, raj", "dana: decider, raj: operations security, lee"] {
            let exec = DriverAnswer::Exec {
                stop: vec!["ops/stop".into(), "{host}".into()],
                install: vec!["ops/install".into(), "{host}".into(), "{version}".into()],
                start: vec!["ops/start".into(), "{host}".into()],
            };
            let local = detected().driver;
            for driver in [exec, local] {
                let people = parse_people(people).unwrap();
                let loaded = load(&Answers { size, people, driver, ..detected() });
                assert_eq!(loaded.blockers().count(), 0);
                let own = loaded.plan.items.iter().filter(|i| i.id.as_str().starts_with("release/")).count();
                assert_eq!(own, 2);
            }
        }
    }
}

#[test]
fn a_command_still_to_be_written_fails_rather_than_pretends() {
    let driver = DriverAnswer::Exec {
        stop: vec!["systemctl".into(), "stop".into()],
        install: vec!["ops/install".into(), "{host}".into()],
        start: vec!["ops/install".into(), "--start".into()],
    };
    let written = files(&Answers { driver, ..detected() });
    let programs: Vec<_> = written.iter().filter(|file| file.executable).collect();
    assert_eq!(programs.len(), 1, "one file for the program that is named twice, none for one from PATH");
    assert!(programs[0].text.contains("exit 1"));
}

proptest! {
    /// Whatever the texts hold, quotes, braces or line ends: what is written is TOML that says what was answered.
    #[test]
    fn any_name_is_written_so_that_it_is_read_back(name in "[a-zA-Z\"'\\\\#=\\[\\] é🙂]{1,20}", home in "[a-z.]{1,9}") {
        prop_assume!(name.trim() == name && !name.is_empty());
        let loaded = load(&Answers { name: name.clone(), home: Some(home), hosts: parse_hosts("a:1 b:2").unwrap(), ..detected() });
        prop_assert_eq!(loaded.plan.project.as_str(), name);
    }
}
