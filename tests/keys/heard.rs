//! What a screen listens to beside the record.

use golive::{
    domain::{
        name::{HostName, UnitId},
        plan::{Host, Plan},
    },
    tui::app::Heard,
};

use super::{desk::plan, script::Script};
use crate::screens::caps;

/// The desk's plan over five hundred hosts.
fn many() -> Plan {
    let mut plan = plan();
    let environment = plan.environments.values_mut().next().expect("production");
    environment.pools[0].hosts = (1..=500)
        .map(|n| {
            let name = format!("web-{n:03}");
            Host {
                unit: UnitId::new(&name).unwrap(),
                name: HostName::new(&name).unwrap(),
                address: name,
                port: Some(80),
                region: None,
                labels: std::collections::BTreeMap::new(),
                spare: false,
            }
        })
        .collect();
    plan
}

/// Of a large fleet only what is on the screen is asked for, with a margin, so that a step asks for nothing new.
#[test]
fn only_the_hosts_around_those_on_the_screen_are_listened_to() {
    let mut script = Script::new("raj", many(), caps(80, 24));
    script.desk.observe("2.4.1");
    let unit = |name: &str| UnitId::new(name).unwrap();
    let nothing = Heard::default();
    assert_eq!(script.keys("1").app.to_hear(&nothing, true), None, "no host is on the Decision screen");
    let heard = script.keys("3").app.to_hear(&nothing, true).expect("hosts are on the screen");
    assert_eq!(heard.output, Some(unit("web-001")));
    assert!(heard.signs.contains(&unit("web-001")) && heard.signs.contains(&unit("web-008")));
    assert!(heard.signs.len() < 50, "{} are listened to", heard.signs.len());
    assert!(script.app.shows(&unit("web-001")) && !script.app.shows(&unit("web-020")));

    script.keys("j");
    assert_eq!(script.app.to_hear(&heard, false), None, "it may only be passed over");
    let stepped = script.app.to_hear(&heard, true).expect("another host's output");
    assert_eq!(stepped.output, Some(unit("web-002")));
    script.keys("G");
    let below = script.app.to_hear(&stepped, true).expect("other hosts are on the screen");
    assert!(below.signs.contains(&unit("web-500")) && !below.signs.contains(&unit("web-001")));
    assert_eq!(
        script.keys("1").app.to_hear(&below, true),
        Some(Heard::default()),
        "nothing is heard elsewhere"
    );
}

/// What is below the screen is counted by how it stands, wherever one has scrolled to.
#[test]
fn the_last_row_says_how_many_more_there_are_and_how_they_stand() {
    let mut script = Script::new("raj", many(), caps(60, 16));
    script.desk.observe("2.4.1");
    script.keys("3").shows("491 more not started");
    script.keys("j j j j j j j j j j j j PgDn").hides("491 more");
    let screen = script.screen();
    let more = screen.lines().find(|line| line.contains("more")).expect("a last row").trim().to_owned();
    let host = screen.lines().rev().find_map(|line| line.split("web-").nth(1)).expect("a host");
    let number: u32 = host.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number");
    assert_eq!(more, format!("{} more not started", 500 - number));
    script.keys("g").shows("491 more not started").keys("G").hides("more");
}
