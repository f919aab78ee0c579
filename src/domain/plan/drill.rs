//! Resiliency drills as declared: what is done to which hosts, how often, and what must hold meanwhile.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::environment::Environment;
use crate::domain::{
    name::{CheckName, CloudName, DrillName, EnvironmentName, UnitId},
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    pub name: DrillName,
    pub environment: EnvironmentName,
    pub kind: DrillKind,
    /// Asked through the whole drill, as a user would: each answer is one sample.
    pub probe: CheckName,
    /// Between two samples.
    pub interval: Span,
    /// The share of the samples that must be good, in hundredths of a percent.
    pub availability: u32,
    /// What 99 of 100 good answers must stay within.
    pub latency: Span,
    /// Each passes once its monitoring tool has received an alarm of this drill.
    pub tools: Vec<CheckName>,
    /// How long after the last host those are waited for.
    pub receipts: Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillKind {
    /// These hosts become new machines, under the capacity budget.
    Replace { hosts: Vec<UnitId> },
    /// A cloud gets no traffic for a while, and the others serve alone.
    Secondary {
        /// None: whoever is primary.
        cloud: Option<CloudName>,
        lasts: Span,
    },
    /// A data centre is out of traffic for a while, in hours with little of it.
    Offline { place: DataCentre, lasts: Span },
}

/// Hosts that stand together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataCentre {
    Cloud(CloudName),
    Region(String),
}

impl DataCentre {
    /// The hosts of an environment that stand there.
    pub fn units(&self, environment: &Environment) -> Vec<UnitId> {
        let pools = environment.pools.iter().filter(|pool| match self {
            Self::Cloud(cloud) => pool.cloud.as_ref() == Some(cloud),
            Self::Region(_) => true,
        });
        let here = pools.flat_map(|pool| &pool.hosts).filter(|host| match self {
            Self::Cloud(_) => true,
            Self::Region(region) => host.region.as_ref() == Some(region),
        });
        here.map(|host| host.unit.clone()).collect()
    }
}

impl fmt::Display for DataCentre {
    /// `cloud a`, `region eu-1`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cloud(cloud) => write!(f, "cloud {cloud}"),
            Self::Region(region) => write!(f, "region {region}"),
        }
    }
}

impl DrillKind {
    /// What is out of traffic meanwhile, by who is primary; none: that is nobody, or no data centre is.
    pub fn place(&self, primary: Option<&CloudName>) -> Option<DataCentre> {
        match self {
            Self::Replace { .. } => None,
            Self::Secondary { cloud, .. } => cloud.as_ref().or(primary).cloned().map(DataCentre::Cloud),
            Self::Offline { place, .. } => Some(place.clone()),
        }
    }

    /// The hosts that it is about, by who is primary.
    pub fn hosts(&self, environment: &Environment, primary: Option<&CloudName>) -> Vec<UnitId> {
        match self {
            Self::Replace { hosts } => hosts.clone(),
            Self::Secondary { .. } | Self::Offline { .. } => {
                self.place(primary).map_or_else(Vec::new, |place| place.units(environment))
            }
        }
    }

    /// What was done to a host: `2 hosts replaced`.
    pub const fn did(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replaced",
            Self::Secondary { .. } | Self::Offline { .. } => "taken out and brought back",
        }
    }

    pub const fn word(&self) -> &'static str {
        match self {
            Self::Replace { .. } => "replace",
            Self::Secondary { .. } => "secondary",
            Self::Offline { .. } => "offline",
        }
    }
}

impl fmt::Display for DrillKind {
    /// `replace web-02, web-03`, `secondary cloud a for 5m 0s`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replace { hosts } => {
                let hosts: Vec<&str> = hosts.iter().map(UnitId::as_str).collect();
                write!(f, "replace {}", hosts.join(", "))
            }
            Self::Secondary { cloud: Some(cloud), lasts } => write!(f, "secondary cloud {cloud} for {lasts}"),
            Self::Secondary { cloud: None, lasts } => write!(f, "secondary the primary cloud for {lasts}"),
            Self::Offline { place, lasts } => write!(f, "offline {place} for {lasts}"),
        }
    }
}
