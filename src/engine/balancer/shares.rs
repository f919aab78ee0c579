//! A share of the requests as HAProxy's weights: 0 to 256 a server, of which each gets its part of the sum.

use super::balance::Gets;
use crate::domain::plan::Weight;

/// The largest weight of a server.
const MOST: f64 = 256.0;
/// A thousandth of the requests: no closer share is worth another scale.
const CLOSE: f64 = 0.001;

/// A server's weight as configured, and what it gets. The weights follow in the same order; none is 0, which would take
/// the server out. A server that is configured with 0 keeps that; one that is out of the pool counts to no side.
pub fn weights(servers: &[(u32, Gets)], share: Option<Weight>) -> Vec<u32> {
    let sum = |of: Gets| -> f64 {
        servers.iter().filter(|(_, gets)| *gets == of).map(|(initial, _)| f64::from(*initial)).sum()
    };
    let (canary, stable) = (sum(Gets::Share), sum(Gets::Rest));
    let share = match share {
        Some(share) if share < Weight::ALL && canary > 0.0 && stable > 0.0 => {
            f64::from(share.percent()) / 100.0
        }
        _ => return servers.iter().map(|(initial, _)| *initial).collect(),
    };
    let factor = |of: Gets| if of == Gets::Share { share / canary } else { (1.0 - share) / stable };
    let exact: Vec<f64> = servers.iter().map(|(initial, gets)| f64::from(*initial) * factor(*gets)).collect();
    let largest = exact.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    // From 1 to 256: the cast cuts nothing off.
    let rounded = |exact: f64, scale: f64| match exact {
        0.0 => 0.0,
        exact => (exact / largest * scale).round().clamp(1.0, MOST),
    };
    let misses = |scale: f64| {
        let (mut part, mut whole) = (0.0, 0.0);
        for ((_, gets), exact) in servers.iter().zip(&exact) {
            let weight = rounded(*exact, scale);
            part += if *gets == Gets::Share { weight } else { 0.0 };
            whole += if *gets == Gets::Nothing { 0.0 } else { weight };
        }
        (part / whole - share).abs()
    };
    // Small weights are rounded by much: a smaller scale may meet the share better. The largest of the best is taken.
    let mut best = (MOST, misses(MOST));
    for scale in (1..MOST as u32).rev().map(f64::from) {
        let off = misses(scale);
        if off + CLOSE < best.1 {
            best = (scale, off);
        }
    }
    exact.iter().map(|exact| rounded(*exact, best.0) as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Gets::{Nothing, Rest, Share},
        *,
    };

    fn share(servers: &[(u32, Gets)], percent: u8) -> (Vec<u32>, f64) {
        let weights = weights(servers, Weight::new(percent));
        let of = |gets: Gets| -> u32 {
            weights.iter().zip(servers).filter(|(_, (_, it))| *it == gets).map(|(weight, _)| *weight).sum()
        };
        let (part, rest) = (of(Share), of(Rest));
        (weights, f64::from(part) * 100.0 / f64::from(part + rest))
    }

    #[test]
    fn a_share_is_met_to_a_percent_whatever_is_configured_and_whoever_is_out_of_the_pool() {
        for initial in [1, 10, 100, 256] {
            for (canary, hosts) in [(1, 2), (1, 4), (1, 10), (3, 10), (5, 10), (9, 10), (10, 40)] {
                for out in 0..3 {
                    let gets = |n| match n {
                        n if n < canary => Share,
                        n if n < hosts => Rest,
                        _ => Nothing,
                    };
                    let servers: Vec<(u32, Gets)> = (0..hosts + out).map(|n| (initial, gets(n))).collect();
                    for percent in [1, 5, 10, 25, 50, 75, 99] {
                        let (weights, share) = share(&servers, percent);
                        let off = (share - f64::from(percent)).abs();
                        assert!(weights.iter().all(|weight| (1..=256).contains(weight)), "{weights:?}");
                        // Nine servers cannot be kept under a hundredth by weights of 1 to 256 any closer.
                        assert!(
                            off <= 1.0 || percent == 1 || percent == 99,
                            "{percent} %: {share} {weights:?}"
                        );
                        assert!(off <= 3.0, "{percent} %: {share} {weights:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn as_configured_is_as_configured_and_a_server_that_is_off_stays_off() {
        assert_eq!(weights(&[(7, Share), (3, Rest)], None), [7, 3]);
        assert_eq!(
            weights(&[(7, Share), (3, Share)], Weight::new(50)),
            [7, 3],
            "there is nobody for the rest"
        );
        assert_eq!(weights(&[(7, Share), (3, Nothing)], Weight::new(50)), [7, 3], "nor here");
        assert_eq!(weights(&[(1, Share), (0, Rest), (1, Rest)], Weight::new(50)), [256, 0, 256]);
    }
}
