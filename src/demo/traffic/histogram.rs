//! Latencies in buckets of at most 1/16 of their value. Pure.

/// Sixteen buckets for every power of two, up to 2^26 µs (67 s).
const STEPS: usize = 16;
const BUCKETS: usize = 27 * STEPS;

#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u32>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }
}

fn bucket(micros: u64) -> usize {
    let micros = micros.max(1);
    let power = micros.ilog2() as usize;
    let step = if power >= 4 { (micros >> (power - 4)) as usize & (STEPS - 1) } else { 0 };
    (power * STEPS + step).min(BUCKETS - 1)
}

/// The largest value that falls into a bucket.
fn upper(bucket: usize) -> u64 {
    let (power, step) = (bucket / STEPS, (bucket % STEPS) as u64);
    if power < 4 { (2 << power) - 1 } else { ((STEPS as u64 + step + 1) << (power - 4)) - 1 }
}

impl Histogram {
    pub fn add(&mut self, micros: u64) {
        self.buckets[bucket(micros)] += 1;
        self.count += 1;
    }

    pub fn merge(&mut self, other: &Histogram) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, n)| *sum += n);
        self.count += other.count;
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value in µs that `percent` of all don't exceed; none without data.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let wanted = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        self.buckets.iter().enumerate().find_map(|(at, n)| {
            seen += u64::from(*n);
            (seen >= wanted && *n > 0).then(|| upper(at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_within_a_sixteenth() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50), None);
        (1..=1_000_u64).for_each(|n| histogram.add(n * 100));
        for (percent, exact) in [(50, 50_000), (95, 95_000), (99, 99_000), (100, 100_000)] {
            let value = histogram.percentile(percent).unwrap();
            assert!((exact..=exact + exact / 16 + 1).contains(&value), "{percent}: {value}");
        }
        histogram.add(u64::MAX);
        assert_eq!(histogram.count(), 1_001);
    }
}
