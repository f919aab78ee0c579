//! The append-only account: one line an event, in words, or as JSON Lines.

use std::cell::RefCell;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::{failure::Failure, moment, out::Out};
use crate::{
    domain::{
        event::{Event, Stamped},
        session::Session,
    },
    report::{Teller, Weight, utc, weight},
};

pub struct Account {
    out: Out,
    zone: TimeZone,
    least: Weight,
    teller: RefCell<Teller>,
    /// Before every line: `DEMO`, `REHEARSAL`.
    label: &'static str,
}

/// `--json`: an event of `watch` and `record show`.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: String,
    who: String,
    what: String,
    event: &'a Event,
}

impl Account {
    /// What somebody watching wants to see go by.
    pub fn of_steps(out: Out) -> Self {
        Self { out, zone: TimeZone::system(), least: Weight::Step, teller: RefCell::default(), label: "" }
    }

    pub fn of_everything(out: Out) -> Self {
        Self { out, zone: TimeZone::system(), least: Weight::Trace, teller: RefCell::default(), label: "" }
    }

    /// What happens in the demo: every line says so.
    pub fn of_the_demo(out: Out) -> Self {
        Self { label: "DEMO ", ..Self::of_steps(out) }
    }

    /// What happens in a rehearsal: every line says so.
    pub fn of_a_rehearsal(out: Out) -> Self {
        Self { label: "REHEARSAL ", ..Self::of_steps(out) }
    }

    /// What is under way already, where the account begins in the middle.
    pub fn learn(&self, session: &Session) {
        self.teller.borrow_mut().learn(session);
    }

    /// Something about the telling itself, to stderr.
    pub fn note(&self, text: &str) {
        self.out.mutter(&format!("golive: {text}\n"));
    }

    pub fn tell(&self, at: &Stamped) -> Result<(), Failure> {
        // Told or not, it is heard: later events are told by what it said.
        let (who, what) = (at.actor.to_string(), self.teller.borrow_mut().says(&at.event));
        if weight(&at.event) < self.least {
            return Ok(());
        }
        if self.out.is_json() {
            return self.out.object(&Line { seq: at.seq, at: utc(at.now.wall), who, what, event: &at.event });
        }
        let time = moment::clock(at.now.wall, &self.zone);
        self.out.say(format!("{}{:>6} {time} {who} {}", self.label, at.seq, what.replace('\n', " ")))
    }
}
