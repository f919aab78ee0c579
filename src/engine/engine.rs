//! Starts, cancels and reports effects: one task each, with a cancel of its own and exactly one ending.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    carry::Carrier,
    live::Live,
    workshop::{EngineDirs, Workshop},
};
use crate::{
    clock::Clock,
    domain::{
        effect::{Effect, EffectId, Outcome, Report, Reported, Target},
        plan::Adopted,
    },
};

/// The handle; cheap to clone. Effects under way end when their runtime does.
#[derive(Clone)]
pub struct Engine {
    shop: Arc<Workshop>,
    reports: mpsc::Sender<Report>,
    slots: Arc<Mutex<HashMap<Target, Slot>>>,
}

/// What was started last for a target. One entry a target, for the engine's life.
struct Slot {
    started: (u32, EffectId),
    cancel: CancellationToken,
    /// Held while an effect of the target is under way: at most one is, whatever is asked for.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Engine {
    /// An engine that reports to `reports`. A full channel makes effects wait with their reports, never lose one.
    pub fn new(plan: Arc<Adopted>, clock: Clock, dirs: EngineDirs, reports: mpsc::Sender<Report>) -> Engine {
        Engine { shop: Arc::new(Workshop::new(plan, clock, dirs)), reports, slots: Arc::default() }
    }

    /// Starts the effect and returns at once. The same id in the same epoch starts nothing twice; an effect for a
    /// target whose earlier one has not ended yet waits for that end. Needs a tokio runtime.
    pub fn start(&self, effect: Effect, epoch: u32) {
        let cancel = CancellationToken::new();
        let turn = {
            let mut slots = self.slots();
            let started = (epoch, effect.id.clone());
            let turn = match slots.get(&effect.id.target) {
                Some(slot) if slot.started == started => return,
                Some(slot) => slot.turn.clone(),
                None => Arc::default(),
            };
            slots.insert(
                effect.id.target.clone(),
                Slot { started, cancel: cancel.clone(), turn: turn.clone() },
            );
            turn
        };
        let engine = self.clone();
        tokio::spawn(async move {
            let id = effect.id.clone();
            let work = tokio::spawn(engine.clone().work(effect, epoch, cancel, turn));
            let ended = work.await.unwrap_or_else(|error| {
                tracing::error!(effect = %id, %error, "an effect's task failed");
                Outcome::Inconclusive { why: "the engine failed inside: see the conductor's log".into() }
            });
            let report = Report { epoch, effect: id, what: Reported::Ended(ended) };
            if let Err(lost) = engine.reports.send(report).await {
                // The conductor is ending; the next one probes what was under way.
                tracing::warn!(effect = %lost.0.effect, "nobody took a report");
            }
        });
    }

    async fn work(
        self,
        effect: Effect,
        epoch: u32,
        cancel: CancellationToken,
        turn: Arc<tokio::sync::Mutex<()>>,
    ) -> Outcome {
        let _turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Outcome::Cancelled,
            turn = turn.lock() => turn,
        };
        let (shop, reports) = (&*self.shop, &self.reports);
        Carrier { shop, effect: &effect, epoch, reports, cancel: &cancel }.carry().await
    }

    /// Asks the effect to end; it reports `Cancelled`, or how it ended if it was faster.
    pub fn cancel(&self, id: &EffectId) {
        if let Some(slot) = self.slots().get(&id.target)
            && slot.started.1 == *id
        {
            slot.cancel.cancel();
        }
    }

    /// Effects that start from now on, and watches from their next round on, follow this plan.
    pub fn replace_plan(&self, plan: Arc<Adopted>) {
        self.shop.replace_plan(plan);
    }

    /// What is of interest just now, for whoever looks; who is slow misses some.
    pub fn live(&self) -> broadcast::Receiver<Live> {
        self.shop.live.subscribe()
    }

    /// No panic can leave the map half changed: each change is one insert.
    fn slots(&self) -> MutexGuard<'_, HashMap<Target, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
