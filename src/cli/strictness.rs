//! `golive plan strictness`: what each profile leaves out, and what it is expected to take to production, with where
//! the time goes.

use std::{fmt::Write as _, sync::Arc};

use serde::Serialize;

use super::{context::Context, exit::Exit, failure::Failure, past::Past, project::Project};
use crate::domain::{
    course::strictness::foreseen,
    plan::{Adopted, Profile},
    project::Project as Stream,
    session::Session,
    time::Span,
    timeline::{StageTime, Sum, by_stage},
};

/// `--json`: one a profile, the strictest first.
#[derive(Serialize)]
struct Told {
    profile: Profile,
    /// Whether go-lives have it that say nothing else.
    own: bool,
    left_out: Vec<String>,
    /// Of all stages together; none: a part of it was never timed.
    seconds: Option<u64>,
    stages: Vec<StageTold>,
    /// What was never timed.
    unknown: Vec<String>,
    /// What people decide on the way, which `seconds` leaves out.
    decisions: Vec<String>,
}

#[derive(Serialize)]
struct StageTold {
    stage: String,
    seconds: Option<u64>,
    /// The parts of which it is the sum.
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    what: String,
    seconds: Option<u64>,
    words: String,
}

pub fn show(adopted: &Arc<Adopted>, project: &Project, context: &Context) -> Result<Exit, Failure> {
    let past = Past::open(project)?;
    let stream = past.as_ref().map_or_else(Stream::default, |past| past.project().clone());
    for profile in Profile::ALL {
        let session = foreseen(&stream, adopted, profile, context.wall())
            .ok_or_else(|| Failure::internal("no session could be foreseen"))?;
        let stages = by_stage(&session);
        let whole = Sum::of(stages.iter().flat_map(|stage| &stage.parts).map(|(_, expected)| expected));
        let told = Told {
            profile,
            own: adopted.plan.strictness.own == profile,
            left_out: adopted.plan.strictness.left_out(profile).words(),
            seconds: whole.span().map(Span::as_secs),
            stages: stages.iter().map(StageTold::of).collect(),
            unknown: whole.unknown.clone(),
            decisions: whole.people.clone(),
        };
        context.out.show(&told, || words(&told, &whole, &stages))?;
    }
    Ok(Exit::Done)
}

impl StageTold {
    fn of(time: &StageTime) -> Self {
        let parts = time.parts.iter().map(|(what, expected)| Part {
            what: what.clone(),
            seconds: expected.span().map(Span::as_secs),
            words: expected.words(),
        });
        let sum = time.sum();
        Self { stage: time.stage.to_string(), seconds: sum.span().map(Span::as_secs), parts: parts.collect() }
    }
}

fn words(told: &Told, whole: &Sum, stages: &[StageTime]) -> String {
    let own = if told.own { ", the project's own" } else { "" };
    let out = match told.left_out.as_slice() {
        [] => "leaves out nothing".to_owned(),
        out => format!("leaves out {}", out.join(", ")),
    };
    let mut text = format!("{}{own}: {out}\n  to production {}\n", told.profile, whole.words());
    for stage in stages {
        let _ = writeln!(text, "    {} {}", stage.stage, stage.sum().words());
        for (what, expected) in &stage.parts {
            let _ = writeln!(text, "      {what}: {}", expected.words());
        }
    }
    text.trim_end().to_owned()
}

/// `--json`: how strict a session is.
#[derive(Serialize)]
pub struct StrictnessLine {
    profile: Profile,
    /// Why it is less than the project's own; none: it is not.
    reason: Option<String>,
    /// Nobody asks for these.
    left_out: Vec<String>,
}

impl StrictnessLine {
    pub fn of(session: &Session) -> Self {
        let chosen = session.course.strictness.as_ref();
        let reason = chosen.map(|chosen| chosen.reason.clone()).filter(|reason| !reason.is_empty());
        Self { profile: session.profile(), reason, left_out: session.left_out().words() }
    }

    /// Nothing where nothing is left out.
    pub fn words(&self) -> Option<String> {
        let reason = self.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let out = self.left_out.join(", ");
        (!self.left_out.is_empty()).then(|| format!("{}{reason}; left out: {out}", self.profile))
    }
}
