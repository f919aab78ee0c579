//! A command: exit status 0 is a pass. Status 75 (`EX_TEMPFAIL` of sysexits.h) says that it could not decide.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use super::{
    answer::{Answer, Fault},
    ask::{Ask, Probe},
};
use crate::{
    domain::{
        plan::{Template, Vars},
        time::Span,
    },
    engine::command::{self, CommandError, CommandLine, End},
};

pub(super) const COULD_NOT_DECIDE: i32 = 75;

pub struct ExecProbe<'a> {
    pub argv: &'a [Template],
    pub dir: Option<&'a Template>,
    pub env: &'a BTreeMap<String, Template>,
}

impl Probe for ExecProbe<'_> {
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(self.run(ask))
    }
}

impl ExecProbe<'_> {
    /// The command, with these names filled in.
    pub(super) fn line(&self, ask: &Ask<'_>, vars: &Vars) -> Result<CommandLine, CommandError> {
        let dir = self.dir.map_or_else(|| ask.base.to_owned(), |dir| ask.base.join(dir.render(vars)));
        let line = CommandLine::render(self.argv, self.env, dir, ask.check.timeout, vars)?;
        Ok(line.from(ask.base).with(names(vars)))
    }

    async fn run(&self, ask: &Ask<'_>) -> Answer {
        let timeout = ask.check.timeout;
        let line = match self.line(ask, ask.vars) {
            Ok(line) => line,
            Err(error) => return Answer::fault(Fault::Unasked(error.to_string())),
        };
        let ran = match command::run(ask.clock, &line, ask.cancel, None, |line| (ask.told)(line)).await {
            Ok(ran) => ran,
            Err(error) => return Answer::fault(Fault::Unasked(error.to_string())),
        };
        let verdict = match ran.end {
            End::Exited(0) => Ok(ran.last_line().to_owned()),
            End::Exited(COULD_NOT_DECIDE) => {
                Err(Fault::Unasked("the command says that it could not decide".into()))
            }
            End::Exited(status) => Err(Fault::Exit(status)),
            End::Signalled(signal) | End::Unseen(signal) => Err(Fault::Signal(signal)),
            End::TimedOut => Err(Fault::CutOff(timeout)),
            End::Cancelled => Err(Fault::Cancelled),
        };
        // A command says at its end what went wrong.
        let said =
            verdict.is_err().then(|| ran.last_line().trim().to_owned()).filter(|line| !line.is_empty());
        let evidence = verdict.is_err().then_some(ran.tail).filter(|text| !text.trim().is_empty());
        Answer { verdict, version: None, said, evidence, took: Span::ZERO }
    }
}

/// What a check's command finds in its environment.
fn names(vars: &Vars) -> Vec<(String, String)> {
    [
        ("GOLIVE_VERSION", &vars.version),
        ("GOLIVE_ENVIRONMENT", &vars.environment),
        ("GOLIVE_HOST", &vars.name),
        ("GOLIVE_SINCE", &vars.since),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .collect()
}
