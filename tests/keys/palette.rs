//! The palette: the words of the command line, found by their letters, read by its own parser.

use golive::{
    domain::{
        name::{CheckName, EnvironmentName, StageName, UnitId},
        plan::{Amount, Check, CheckKind, EnvironmentKind, Promote, Select, Stage, Template, TrafficKind},
        poll::VoteKind,
        time::Span,
    },
    tui::keymap::{Action, ScreenName},
};

use super::{
    desk::{item, plan, who},
    golive::{at, ready, stopped},
    script::Script,
};
use crate::screens::caps;

#[test]
fn every_verb_a_key_stands_for_is_one_of_the_command_line() {
    use golive::tui::words::Words as _;
    let line = golive::cli::CommandLine::new(golive::clock::Clock::System);
    for verb in Action::ALL.iter().filter_map(|action| action.verb()) {
        assert!(line.verbs().iter().any(|known| known.words == verb), "{verb}");
    }
}

#[test]
fn an_unknown_word_says_what_may_have_been_meant() {
    let mut script = at("raj");
    script.keys("3 :").text("hodl").shows("nothing matches").wait(500).keys("Enter");
    script.shows("no command is called \"hodl\": did you mean hold?");
    assert!(script.sent().is_empty());
}

#[test]
fn what_can_not_be_done_in_here_says_how_to_do_it_outside() {
    for (line, says) in [
        ("report -o r.md", "in a shell: golive report -o r.md"),
        ("plan adopt", "in a shell: golive plan adopt"),
        ("open 2.7.0", "in a shell: golive open 2.7.0"),
    ] {
        let mut script = at("raj");
        script.keys("3 :").text(line).wait(500).keys("Enter").shows(says);
    }
}

#[test]
fn what_a_screen_shows_anyway_leads_to_that_screen() {
    let mut script = at("raj");
    script.keys("3 :").text("record show").wait(500).keys("Enter");
    assert_eq!(script.app.screen(), ScreenName::Record);
    script.keys(":").text("status").wait(500).keys("Enter");
    assert_eq!(script.app.screen(), ScreenName::Decision);
}

/// [R54] [R11] [R13] [R16] [R9] [W4] The pipeline as cards at 80 columns, without colour: the artifact first, each stage
/// with its environment's kind, the hosts, share and regions it touches, its validations by name, and at every boundary
/// whether golive or which person carries it over.
#[test]
fn the_pipeline_is_a_page_of_cards_from_the_artifact_to_the_final_stage() {
    let mut plan = plan();
    let smoke: CheckName = "smoke".parse().expect("a name");
    let kind = CheckKind::Tcp { address: Template::new("db:5432").expect("a text"), banner: None };
    let (timeout, interval) = (Span::secs(5), Span::minutes(1));
    plan.checks.insert(
        smoke.clone(),
        Check { name: smoke.clone(), kind, timeout, retries: 0, interval, runbook: None },
    );
    let production = plan.stages.remove(0);
    for (environment, host) in plan
        .environments
        .values_mut()
        .flat_map(|it| &mut it.pools)
        .flat_map(|it| it.hosts.iter_mut().enumerate())
    {
        host.region = Some(if environment == 0 { "eu-1" } else { "eu-2" }.into());
    }
    let mut beta = plan.environments["production"].clone();
    beta.name = EnvironmentName::new("beta").expect("a name");
    beta.kind = EnvironmentKind::Development;
    beta.traffic = TrafficKind::None;
    beta.pools[0].hosts.truncate(1);
    beta.pools[0].hosts[0].unit = UnitId::new("beta-01").expect("a name");
    let stage = |name: &str, of: &EnvironmentName, select, promote| Stage {
        name: StageName::new(name).expect("a name"),
        environment: of.clone(),
        select,
        promote,
        ..production.clone()
    };
    let one = Select::Some { amount: Some(Amount::Count(1)), region: None, hosts: Vec::new() };
    let home = production.environment.clone();
    plan.stages = vec![
        Stage { validations: vec![smoke], ..stage("beta", &beta.name, Select::All, Promote::Human) },
        stage("1-box", &home, one, Promote::Automatic),
        stage("production", &home, Select::Rest, Promote::Human),
    ];
    plan.poll.before = StageName::new("1-box").expect("a name");
    plan.environments.insert(beta.name.clone(), beta);
    let mut script = Script::new("raj", plan, caps(80, 24));
    script.keys("3 :").text("rollout pipeline").wait(500).keys("Enter");
    let screen = script.screen();
    let wanted = [
        "✔ artifact 2.5.0",
        "HUMAN raj starts it",
        "○ beta waiting · DEVELOPMENT, without traffic",
        "touches 1 of 1 host, 100 %, in eu-1",
        "validation smoke not run",
        "bake 10 min",
        "HUMAN raj promotes it",
        "HUMAN dana declares GO, after the poll of 2 seats",
        "HUMAN raj starts it",
        "○ 1-box waiting · PRODUCTION",
        "touches 1 of 3 hosts, 33 %, in eu-1",
        "bake 10 min",
        "AUTO golive promotes it, once nothing is in the way",
        "AUTO golive starts it, once nothing is in the way",
        "○ production waiting · PRODUCTION · final stage",
        "touches 2 of 3 hosts, 66 %, in eu-2",
        "bake 10 min",
        "HUMAN raj says that it is verified",
    ];
    let mut left = screen.lines();
    for line in wanted {
        assert!(left.any(|shown| shown.contains(line)), "{line:?} is not there, or out of order:\n{screen}");
    }
}

#[test]
fn a_record_is_made_by_its_words_with_its_names_completed() {
    let mut script = at("raj");
    script.keys("3 :").text("item tick supp").shows("support-told").keys("Tab").wait(500).keys("Enter");
    let record = script.desk.session.checklist.record(&item("support-told")).expect("a record");
    assert!(record.tick.is_some());
    let mut script = at("lee");
    script.keys("1 :").text("vote no-go 'the load test is of another build'").wait(500).keys("Enter");
    assert!(
        matches!(&script.desk.session.poll.votes[&who("lee")].kind, VoteKind::NoGo { reason } if reason.contains("another build"))
    );
}

/// Options and what stands after them come from the command line's parser, as the names do.
#[test]
fn options_are_completed_with_what_may_stand_after_them() {
    let mut script = at("dana");
    script.keys("1 :").text("vote go --sa").shows("--said-by").shows("Record what this person said by voice");
    script.keys("Tab").shows("vote go --said-by").text("le").shows("lee").keys("Tab").wait(500).keys("Enter");
    assert_eq!(script.desk.session.poll.votes[&who("lee")].recorded_by, Some(who("dana")));

    let mut script = at("dana");
    script.keys("1 :").text("vote go --seat oper").shows("operations").keys("Tab").text("--se");
    script.hides("The seat voted on");
    // A sentence in quotes is somebody's own.
    let mut script = at("dana");
    script.keys("1 :").text("vote no-go 'no --se").shows("--seat");
    assert!(!script.screen().contains("The seat voted on"), "{}", script.screen());
}

#[test]
fn what_is_not_allowed_now_shows_why() {
    let mut script = at("raj");
    script.keys("3 :").text("promote").shows("not now: no stage is under way").wait(500).keys("Enter");
    script.shows("no stage is under way");
    assert!(script.sent().is_empty());
}

#[test]
fn a_dangerous_word_asks_as_its_key_does() {
    let mut script = ready("dana");
    script.keys("1 :").text("declare go").wait(500).keys("Enter").shows("D: declare GO");
    assert!(script.desk.session.poll.declared.is_none());
    script.keys("D");
    assert!(script.desk.session.poll.declared.is_some());

    let mut script = stopped("raj");
    script.keys("1 :").text("rollout exclude web-02 --reason disk --confirm web-02").wait(500).keys("Enter");
    script.shows("X: exclude").shows("type the name");
    assert!(script.sent().is_empty());
}

/// What was not started is given up with a reason in here as well: closing alone sends nothing, and says how.
#[test]
fn closing_what_was_not_started_asks_for_a_reason() {
    let mut script = at("dana");
    script.keys("1 :").text("close").wait(500).keys("Enter");
    script.shows("giving it up needs a reason").shows("close --abandon REASON");
    assert!(script.sent().is_empty() && !script.desk.session.course.is_over());
}

#[test]
fn what_no_key_does_asks_for_the_projects_name() {
    let mut script = at("dana");
    script
        .keys("1 :")
        .text("close --abandon 'the date moved'")
        .wait(500)
        .keys("Enter")
        .shows("type the name");
    script.text("shop").wait(500).keys("Enter");
    assert!(script.desk.session.course.is_over(), "{}", script.screen());
}
