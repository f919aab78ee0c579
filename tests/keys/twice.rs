//! Every dialog that touches the decision, the watch or the fleet holds the same guards: not within 400 ms of being
//! seen, not while the key repeats, not by Enter, not from a paste; and a name is typed in full.

use golive::{
    domain::{
        command::Command,
        plan::{Plan, Select},
        time::Span,
    },
    tui::terminal::Input,
};

use super::{
    golive::{at, declared, declared_at, ready, stopped},
    script::Script,
};

/// Who, on which screen, by which capital, and what it sends.
fn twice() -> Vec<(&'static str, Script, &'static str)> {
    let mut held = at("lee");
    held.keys("3 H");
    let mut waiver = at("raj");
    let ask = golive::domain::checklist::ChecklistCommand::AskWaiver {
        item: super::desk::item("load-test"),
        reason: "the build differs in a text only".into(),
        expires: waiver.desk.now.wall.plus(Span::hours(4)),
    };
    waiver.desk.say("lee", Command::Checklist(ask)).expect("asked");
    waiver.keys("2 j");
    let mut go = ready("dana");
    go.keys("1");
    let mut start = declared("raj");
    start.keys("3");
    let mut again = stopped("raj");
    again.keys("3");
    let mut watch = stopped("dana");
    let offer = golive::domain::course::CourseCommand::OfferWatch { to: super::desk::who("dana") };
    watch.desk.say("raj", Command::Course(offer)).expect("offered");
    watch.keys("3");
    let mut promote = declared_at(Script::new("raj", two_stages(), crate::screens::caps(80, 24)));
    promote.keys("3 S S").work();
    let mut back = stopped("raj");
    back.keys("3 H");
    vec![
        ("C", held, "continue"),
        ("A", waiver, "item approve"),
        ("D", go, "declare"),
        ("S", start, "start"),
        ("T", again, "rollout try"),
        ("P", promote, "promote"),
        ("R", back, "rollback"),
        ("W", watch, "watch"),
    ]
}

/// One host first, then a person promotes.
fn two_stages() -> Plan {
    let mut plan = super::desk::plan();
    let mut first = plan.stages[0].clone();
    first.name = "first".parse().expect("a name");
    first.bake = Span::ZERO;
    first.select =
        Select::Some { amount: None, region: None, hosts: vec!["web-01".parse().expect("a name")] };
    plan.stages[0].select = Select::Rest;
    plan.poll.before = first.name.clone();
    plan.stages.insert(0, first);
    plan
}

#[test]
fn a_capital_is_pressed_twice_and_not_too_soon_and_not_by_accident() {
    for (key, mut script, command) in twice() {
        assert!(!script.wait(600).press(key).sent().contains(&command), "{key} acted on one press");
        let sent = |script: &Script| script.sent().iter().filter(|word| **word == command).count();
        let before = sent(&script);
        let screen = script.screen();
        assert!(screen.contains(&format!("─ {key}: ")), "{key} asked nothing:\n{screen}");
        script.wait(300).press(key);
        assert_eq!(sent(&script), before, "{key} within 400 ms");
        for _ in 0..20 {
            script.wait(40).press(key);
        }
        assert_eq!(sent(&script), before, "{key} while it repeats");
        script.wait(300).input(Input::Paste(key.repeat(3)));
        assert_eq!(sent(&script), before, "{key} from a paste");
        script.wait(300).press("Enter");
        assert_eq!(sent(&script), before, "Enter is on cancel");
        script.hides(&format!("─ {key}: "));
        script.wait(600).press(key).wait(600).press(key);
        assert_eq!(sent(&script), before + 1, "{key} twice: {:?}\n{}", script.sent(), script.screen());
    }
}

/// [W21] Forcing the line on takes a reason and the host's name in full, as do the others that can't be taken back.
#[test]
fn what_can_not_be_taken_back_wants_a_reason_and_a_name_typed() {
    for (key, name, command) in [
        ("X", "web-02", "rollout exclude"),
        ("F", "web-02", "rollout force-next"),
        ("E", "shop", "rollout end-as-is"),
    ] {
        let mut script = stopped(if key == "E" { "dana" } else { "raj" });
        script.keys("3").wait(600).press(key).shows("type the name");
        // Without a reason, and without the name.
        script.wait(600).keys("Enter Enter").shows("because is needed");
        script.text("its disk is broken").keys("Enter Enter").shows(&format!("type {name} to confirm"));
        script.input(Input::Paste(name.into())).shows("typed, never pasted");
        assert!(script.sent().is_empty(), "{key}");
        script.text(name).wait(600).keys("Enter");
        assert_eq!(script.sent(), [command]);
    }
}
