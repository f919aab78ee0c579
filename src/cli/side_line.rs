//! The colours or clouds of an environment, for `status`.

use serde::Serialize;

use crate::domain::{
    name::EnvironmentName,
    plan::CloudRole,
    rollout::{Side, sides},
    session::Session,
};

/// One side. What nobody observes is not known.
#[derive(Serialize)]
pub struct SideLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<String>,
    /// Of a cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<CloudRole>,
    hosts: u32,
    healthy: Option<u32>,
    in_pool: Option<u32>,
    /// Of the hosts in the pool, in percent.
    share: Option<u32>,
    runs: Vec<Runs>,
    unseen: u32,
}

#[derive(Serialize)]
struct Runs {
    version: String,
    hosts: u32,
}

impl SideLine {
    pub fn all(session: &Session, environment: &EnvironmentName, observed: bool) -> Vec<Self> {
        let sides = sides(session, environment);
        let shares = Side::shares(&sides);
        sides.into_iter().zip(shares).map(|(side, share)| Self::of(side, share, observed)).collect()
    }

    fn of(side: Side, share: Option<u32>, observed: bool) -> Self {
        let known = observed && side.unseen == 0;
        let runs = |(version, hosts): (crate::domain::name::Version, u32)| Runs {
            version: version.to_string(),
            hosts,
        };
        Self {
            colour: side.role.is_none().then(|| side.name.to_string()),
            cloud: side.role.map(|_| side.name.to_string()),
            role: side.role,
            hosts: side.hosts,
            healthy: known.then_some(side.healthy),
            in_pool: known.then_some(side.in_pool),
            share: share.filter(|_| known),
            runs: side.runs.into_iter().map(runs).collect(),
            unseen: side.unseen,
        }
    }

    /// `blue`, `b (secondary)`.
    fn name(&self) -> String {
        let name = self.colour.as_deref().or(self.cloud.as_deref()).unwrap_or_default();
        match self.role {
            Some(CloudRole::Primary) => format!("{name} (primary)"),
            Some(CloudRole::Secondary) => format!("{name} (secondary)"),
            None => name.to_owned(),
        }
    }

    /// `blue: 50 %, 3 of 3 in the pool, 3 healthy, 2.5.0 on 3`
    pub fn words(&self) -> String {
        let (Some(healthy), Some(in_pool)) = (self.healthy, self.in_pool) else {
            return format!("{}: not known", self.name());
        };
        let share = self.share.map_or_else(String::new, |share| format!("{share} %, "));
        let runs: Vec<String> =
            self.runs.iter().map(|runs| format!("{} on {}", runs.version, runs.hosts)).collect();
        let runs = if runs.is_empty() { "nothing runs".to_owned() } else { runs.join(", ") };
        let hosts = self.hosts;
        format!("{}: {share}{in_pool} of {hosts} in the pool, {healthy} healthy, {runs}", self.name())
    }
}
