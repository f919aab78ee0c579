//! Asking: one run, and runs to a verdict.

use std::{path::Path, time::Duration};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{
    answer::{Answer, Fault},
    exec::ExecProbe,
    http::HttpProbe,
    parity::ParityProbe,
    tcp::TcpProbe,
};
use crate::{
    clock::Clock,
    domain::{
        plan::{Check, CheckKind, Vars},
        time::Span,
    },
};

/// The pause before a further attempt, unless the check's interval is shorter.
const PAUSE: Duration = Duration::from_secs(1);

/// What to ask, and by what means.
pub struct Ask<'a> {
    pub check: &'a Check,
    pub vars: &'a Vars,
    /// The version that the answer must name, if the check says where it is named.
    pub wants: Option<&'a str>,
    pub clock: &'a Clock,
    /// Or why there is no client.
    pub client: Result<reqwest::Client, String>,
    /// Where commands run and relative paths start.
    pub base: &'a Path,
    pub cancel: &'a CancellationToken,
    /// Is told each line of a command's output.
    pub told: &'a (dyn Fn(&str) + Send + Sync),
}

pub trait Probe: Send + Sync {
    /// One attempt, within the check's timeout.
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer>;
}

impl Ask<'_> {
    /// One attempt.
    pub async fn once(&self) -> Answer {
        let started = self.clock.read().monotonic;
        let mut answer = match &self.check.kind {
            CheckKind::Http(http) => HttpProbe(http).ask(self).await,
            CheckKind::Tcp { address, banner } => {
                TcpProbe { address, banner: banner.as_deref() }.ask(self).await
            }
            CheckKind::Exec { argv, dir, env } => ExecProbe { argv, dir: dir.as_ref(), env }.ask(self).await,
            CheckKind::Parity { argv, dir, env, with, allowed } => {
                let settings = ExecProbe { argv, dir: dir.as_ref(), env };
                ParityProbe { settings, with, allowed }.ask(self).await
            }
            CheckKind::Comparison => Answer::fault(Fault::Human),
        };
        answer.took = Span(self.clock.read().monotonic.saturating_sub(started));
        answer
    }

    /// Attempts until one passes or none is left.
    pub async fn verdict(&self) -> Answer {
        let mut left = self.check.retries;
        loop {
            let answer = self.once().await;
            let done = match &answer.verdict {
                Ok(_) => true,
                // Further attempts can't change these.
                Err(Fault::Human | Fault::Cancelled) => true,
                Err(_) => left == 0,
            };
            if done || !self.pause(self.retry_pause()).await {
                return answer;
            }
            left -= 1;
        }
    }

    pub fn retry_pause(&self) -> Duration {
        self.check.interval.duration().min(PAUSE)
    }

    /// False if it was cancelled meanwhile.
    pub async fn pause(&self, span: Duration) -> bool {
        tokio::select! {
            () = self.clock.sleep(span) => true,
            () = self.cancel.cancelled() => false,
        }
    }

    /// Runs one attempt's work within the check's timeout.
    pub(super) async fn limited(&self, work: impl Future<Output = Answer>) -> Answer {
        let timeout = self.check.timeout;
        tokio::select! {
            answer = self.clock.limit(timeout.duration(), work) =>
                answer.unwrap_or_else(|| Answer::fault(Fault::TimedOut(timeout))),
            () = self.cancel.cancelled() => Answer::fault(Fault::Cancelled),
        }
    }
}
