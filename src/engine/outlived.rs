//! What a conductor left behind when it was ended: a command of the team's that may still run. It is waited for, and how
//! it ended is told where that was written down.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    command::{GRACE, end_identity},
    ending::{Done, Trouble},
    keep::{self, Ending, Kept},
    output::last_line,
    workshop::Workshop,
};
use crate::domain::{
    effect::{Effect, EffectId, Report, Reported, Work},
    effect_log::Outlived,
    plan::Plan,
    time::{Span, WallTime},
};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

pub struct Follow<'a> {
    pub shop: &'a Workshop,
    /// What was begun.
    pub of: &'a Effect,
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

impl Follow<'_> {
    /// Waits for its end, or ends it where it is asked to or its time is over.
    pub async fn run(&self) -> Result<Done, Trouble> {
        let target = &self.of.id.target;
        let path = self.shop.leftovers.path(target);
        let Some(note) = self.shop.leftovers.left(target) else {
            return Err(Trouble::unknown(
                "the conductor ended while it ran, and nothing is left of it: it may have run to its end or not",
            ));
        };
        let ended = self.waited(&note.identity, note.since.map(WallTime)).await;
        let known = keep::ended(&path, &note.identity)
            .filter(|_| note.act.as_deref() == Some(self.of.id.to_string().as_str()));
        keep::forget(&path);
        ended?;
        let said = |printed: &str| {
            let last = last_line(printed).unwrap_or("it printed nothing");
            format!("while no conductor watched it: {last}")
        };
        match known {
            Some(Ending { how: Kept::Exited(0), printed }) => {
                Ok(Done::said(format!("exit status 0, {}", said(&printed))))
            }
            Some(Ending { how: Kept::Exited(status), printed }) => {
                let why = format!("exit status {status}, {}", said(&printed));
                Err(Trouble::with_evidence(why, printed))
            }
            Some(Ending { how: Kept::Signalled(signal), printed }) => {
                Err(Trouble::unknown(format!("it was ended by signal {signal}, {}", said(&printed))))
            }
            Some(Ending { how: Kept::NotRun(why), .. }) => Err(Trouble::failed(why)),
            None => Err(Trouble::unknown(
                "the conductor ended while it ran, and so did the process that kept it (golive keep-command): how it ended \
                 nobody saw, and it may have run to its end or not",
            )),
        }
    }

    async fn waited(
        &self,
        identity: &super::process::Identity,
        since: Option<WallTime>,
    ) -> Result<(), Trouble> {
        let path = self.shop.leftovers.path(&self.of.id.target);
        let runs = || identity.runs() || identity.group_runs() && keep::ended(&path, identity).is_none();
        if !runs() {
            return Ok(());
        }
        tracing::warn!(target = %self.of.id.target, pid = identity.pid, "a command has outlived its conductor");
        let what = Reported::Outlived(Outlived { pid: identity.pid, since });
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        self.reports.send(report).await.map_err(|_| Trouble::Cancelled)?;
        let clock = &self.shop.clock;
        let most = limit(&self.shop.adopted().plan, self.of.acts());
        // From when it began, where that is known.
        let spent = since.map_or(Span::ZERO, |since| WallTime(clock.read().wall).since(since));
        let deadline = clock.sleep(Span(most.0.saturating_sub(spent.0)).duration());
        tokio::pin!(deadline);
        while runs() {
            tokio::select! {
                () = clock.sleep(PAUSE) => {}
                () = self.cancel.cancelled() => {
                    end_identity(clock, identity, GRACE).await;
                    return Err(Trouble::Cancelled);
                }
                () = &mut deadline => {
                    end_identity(clock, identity, GRACE).await;
                    return Err(Trouble::unknown(format!(
                        "it was not done within {most}, while its conductor was ended, and was ended"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// How long a command may take as the plan says now.
fn limit(plan: &Plan, work: &Work) -> Span {
    let of = |environment: &_| plan.environments.get(environment);
    let known = match work {
        Work::Once { stage, once, .. } => plan.once(stage, once).map(|once| once.timeout),
        Work::Repair { unit } => plan
            .unit(unit)
            .and_then(|(environment, ..)| environment.repair.as_ref().map(|repair| repair.timeout)),
        Work::Scale { environment, .. } => of(environment).and_then(|it| Some(it.scale.as_ref()?.timeout)),
        _ => None,
    };
    known.unwrap_or_default()
}
