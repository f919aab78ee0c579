//! One server of the backend: what was asked of it (admin state, weight), what its health checks say, and
//! what it has done. The rules are HAProxy's; pure, with the time passed in.

use super::check::Seen;

/// Passed checks until a server that was down is up.
pub const RISE: u32 = 1;
/// Failed checks until a server that was up is down.
pub const FALL: u32 = 2;
/// Health counts from 0 to this; from `RISE` on the server is up.
const FULL: u32 = RISE + FALL - 1;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admin {
    Ready,
    /// Takes no new requests; those under way finish.
    Drain,
    /// As drain, and not checked either.
    Maint,
}

impl Admin {
    /// `srv_admin_state`: 1 is forced maintenance, 8 forced drain.
    pub fn number(self) -> u8 {
        match self {
            Admin::Ready => 0,
            Admin::Maint => 1,
            Admin::Drain => 8,
        }
    }
}

/// What a server has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests under way.
    pub current: u64,
    pub most: u64,
    pub total: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub connect_errors: u64,
    pub response_errors: u64,
    /// Answers by the first digit of their status, from 1xx on.
    pub by_class: [u64; 5],
    /// The mean time to an answer in milliseconds.
    pub response: Response,
    pub checks_failed: u64,
    pub went_down: u64,
}

/// A mean over the last answers, in which each counts a little less than the one after it: HAProxy's `swrate_add`
/// (`include/haproxy/freq_ctr.h`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Response {
    sum: u64,
    answers: u64,
}

impl Response {
    const WINDOW: u64 = 512;

    pub fn add(&mut self, millis: u64) {
        self.answers = (self.answers + 1).min(Self::WINDOW);
        let leaves = if self.answers < Self::WINDOW { 0 } else { self.sum.div_ceil(Self::WINDOW) };
        self.sum = self.sum - leaves + millis;
    }

    pub fn mean(&self) -> u64 {
        if self.answers == 0 { 0 } else { self.sum.div_ceil(self.answers) }
    }
}

#[derive(Clone, Debug)]
pub struct Server {
    pub name: String,
    pub address: String,
    pub port: u16,
    pub admin: Admin,
    pub weight: u32,
    pub initial_weight: u32,
    pub health: u32,
    pub seen: Seen,
    pub check_millis: u64,
    /// When its operational or admin state last changed, in µs.
    pub changed: u64,
    /// How long it had been down before that, in µs.
    pub downtime: u64,
    pub last_request: Option<u64>,
    pub counters: Counters,
    /// Of the smooth weighted round robin.
    pub credit: i64,
}

impl Server {
    /// Starts up, as in HAProxy, but one failed check takes it down.
    pub fn new(name: &str, address: &str, port: u16, now: u64) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            port,
            admin: Admin::Ready,
            weight: 100,
            initial_weight: 100,
            health: RISE,
            seen: Seen::Nothing,
            check_millis: 0,
            changed: now,
            downtime: 0,
            last_request: None,
            counters: Counters::default(),
            credit: 0,
        }
    }

    /// `srv_op_state` 2; otherwise 0.
    pub fn up(&self) -> bool {
        self.admin != Admin::Maint && self.health >= RISE
    }

    /// Whether it may be given a new request.
    pub fn usable(&self) -> bool {
        self.up() && self.admin == Admin::Ready && self.weight > 0
    }

    /// `srv_check_state`: 2 configured, 4 enabled, 8 paused.
    pub fn check_state(&self) -> u8 {
        if self.admin == Admin::Maint { 14 } else { 6 }
    }

    pub fn set_admin(&mut self, admin: Admin, now: u64) {
        if self.admin == admin {
            return;
        }
        let was_up = self.up();
        match (self.admin, admin) {
            (_, Admin::Maint) => self.health = 0,
            // Leaving maintenance it is taken to be up, until one check says otherwise.
            (Admin::Maint, _) => self.health = RISE,
            _ => {}
        }
        self.admin = admin;
        self.mark(was_up, now);
    }

    /// A finished health check; one that was under way when maintenance began says nothing.
    pub fn checked(&mut self, seen: Seen, millis: u64, now: u64) {
        if self.admin == Admin::Maint {
            return;
        }
        let was_up = self.up();
        if seen.passed() {
            self.health = if was_up { (self.health + 1).min(FULL) } else { self.health + 1 };
            if self.up() && !was_up {
                self.health = FULL;
            }
        } else {
            self.counters.checks_failed += u64::from(was_up);
            // Down at once is down to the bottom: it has to pass RISE checks again.
            self.health = self.health.saturating_sub(1);
            if self.health < RISE {
                self.health = 0;
            }
        }
        self.seen = seen;
        self.check_millis = millis;
        if was_up != self.up() {
            self.mark(was_up, now);
        }
    }

    /// Notes a change; `was_up` is how it stood before.
    fn mark(&mut self, was_up: bool, now: u64) {
        if !was_up {
            self.downtime += now.saturating_sub(self.changed);
        }
        self.counters.went_down += u64::from(was_up && !self.up());
        self.changed = now;
    }

    /// `status` of `show stat`.
    pub fn status(&self) -> String {
        let word = match (self.admin, self.up()) {
            (Admin::Maint, _) => return "MAINT".into(),
            (_, false) if self.health == 0 => return "DOWN".into(),
            (_, false) => return format!("DOWN {}/{RISE}", self.health),
            (Admin::Drain, true) => "DRAIN",
            (Admin::Ready, true) => "UP",
        };
        if self.health == FULL {
            return word.into();
        }
        format!("{word} {}/{FALL}", self.health + 1 - RISE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server::new("host-01", "127.0.0.1", 8080, 0)
    }

    #[test]
    fn two_failed_checks_take_a_server_down_and_one_passed_brings_it_back() {
        let mut server = server();
        server.checked(Seen::Status(200), 1, 10);
        assert_eq!(server.status(), "UP");
        server.checked(Seen::Status(503), 1, 20);
        assert_eq!((server.status().as_str(), server.usable()), ("UP 1/2", true));
        server.checked(Seen::TimedOut, 1, 30);
        assert_eq!((server.status().as_str(), server.usable()), ("DOWN", false));
        server.checked(Seen::Status(200), 1, 50);
        assert_eq!((server.status().as_str(), server.downtime), ("UP", 20));
        assert_eq!(server.counters.went_down, 1);
    }

    #[test]
    fn a_server_in_maintenance_is_not_checked_and_comes_back_on_trial() {
        let mut server = server();
        server.checked(Seen::Status(200), 1, 1);
        server.set_admin(Admin::Maint, 2);
        server.checked(Seen::Status(200), 1, 3);
        assert_eq!((server.up(), server.health, server.check_state()), (false, 0, 14));
        server.set_admin(Admin::Ready, 4);
        assert_eq!((server.usable(), server.status().as_str()), (true, "UP 1/2"));
        server.checked(Seen::NotConnected("Connection refused".into()), 1, 5);
        assert!(!server.up());
    }

    #[test]
    fn the_time_to_an_answer_is_a_mean_that_follows_the_last_ones() {
        let mut response = Response::default();
        assert_eq!(response.mean(), 0);
        for millis in [10, 20, 30] {
            response.add(millis);
        }
        assert_eq!(response.mean(), 20);
        for _ in 0..5_000 {
            response.add(80);
        }
        assert!((78..=80).contains(&response.mean()), "{}", response.mean());
    }

    #[test]
    fn a_draining_server_is_up_and_gets_nothing_new() {
        let mut server = server();
        server.checked(Seen::Status(200), 1, 1);
        server.set_admin(Admin::Drain, 2);
        assert_eq!((server.up(), server.usable(), server.status().as_str()), (true, false, "DRAIN"));
    }
}
