//! Reads the keys of an environment again and again, and tells what changed: that it can't be read is a change too.

use std::collections::HashMap;

use super::{
    key::{Key, converge, keys},
    tell::Tell,
};
use crate::{
    domain::{desired::Found, name::UnitId, time::Span},
    engine::{ending::Trouble, workshop::Workshop},
};

/// Ends only when it is cancelled, or when nobody hears what it tells. Where agents do not change hosts it waits.
pub async fn watch(shop: &Workshop, interval: Span, tell: &Tell<'_>) -> Trouble {
    let Tell { environment, id, cancel, .. } = tell;
    let target = &id.target;
    let mut told: HashMap<Option<UnitId>, Found> = HashMap::new();
    loop {
        if let Some(converge) = converge(shop, environment) {
            let keys = keys(shop, environment, &converge.store, &[], "").unwrap_or_default();
            // A host that leaves the plan and comes back is told of anew.
            told.retain(|known, _| keys.iter().any(|(unit, _)| unit == known));
            for (unit, vars) in keys {
                let _one = shop.desiring.lock().await;
                let key = Key {
                    shop,
                    environment,
                    store: &converge.store,
                    unit: unit.clone(),
                    vars,
                    target,
                    cancel,
                };
                let found = key.found().await;
                if cancel.is_cancelled() {
                    return Trouble::Cancelled;
                }
                if told.get(&unit) != Some(&found) {
                    told.insert(unit.clone(), found.clone());
                    if let Err(trouble) = tell.found(unit, found).await {
                        return trouble;
                    }
                }
            }
        }
        tokio::select! {
            () = shop.clock.sleep(interval.duration()) => {}
            () = cancel.cancelled() => return Trouble::Cancelled,
        }
    }
}
