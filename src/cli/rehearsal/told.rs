//! What a rehearsal has shown, in words and as `--json`.

use serde::Serialize;

use crate::{
    cli::columns::columns,
    domain::{rehearsal::Rehearsal, time::Span},
    report::utc,
};

/// `--json`: the last line.
#[derive(Serialize)]
pub struct Told {
    rehearsal: String,
    version: String,
    at: String,
    /// Whether it came to where it was to come.
    passed: bool,
    /// What it fell short of.
    short: Option<String>,
    /// Stand-ins, and the hosts of the plan.
    hosts: [u32; 2],
    parts: Vec<Part>,
    /// The way back, where it was gone.
    back: Option<Way>,
    /// Requests that were sent meanwhile, and that failed; none: no environment of the plan has traffic.
    requests: Option<[u64; 2]>,
    /// What was played otherwise than the plan has it.
    otherwise: Vec<String>,
    /// What was made wrong with the version on purpose.
    faults: Vec<String>,
    /// What somebody has to look after before the go-live.
    findings: Vec<String>,
    /// The digest of the steps that were rehearsed.
    steps: String,
    /// The words by which its own record is read.
    record: String,
    /// Whether the project knows of it now.
    kept: bool,
}

#[derive(Serialize)]
struct Part {
    stage: Option<String>,
    what: String,
    took_ms: u64,
}

#[derive(Serialize)]
struct Way {
    hosts: u32,
    took_ms: u64,
}

const fn ms(span: Span) -> u64 {
    span.0 / 1_000
}

impl Told {
    pub fn of(rehearsal: &Rehearsal, record: String) -> Self {
        let part = |part: &crate::domain::rehearsal::PartTimed| Part {
            stage: part.stage.as_ref().map(ToString::to_string),
            what: part.says.clone(),
            took_ms: ms(part.took),
        };
        Self {
            rehearsal: rehearsal.id.to_string(),
            version: rehearsal.version.to_string(),
            at: utc(rehearsal.at),
            passed: rehearsal.passed(),
            short: rehearsal.short.clone(),
            hosts: rehearsal.hosts.into(),
            parts: rehearsal.parts.iter().map(part).collect(),
            back: rehearsal.back.as_ref().map(|back| Way { hosts: back.hosts, took_ms: ms(back.took) }),
            requests: rehearsal.requests.map(Into::into),
            otherwise: rehearsal.otherwise.clone(),
            faults: rehearsal.faults.clone(),
            findings: rehearsal.findings(),
            steps: rehearsal.steps.to_string(),
            record,
            kept: false,
        }
    }

    #[must_use]
    pub fn kept(self) -> Self {
        Self { kept: true, ..self }
    }

    pub fn words(&self) -> String {
        let rows = self.parts.iter().map(|part| {
            let stage = part.stage.as_deref().unwrap_or_default();
            ["  ".to_owned(), stage.to_owned(), part.what.clone(), Span(part.took_ms * 1_000).to_string()]
        });
        let mut text = columns(&rows.collect::<Vec<_>>());
        let mut say = |line: String| {
            text.push_str("REHEARSAL  ");
            text.push_str(&line);
            text.push('\n');
        };
        match &self.short {
            None => say(format!("{} of {} came to its end", self.rehearsal, self.version)),
            Some(short) => say(format!("{} of {} FELL SHORT: {short}", self.rehearsal, self.version)),
        }
        if let Some([sent, failed]) = self.requests {
            say(format!("{sent} requests, {failed} failed"));
        }
        if !self.findings.is_empty() {
            say("found, as items of a checklist of yours:".to_owned());
        }
        for finding in &self.findings {
            say(format!("  - [ ] {finding}"));
        }
        say(format!("its record: {} record show", self.record));
        if !self.faults.is_empty() {
            let faults = self.faults.join(", ");
            say(format!("with faults ({faults}): what was rehearsed without any stands as it was"));
        }
        say(if self.kept {
            "the project knows of it: golive timeline, golive status".to_owned()
        } else {
            "the project does not know of it".to_owned()
        });
        text
    }
}
