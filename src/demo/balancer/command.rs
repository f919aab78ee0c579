//! The runtime commands, as HAProxy 2.6 takes and answers them: an empty line for done, prose for what is
//! wrong, an empty line after every answer. Pure: text in, text out. What it does not know, it says so.
//!
//! Known: `show servers state|conn [backend]`, `show stat [proxy type sid]`, `show backend`, `show info`,
//! `show version`, `set server b/s state|weight`, `get weight`, `set weight`, `enable server`, `disable server`.
//! Not known, though HAProxy is: `show stat typed|json`, `prompt`, escapes by backslash, and all else.

use std::fmt::Write as _;

use super::{
    backend::Backend,
    server::{Admin, Server},
    stat::{self, Rows},
};

const HELP: &str =
    "  disable server (DEPRECATED)             : disable a server for maintenance (use 'set server' instead)
  enable server  (DEPRECATED)             : enable a disabled server (use 'set server' instead)
  get weight <bk>/<srv>                   : report a server's current weight
  set server <bk>/<srv> [opts]            : change a server's state or weight
  set weight <bk>/<srv>  (DEPRECATED)     : change a server's weight (use 'set server' instead)
  show backend                            : list backends in the current running config
  show info                               : report information about the running process
  show servers conn [<backend>]           : dump server connections status (all or for a single backend)
  show servers state [<backend>]          : dump volatile server information (all or for a single backend)
  show stat                               : report counters for each proxy and server
  show version                            : show version of the current process
  help                                    : list all commands
";

const STATE_COLUMNS: &str = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight \
     srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state \
     srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port \
     srv_check_addr srv_agent_addr srv_agent_port";

const CONN_COLUMNS: &str = "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est \
     unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]";

/// Why a command changed nothing; the text is HAProxy's.
type Prose = String;

/// Answers one line, which may hold several commands parted by `;`.
pub fn answer(line: &str, backend: &mut Backend, now: u64) -> String {
    let mut out = String::new();
    for command in line.split(';') {
        let words: Vec<&str> = command.split_whitespace().collect();
        out.push_str(&one(&words, backend, now).unwrap_or_else(|prose| prose));
        out.push('\n');
    }
    out
}

fn one(words: &[&str], backend: &mut Backend, now: u64) -> Result<String, Prose> {
    match words {
        ["show", "servers", "state", rest @ ..] => {
            is_backend(rest, backend)?;
            Ok(servers_state(backend, now))
        }
        ["show", "servers", "conn", rest @ ..] => {
            is_backend(rest, backend)?;
            Ok(servers_conn(backend))
        }
        ["show", "stat"] => Ok(stat::csv(backend, Rows::ALL, now)),
        ["show", "stat", proxy, kind, sid] => Ok(some_rows(proxy, kind, sid, backend, now)),
        ["show", "backend"] => Ok(format!("# name\n{}\n", backend.name)),
        ["show", "info"] => Ok(info(backend, now)),
        ["show", "version"] => Ok(format!("{}\n", version())),
        ["set", "server", rest @ ..] => {
            let server = find(rest.first(), backend)?;
            match rest.get(1..).unwrap_or_default() {
                ["state", state, ..] => set_state(server, state, now),
                ["state"] => set_state(server, "", now),
                ["weight", rest @ ..] => set_weight(server, rest),
                _ => Err("usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send \
                          | check-addr | check-port | fqdn | health | ssl | state | weight\n"
                    .into()),
            }
        }
        ["set", "weight", rest @ ..] => {
            set_weight(find(rest.first(), backend)?, rest.get(1..).unwrap_or_default())
        }
        ["get", "weight", rest @ ..] => {
            let server = find(rest.first(), backend)?;
            Ok(format!("{} (initial {})\n", server.weight, server.initial_weight))
        }
        ["disable", "server", rest @ ..] => {
            find(rest.first(), backend)?.set_admin(Admin::Maint, now);
            Ok(String::new())
        }
        ["enable", "server", rest @ ..] => {
            find(rest.first(), backend)?.set_admin(Admin::Ready, now);
            Ok(String::new())
        }
        ["help", ..] => Ok(format!("The following commands are valid at this level:\n{HELP}")),
        _ => Err(format!("Unknown command. Please enter one of the following commands only:\n{HELP}")),
    }
}

fn version() -> String {
    format!("golive-demo {}", env!("CARGO_PKG_VERSION"))
}

fn is_backend(rest: &[&str], backend: &Backend) -> Result<(), Prose> {
    match rest.first() {
        Some(name) if *name != backend.name => Err("Can't find backend.\n".into()),
        _ => Ok(()),
    }
}

fn find<'a>(name: Option<&&str>, backend: &'a mut Backend) -> Result<&'a mut Server, Prose> {
    let (of, server) = name.and_then(|name| name.split_once('/')).ok_or("Require 'backend/server'.\n")?;
    if of != backend.name {
        return Err("No such backend.\n".into());
    }
    backend.find(server).ok_or_else(|| "No such server.\n".into())
}

fn set_state(server: &mut Server, state: &str, now: u64) -> Result<String, Prose> {
    let admin = match state {
        "ready" => Admin::Ready,
        "drain" => Admin::Drain,
        "maint" => Admin::Maint,
        _ => return Err("'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n".into()),
    };
    server.set_admin(admin, now);
    Ok(String::new())
}

fn set_weight(server: &mut Server, rest: &[&str]) -> Result<String, Prose> {
    const MOST: i64 = 256;
    let text = *rest.first().ok_or("Require <weight> or <weight%>.\n")?;
    let digits = text.strip_prefix('-').unwrap_or(text).bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = text.split_at(digits + usize::from(text.starts_with('-')));
    if digits == 0 {
        // HAProxy prints this one without its own end of line.
        return Err("Empty weight string empty or preceded by garbage".into());
    }
    let number: i64 = number.parse().unwrap_or(i64::MAX);
    let weight = match after {
        "" if !(0..=MOST).contains(&number) => {
            return Err("Absolute weight can only be between 0 and 256 inclusive.\n".into());
        }
        "" => number,
        "%" if number < 0 => return Err("Relative weight must be positive.\n".into()),
        "%" => (number.min(100 * MOST) * i64::from(server.initial_weight) / 100).min(MOST),
        _ => return Err("Trailing garbage in weight string".into()),
    };
    server.weight = weight as u32;
    Ok(String::new())
}

fn some_rows(proxy: &str, kind: &str, sid: &str, backend: &Backend, now: u64) -> String {
    // Like atoi: what is no number counts as 0.
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let all = number(proxy) == -1;
    let ours = proxy == backend.name || number(proxy) == i64::from(Backend::ID);
    let mut rows = Rows::of(number(kind), number(sid));
    rows.frontend &= all;
    rows.backend &= all || ours;
    rows.server &= all || ours;
    stat::csv(backend, rows, now)
}

fn servers_state(backend: &Backend, now: u64) -> String {
    let mut out = format!("1\n{STATE_COLUMNS}\n");
    for (at, server) in backend.servers.iter().enumerate() {
        let _ = writeln!(
            out,
            "{} {} {} {} {} {} {} {} {} {} {} {} {} {} 0 0 0 - {} - 0 0 - - 0",
            Backend::ID,
            backend.name,
            at + 1,
            server.name,
            server.address,
            if server.up() { 2 } else { 0 },
            server.admin.number(),
            server.weight,
            server.initial_weight,
            now.saturating_sub(server.changed) / 1_000_000,
            server.seen.number(),
            server.seen.result(),
            server.health,
            server.check_state(),
            server.port,
        );
    }
    out
}

fn servers_conn(backend: &Backend) -> String {
    let mut out = format!("{CONN_COLUMNS}\n");
    for (at, server) in backend.servers.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}/{} {}/{} {} {} - 5000 {} {} 0 0 0 -1 0 0",
            backend.name,
            server.name,
            Backend::ID,
            at + 1,
            server.address,
            server.port,
            server.counters.current,
            server.counters.most,
        );
    }
    out
}

fn info(backend: &Backend, now: u64) -> String {
    let requests: u64 = backend.servers.iter().map(|s| s.counters.total).sum::<u64>() + backend.refused;
    let open: u64 = backend.servers.iter().map(|s| s.counters.current).sum();
    format!(
        "Name: golive demo balancer\nVersion: {}\nPid: {}\nUptime_sec: {}\nCurrConns: {open}\nCumReq: {requests}\n",
        version(),
        std::process::id(),
        now.saturating_sub(backend.began) / 1_000_000,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend() -> Backend {
        let server = |name, port| Server::new(name, "127.0.0.1", port, 0);
        Backend::new("shop", vec![server("host-01", 8101), server("host-02", 8102)], 0)
    }

    #[test]
    fn done_is_an_empty_line_and_the_state_is_read_back() {
        let mut backend = backend();
        assert_eq!(answer("set server shop/host-01 state drain", &mut backend, 0), "\n");
        assert_eq!(answer("set server shop/host-02 weight 25%", &mut backend, 0), "\n");
        let state = answer("show servers state shop", &mut backend, 3_000_000);
        let lines: Vec<_> = state.lines().collect();
        assert_eq!(lines[0], "1");
        assert_eq!(lines[2], "2 shop 1 host-01 127.0.0.1 2 8 100 100 3 1 0 1 6 0 0 0 - 8101 - 0 0 - - 0");
        assert_eq!(lines[3], "2 shop 2 host-02 127.0.0.1 2 0 25 100 3 1 0 1 6 0 0 0 - 8102 - 0 0 - - 0");
        assert!(state.ends_with("\n\n"));
    }

    #[test]
    fn several_commands_on_a_line_are_answered_one_by_one() {
        let mut backend = backend();
        let both = answer("disable server shop/host-01; foo", &mut backend, 0);
        assert!(both.starts_with("\nUnknown command."), "{both}");
        assert_eq!(backend.servers[0].admin, Admin::Maint);
        // As in HAProxy, `enable` ends a drain as well as maintenance.
        answer("set server shop/host-01 state drain; enable server shop/host-01", &mut backend, 0);
        assert_eq!(backend.servers[0].admin, Admin::Ready);
    }

    #[test]
    fn every_column_of_show_stat_has_a_value_in_every_row() {
        let mut backend = backend();
        backend.take(0);
        let text = answer("show stat", &mut backend, 0);
        let columns: Vec<usize> = text.trim_end().lines().map(|line| line.split(',').count()).collect();
        assert_eq!(columns, [129; 5]);
        let line = text.lines().nth(1).unwrap();
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[1], cells[4], cells[7], cells[17]), ("host-01", "1", "1", "UP 1/2"));
        assert_eq!(answer("show stat shop 4 2", &mut backend, 0).trim_end().lines().count(), 2);
    }
}
