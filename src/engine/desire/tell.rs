//! Reports what a key holds.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        desired::Found,
        effect::{EffectId, Report, Reported},
        name::{EnvironmentName, UnitId},
    },
    engine::ending::Trouble,
};

/// Who reports, and to whom.
pub struct Tell<'a> {
    pub environment: &'a EnvironmentName,
    pub id: &'a EffectId,
    pub epoch: u32,
    pub reports: &'a mpsc::Sender<Report>,
    pub cancel: &'a CancellationToken,
}

impl Tell<'_> {
    /// Ends early where nobody takes reports any more: the conductor is ending, and its successor looks again.
    pub async fn found(&self, unit: Option<UnitId>, found: Found) -> Result<(), Trouble> {
        let what = Reported::Desired { environment: self.environment.clone(), unit, found };
        let report = Report { epoch: self.epoch, effect: self.id.clone(), what };
        tokio::select! {
            sent = self.reports.send(report) => sent.map_err(|_| Trouble::Cancelled),
            () = self.cancel.cancelled() => Err(Trouble::Cancelled),
        }
    }
}
