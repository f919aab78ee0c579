//! A fleet whose hosts agents change: the store they read, what it says first, and an agent a host.

use std::fs;

use super::{error::FleetError, ready::until_ready, site::Site, start::Starting};
use crate::demo::{agents::Ready, http};

impl Starting {
    /// Starts the store, and says where it is asked.
    pub(super) async fn store(&mut self) -> Result<u16, FleetError> {
        self.spawn("store", &[])?;
        let path = self.layout.store_ready();
        let ready = async || {
            let text = fs::read(&path).map_err(|_| "it has not said its port".to_owned())?;
            serde_json::from_slice::<Ready>(&text).map_err(|error| error.to_string())
        };
        Ok(until_ready(&mut self.processes, "store", ready).await?.port)
    }

    /// The store says the first release for every host, by a key that they share or by each its own, and each agent installs it at its first look.
    pub(super) async fn agents(
        &mut self,
        store: u16,
        site: &Site,
        hosts: &[(String, u16)],
        shared: Option<&str>,
    ) -> Result<(), FleetError> {
        let client = http::client().map_err(|error| FleetError::Install(error.to_string()))?;
        let first = serde_json::json!({
            "version": site.first.version.as_str(),
            "digest": site.first.digest.to_string(),
            "by": "the demo",
        });
        for (name, port) in hosts {
            let key = shared.unwrap_or(name);
            let url = format!("http://127.0.0.1:{store}/desired/{key}");
            let set = client.put(url).header("if-none-match", "*").json(&first).send().await;
            set.map_err(|error| FleetError::Install(format!("the store: {error}")))?;
            let (port, store) = (port.to_string(), store.to_string());
            let args = ["--name", name, "--port", &port, "--store", &store, "--key", key];
            self.spawn_as("agent", &format!("{name}-agent"), &args)?;
        }
        Ok(())
    }

    /// Each of them says that it has installed the first release.
    pub(super) async fn installed(
        &mut self,
        store: u16,
        site: &Site,
        hosts: &[(String, u16)],
    ) -> Result<(), FleetError> {
        let client = http::client().map_err(|error| FleetError::Install(error.to_string()))?;
        let says = async || {
            for (name, _) in hosts {
                let url = format!("http://127.0.0.1:{store}/agents/{name}");
                let answer = client.get(url).send().await.map_err(|error| format!("{name}: {error}"))?;
                let text = answer.text().await.map_err(|error| format!("{name}: {error}"))?;
                let says: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                if says["version"].as_str() != Some(site.first.version.as_str()) {
                    return Err(format!("{name} has not installed {}", site.first.version));
                }
            }
            Ok(())
        };
        until_ready(&mut self.processes, "agent", says).await
    }
}
