//! Hosts that agents change: they are looked at, and never touched.

use super::drive::{Drive, Job, Looking, Observed, Running, Work};
use crate::{
    domain::{name::Version, plan, time::WallTime},
    engine::{
        desire::{Reported, reported},
        ending::{Done, Trouble},
    },
};

pub struct Converge<'a>(pub &'a plan::Converge);

fn not_ours<'a>() -> Work<'a, Done> {
    Box::pin(async { Err(Trouble::failed("agents change this host: only what they read can be set")) })
}

/// Whether this version lies on the host; none: its agent does not say so. What runs there lies there, listed or not.
fn keeps_it(said: &Reported, version: &Version) -> Option<bool> {
    let listed = said.kept.as_ref().map(|kept| kept.contains(version));
    if listed == Some(false) && said.version.as_ref() == Some(version) { Some(true) } else { listed }
}

impl Drive for Converge<'_> {
    fn observe<'a>(&'a self, at: Looking<'a>) -> Work<'a, Observed> {
        Box::pin(async move {
            let said = match &self.0.agents {
                Some(agents) => reported(agents, at)
                    .await
                    .map_err(|why| Trouble::unknown(format!("its agent's report can't be read: {why}")))?,
                None => Reported::default(),
            };
            // What an agent says that is late, or whose clock is ahead, says nothing of the host as it is now.
            let now = WallTime(at.shop.clock.read().wall);
            let late = said
                .checked_in
                .is_some_and(|last| now.since(last) > self.0.cycle() || self.0.ahead(last, now).is_some());
            let running = match said.healthy {
                Some(true) if !late => Running::Yes(said.installed.clone()),
                _ => Running::Unknown,
            };
            let kept = at.keeps.and_then(|keeps| keeps_it(&said, &keeps.version));
            let healthy = said.healthy.filter(|_| !late);
            Ok(Observed {
                installed: said.installed,
                version: said.version,
                running,
                healthy,
                kept,
                checked_in: said.checked_in,
            })
        })
    }
    fn fetch<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        not_ours()
    }
    fn stop<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        not_ours()
    }
    fn install<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        not_ours()
    }
    fn start<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        not_ours()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_on_a_host_lies_there_whatever_its_agent_lists() {
        let version = |text: &str| Version::new(text).unwrap();
        let said = |kept: Option<Vec<Version>>| Reported {
            version: Some(version("2.4.0")),
            kept,
            ..Reported::default()
        };
        assert_eq!(keeps_it(&said(Some(Vec::new())), &version("2.4.0")), Some(true));
        assert_eq!(keeps_it(&said(Some(Vec::new())), &version("2.3.0")), Some(false));
        assert_eq!(keeps_it(&said(Some(vec![version("2.3.0")])), &version("2.3.0")), Some(true));
        assert_eq!(keeps_it(&said(None), &version("2.4.0")), None, "it says nothing of what it keeps");
    }
}
