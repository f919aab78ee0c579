//! How a scenario writes amounts, times and the steps of a canary.

use golive::domain::{
    plan::{Amount, CanaryStep, Pause, TimeOfDay, Weekday, Weight, Window},
    time::Span,
};

use super::plan::check;

pub(super) fn canary_step(text: &str) -> CanaryStep {
    match text.split_once(' ') {
        Some(("pause", "human")) => CanaryStep::Pause(Pause::Human),
        Some(("pause", length)) => CanaryStep::Pause(Pause::For(span(length))),
        Some(("validate", name)) => CanaryStep::Validate(vec![check(name)]),
        Some((percent, "%")) => CanaryStep::Weight(Weight::new(percent.parse().unwrap()).unwrap()),
        _ => panic!("{text:?}: use \"5 %\", \"pause 10m\", \"pause human\" or \"validate smoke\""),
    }
}

pub(super) fn window(text: &str) -> Window {
    let [days, times, zone] = text.split(' ').collect::<Vec<_>>().try_into().expect("days, times and a zone");
    let (from, to) = times.split_once('-').expect("two times");
    let time = |text| TimeOfDay::parse(text).expect("a time");
    let days = Weekday::parse_set(days).expect("days");
    Window { days, from: time(from), to: time(to), zone: zone.into() }
}

pub(super) fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap_or_else(|| panic!("{text:?} is neither a number nor a share"))
}

pub(super) fn span(text: &str) -> Span {
    Span::parse(text).unwrap()
}

pub fn one() -> u32 {
    1
}

/// What runs before.
pub fn stable() -> String {
    "2.4.1".into()
}
