//! Alarms: rules over a metric. Typed and checked when the plan is read; a later build watches them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{name::AlarmName, time::Span};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub name: AlarmName,
    pub metric: String,
    pub rule: AlarmRule,
    /// How long the rule must hold before the alarm fires.
    pub lasting: Span,
    pub then: AlarmAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmRule {
    Above(Figure),
    Below(Figure),
}

/// What a firing alarm does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmAction {
    #[default]
    Page,
    Hold,
    RollBack,
}

/// A threshold in thousandths, so that a plan has one canonical digest (floats would not).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figure(pub i64);

impl Figure {
    /// The nearest thousandth; none for what is not finite or too large.
    pub fn new(value: f64) -> Option<Self> {
        let thousandths = (value * 1_000.0).round();
        (thousandths.abs() < 9.0e15).then_some(Self(thousandths as i64))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        if part == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{}", format!("{part:03}").trim_end_matches('0'))
        }
    }
}
