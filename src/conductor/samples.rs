//! The latest of what clients measure, for whoever comes later. It is passed on and looked at by no rule.

use std::collections::BTreeMap;

use crate::{
    domain::{name::EnvironmentName, time::WallTime},
    wire::Sample,
};

#[derive(Debug, Default)]
pub struct Samples(BTreeMap<(EnvironmentName, String), Sample>);

impl Samples {
    /// Takes what is sound and fits, as of now; what was taken is passed on.
    pub fn take(&mut self, samples: Vec<Sample>, now: WallTime) -> Vec<Sample> {
        let mut taken = Vec::new();
        for sample in samples.into_iter().take(Sample::MOST) {
            if let Some(flaw) = sample.flaw() {
                tracing::warn!(flaw, "a sample was not taken");
                continue;
            }
            let key = (sample.environment.clone(), sample.name.clone());
            if self.0.len() >= Sample::MOST && !self.0.contains_key(&key) {
                tracing::warn!(most = Sample::MOST, "a sample was not taken: there are enough");
                continue;
            }
            let sample = Sample { at: now, ..sample };
            self.0.insert(key, sample.clone());
            taken.push(sample);
        }
        taken
    }

    pub fn latest(&self) -> Vec<Sample> {
        self.0.values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Measured;

    fn sample(name: &str, count: u64) -> Sample {
        let measured = Measured::Count { count, of: 10 };
        Sample { environment: "production".parse().unwrap(), name: name.into(), measured, at: WallTime(0) }
    }

    #[test]
    fn the_latest_counts_and_the_conductor_says_when_it_came() {
        let mut samples = Samples::default();
        samples.take(vec![sample("failed requests", 1)], WallTime(1));
        let taken = samples.take(vec![sample("failed requests", 2)], WallTime(2));
        assert_eq!(taken, samples.latest());
        assert_eq!(taken, [Sample { at: WallTime(2), ..sample("failed requests", 2) }]);
    }

    #[test]
    fn there_are_never_too_many_and_a_name_is_clean() {
        let mut samples = Samples::default();
        for n in 0..100 {
            samples.take(vec![sample(&format!("s{n}"), 0)], WallTime(1));
        }
        assert_eq!(samples.latest().len(), Sample::MOST);
        let bad = ["", "a\u{1b}[2J", &"x".repeat(41)].map(|name| sample(name, 0));
        assert!(Samples::default().take(bad.into(), WallTime(1)).is_empty());
    }
}
