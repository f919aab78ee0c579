//! A first stage over two regions, as it is seen: which region's turn it is, what it waits for, and what is judged.

use std::collections::BTreeMap;

use golive::{
    domain::{
        comparison::{Side, Sides},
        plan::{Amount, Plan, Select, TrafficMap},
    },
    tui::terminal::Caps,
};

use super::{compare::one_box, pictures::started, script::Script};
use crate::{plan_parts::host, screens::caps};

/// Two hosts of four first: one of eu and one of us, which is quiet from 22:00 to 06:00 of its own clocks.
fn plan(compared: bool) -> Plan {
    let mut plan = one_box();
    let environment = plan.environments.values_mut().next().expect("an environment");
    environment.capacity.min_healthy = Some(Amount::Count(2));
    let of = |n: usize| Some(if n % 2 == 1 { "eu" } else { "us" }.to_owned());
    let hosts =
        (1..=4).map(|n| golive::domain::plan::Host { region: of(n), ..host(&format!("web-0{n}"), 80) });
    environment.pools[0].hosts = hosts.collect();
    let map = |zone: &str, quiet: fn(usize) -> bool| {
        let hours = (0..TrafficMap::HOURS).map(|hour| if quiet(hour % 24) { 10 } else { 1_000 });
        TrafficMap { zone: zone.into(), hours: hours.collect(), off_peak: 50 }
    };
    plan.traffic = BTreeMap::from([
        ("eu".into(), map("Europe/Berlin", |hour| hour != 20)),
        ("us".into(), map("America/New_York", |hour| !(6..22).contains(&hour))),
    ]);
    let first = &mut plan.stages[0];
    first.select = Select::Some { amount: Some(Amount::Count(2)), region: None, hosts: Vec::new() };
    first.off_peak = true;
    if !compared {
        first.validations.clear();
    }
    plan
}

/// The host of eu is done, and us is in its peak.
pub fn waits(caps: Caps) -> Script {
    let mut script = started(plan(false), caps);
    script.work();
    script
}

/// The host of eu is done, and nobody has judged it beside the other host of eu.
pub fn compared(caps: Caps) -> Script {
    let mut script = started(plan(true), caps);
    script.work();
    script.counts(Sides {
        new: Side { hosts: 1, requests: 1_234, errors: 2, waited: Some(1_234 * 31) },
        rest: Side { hosts: 1, requests: 1_302, errors: 2, waited: Some(1_302 * 30) },
    });
    script
}

/// [R46] Which region's turn it is, and for what the next one waits; S begins it earlier, with a reason and its stage's name.
#[test]
fn a_region_waits_for_its_own_hours_by_name() {
    let mut script = waits(caps(80, 24));
    script
        .keys("3")
        .shows("1-box 1/2: us opens at")
        .shows("or S, with a reason")
        .shows("1-box 1/2, us (2 of 2) waits");
    script
        .keys("S")
        .shows("begin us outside the window")
        .shows("1 host: web-02")
        .shows("off-peak us closed until");
    script.text("the fair opens tonight").wait(500).keys("Enter").text("1-box").wait(500).keys("Enter");
    assert_eq!(script.sent(), ["start --outside-window"]);
}

/// [R46] Both sides of one region stand beside each other, and what follows is the next one.
#[test]
fn a_region_is_judged_beside_its_own_rest() {
    let mut script = compared(caps(80, 24));
    script.keys("3").shows("1-box in eu: nobody has judged the comparison · 4 v, then the next region");
    script
        .keys("4")
        .shows("1-box: eu (1 of 2) beside the rest of eu")
        .shows("us, 1 host, in its off-peak hours");
    script.keys("v").shows("judge 1-box");
}

/// [R46] What waits for its hours, and what is judged, at every size.
#[test]
fn one_region_at_a_time_at_every_size() {
    super::pictures::pictures("region-waits", "3", waits);
    super::pictures::pictures("region-compared", "4", compared);
}
