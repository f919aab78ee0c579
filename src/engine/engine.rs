//! Starts, cancels and reports effects: one task each, with a cancel of its own and exactly one ending.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    carry::Carrier,
    live::Live,
    lock,
    workshop::{EngineDirs, Workshop},
};
use crate::{
    clock::Clock,
    domain::{
        effect::{Effect, EffectId, LaneStep, Outcome, Report, Reported, Target, Work},
        lock::Found,
        name::{EnvironmentName, UnitId},
        plan::Adopted,
    },
};

/// How many that are cancelled are waited for before the next is told, and for how long. Were all told at once, each
/// would end only after all others had been told, and the first host of a way back would wait for the last.
const CANCELS: usize = 8;
const CANCEL_PACE: Duration = Duration::from_millis(20);

/// The handle; cheap to clone. Effects under way end when their runtime does.
#[derive(Clone)]
pub struct Engine {
    shop: Arc<Workshop>,
    reports: mpsc::Sender<Report>,
    desk: Arc<Mutex<Desk>>,
    /// A place for each that was told to end and is waited for.
    cancels: Arc<Semaphore>,
}

/// Who is at work on what.
#[derive(Default)]
struct Desk {
    /// What was started last for a target: one entry a target, for the engine's life.
    last: HashMap<Target, Last>,
    /// What has not ended yet, by the epoch in which it was started: two hundred are cancelled as fast as one.
    under_way: HashMap<EffectId, BTreeMap<u32, UnderWay>>,
}

#[derive(Clone, Default)]
struct UnderWay {
    cancel: CancellationToken,
    /// Says that it has ended.
    ended: CancellationToken,
    /// A command that goes on where its conductor is ended, or is followed.
    kept: bool,
}

struct Last {
    id: (u32, EffectId),
    /// Held while an effect of the target is under way: at most one is, whatever is asked for.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Desk {
    fn ended(&mut self, (epoch, id): &(u32, EffectId)) {
        if let Some(epochs) = self.under_way.get_mut(id) {
            if let Some(ended) = epochs.remove(epoch) {
                ended.ended.cancel();
            }
            if epochs.is_empty() {
                self.under_way.remove(id);
            }
        }
    }
}

impl Engine {
    /// An engine that reports to `reports`. A full channel makes effects wait with their reports, never lose one.
    pub fn new(plan: Arc<Adopted>, clock: Clock, dirs: EngineDirs, reports: mpsc::Sender<Report>) -> Engine {
        let cancels = Arc::new(Semaphore::new(CANCELS));
        Engine { shop: Arc::new(Workshop::new(plan, clock, dirs)), reports, desk: Arc::default(), cancels }
    }

    /// Starts the effect and returns at once. The same id in the same epoch starts nothing twice; an effect for a
    /// target whose earlier one has not ended yet waits for that end. Needs a tokio runtime.
    pub fn start(&self, effect: Effect, epoch: u32) {
        let key = (epoch, effect.id.clone());
        let kept = matches!(
            effect.work,
            Work::Once { .. } | Work::Repair { .. } | Work::Scale { .. } | Work::Outlived { .. }
        );
        let under_way = UnderWay { kept, ..UnderWay::default() };
        let cancel = under_way.cancel.clone();
        let turn = {
            let mut desk = self.desk();
            let last = desk.last.get(&effect.id.target);
            let goes_on = desk.under_way.get(&effect.id).is_some_and(|epochs| epochs.contains_key(&epoch));
            if goes_on || last.is_some_and(|last| last.id == key) {
                return;
            }
            let turn = last.map(|last| last.turn.clone()).unwrap_or_default();
            desk.under_way.entry(effect.id.clone()).or_default().insert(epoch, under_way);
            desk.last.insert(effect.id.target.clone(), Last { id: key.clone(), turn: turn.clone() });
            turn
        };
        let engine = self.clone();
        // These change nothing that a watch sees.
        let unseen = matches!(
            effect.work,
            Work::Step { step: LaneStep::Fetch | LaneStep::Install | LaneStep::SelfTest, .. }
        );
        tokio::spawn(async move {
            let work = tokio::spawn(engine.clone().work(effect, epoch, cancel, turn));
            let ended = work.await.unwrap_or_else(|error| {
                tracing::error!(effect = %key.1, %error, "an effect's task failed");
                Outcome::Inconclusive { why: "the engine failed inside: see the conductor's log".into() }
            });
            engine.desk().ended(&key);
            if let Target::Unit(unit) | Target::Pool(unit) | Target::Repair(unit) = &key.1.target
                && !(unseen && matches!(ended, Outcome::Done { .. }))
            {
                engine.shop.turned(unit);
            }
            let report = Report { epoch, effect: key.1, what: Reported::Ended(ended) };
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

    /// Asks the effect to end; it reports `Cancelled`, or how it ended if it was faster. Of many that are cancelled a
    /// few are told at a time; one that does not end holds up the others for moments only.
    pub fn cancel(&self, id: &EffectId) {
        let effects: Vec<UnderWay> =
            self.desk().under_way.get(id).into_iter().flat_map(BTreeMap::values).cloned().collect();
        for UnderWay { cancel, ended, .. } in effects {
            let (places, clock) = (self.cancels.clone(), self.shop.clock.clone());
            tokio::spawn(async move {
                // Never closed.
                let _place = places.acquire().await;
                cancel.cancel();
                // Whether it has ended in time or not: the next is told.
                clock.limit(CANCEL_PACE, ended.cancelled()).await;
            });
        }
    }

    /// Asks everything that is under way to end, at once: nothing is to follow.
    pub fn cancel_all(&self) {
        for effect in self.desk().under_way.values().flat_map(BTreeMap::values) {
            effect.cancel.cancel();
        }
    }

    /// The conductor ends: so does what is under way, but for commands that go on without it and are found by the next.
    pub fn cancel_with_the_conductor(&self) {
        let desk = self.desk();
        for effect in desk.under_way.values().flat_map(BTreeMap::values).filter(|effect| !effect.kept) {
            effect.cancel.cancel();
        }
    }

    /// Effects that start from now on, and watches from their next round on, follow this plan.
    pub fn replace_plan(&self, plan: Arc<Adopted>) {
        self.shop.replace_plan(plan);
    }

    /// How the lock on an environment stands at its deploy target at this moment; none where that can't be seen from
    /// here.
    pub async fn look_at_lock(&self, environment: &EnvironmentName) -> Option<Found> {
        let _one = self.shop.locking.lock().await;
        lock::look(&self.shop, environment).await
    }

    /// What is of interest just now, for whoever looks; who is slow misses some.
    pub fn live(&self) -> broadcast::Receiver<Live> {
        self.shop.live.subscribe()
    }

    /// The last lines that a unit put out, oldest first, scrubbed and bounded. Reads a file where there is one.
    pub async fn recent(&self, unit: UnitId) -> Vec<String> {
        let shop = self.shop.clone();
        tokio::task::spawn_blocking(move || shop.recent(&unit)).await.unwrap_or_default()
    }

    /// Whose checks are told there from now on; before it is called, everybody's.
    pub fn tell_checks_of(&self, units: HashSet<Option<UnitId>>) {
        self.shop.live.tell_checks_of(units);
    }

    /// A panic elsewhere can leave an entry too many, never a wrong one.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
