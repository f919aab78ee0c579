//! How many machines the platform of an environment has: asked again and again, and told another number, by the team's own
//! commands. They find `GOLIVE_ENVIRONMENT` and, to be told, `GOLIVE_COUNT` in their environment; `current` prints the number.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    command::{self, CommandLine},
    driver::Turn,
    ending::{Done, Trouble, why},
    workshop::Workshop,
};
use crate::domain::{
    effect::{EffectId, Report, Reported},
    name::EnvironmentName,
    plan::{Scale, Template, Vars},
};

/// Between two questions.
const PAUSE: Duration = Duration::from_secs(5);

/// Who reports, and to whom.
pub struct Tell<'a> {
    pub environment: &'a EnvironmentName,
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

fn declared(shop: &Workshop, environment: &EnvironmentName) -> Option<Scale> {
    shop.adopted().plan.environments.get(environment)?.scale.clone()
}

fn line(
    shop: &Workshop,
    argv: &[Template],
    scale: &Scale,
    environment: &EnvironmentName,
    count: &str,
) -> Result<CommandLine, Trouble> {
    let vars = Vars { environment: environment.to_string(), count: count.to_owned(), ..Vars::default() };
    let none: [(&String, &Template); 0] = [];
    let line = CommandLine::render(argv, none, shop.dirs.base.clone(), scale.timeout, &vars);
    let set = [("GOLIVE_ENVIRONMENT", environment.to_string()), ("GOLIVE_COUNT", count.to_owned())];
    Ok(line.map_err(Trouble::failed)?.with(set.map(|(name, value)| (name.to_owned(), value))))
}

/// Tells the platform. That it was told is not that it has done it.
pub async fn to(
    shop: &Workshop,
    environment: &EnvironmentName,
    count: u32,
    id: &EffectId,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    let target = &id.target;
    let scale = declared(shop, environment).ok_or_else(|| {
        Trouble::failed(format!("the adopted plan does not say how {environment} is scaled"))
    })?;
    // An older number must not be said after this one.
    shop.leftovers.end(&shop.clock, target).await;
    let line = line(shop, &scale.to, &scale, environment, &count.to_string())?;
    let line = line.kept(shop.keep(id));
    let noted = Some((&shop.leftovers, target));
    let ran = command::run(&shop.clock, &line, cancel, noted, |said| shop.output(target, None, said))
        .await
        .map_err(Trouble::failed)?;
    let ran = ran.check("to", scale.timeout)?;
    Ok(Done::said(ran.last_line()).fact("count", count))
}

/// Ends only when it is cancelled, or when nobody hears what it tells. Where nothing says how to ask it waits.
pub async fn watch(shop: &Workshop, tell: &Tell<'_>) -> Trouble {
    let Tell { environment, cancel, .. } = *tell;
    let mut told: Option<Result<u32, String>> = None;
    loop {
        if let Some(scale) = declared(shop, environment) {
            let said =
                current(shop, &scale, environment, cancel).await.map_err(|text| why(&text, &shop.scrubber()));
            if cancel.is_cancelled() {
                return Trouble::Cancelled;
            }
            if told.as_ref() != Some(&said) {
                told = Some(said.clone());
                let what = Reported::Scaled { environment: environment.clone(), said };
                let report = Report { epoch: tell.epoch, effect: tell.id.clone(), what };
                let sent = tokio::select! {
                    sent = tell.reports.send(report) => sent.is_ok(),
                    () = cancel.cancelled() => false,
                };
                if !sent {
                    return Trouble::Cancelled;
                }
            }
        }
        tokio::select! {
            () = shop.clock.sleep(PAUSE) => {}
            () = cancel.cancelled() => return Trouble::Cancelled,
        }
    }
}

/// The number that `current` prints, or why there is none.
async fn current(
    shop: &Workshop,
    scale: &Scale,
    environment: &EnvironmentName,
    cancel: &CancellationToken,
) -> Result<u32, String> {
    let turn = shop.look_permit(Turn::InTurn, cancel).await;
    let _permit = turn.map_err(|trouble| trouble.to_string())?;
    let line = line(shop, &scale.current, scale, environment, "").map_err(|trouble| trouble.to_string())?;
    let ran =
        command::run(&shop.clock, &line, cancel, None, |_| {}).await.map_err(|error| error.to_string())?;
    let ran = ran.check("current", scale.timeout).map_err(|trouble| trouble.to_string())?;
    let said = ran.last_line();
    said.parse().map_err(|_| format!("current printed {said:?}, which is no number"))
}
