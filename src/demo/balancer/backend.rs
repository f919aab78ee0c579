//! The servers of the one backend, and which of them gets the next request. Pure, with the time passed in.

use super::server::Server;

pub struct Backend {
    pub name: String,
    pub servers: Vec<Server>,
    /// Requests that found no server.
    pub refused: u64,
    pub began: u64,
}

impl Backend {
    /// The ids that `show servers state` and `show stat` give: HAProxy numbers proxies from 2 on where there
    /// is a stats socket.
    pub const ID: u32 = 2;

    pub fn new(name: &str, servers: Vec<Server>, now: u64) -> Self {
        Self { name: name.into(), servers, refused: 0, began: now }
    }

    /// Takes the next server by smooth weighted round robin and counts the request as under way on it.
    pub fn take(&mut self, now: u64) -> Option<usize> {
        let total: i64 = self.servers.iter().filter(|s| s.usable()).map(|s| i64::from(s.weight)).sum();
        for server in self.servers.iter_mut().filter(|server| server.usable()) {
            server.credit += i64::from(server.weight);
        }
        let best = (0..self.servers.len())
            .filter(|at| self.servers[*at].usable())
            .max_by_key(|at| (self.servers[*at].credit, std::cmp::Reverse(*at)));
        let Some(at) = best else {
            self.refused += 1;
            return None;
        };
        let server = &mut self.servers[at];
        server.credit -= total;
        server.last_request = Some(now);
        server.counters.current += 1;
        server.counters.total += 1;
        server.counters.most = server.counters.most.max(server.counters.current);
        Some(at)
    }

    /// The request that `take` counted has ended.
    pub fn give_back(&mut self, at: usize) {
        if let Some(server) = self.servers.get_mut(at) {
            server.counters.current = server.counters.current.saturating_sub(1);
        }
    }

    pub fn find(&mut self, name: &str) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.name == name)
    }

    pub fn up(&self) -> usize {
        self.servers.iter().filter(|server| server.usable()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::server::Admin, *};

    fn backend(weights: &[u32]) -> Backend {
        let servers = weights.iter().enumerate().map(|(n, weight)| {
            let mut server = Server::new(&format!("host-{n}"), "127.0.0.1", 1, 0);
            server.weight = *weight;
            server
        });
        Backend::new("shop", servers.collect(), 0)
    }

    fn shares(backend: &mut Backend, requests: usize) -> Vec<u64> {
        for _ in 0..requests {
            let at = backend.take(0).unwrap();
            backend.give_back(at);
        }
        backend.servers.iter().map(|server| server.counters.total).collect()
    }

    #[test]
    fn requests_are_shared_by_weight_and_none_goes_to_weight_0() {
        assert_eq!(shares(&mut backend(&[100, 100, 200, 0]), 40), [10, 10, 20, 0]);
    }

    #[test]
    fn a_draining_server_keeps_what_it_has_and_gets_nothing_new() {
        let mut backend = backend(&[100, 100]);
        let first = backend.take(0).unwrap();
        backend.servers[first].set_admin(Admin::Drain, 1);
        let others = shares(&mut backend, 4);
        assert_eq!((others[first], others[1 - first]), (1, 4));
        assert_eq!(backend.servers[first].counters.current, 1);
        backend.servers[1 - first].set_admin(Admin::Maint, 2);
        assert_eq!(backend.take(0), None);
        assert_eq!(backend.refused, 1);
    }
}
