//! Reads what HAProxy says of its servers: `show servers state` (admin and operational state, weight) and
//! `show stat` (sessions). Columns are found by their names, since versions add to them.

use std::collections::BTreeMap;

use super::balance::{BalancerError, Count, Member};
use crate::domain::effect::PoolState;

/// Bits of `srv_admin_state`, HAProxy's `include/haproxy/server-t.h`.
pub const FORCED_MAINT: u32 = 0x01;
pub const ANY_MAINT: u32 = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
pub const FORCED_DRAIN: u32 = 0x08;
pub const ANY_DRAIN: u32 = 0x08 | 0x10;
/// Values of `srv_op_state`.
const OP_STOPPED: u32 = 0;
const OP_STOPPING: u32 = 3;

/// One server of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    pub admin: u32,
    pub operational: u32,
    pub weight: u32,
    /// As it is configured.
    pub initial: u32,
    pub sessions: u64,
}

impl Server {
    pub fn member(&self) -> Member {
        let drained = if self.sessions > 0 { PoolState::Draining } else { PoolState::Out };
        let (state, why) = if self.admin & ANY_MAINT != 0 {
            let why = (self.admin & FORCED_MAINT == 0)
                .then_some("haproxy: in maintenance by configuration or tracking");
            (PoolState::Out, why)
        } else if self.admin & ANY_DRAIN != 0 {
            (drained, None)
        } else if self.operational == OP_STOPPED {
            (PoolState::Down, Some("haproxy: its own check says DOWN"))
        } else if self.operational == OP_STOPPING {
            (drained, Some("haproxy: its own check says that it is stopping"))
        } else if self.weight == 0 {
            (drained, Some("haproxy: its weight is 0"))
        } else {
            (PoolState::In, None)
        };
        Member { state, sessions: self.sessions, weight: Some(self.weight), why: why.map(Into::into) }
    }

    /// For error texts.
    pub fn words(&self) -> String {
        let state = match self.member().state {
            PoolState::In => "in the pool",
            PoolState::Draining => "draining",
            PoolState::Down => "down",
            _ => "out of the pool",
        };
        format!("{state} (admin state {:#x}, weight {})", self.admin, self.weight)
    }
}

/// Reads `show servers state BACKEND`.
pub fn read_states(answer: &str, backend: &str) -> Result<BTreeMap<String, Server>, String> {
    let header = answer.lines().find_map(|line| line.strip_prefix("# ")).ok_or_else(|| first_line(answer))?;
    let columns: Vec<&str> = header.split_whitespace().collect();
    let column = |name: &str| {
        columns.iter().position(|column| *column == name).ok_or_else(|| format!("there is no column {name}"))
    };
    let (of, name) = (column("be_name")?, column("srv_name")?);
    let (op, admin) = (column("srv_op_state")?, column("srv_admin_state")?);
    let (weight, initial) = (column("srv_uweight")?, column("srv_iweight")?);
    let mut servers = BTreeMap::new();
    for line in answer.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if fields.get(of) != Some(&backend) {
            continue;
        }
        let number =
            |at: usize| fields.get(at).and_then(|field| field.parse().ok()).ok_or_else(|| line.to_owned());
        let server = Server {
            operational: number(op)?,
            admin: number(admin)?,
            weight: number(weight)?,
            initial: number(initial)?,
            sessions: 0,
        };
        if let Some(name) = fields.get(name) {
            servers.insert((*name).to_owned(), server);
        }
    }
    Ok(servers)
}

/// Reads `show stat` as CSV: sessions under way plus those that queue for the server.
pub fn read_sessions(answer: &str, backend: &str) -> Result<BTreeMap<String, u64>, String> {
    // The queue's column is empty for what has no queue.
    let [current, queued] = read_stat(answer, backend, ["scur", "qcur"])?;
    let queue = |name: &String| queued.get(name).copied().unwrap_or_default();
    Ok(current.into_iter().map(|(name, count)| (name.clone(), count + queue(&name))).collect())
}

/// Reads `show stat` as CSV: what each server served since HAProxy began, or since its counters were cleared. `stot`: in
/// HTTP mode each request that is sent to a server is a session there. `hrsp_5xx` are its own errors, `eresp` answers that
/// did not come, broke off or could not be read, `econ` connections that failed; none is counted twice. `rtime` is the mean time to an answer in milliseconds, of the last 1,024 requests.
pub fn read_counts(answer: &str, backend: &str) -> Result<BTreeMap<String, Count>, String> {
    let [requests, failed, broken, refused, response] =
        read_stat(answer, backend, ["stot", "hrsp_5xx", "eresp", "econ", "rtime"])?;
    let of = |figures: &BTreeMap<String, u64>, name: &String| figures.get(name).copied();
    let count = |(name, requests): (String, u64)| {
        let errors = [&failed, &broken, &refused].iter().filter_map(|errors| of(errors, &name)).sum();
        let response = of(&response, &name);
        (name, Count { requests, errors, response })
    };
    Ok(requests.into_iter().map(count).collect())
}

/// These columns of the backend's servers, where they hold a number.
fn read_stat<const N: usize>(
    answer: &str,
    backend: &str,
    wanted: [&str; N],
) -> Result<[BTreeMap<String, u64>; N], String> {
    let header = answer.lines().find_map(|line| line.strip_prefix("# ")).ok_or_else(|| first_line(answer))?;
    let columns: Vec<&str> = header.split(',').collect();
    let column = |name: &str| {
        columns.iter().position(|column| *column == name).ok_or_else(|| format!("there is no column {name}"))
    };
    let (of, name) = (column("pxname")?, column("svname")?);
    let mut places = [0; N];
    for (place, wanted) in places.iter_mut().zip(wanted) {
        *place = column(wanted)?;
    }
    let mut found = [const { BTreeMap::new() }; N];
    for line in answer.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(',').collect();
        let Some(name) = fields.get(name).filter(|_| fields.get(of) == Some(&backend)) else { continue };
        for (found, place) in found.iter_mut().zip(places) {
            if let Some(Ok(count)) = fields.get(place).map(|field| field.parse::<u64>()) {
                found.insert((*name).to_owned(), count);
            }
        }
    }
    Ok(found)
}

fn first_line(answer: &str) -> String {
    answer
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("an empty answer")
        .chars()
        .take(120)
        .collect()
}

/// A success is an empty line; anything else is a refusal in prose.
pub fn accepted(command: &str, answer: &str) -> Result<(), BalancerError> {
    if answer.trim().is_empty() {
        Ok(())
    } else {
        Err(BalancerError::Refused { command: command.into(), said: first_line(answer) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: &str = "1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight rest
3 shop 1 web-01 127.0.0.1 2 0 100 100 5
3 shop 2 web-02 127.0.0.1 2 8 100 100 5
3 shop 3 web-03 127.0.0.1 0 1 100 100 5
3 shop 4 web-04 127.0.0.1 0 0 100 100 5
3 shop 5 web-05 127.0.0.1 2 0 0 100 5
4 other 1 web-01 127.0.0.1 2 1 100 100 5
";

    #[test]
    fn membership_is_read_from_the_bits_and_not_from_prose() {
        let servers = read_states(STATES, "shop").unwrap();
        let states: Vec<_> = servers.values().map(|server| server.member().state).collect();
        let (taken, out, down) = (PoolState::In, PoolState::Out, PoolState::Down);
        assert_eq!(states, [taken, out, out, down, out]);
        assert!(servers["web-04"].member().why.unwrap().contains("DOWN"));
        assert!(servers["web-05"].member().why.unwrap().contains("weight is 0"));
        let busy = Server { sessions: 3, ..servers["web-02"].clone() };
        assert_eq!(busy.member().state, PoolState::Draining);
    }

    #[test]
    fn sessions_count_those_that_queue() {
        let csv = "# pxname,svname,qcur,qmax,scur,smax\nshop,web-01,2,9,5,9\nshop,BACKEND,0,0,7,9\nx,web-01,,,1,1\n";
        let sessions = read_sessions(csv, "shop").unwrap();
        assert_eq!(sessions["web-01"], 7);
    }

    #[test]
    fn errors_are_those_of_the_server_and_a_time_that_is_not_there_is_none() {
        let csv =
            "# pxname,svname,stot,hrsp_5xx,eresp,econ,rtime\nshop,web-01,900,3,2,1,41\nshop,web-02,7,,,,\n";
        let counts = read_counts(csv, "shop").unwrap();
        assert_eq!(counts["web-01"], Count { requests: 900, errors: 6, response: Some(41) });
        assert_eq!(counts["web-02"], Count { requests: 7, errors: 0, response: None });
        let old = "# pxname,svname,stot\nshop,web-01,900\n";
        assert_eq!(read_counts(old, "shop").unwrap_err(), "there is no column hrsp_5xx");
    }

    #[test]
    fn prose_is_a_refusal() {
        assert!(accepted("set", "\n").is_ok());
        assert!(accepted("set", "No such server.\n\n").unwrap_err().to_string().contains("No such server."));
        assert_eq!(read_states("Can't find backend.\n", "shop").unwrap_err(), "Can't find backend.");
    }
}
