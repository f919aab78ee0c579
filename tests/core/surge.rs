//! How many hosts of each version may stand next on the way to a share, with hosts beside the others and without.

use golive::domain::plan::{Amount, Room, Side, Split};
use serde::Deserialize;

#[derive(Deserialize)]
struct Published {
    calculate_replica_counts: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    rollout_spec_replicas: u32,
    set_weight: u8,
    stable_spec_replica: u32,
    stable_available_replica: u32,
    canary_spec_replica: u32,
    canary_available_replica: u32,
    expected_stable_replica_count: u32,
    expected_canary_replica_count: u32,
    max_surge: Option<Written>,
    max_unavailable: Option<Written>,
    promote_full: bool,
    abort: bool,
    traffic_routing: bool,
    older: Option<Older>,
    set_canary_scale: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Older {
    spec: u32,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Written {
    Count(u32),
    Share(String),
}

/// As the cases have it where it is not written.
fn amount(written: Option<&Written>) -> Amount {
    match written {
        Some(Written::Count(count)) => Amount::Count(*count),
        Some(Written::Share(share)) => Amount::parse(share).unwrap(),
        None => Amount::Percent(2500),
    }
}

impl Case {
    /// A promotion in full is a share of all; one that was aborted wants none.
    fn wanted(&self) -> u8 {
        match (self.promote_full, self.abort) {
            (_, true) => 0,
            (true, false) => 100,
            (false, false) => self.set_weight,
        }
    }

    fn next(&self) -> Split {
        let total = self.rollout_spec_replicas;
        // A balancer that shares requests out lets a size be written for the new version's hosts: the second figure.
        let written = self.set_canary_scale.as_deref().filter(|_| !self.abort);
        let written = written.and_then(|text| text.split("intPnt(").last()?.split(')').next()?.parse().ok());
        let surges = self.max_surge.is_some() || self.max_unavailable.is_some();
        if self.traffic_routing && !surges {
            return Split::beside(total, written.unwrap_or(u32::from(self.wanted())));
        }
        let room = Room::new(total, amount(self.max_surge.as_ref()), amount(self.max_unavailable.as_ref()));
        let stable = Side { hosts: self.stable_spec_replica, available: self.stable_available_replica };
        let canary = Side { hosts: self.canary_spec_replica, available: self.canary_available_replica };
        room.next(self.wanted(), stable, canary, self.older.as_ref().map_or(0, |older| older.spec))
    }
}

/// The published cases of Argo Rollouts (Apache-2.0; see the file).
#[test]
fn how_many_hosts_may_stand_next_is_as_in_the_published_cases() {
    let cases: Published = serde_json::from_str(include_str!("data/canary_counts.json")).unwrap();
    assert_eq!(cases.calculate_replica_counts.len(), 20);
    for case in cases.calculate_replica_counts {
        let next = case.next();
        let expected = (case.expected_stable_replica_count, case.expected_canary_replica_count);
        assert_eq!((next.stable, next.canary), expected, "{}: {case:?}", case.name);
    }
}

/// Whatever the numbers, every move keeps what has to serve, uses no more hosts than there are, and leads to the share;
/// on the way down as on the way up.
#[test]
fn no_move_takes_what_has_to_serve_and_every_way_comes_to_its_end() {
    for total in 1..14_u32 {
        for surge in 0..4_u32 {
            for unavailable in u32::from(surge == 0)..4_u32 {
                let room = Room { total, surge, unavailable };
                for (from, to) in [(0, 10), (0, 50), (50, 90), (90, 20), (100, 0), (30, 31), (99, 1)] {
                    let from = Split::closest(total, from, surge);
                    let wanted = Split::closest(total, to, surge);
                    let way = room.way(wanted, from);
                    assert_eq!(way.last(), Some(&wanted), "{room:?} from {from:?} to {wanted:?}: {way:?}");
                    for stand in &way {
                        let sum = stand.canary + stand.stable;
                        assert!(sum >= room.least() && sum <= room.most(), "{room:?}: {way:?}");
                    }
                }
            }
        }
    }
}

/// What is not there yet stands in for nobody: with nothing that may be unavailable the old version's hosts leave one by
/// one, as hosts of the new one come to serve; and as the share falls the new one's leave as the old one's come.
#[test]
fn a_share_that_falls_never_cuts_capacity() {
    let room = Room { total: 10, surge: 2, unavailable: 0 };
    let side = |hosts, available| Side { hosts, available };
    let not_yet = room.next(50, Side::whole(10), side(2, 0), 0);
    assert_eq!((not_yet.stable, not_yet.canary), (10, 2));
    let one = room.next(50, Side::whole(10), side(2, 1), 0);
    assert_eq!((one.stable, one.canary), (9, 2));
    let down = room.next(0, side(2, 0), Side::whole(10), 0);
    assert_eq!((down.stable, down.canary), (2, 10));
    let down = room.next(0, side(2, 1), Side::whole(10), 0);
    assert_eq!((down.stable, down.canary), (2, 9));
}
