//! How the number of machines of an environment is asked and changed.

use super::{
    Reading,
    argv::{OF_A_SCALE, OF_A_SCALING},
};
use crate::{
    config::shape,
    domain::{
        plan::{Place, Placeholder, Scale},
        time::Span,
    },
};

/// For either command.
const COMMAND: Span = Span::secs(60);
/// Until the platform says so.
const WITHIN: Span = Span::minutes(10);

pub fn scale(written: &shape::Scale, place: &Place, reading: &mut Reading<'_>) -> Option<Scale> {
    let (min, max) = (written.min?, written.max?);
    if min > max {
        let what = format!("the minimum is {min}, and the maximum {max}");
        reading.bad(&place.key("max"), what, "make it as large as the minimum, or larger");
    }
    let current = reading.argv(&place.key("current"), written.current.as_deref()?, OF_A_SCALE);
    let to = reading.argv(&place.key("to"), written.to.as_deref()?, OF_A_SCALING)?;
    if !to.iter().any(|word| word.uses(Placeholder::Count)) {
        reading.bad(&place.key("to"), "it does not say to how many", "add {count}, which is the number");
    }
    let within = reading.positive_span(&place.key("within"), written.within.as_deref(), WITHIN);
    let most = if within <= COMMAND { Span(within.0 / 2) } else { COMMAND };
    let timeout = reading.positive_span(&place.key("timeout"), written.timeout.as_deref(), most);
    if within <= timeout {
        let what = format!(
            "{within} until the platform says so is no longer than the {timeout} of the command that tells it"
        );
        reading.bad(
            &place.key("within"),
            what,
            "make it longer than timeout: what is told last must not be told after its end",
        );
    }
    Some(Scale { min, max, step: written.step.unwrap_or(1).max(1), current: current?, to, timeout, within })
}
