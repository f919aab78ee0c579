//! A running fleet: what can be asked of it, and its end.

use std::io;

use super::{children::Process, error::FleetError, site::Site};
use crate::demo::{layout::Layout, tether::Owner, traffic::Stats};

/// It ends with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Fleet {
    layout: Layout,
    owner: Owner,
    processes: Vec<Process>,
    site: Site,
    port: u16,
}

impl Fleet {
    pub(super) fn new(layout: Layout, owner: Owner, processes: Vec<Process>, site: Site, port: u16) -> Self {
        Self { layout, owner, processes, site, port }
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Where the service is reached through the balancer.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The text of golive.toml, which also stands in the team's directory.
    pub fn plan_toml(&self) -> &str {
        &self.site.plan.source
    }

    /// The figures of the traffic, at most 250 ms old.
    pub fn traffic(&self) -> Result<Stats, FleetError> {
        let failed = |source| FleetError::File { path: self.layout.traffic_stats(), source };
        Stats::read(&self.layout).map_err(failed)
    }

    /// The process ids of balancer and traffic.
    pub fn processes(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.processes.iter().filter_map(|process| Some((process.name, process.id()?)))
    }

    /// Ends every process, waits for it, and removes the directory.
    pub async fn end(self) -> Result<(), FleetError> {
        let Self { layout, owner, mut processes, .. } = self;
        let failed = |path, source| FleetError::File { path, source };
        let ended = tokio::task::spawn_blocking(move || owner.end()).await;
        ended.map_err(|error| failed(layout.dir().into(), io::Error::other(error)))??;
        for process in &mut processes {
            process.ended().await.map_err(|error| failed(layout.log(process.name), error))?;
        }
        Ok(())
    }
}
