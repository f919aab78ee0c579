//! Reports that came together: what follows from them is one append, and one message to each client. Part of the turn,
//! and as pure.

use super::{Input, Output, Turn};
use crate::domain::{effect::Report, time::Now};

impl Turn {
    /// Takes reports in, in their order. What each would have appended alone is appended at once; everything else is put
    /// out as it would have been.
    pub fn reports(&mut self, reports: impl IntoIterator<Item = Report>, now: Now) -> Vec<Output> {
        let mut outputs = Vec::new();
        for report in reports {
            for output in self.handle(Input::Report(report), now) {
                add(&mut outputs, output);
            }
        }
        outputs
    }
}

fn add(outputs: &mut Vec<Output>, output: Output) {
    match (outputs.last_mut(), output) {
        (
            Some(Output::Append { events, decision, answers }),
            Output::Append { events: more, decision: decides, answers: others },
        ) => {
            events.extend(more);
            *decision |= decides;
            answers.extend(others);
        }
        (_, output) => outputs.push(output),
    }
}
