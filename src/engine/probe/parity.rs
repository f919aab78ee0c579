//! Whether an environment is configured as another one: a command prints the settings of each, and differences that
//! are not declared are named. A setting's value is never told, nor what else the command prints.

use futures::future::BoxFuture;

use super::{
    answer::{Answer, Fault},
    ask::{Ask, Probe},
    exec::{COULD_NOT_DECIDE, ExecProbe},
    settings::{How, Likeness, Settings, likeness, settings},
};
use crate::{
    domain::{counted::counted, name::EnvironmentName, plan::Vars, time::Span},
    engine::command::{self, End},
};

/// So many names stand in a line; the evidence has them all.
const NAMED: usize = 4;

pub struct ParityProbe<'a> {
    pub settings: ExecProbe<'a>,
    pub with: &'a EnvironmentName,
    pub allowed: &'a [String],
}

impl Probe for ParityProbe<'_> {
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(self.compare(ask))
    }
}

impl ParityProbe<'_> {
    async fn compare(&self, ask: &Ask<'_>) -> Answer {
        let here = &ask.vars.environment;
        if here == self.with.as_str() {
            let why = format!("{here} is compared with itself: ask for it in another environment");
            return Answer::fault(Fault::Unasked(why));
        }
        let there = Vars { environment: self.with.to_string(), ..ask.vars.clone() };
        match tokio::try_join!(self.print(ask, ask.vars), self.print(ask, &there)) {
            Ok((ours, others)) => self.answer(here, &likeness(&ours, &others, self.allowed)),
            Err(fault) => Answer::fault(fault),
        }
    }

    /// The settings of one environment.
    async fn print(&self, ask: &Ask<'_>, vars: &Vars) -> Result<Settings, Fault> {
        let of = &vars.environment;
        let unasked = |why: String| Fault::Unasked(format!("the settings of {of}: {why}"));
        let line = self.settings.line(ask, vars).map_err(|error| unasked(error.to_string()))?;
        let ran = command::run(ask.clock, &line, ask.cancel, None, |_| ()).await;
        let ran = ran.map_err(|error| unasked(error.to_string()))?;
        match ran.end {
            End::Exited(0) if ran.more => Err(unasked("it prints more than 64 KiB".into())),
            End::Exited(0) => settings(&ran.stdout).map_err(unasked),
            End::Exited(COULD_NOT_DECIDE) => Err(unasked("the command says that it could not decide".into())),
            End::Exited(status) => Err(unasked(format!("exit status {status}"))),
            End::Signalled(signal) | End::Unseen(signal) => Err(unasked(format!("ended by signal {signal}"))),
            End::TimedOut => Err(Fault::CutOff(line.timeout)),
            End::Cancelled => Err(Fault::Cancelled),
        }
    }

    fn answer(&self, here: &str, found: &Likeness) -> Answer {
        let Likeness { same, allowed, unlike } = found;
        let line = |(name, how): &(String, How)| match how {
            How::Differs => format!("{name} differs"),
            How::OnlyHere => format!("{name} is in {here} and not in {}", self.with),
            How::Missing => format!("{name} is in {} and not in {here}", self.with),
        };
        if unlike.is_empty() {
            let same = format!("{} as in {}", counted(same, "setting"), self.with);
            let words = match allowed.as_slice() {
                [] => same,
                allowed => format!("{same}; different as declared: {}", names(allowed)),
            };
            return Answer {
                verdict: Ok(words),
                version: None,
                said: None,
                evidence: None,
                took: Span::ZERO,
            };
        }
        let declared = allowed.iter().map(|difference| format!("{}, as declared", line(difference)));
        let lines: Vec<String> = unlike.iter().map(line).chain(declared).collect();
        let fault = Fault::Unlike { with: self.with.to_string(), names: names(unlike) };
        Answer { evidence: Some(lines.join("\n")), ..Answer::fault(fault) }
    }
}

/// `A, B, C, D and 3 more`
fn names(differences: &[(String, How)]) -> String {
    let told: Vec<&str> = differences.iter().take(NAMED).map(|(name, _)| name.as_str()).collect();
    match differences.len() - told.len() {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}
