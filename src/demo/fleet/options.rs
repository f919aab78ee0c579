//! How large a demo is, and what goes wrong in it.

use std::{ops::RangeInclusive, path::PathBuf};

use crate::demo::fault::Fault;

/// How many hosts a demo may have.
pub const HOSTS: RangeInclusive<u16> = 1..=200;

/// What the lead is called where nobody plays them.
pub const LEAD: &str = "dana";

/// How the demo takes its hosts, after the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DemoStrategy {
    #[default]
    Rolling,
    /// A tenth of the requests, half of them, all of them, with a pause after each.
    Canary,
    /// All hosts are stopped before one is deployed: no two versions run side by side, and nobody is served meanwhile.
    StopAll,
    /// One half after the other: out of traffic, changed, tested, back in, and the other one warm meanwhile.
    BlueGreen,
    /// One half serves and the other stands by: that is changed and takes over, then the first one is changed.
    ZeroDowntime,
    /// An agent on each host installs what a store says: one host is told first, then a few at a time.
    Converge,
    /// The first one is compared with the rest, and a person judges it.
    OneBox,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub hosts: u16,
    pub strategy: DemoStrategy,
    /// What is wrong with the bad release, 2.6.0.
    pub faults: Vec<Fault>,
    /// Requests per second.
    pub rate: u32,
    /// The demo's own directory: empty, and removed at the end. Absent: a new one among the temporary files.
    pub dir: Option<PathBuf>,
    /// The golive program that the fleet's processes run.
    pub program: PathBuf,
    /// Whose login the lead of the plan has: who opens, decides and deploys.
    pub login: String,
    /// What the lead is called.
    pub lead: String,
}

impl Options {
    /// Twelve hosts, 40 requests a second, and a release whose self-test fails on host-5.
    pub fn new(program: PathBuf, login: String) -> Self {
        let fault = Fault { kind: crate::demo::FaultKind::Selftest, host: Some("host-5".into()) };
        Self {
            hosts: 12,
            strategy: DemoStrategy::default(),
            faults: vec![fault],
            rate: 40,
            dir: None,
            program,
            login,
            lead: LEAD.into(),
        }
    }
}
