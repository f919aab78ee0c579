//! The report of a recorded go-live: a waiver, a vote by voice, a GO IF, a host that failed twice, a rollback.

use golive::{
    domain::{event::Stamped, session::Session},
    record::{Decoded, Stored, stamped},
    report::{Document, gather, markdown},
};

const RECORD: &str = include_str!("fixtures/record.jsonl");
const REPORT: &str = include_str!("fixtures/report.md");

fn document() -> Document {
    let events: Vec<Stamped> = RECORD
        .lines()
        .map(|line| match stamped(&Stored::read(line).unwrap(), None).unwrap() {
            Decoded::Known(event) => event,
            Decoded::Unknown { kind, shape, .. } => panic!("{kind} of shape {shape}"),
        })
        .collect();
    let session = Session::fold(&events).unwrap();
    let now = session.now;
    gather(&session, &events, now, Some("64:the head".into()))
}

/// Written anew by `GOLIVE_WRITE_GOLDENS=1 cargo test --test shell report`, and then read by a person.
#[test]
fn a_report_reads_as_it_did() {
    let report = markdown(&document());
    if std::env::var_os("GOLIVE_WRITE_GOLDENS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/fixtures/report.md");
        std::fs::write(path, &report).unwrap();
    }
    assert_eq!(report, REPORT);
    let rehearsal = Document { mode: "REHEARSAL".into(), ..document() };
    let title = format!("# REHEARSAL {}", REPORT.trim_start_matches("# ").lines().next().unwrap());
    assert_eq!(
        markdown(&rehearsal).lines().next(),
        Some(title.as_str()),
        "nobody takes it for the real thing"
    );
}

#[test]
fn nothing_that_was_typed_reaches_a_reader_as_a_command_or_as_markup() {
    let report = markdown(&document());
    assert!(RECORD.contains("\\u001b[31m"), "the record keeps what was typed");
    assert!(!report.chars().any(|c| c.is_control() && c != '\n'), "{report}");
    assert!(report.contains(r"said HOLD: red ?\[31mtext \| \*bold\* &lt;b&gt;"), "{report}");
}

/// [P51] A retrospective comes out of the record alone: what happened and when, what was not as planned, what was
/// waived, and what is left to do as lines that the next checklist takes as they are.
#[test]
fn a_retrospective_is_built_from_the_record_and_its_follow_ups_are_the_next_checklist() {
    let document = document();
    let told = |lines: &[golive::report::TimelineLine]| {
        lines.iter().map(|line| line.what.as_str()).collect::<Vec<_>>().join("\n")
    };
    let deviations = told(&document.deviations);
    for part in ["the process ended, status 1", "HOLD", "waiver", "ROLL BACK", "rolled back"] {
        assert!(deviations.contains(part), "{part} in {deviations}");
    }
    assert!(!deviations.contains("voted") && told(&document.timeline).contains("voted"), "{deviations}");
    assert_eq!(document.waivers.len(), 1);
    let text = markdown(&document);
    let follow_ups = text.split("## Follow-ups").nth(1).unwrap().split("\n## ").next().unwrap();
    let place = super::golive::Place::with_project();
    place.file("RELEASE.md", &format!("# From the last time\n{follow_ups}"));
    place.golive(&["check"]).ended(0);
    place.golive(&["open", "2.5.0", "--at", "+1h"]).ended(0);
    let items = place.golive(&["item", "--json"]).ended(0).out;
    assert_eq!(items.lines().count(), document.follow_ups.len(), "{items}");
    assert!(items.contains("penetration test") && items.contains("2.6.0 is rolled back"), "{items}");
}

#[test]
fn figures_count_what_happened() {
    let document = document();
    let figures = &document.figures;
    assert_eq!((figures.failures, figures.tries_again, figures.rollbacks), (2, 1, 1));
    assert_eq!((figures.hosts_changed, figures.refusals, figures.interventions), (1, 1, 2));
    assert_eq!(document.waivers[0].approved_by.as_deref(), Some("dana"));
    assert_eq!(document.seats[1].recorded_by.as_deref(), Some("dana"));
}

/// Every name that a script may rely on is written down.
#[test]
fn what_json_prints_is_documented() {
    const DOC: &str = include_str!("../../src/cli/json.md");
    let place = super::golive::Place::with_project();
    place.golive(&["open", "2.5.0", "--at", "+1h"]).ended(0);
    let report = serde_json::to_value(document()).unwrap();
    let lines = |command: &[&str]| {
        let out = place.golive(command).out;
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let mut objects = vec![report];
    for command in [
        &["status", "--json"][..],
        &["item", "--json"],
        &["vote", "--json"],
        &["sessions", "--json"],
        &["rollout", "plan", "--json"],
        &["rollout", "pipeline", "--json"],
        &["plan", "diff", "--json"],
        &["record", "verify", "--json"],
        &["record", "show", "--json"],
        &["vote", "go", "--json"],
        &["declare", "go", "--json"],
        &["check", "--json"],
        &["doctor", "--json"],
        &["conductor", "status", "--json"],
    ] {
        let printed = lines(command);
        assert!(!printed.is_empty(), "{command:?} printed nothing");
        objects.extend(printed);
    }
    for object in objects {
        for key in object.as_object().unwrap().keys() {
            assert!(DOC.contains(&format!("`{key}`")), "{key} of {object} is not in src/cli/json.md");
        }
    }
}
