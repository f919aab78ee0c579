//! The criteria of a drill, computed from what the record has of an attempt. Without data a criterion is unproven, which
//! counts as not met.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Attempt, Dip, Samples};
use crate::domain::{
    calendar,
    counted::counted,
    name::{CheckName, UnitId},
    operation::Absence,
    plan::Drill,
    time::{Span, WallTime},
};

/// Fewer samples than that show nothing.
const FEWEST: u32 = 3;
/// A time without a sample that is so many intervals long, and as long as its probe may take, is a hole.
const HOLE: u64 = 3;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub criterion: Criterion,
    pub standing: Standing,
    /// One line: the figures, or what is not met.
    pub shows: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// What the drill is about was done to every host.
    CarriedOut,
    /// Every monitoring tool was notified.
    Notified,
    Availability,
    /// How long answers took.
    Experience,
    /// No human did anything.
    HandsOff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Met,
    NotMet,
    Unproven,
}

impl Criterion {
    pub const fn word(self) -> &'static str {
        match self {
            Self::CarriedOut => "carried out",
            Self::Notified => "tools notified",
            Self::Availability => "availability",
            Self::Experience => "experience",
            Self::HandsOff => "hands off",
        }
    }
}

impl Standing {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT MET",
            Self::Unproven => "UNPROVEN",
        }
    }
}

impl Finding {
    pub fn met(&self) -> bool {
        self.standing == Standing::Met
    }

    fn new(criterion: Criterion, standing: Standing, shows: impl Into<String>) -> Self {
        Self { criterion, standing, shows: shows.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.criterion.word(), self.standing.word(), self.shows)
    }
}

/// What is found of an attempt now. `timeout` is how long one sample may take.
pub fn findings(drill: &Drill, attempt: &Attempt, zone: &str, timeout: Span) -> Vec<Finding> {
    vec![
        carried_out(drill, attempt),
        notified(drill, attempt),
        availability(drill, attempt, zone, timeout),
        experience(drill, attempt, timeout),
        hands_off(attempt),
    ]
}

fn carried_out(drill: &Drill, attempt: &Attempt) -> Finding {
    let of = |standing, shows: String| Finding::new(Criterion::CarriedOut, standing, shows);
    let all = attempt.units.len();
    let did = drill.kind.did();
    match &attempt.carried {
        None => of(Standing::Unproven, "it has not come to its end".to_owned()),
        Some(carried) if carried.left.is_empty() && carried.done as usize == all => {
            let hosts = format!("{} {did}", counted(all, "host"));
            match carried.away.as_deref().map(away) {
                None => of(Standing::Met, hosts),
                Some(Ok(shows)) => of(Standing::Met, format!("{shows}; {hosts}")),
                Some(Err(shows)) => of(Standing::NotMet, shows),
            }
        }
        Some(carried) => {
            let left: Vec<&str> = carried.left.iter().map(UnitId::as_str).collect();
            let early = carried.away.as_deref().and_then(|absence| away(absence).err());
            let early = early.map_or_else(String::new, |why| format!("; {why}"));
            of(Standing::NotMet, format!("{} of {all} {did}; not {}{early}", carried.done, left.join(", ")))
        }
    }
}

/// How hosts were out of traffic together, as it was observed; an error: not as the drill asks.
fn away(absence: &Absence) -> Result<String, String> {
    let place = &absence.asked.place;
    let Some(left) = absence.left else {
        let why =
            absence.back.as_ref().and_then(|back| back.early.as_deref()).unwrap_or("it was not seen to");
        return Err(format!("{place} never left traffic: {why}"));
    };
    let Some(back) = &absence.back else { return Err(format!("{place} did not come back")) };
    let out = back.at.session.since(left.session);
    if let Some(why) = &back.early {
        return Err(format!("{place} came back after {out} of {}: {why}", absence.asked.lasts));
    }
    let meanwhile = match &absence.asked.takes_over {
        Some(cloud) => format!("{cloud} primary meanwhile"),
        None => "the others served".to_owned(),
    };
    Ok(match absence.counted {
        Some(counted) => {
            let all = counted.away + counted.elsewhere;
            format!("{place} out for {out}, {} of the last {all} requests there, {meanwhile}", counted.away)
        }
        None => format!("{place} out of the pool for {out}, {meanwhile}"),
    })
}

fn notified(drill: &Drill, attempt: &Attempt) -> Finding {
    let of = |standing, shows: String| Finding::new(Criterion::Notified, standing, shows);
    let received = |tool: &CheckName| attempt.tools.get(tool).and_then(Option::as_ref);
    let silent = drill.tools.iter().find(|tool| received(tool).is_some_and(|it| it.received == Some(false)));
    if let Some(tool) = silent {
        let shows = received(tool).map_or("", |receipt| receipt.shows.as_str());
        return of(Standing::NotMet, format!("{tool} is silent: {shows}"));
    }
    let unasked = drill.tools.iter().find(|tool| received(tool).is_none_or(|it| it.received.is_none()));
    if let Some(tool) = unasked {
        let why = received(tool).map_or("not asked", |receipt| receipt.shows.as_str());
        return of(Standing::Unproven, format!("{tool} did not say: {why}"));
    }
    let tools: Vec<&str> = drill.tools.iter().map(CheckName::as_str).collect();
    of(Standing::Met, format!("received by {}", tools.join(", ")))
}

/// Why the samples show nothing, where they don't.
fn hole(drill: &Drill, attempt: &Attempt, timeout: Span) -> Option<String> {
    let samples = &attempt.samples;
    if let Some(why) = &attempt.unobserved {
        return Some(why.clone());
    }
    if samples.decided() < FEWEST {
        return Some(format!(
            "{} of {}, and {FEWEST} are needed",
            counted(samples.decided(), "sample"),
            drill.probe
        ));
    }
    if samples.undecided > 0 {
        return Some(format!("{} could not be asked {} times", drill.probe, samples.undecided));
    }
    let Some(carried) = &attempt.carried else { return Some("it has not come to its end".to_owned()) };
    if samples.last < Some(carried.at.session) {
        return Some("no sample since the hosts were through".to_owned());
    }
    let longest = Span(drill.interval.0.saturating_mul(HOLE).saturating_add(timeout.0));
    (samples.gap > longest).then(|| format!("no sample for {}", samples.gap))
}

/// `99.95 %`.
pub fn percent(hundredths: u32) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if part == 0 { format!("{whole} %") } else { format!("{whole}.{part:02} %") }
}

fn availability(drill: &Drill, attempt: &Attempt, zone: &str, timeout: Span) -> Finding {
    let of = |standing, shows: String| Finding::new(Criterion::Availability, standing, shows);
    let samples = &attempt.samples;
    let (Some(found), wanted) = (samples.availability(), drill.availability) else {
        return of(Standing::Unproven, format!("no sample of {}", drill.probe));
    };
    let figures = format!(
        "{} of {} good, at least {} wanted",
        percent(found),
        counted(samples.decided(), "sample"),
        percent(wanted)
    );
    // Where it is too low it stays so, whatever else was seen.
    if found < wanted {
        return of(Standing::NotMet, format!("{figures}; {}", dips(samples, zone)));
    }
    match hole(drill, attempt, timeout) {
        Some(why) => of(Standing::Unproven, why),
        None if samples.bad > 0 => of(Standing::Met, format!("{figures}; {}", dips(samples, zone))),
        None => of(Standing::Met, figures),
    }
}

/// The first dip, and how many more there were.
fn dips(samples: &Samples, zone: &str) -> String {
    let clock = |at: WallTime| {
        let shown = calendar::zone(zone).and_then(|zone| calendar::local(&zone, at));
        shown.map_or_else(|| "?".to_owned(), |shown| shown.strftime("%H:%M:%S").to_string())
    };
    let Some(Dip { from, to, why }) = samples.dips.first() else { return String::new() };
    let to = to.map_or_else(|| "the end".to_owned(), clock);
    let more = match samples.dips.len() {
        1 => String::new(),
        n => format!(", and {} more", counted(n - 1, "dip")),
    };
    format!("down {} to {to} {zone}: {why}{more}", clock(*from))
}

fn experience(drill: &Drill, attempt: &Attempt, timeout: Span) -> Finding {
    let of = |standing, shows: String| Finding::new(Criterion::Experience, standing, shows);
    let samples = &attempt.samples;
    let Some(p99) = samples.p99() else {
        return of(Standing::Unproven, format!("how long {} took is not known", drill.probe));
    };
    let figures =
        format!("p99 {p99} of {}, at most {} wanted", counted(samples.good, "answer"), drill.latency);
    if p99 > drill.latency {
        return of(Standing::NotMet, figures);
    }
    match hole(drill, attempt, timeout) {
        Some(why) => of(Standing::Unproven, why),
        None => of(Standing::Met, figures),
    }
}

fn hands_off(attempt: &Attempt) -> Finding {
    let by_itself = match attempt.automatic.as_slice() {
        [] => String::new(),
        did => format!("; golive by itself {}", did.join(", ")),
    };
    let of = |standing, shows: String| Finding::new(Criterion::HandsOff, standing, shows + &by_itself);
    match attempt.acts.first() {
        // Until its end somebody still may.
        None if attempt.carried.is_none() => of(Standing::Unproven, "no human acted so far".to_owned()),
        None => of(Standing::Met, "no human acted".to_owned()),
        Some(first) => {
            let more = attempt.acts.len() as u32 - 1 + attempt.more_acts;
            let more = if more == 0 { String::new() } else { format!(", and {more} more") };
            of(Standing::NotMet, format!("{} acted (record line {}){more}", first.who, first.seq))
        }
    }
}
