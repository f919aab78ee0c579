//! What `init` was told, probed without changing anything: whether each host's health URL answers to a GET, and
//! whether there is an artifact. A host that does not answer is no error: it may not be set up yet.

use std::{path::Path, time::Duration};

use futures::future::join_all;
use serde::Serialize;

use super::failure::Failure;
use crate::{
    clock::Clock,
    domain::plan::{ALIVE, CheckKind, Environment, Host, Plan, Template, Vars},
    engine::{self, Clients},
};

/// How long one host may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// More hosts than this are not probed by `init`; `golive status` watches them all.
const MOST: usize = 64;

#[derive(Debug, Serialize)]
pub struct Probe {
    pub what: String,
    pub ok: bool,
    /// What was seen, or what is missing.
    pub shows: String,
}

pub fn probe(plan: &Plan, dir: &Path, clock: &Clock) -> Result<Vec<Probe>, Failure> {
    let mut probes = vec![artifact(plan.artifact.source.as_str(), dir)];
    let url = plan.check(ALIVE).and_then(|check| match &check.kind {
        CheckKind::Http(http) => Some(&http.url),
        CheckKind::Tcp { .. } | CheckKind::Exec { .. } | CheckKind::Parity { .. } | CheckKind::Comparison => {
            None
        }
    });
    if let Some(url) = url {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(error.to_string()))?;
        probes.extend(runtime.block_on(hosts(plan, url, clock))?);
    }
    Ok(probes)
}

async fn hosts(plan: &Plan, url: &Template, clock: &Clock) -> Result<Vec<Probe>, Failure> {
    let client = Clients::trusting(None).asking().map_err(Failure::internal)?;
    let all = plan
        .environments
        .values()
        .flat_map(|environment| environment.hosts().map(move |host| (environment, host)));
    let asked = all.take(MOST).map(|(environment, host)| ask(&client, environment, host, url, clock));
    Ok(join_all(asked).await)
}

async fn ask(
    client: &reqwest::Client,
    environment: &Environment,
    host: &Host,
    url: &Template,
    clock: &Clock,
) -> Probe {
    let url = url.render(&Vars {
        host: host.address.clone(),
        name: host.name.to_string(),
        port: host.port.map_or(String::new(), |port| port.to_string()),
        environment: environment.name.to_string(),
        ..Vars::default()
    });
    let what = format!("{} {url}", host.name);
    match clock.limit(PATIENCE, client.get(&url).send()).await {
        Some(Ok(answer)) => {
            Probe { what, ok: answer.status().is_success(), shows: format!("it answers {}", answer.status()) }
        }
        Some(Err(error)) => Probe { what, ok: false, shows: engine::why_not(&error) },
        None => Probe { what, ok: false, shows: format!("no answer within {} s", PATIENCE.as_secs()) },
    }
}

/// Whether any version of the artifact is there. A URL is not asked: it needs a version.
fn artifact(source: &str, dir: &Path) -> Probe {
    let what = format!("artifact {source}");
    if source.contains("://") {
        return Probe { what, ok: true, shows: "not asked: golive open VERSION reads it".into() };
    }
    let path = dir.join(source);
    let (folder, name) = (path.parent().unwrap_or(dir), path.file_name().and_then(|name| name.to_str()));
    let found = name.and_then(|name| {
        let (before, after) = name.split_once("{version}").unwrap_or((name, ""));
        let names = std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|found| found.starts_with(before) && found.ends_with(after)).max()
    });
    match found {
        Some(found) => Probe { what, ok: true, shows: format!("{found} is there") },
        None => Probe { what, ok: false, shows: format!("nothing like it in {} yet", folder.display()) },
    }
}
