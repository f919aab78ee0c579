//! The first stage of some hosts in production: how many, over how many regions, and in whose hours.

use std::collections::BTreeMap;

use golive::domain::plan::{Amount, Plan, Rolling, Select, Strategy, TOGETHER, TrafficMap, rules};

use super::{
    plan::{Shape, plan},
    rng::Rng,
};

/// How the first stage of production takes its hosts.
#[derive(Clone, Debug)]
pub struct TestBed {
    pub hosts: u32,
    /// So much of all hosts instead, in hundredths of a percent.
    pub share: Option<u32>,
    /// The explicit word: its regions are taken together.
    pub together: bool,
    pub batches: Vec<Amount>,
    /// Which region is first.
    pub order: Vec<String>,
    /// It begins in off-peak hours of its regions: of each region every so many hours is one, by its own clocks.
    pub off_peak: Option<u32>,
}

impl Default for TestBed {
    fn default() -> Self {
        Self {
            hosts: 1,
            share: None,
            together: false,
            batches: Vec::new(),
            order: Vec::new(),
            off_peak: None,
        }
    }
}

impl TestBed {
    pub fn select(&self) -> Select {
        let amount = self.share.map_or(Amount::Count(self.hosts), Amount::Percent);
        Select::Some { amount: Some(amount), region: None, hosts: Vec::new() }
    }

    /// How often it bakes at the most: each region does.
    pub fn bakes(&self, shape: &Shape) -> u64 {
        if self.hosts > 1 || self.share.is_some() { u64::from(shape.regions) } else { 1 }
    }

    pub fn strategy(&self) -> Strategy {
        let ordered = !self.order.is_empty();
        let by = self.together.then_some(TOGETHER).or(ordered.then_some("region"));
        Strategy::Rolling(Rolling {
            by: by.map(str::to_owned),
            batches: self.batches.clone(),
            order: self.order.clone(),
            failures: None,
        })
    }
}

/// Where the clocks of each region stand.
pub fn zone(region: u32) -> &'static str {
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"][(region as usize - 1) % 3]
}

/// Every so many hours of each region are off-peak, each in its turn: at three, hours 0, 3, 6 … of eu-1, 1, 4, 7 … of eu-2.
pub fn with_traffic(declared: &mut Plan, shape: &Shape, every: u32) {
    let map = |region: u32| {
        let quiet = |hour: usize| (hour as u32 % 24) % every == (region - 1) % every;
        let hours = (0..TrafficMap::HOURS).map(|hour| if quiet(hour) { 10 } else { 1_000 }).collect();
        let map = TrafficMap { zone: zone(region).into(), hours, off_peak: 50 };
        (format!("eu-{region}"), map)
    };
    declared.traffic = (1..=shape.regions).map(map).collect::<BTreeMap<_, _>>();
    for stage in declared.stages.iter_mut().filter(|stage| stage.name.as_str() == "1-box") {
        stage.off_peak = true;
    }
}

/// Several hosts in several regions, now and then. From a sequence of its own, so that the worlds of older seeds stay as
/// they were.
pub fn any(seed: u64, shape: Shape) -> Shape {
    let mut rng = Rng::new(seed ^ 0x7e57_bed0);
    if !shape.one_box || shape.hosts < 3 || !rng.per_mille(700) {
        return shape;
    }
    let test_bed = TestBed {
        hosts: rng.between(2, u64::from(shape.hosts) - 1) as u32,
        share: rng.per_mille(300).then(|| rng.between(20, 80) as u32 * 100),
        together: rng.per_mille(150),
        batches: if rng.per_mille(300) { vec![Amount::Count(1)] } else { Vec::new() },
        order: Vec::new(),
        off_peak: rng.per_mille(400).then(|| rng.between(1, 3) as u32),
    };
    let other = Shape { test_bed, ..shape.clone() };
    if rules::check(&plan(&other)).is_empty() { other } else { shape }
}

/// What else a world was given may leave the regions of a test bed no hours in common: it goes without them.
pub fn with_hours_in_common(mut shape: Shape) -> Shape {
    if !rules::check(&plan(&shape)).is_empty() {
        shape.test_bed.off_peak = None;
    }
    shape
}
