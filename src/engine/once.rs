//! A command of the team's that runs once in a go-live, or the one that takes it back.
//!
//! It finds in its environment `GOLIVE_ONCE`, `GOLIVE_STAGE`, `GOLIVE_ENVIRONMENT`, `GOLIVE_VERSION`, and `GOLIVE_WAY`,
//! which is `forward` or `back`. Exit status 0 is done; the last line of the output becomes the note. What was
//! interrupted, or ran out of time, is neither done nor failed.

use tokio_util::sync::CancellationToken;

use super::{
    command::{self, CommandLine, End, Ran},
    ending::{Done, Trouble},
    workshop::Workshop,
};
use crate::domain::{
    effect::EffectId,
    name::{EnvironmentName, OnceName, StageName, Version},
    plan::Vars,
    time::Span,
};

pub struct What<'a> {
    pub environment: &'a EnvironmentName,
    pub stage: &'a StageName,
    pub once: &'a OnceName,
    pub version: &'a Version,
    pub back: bool,
}

/// Runs it in the plan's directory. What a killed conductor left of it is ended first.
pub async fn run(
    shop: &Workshop,
    what: &What<'_>,
    id: &EffectId,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    let target = &id.target;
    shop.leftovers.end(&shop.clock, target).await;
    let adopted = shop.adopted();
    let once = adopted.plan.once(what.stage, what.once);
    let once = once.ok_or_else(|| Trouble::failed(format!("{target} is not in the adopted plan")))?;
    let (argv, way) = if what.back { (&once.back, "back") } else { (&once.run, "forward") };
    let vars = Vars {
        version: what.version.to_string(),
        environment: what.environment.to_string(),
        ..Vars::default()
    };
    let line = CommandLine::render(argv, [], shop.dirs.base.clone(), once.timeout, &vars)
        .map_err(Trouble::failed)?
        .with([
            ("GOLIVE_ONCE".to_owned(), what.once.to_string()),
            ("GOLIVE_STAGE".to_owned(), what.stage.to_string()),
            ("GOLIVE_ENVIRONMENT".to_owned(), what.environment.to_string()),
            ("GOLIVE_VERSION".to_owned(), what.version.to_string()),
            ("GOLIVE_WAY".to_owned(), way.to_owned()),
        ]);
    let line = line.kept(shop.keep(id));
    let noted = Some((&shop.leftovers, target));
    let ran = command::run(&shop.clock, &line, cancel, noted, |text| shop.output(target, None, text))
        .await
        .map_err(Trouble::failed)?;
    ended(ran, once.timeout)
}

/// What it was cut off in is not known to be done, nor to be undone.
fn ended(ran: Ran, timeout: Span) -> Result<Done, Trouble> {
    let last = ran.tail.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.map_or_else(|| "it printed nothing".to_owned(), str::to_owned);
    match ran.end {
        End::Exited(0) => Ok(Done::said(ran.last_line())),
        End::Exited(status) => Err(Trouble::with_evidence(format!("exit status {status}: {last}"), ran.tail)),
        End::Signalled(signal) => Err(Trouble::unknown(format!("it was ended by signal {signal}: {last}"))),
        End::Unseen(signal) => Err(command::unseen(signal)),
        End::TimedOut => {
            Err(Trouble::unknown(format!("it was not done within {timeout} and was ended: {last}")))
        }
        End::Cancelled => Err(Trouble::Cancelled),
    }
}
