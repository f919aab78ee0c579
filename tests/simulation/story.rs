//! What a world tells of itself when a rule is broken: the last things that happened and how it stood. Nothing is put
//! into words, nor copied, before somebody asks, since most worlds are never read.

use std::collections::VecDeque;

use golive::domain::{
    course::CourseEvent,
    effect::Target,
    effect_log::EffectEvent,
    event::{Event, Stamped},
    rollout::{RolloutEvent, Trouble, troubles},
    session::Session,
};

use super::{journal::Journal, world::World};

/// So many of the last lines are kept, and told.
const TOLD: usize = 60;

enum Line {
    /// Something of the world around the turn, at a time in real microseconds.
    Said(u64, String),
    /// The number of an event, and the epoch in which it was written: what was lost comes again under another one.
    Recorded(u64, u32),
}

#[derive(Default)]
pub struct Story {
    lines: VecDeque<Line>,
}

impl Story {
    pub fn say(&mut self, at: u64, line: &str) {
        self.push(Line::Said(at, line.to_owned()));
    }

    pub fn record(&mut self, stamped: &Stamped) {
        self.push(Line::Recorded(stamped.seq, stamped.epoch));
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() == TOLD {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// The last lines, and how it stands.
    pub fn told(&self, session: &Session, journal: &Journal) -> String {
        let mut lines: Vec<String> = self.lines.iter().map(|line| words(line, journal)).collect();
        let stages = session.pipeline.stages.iter().map(|run| (run.name.as_str(), run.state.word()));
        lines.push(format!(
            "phase {:?}, hold {}, stages {:?}",
            session.course.phase,
            session.course.hold.is_some(),
            stages.collect::<Vec<_>>()
        ));
        lines.extend(troubles(session).iter().map(|it: &Trouble| format!("needs a human: {}", it.words())));
        lines.extend(session.rollout.units().iter().take(40).map(|unit| {
            let lane =
                unit.lane.as_ref().map(|lane| (&lane.state, lane.direction, lane.step(), lane.attempt));
            let (out, back, available) = (unit.out, unit.awaits_back, unit.available());
            format!("{} out={out} back={back} available={available} {lane:?}", unit.id)
        }));
        lines.join("\n")
    }
}

fn words(line: &Line, journal: &Journal) -> String {
    match line {
        Line::Said(at, line) => format!("{:>9.3} {line}", *at as f64 / 1e6),
        Line::Recorded(seq, epoch) => {
            let Some(stamped) = journal.said(*seq, *epoch) else { return format!("  {seq:>5} e{epoch}") };
            let text = serde_json::to_string(&stamped.event).unwrap_or_default();
            let text: String = text.chars().take(220).collect();
            let at = stamped.now.session.0 as f64 / 1e6;
            format!("  {:>5} {at:>9.3} e{} {text}", stamped.seq, stamped.epoch)
        }
    }
}

/// What moves a rollout; ticks, looks and notices don't.
pub fn matters(event: &Event) -> bool {
    match event {
        Event::Rollout(RolloutEvent::UnitSeen { .. }) | Event::Notice(_) => false,
        Event::Course(event) => !matches!(event, CourseEvent::Ticked),
        Event::Effect(EffectEvent::Started { effect }) => matches!(effect.id.target, Target::Unit(_)),
        Event::Effect(EffectEvent::Ended { id, .. } | EffectEvent::CancelAsked { id, .. }) => {
            matches!(id.target, Target::Unit(_))
        }
        Event::Effect(EffectEvent::Late { .. }) | Event::Signal(_) => false,
        _ => true,
    }
}

impl World {
    pub fn note(&mut self, line: &str) {
        if !self.heavy {
            return;
        }
        self.log.say(self.at, line);
    }

    /// The last events, for a run that failed.
    pub fn story(&self) -> String {
        self.log.told(self.session(), &self.journal)
    }
}
