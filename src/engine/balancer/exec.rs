//! A balancer by the team's own commands. `observe` prints `in`, `draining` or `out`, with a reason after it if
//! there is one; every change is read back by it.

use std::path::PathBuf;

use futures::{StreamExt as _, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use super::balance::{Balance, BalancerError, Count, Drained, Gets, Member, Told};
use crate::{
    clock::Clock,
    domain::{
        effect::{PoolState, Target},
        plan::{Template, Vars, Weight},
        time::Span,
    },
    engine::{
        command::{self, CommandLine, Ran},
        ending::Trouble,
        leftovers::Leftovers,
    },
};

/// How many hosts are asked about at once.
const AT_ONCE: usize = 16;

pub struct Exec<'a> {
    pub drain: &'a [Template],
    pub ready: &'a [Template],
    pub observe: &'a [Template],
    pub timeout: Span,
    pub clock: &'a Clock,
    pub base: PathBuf,
    pub cancel: &'a CancellationToken,
    /// Where a change under way is written down, and whose it is.
    pub noted: Option<(&'a Leftovers, &'a Target)>,
}

type Result<T> = std::result::Result<T, BalancerError>;

impl Exec<'_> {
    async fn run(&self, what: &str, argv: &[Template], host: &Vars, told: Told<'_>) -> Result<Ran> {
        let failed = |why: String| BalancerError::Command { why, evidence: None };
        let line = CommandLine::render(argv, [], self.base.clone(), self.timeout, host)
            .map_err(|error| failed(error.to_string()))?;
        let noted = self.noted.filter(|_| what != "observe");
        let ran = command::run(self.clock, &line, self.cancel, noted, |line| told(line))
            .await
            .map_err(|error| failed(error.to_string()))?;
        ran.check(&format!("the balancer's {what} command"), self.timeout).map_err(|trouble| match trouble {
            Trouble::Cancelled => BalancerError::Cancelled,
            Trouble::Failed { why, evidence } => BalancerError::Command { why, evidence },
            Trouble::Inconclusive { why } => failed(why),
        })
    }

    async fn look(&self, host: &Vars) -> Result<Member> {
        let ran = self.run("observe", self.observe, host, &|_| {}).await?;
        read(ran.last_line()).ok_or_else(|| BalancerError::Command {
            why: "the balancer's observe command printed neither in, draining nor out".into(),
            evidence: Some(ran.tail),
        })
    }

    /// Changes and reads back.
    async fn change(&self, what: &'static str, host: &Vars, told: Told<'_>) -> Result<()> {
        let (argv, wanted) = match what {
            "drain" => (self.drain, PoolState::Out),
            _ => (self.ready, PoolState::In),
        };
        if self.look(host).await?.state == wanted {
            return Ok(());
        }
        let ran = self.run(what, argv, host, told).await?;
        let found = self.look(host).await?.state;
        if found == wanted {
            return Ok(());
        }
        let words = |state| match state {
            PoolState::In => "in",
            PoolState::Draining => "draining",
            _ => "out",
        };
        Err(BalancerError::Command {
            why: format!(
                "the balancer's {what} command succeeded, but the host is {} afterwards",
                words(found)
            ),
            evidence: Some(ran.tail),
        })
    }
}

fn read(line: &str) -> Option<Member> {
    let (word, why) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let state = match word {
        "in" => PoolState::In,
        "draining" => PoolState::Draining,
        "out" => PoolState::Out,
        _ => return None,
    };
    Some(Member { why: (!why.trim().is_empty()).then(|| why.trim().to_owned()), ..Member::is(state) })
}

impl Balance for Exec<'_> {
    fn drain<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<Drained>> {
        Box::pin(async move { self.change("drain", host, told).await.map(|()| Drained::Uncounted) })
    }

    fn ready<'a>(&'a self, host: &'a Vars, told: Told<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.change("ready", host, told))
    }

    fn members<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Vec<Result<Member>>> {
        Box::pin(async move {
            let looks: Vec<_> = hosts.iter().map(|host| self.look(host)).collect();
            futures::stream::iter(looks).buffered(AT_ONCE).collect().await
        })
    }

    fn counts<'a>(&'a self, _: &'a [Vars]) -> BoxFuture<'a, Result<Option<Vec<Count>>>> {
        Box::pin(async { Ok(None) })
    }

    fn share<'a>(&'a self, _: &'a [(Vars, Gets)], _: Option<Weight>) -> BoxFuture<'a, Result<Vec<u32>>> {
        Box::pin(async { Err(BalancerError::NoWeight("an exec balancer")) })
    }
}
