//! How an item stands now: computed from what was recorded, the checks, and the time. Never stored.

use serde::{Deserialize, Serialize};

use super::{Fact, ItemKind, ItemRecord, ItemSpec, facts};
use crate::domain::{
    course::hotfix,
    session::Session,
    signal::{self, Verdict},
    time::{Now, Span, WallTime},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemStanding {
    pub state: ItemState,
    /// What shows it, or what is missing: one line.
    pub shows: String,
    /// What would lift it; empty when it stands well.
    pub lift: String,
    pub due: WallTime,
    /// Not ready and past its due time.
    pub late: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemState {
    Failing,
    /// Evidence or verdict for another candidate, or too old.
    Stale,
    /// A check could not be decided.
    Inconclusive,
    Open,
    /// A question without an answer.
    AnswerNeeded,
    /// A waiver was asked for and nobody has approved it.
    WaiverAsked,
    Running,
    Waived,
    NotApplicable,
    Done,
}

impl ItemState {
    /// Whether it counts as ready. Everything else counts as not ready.
    pub const fn ready(self) -> bool {
        matches!(self, Self::Waived | Self::NotApplicable | Self::Done)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Stale => "stale",
            Self::Inconclusive => "unproven",
            Self::Open => "open",
            Self::AnswerNeeded => "answer",
            Self::WaiverAsked => "waiver?",
            Self::Running => "running",
            Self::Waived => "waived",
            Self::NotApplicable => "n/a",
            Self::Done => "done",
        }
    }
}

pub fn standing(session: &Session, spec: &ItemSpec, now: Now) -> ItemStanding {
    let nothing = ItemRecord::default();
    let record = session.checklist.record(&spec.id).unwrap_or(&nothing);
    let (state, shows, lift) = waived(record, now).unwrap_or_else(|| by_kind(session, spec, record, now));
    let review = session.course.hotfix.as_ref().filter(|_| spec.id.as_str() == hotfix::REVIEW);
    let due = match review {
        Some(hotfix) => hotfix.follow_up.due,
        None => session.course.go_live.minus(spec.due.unwrap_or(Span::ZERO)),
    };
    let late = !state.ready() && now.wall > due && (!spec.post_live || review.is_some());
    ItemStanding { state, shows, lift, due, late }
}

type Found = (ItemState, String, String);

fn waived(record: &ItemRecord, now: Now) -> Option<Found> {
    let waiver = record.waiver.as_ref()?;
    let approved = waiver.approved.as_ref()?;
    waiver.in_force(now).then(|| {
        (
            ItemState::Waived,
            format!("{} (asked by {}, approved by {})", waiver.asked.what, waiver.asked.by, approved.by),
            String::new(),
        )
    })
}

fn by_kind(session: &Session, spec: &ItemSpec, record: &ItemRecord, now: Now) -> Found {
    // An automatic failure is not overridden by hand: only a waiver in force, above, does that.
    let found = match &spec.kind {
        ItemKind::Check { check } => check_standing(session, check, now),
        ItemKind::Fact { fact } => fact_standing(session, *fact),
        ItemKind::Hand { .. } | ItemKind::Question => match &record.not_applicable {
            Some(na) => (ItemState::NotApplicable, format!("{}, {}", na.what, na.by), String::new()),
            None => by_hand(session, spec, record),
        },
    };
    match &record.waiver {
        Some(waiver) if waiver.approved.is_none() && now.wall < waiver.expires && !found.0.ready() => (
            ItemState::WaiverAsked,
            format!("{}; {} asks: {}", found.1, waiver.asked.by, waiver.asked.what),
            format!("approval by the decider or {}, or {}", spec.owner.word(), found.2),
        ),
        Some(waiver) if waiver.approved.is_some() && !found.0.ready() => {
            (found.0, format!("{}; its waiver has expired", found.1), found.2)
        }
        _ => found,
    }
}

fn by_hand(session: &Session, spec: &ItemSpec, record: &ItemRecord) -> Found {
    if spec.kind == ItemKind::Question {
        return match &record.answer {
            Some(answer) => (ItemState::Done, format!("{}, {}", answer.what, answer.by), String::new()),
            None => (ItemState::AnswerNeeded, "not answered".into(), "an answer".into()),
        };
    }
    let needs_evidence = spec.kind == ItemKind::Hand { evidence: true };
    let latest = record.evidence.last();
    let Some(tick) = &record.tick else {
        return match latest {
            Some(evidence) => {
                (ItemState::Open, format!("evidence of {}, not ticked", evidence.by), "a tick".into())
            }
            None if needs_evidence => (ItemState::Open, "no evidence".into(), "a tick with evidence".into()),
            None => (ItemState::Open, "nobody has said".into(), "a tick".into()),
        };
    };
    let with_tick = tick.what.as_ref();
    let given_later = latest.filter(|given| given.at.session >= tick.at.session).map(|given| &given.what);
    let evidence = given_later.or(with_tick).or(latest.map(|given| &given.what));
    match evidence {
        None if needs_evidence => (ItemState::Open, "ticked without evidence".into(), "evidence".into()),
        Some(evidence) if evidence.artifact != session.course.release.candidate.digest => (
            ItemState::Stale,
            format!(
                "saw {}…, not {}…",
                evidence.artifact.short(),
                session.course.release.candidate.digest.short()
            ),
            "new evidence, or a waiver".into(),
        ),
        Some(evidence) if evidence.steps != session.steps() => {
            (ItemState::Stale, "the steps have changed since".into(), "new evidence, or a waiver".into())
        }
        Some(evidence) => (ItemState::Done, format!("{}, {}", evidence.text, tick.by), String::new()),
        None => (ItemState::Done, format!("said by {}", tick.by), String::new()),
    }
}

fn check_standing(session: &Session, check: &crate::domain::name::CheckName, now: Now) -> Found {
    let lift = || "a passing run (t), or a waiver".to_owned();
    let judged = signal::standing_of(session, check, now);
    match judged.verdict {
        Verdict::Passed => (ItemState::Done, judged.shows, String::new()),
        Verdict::Failed => (ItemState::Failing, judged.shows, lift()),
        Verdict::Running => (ItemState::Running, judged.shows, "its end".into()),
        Verdict::Stale => (ItemState::Stale, judged.shows, "a new run (t), or a waiver".into()),
        Verdict::Inconclusive => (ItemState::Inconclusive, judged.shows, lift()),
        Verdict::Never => (ItemState::Open, judged.shows, "a run (t)".into()),
    }
}

fn fact_standing(session: &Session, fact: Fact) -> Found {
    match facts::holds(session, fact) {
        facts::Held::Yes(shows) => (ItemState::Done, shows, String::new()),
        facts::Held::No { shows, lift } => (ItemState::Failing, shows, lift),
        facts::Held::Unknown { shows, lift } => (ItemState::Inconclusive, shows, lift),
    }
}
