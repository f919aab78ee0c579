//! Ports for the hosts. A host keeps its port over restarts, so that it must not be one that the system hands
//! out to outgoing connections meanwhile: they are taken below the ephemeral range, and tried before use.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::atomic::{AtomicU32, Ordering},
};

/// Below the ephemeral ports of Linux (32768) and macOS (49152).
const FIRST: u16 = 20_000;
const LAST: u16 = 31_999;

/// What this process has asked for already.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// `count` free ports on 127.0.0.1; the search starts at a place of this process' own and goes on from call to
/// call, so that two demos started together don't race for the same ones. None if there are not so many.
pub fn free(count: u16) -> Option<Vec<u16>> {
    let all = LAST - FIRST + 1;
    let asked = ASKED.fetch_add(u32::from(count), Ordering::Relaxed);
    let start = (std::process::id().wrapping_mul(211).wrapping_add(asked) % u32::from(all)) as u16;
    let candidates = (0..all).map(|n| FIRST + (start + n) % all);
    let found: Vec<u16> = candidates
        .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .take(usize::from(count))
        .collect();
    (found.len() == usize::from(count)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_not_given() {
        let port = free(1).unwrap()[0];
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let others = free(50).unwrap();
        assert!(!others.contains(&held.local_addr().unwrap().port()));
        let distinct: std::collections::BTreeSet<_> = others.iter().collect();
        assert_eq!(distinct.len(), 50);
        let again = free(50).unwrap();
        assert!(again.iter().all(|port| !others.contains(port)));
    }
}
