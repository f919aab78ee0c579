//! What a viewer looks at: the folded session and what is known beside it. Borrowed for one input or one frame;
//! many viewers share it. Read only.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use jiff::tz::TimeZone;

use super::{coach::Coach, say::is_loud, terminal::Moment};
use crate::{
    client::{JournalState, QueuedInfo, REMEDY, Sample, urgent_form},
    domain::{
        actor::Actor,
        command::{Asked, Command},
        decide,
        effect::LaneStep,
        event::Stamped,
        name::{EnvironmentName, PersonName, UnitId},
        refusal::Refusal,
        session::Session,
        time::{Now, Span},
    },
};

/// How the conductor is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Up,
    /// Reached, and the session that is followed has not come yet: nothing about it is known.
    Joining,
    /// Heard, but from some line on its record can't be read by this build; why. What is shown stood so at that line.
    Unread(String),
    /// No time from the conductor for so long: what is shown may be wrong, and nothing is green.
    Silent(Span),
    /// The connection is gone; why, and what is being done about it.
    Lost(String),
}

impl Link {
    /// No conductor time for this long, and the screen says so.
    pub const SILENT: Span = Span::secs(3);
}

/// Where everything runs, for the start screen and the header.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts {
    pub project: String,
    pub directory: String,
    pub machine: String,
    pub login: String,
    /// Why this viewer may only look; none: it may act.
    pub read_only: Option<String>,
    /// Earlier sessions and the open one, newest first: id, version, how it ended.
    pub sessions: Vec<(String, String, Option<String>)>,
    /// Go-lives that wait for the end of the one that is open, the next one first.
    pub queue: Vec<QueuedInfo>,
    /// Whether what happens can be recorded.
    pub journal: JournalState,
}

/// What the engine said that is no event: the last lines of output, by unit.
#[derive(Clone, Debug, Default)]
pub struct Outputs(BTreeMap<UnitId, Output>);

#[derive(Clone, Debug, Default)]
struct Output {
    lines: VecDeque<String>,
    /// The end of what was put out before somebody looked: it may be on its way a second time, as it is heard.
    seam: VecDeque<String>,
}

impl Outputs {
    /// Lines kept for a unit.
    const KEPT: usize = 500;
    /// Lines that may be told twice: of before, and while they come.
    const SEAM: usize = 32;

    /// Adds text as it arrived; lines are cut at 2,000 characters.
    pub fn add(&mut self, unit: &UnitId, text: &str) {
        let output = self.0.entry(unit.clone()).or_default();
        for line in text.lines().map(cut) {
            // What stands there already; the first line that does not ends that.
            if let Some(at) = output.seam.iter().position(|told| *told == line) {
                output.seam.drain(..=at);
                continue;
            }
            output.seam.clear();
            output.push(line);
        }
    }

    /// What was put out before, in the place of what was heard of it.
    pub fn recent(&mut self, unit: &UnitId, lines: &[String]) {
        let mut output = Output::default();
        lines.iter().flat_map(|text| text.lines()).map(cut).for_each(|line| output.push(line));
        let before = output.lines.len().saturating_sub(Self::SEAM);
        output.seam = output.lines.iter().skip(before).cloned().collect();
        self.0.insert(unit.clone(), output);
    }

    pub fn of(&self, unit: &UnitId) -> impl DoubleEndedIterator<Item = &str> {
        self.0.get(unit).into_iter().flat_map(|output| &output.lines).map(String::as_str)
    }
}

impl Output {
    fn push(&mut self, line: String) {
        if self.lines.len() == Outputs::KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

fn cut(line: &str) -> String {
    line.chars().take(2_000).collect()
}

/// What is said while it goes on, and no record keeps: how far a step is, how the last probes of each host answered,
/// and what is measured beside it.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    progress: BTreeMap<UnitId, (LaneStep, String)>,
    answers: BTreeMap<UnitId, VecDeque<Option<Span>>>,
    samples: BTreeMap<(EnvironmentName, String), Sample>,
}

impl Signs {
    /// Probes of a host that are remembered.
    pub const KEPT: usize = 6;

    pub fn progressed(&mut self, unit: &UnitId, step: LaneStep, text: &str) {
        self.progress.insert(unit.clone(), (step, text.chars().take(200).collect()));
    }

    /// A probe answered after so long; none: it failed.
    pub fn answered(&mut self, unit: &UnitId, took: Option<Span>) {
        let answers = self.answers.entry(unit.clone()).or_default();
        if answers.len() == Self::KEPT {
            answers.pop_front();
        }
        answers.push_back(took);
    }

    /// The last words of a step that is under way.
    pub fn progress(&self, unit: &UnitId, step: LaneStep) -> Option<&str> {
        self.progress.get(unit).filter(|(of, _)| *of == step).map(|(_, text)| text.as_str())
    }

    /// The last answers, oldest first.
    pub fn answers(&self, unit: &UnitId) -> impl DoubleEndedIterator<Item = Option<Span>> {
        self.answers.get(unit).into_iter().flatten().copied()
    }

    /// The latest counts.
    pub fn measured(&mut self, sample: Sample) {
        let key = (sample.environment.clone(), sample.name.clone());
        if self.samples.len() < Sample::MOST || self.samples.contains_key(&key) {
            self.samples.insert(key, sample);
        }
    }

    pub fn samples(&self, environment: &EnvironmentName) -> impl Iterator<Item = &Sample> {
        self.samples.values().filter(move |sample| sample.environment == *environment)
    }

    /// Forgets what was said of hosts that are not listened to: it would grow old unseen.
    pub fn keep(&mut self, units: &BTreeSet<UnitId>) {
        self.progress.retain(|unit, _| units.contains(unit));
        self.answers.retain(|unit, _| units.contains(unit));
    }
}

/// The last events, for the Record screen and the message line.
#[derive(Clone, Debug, Default)]
pub struct History {
    events: VecDeque<Arc<Stamped>>,
    /// The numbers of those worth the message line: every frame asks for the last of them.
    loud: VecDeque<u64>,
    /// The head's hash, as far as the client knows it.
    pub head: Option<(u64, String)>,
}

impl History {
    /// Events kept in memory; the whole record is `golive record`.
    pub const KEPT: usize = 5_000;

    pub fn push(&mut self, event: Arc<Stamped>) {
        if self.events.len() == Self::KEPT
            && let Some(gone) = self.events.pop_front()
            && self.loud.front() == Some(&gone.seq)
        {
            self.loud.pop_front();
        }
        if is_loud(&event.event) {
            self.loud.push_back(event.seq);
        }
        self.events.push_back(event);
    }

    /// Older events, in order, before those that are there.
    pub fn before(&mut self, older: Vec<Arc<Stamped>>) {
        let first = self.first().unwrap_or(u64::MAX);
        for event in older.into_iter().rev().filter(|event| event.seq < first) {
            if self.events.len() < Self::KEPT {
                if is_loud(&event.event) {
                    self.loud.push_front(event.seq);
                }
                self.events.push_front(event);
            }
        }
    }

    pub fn clear(&mut self) {
        self.events.clear();
        self.loud.clear();
    }

    /// What was worth the message line, newest first.
    pub fn loud(&self) -> impl Iterator<Item = &Stamped> {
        self.loud.iter().rev().filter_map(|seq| self.get(*seq))
    }

    /// The number of the oldest event there is.
    pub fn first(&self) -> Option<u64> {
        self.events.front().map(|event| event.seq)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Stamped> {
        self.events.iter().map(Arc::as_ref)
    }

    /// The event with this number. Numbers in a record have no gaps.
    pub fn get(&self, seq: u64) -> Option<&Stamped> {
        let first = self.events.front()?.seq;
        self.events.get(usize::try_from(seq.checked_sub(first)?).ok()?).map(Arc::as_ref)
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

#[derive(Clone, Copy)]
pub struct World<'a> {
    pub session: Option<&'a Session>,
    pub history: &'a History,
    pub outputs: &'a Outputs,
    pub signs: &'a Signs,
    pub whereabouts: &'a Whereabouts,
    pub link: &'a Link,
    /// Who this viewer is.
    pub actor: &'a Actor,
    /// The conductor's time, as of its last word and the time that has passed since.
    pub now: Now,
    /// The age of all that is shown: how long ago the conductor last said anything, or anything that is read here.
    pub age: Span,
    /// The viewer's own monotonic time.
    pub at: Moment,
    /// The viewer's time zone.
    pub zone: &'a TimeZone,
    /// The line that leads a newcomer through the demo.
    pub coach: Option<&'a Coach>,
}

impl<'a> World<'a> {
    pub fn me(&self) -> Option<&'a PersonName> {
        self.actor.person()
    }

    /// Why whoever looks here may not act as everywhere else.
    pub fn read_only(&self) -> Option<&'a str> {
        match (&self.whereabouts.read_only, self.link) {
            (Some(why), _) | (None, Link::Unread(why)) => Some(why),
            (None, _) => None,
        }
    }

    /// What the rules would say to a command now. The conductor decides; this only tells beforehand.
    pub fn would(&self, command: Command) -> Result<(), Refusal> {
        if let Some(why) = &self.whereabouts.read_only {
            return Err(Refusal::access(why.clone(), "an entry in [people] with this login, adopted"));
        }
        if let Link::Unread(why) = self.link {
            // How things stand is not known here: what can be said is the conductor's to judge.
            let cant = |cant| Refusal::rule(format!("{cant} · {why}"), REMEDY);
            return urgent_form(&command).map(drop).map_err(cant);
        }
        if let Link::Lost(why) = self.link {
            return Err(Refusal::rule(why.clone(), "the conductor answering again"));
        }
        let Some(session) = self.session else {
            if *self.link == Link::Joining {
                return Err(Refusal::rule("the session has not come yet", "a moment's patience"));
            }
            return Err(Refusal::rule("no session is open", "golive open VERSION"));
        };
        if let Some(unwritable) =
            self.whereabouts.journal.unwritable().filter(|_| !command.breaks_the_glass())
        {
            return Err(Refusal::unwritable(&unwritable.why));
        }
        decide::decide(session, &Asked::from(command), self.actor, self.now).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(outputs: &Outputs, unit: &UnitId) -> Vec<String> {
        outputs.of(unit).map(str::to_owned).collect()
    }

    #[test]
    fn what_was_put_out_before_stands_first_and_no_line_twice() {
        let unit: UnitId = "web-01".parse().unwrap();
        let mut outputs = Outputs::default();
        outputs.add(&unit, "heard before the tail came");
        outputs.recent(&unit, &["one".into(), "two".into(), "three".into()]);
        // These were written before the file was read, and are heard after it.
        outputs.add(&unit, "two\nthree");
        outputs.add(&unit, "four");
        outputs.add(&unit, "two");
        assert_eq!(all(&outputs, &unit), ["one", "two", "three", "four", "two"]);
    }
}
