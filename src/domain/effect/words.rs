//! Effects in words.

use std::fmt;

use super::{EffectId, Target};

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Unit(unit) => write!(f, "{unit}"),
            Target::Pool(unit) => write!(f, "{unit} in the pool"),
            Target::Check { check, environment, unit: None } => write!(f, "{check} in {environment}"),
            Target::Check { check, unit: Some(unit), .. } => write!(f, "{check} on {unit}"),
            Target::Watch(environment) => write!(f, "watch over {environment}"),
            Target::Notice(number) => write!(f, "notice {number}"),
            Target::Lock(environment) => write!(f, "lock on {environment}"),
            Target::Share(environment) => write!(f, "shares in {environment}"),
            Target::Desired(environment) => write!(f, "desired version of {environment}"),
            Target::Served(environment) => write!(f, "requests in {environment}"),
            Target::Once { stage, once } => write!(f, "{once} of {stage}"),
            Target::Repair(unit) => write!(f, "repair of {unit}"),
            Target::Scale(environment) => write!(f, "number of machines of {environment}"),
        }
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}.{}", self.target, self.attempt, self.step)
    }
}
