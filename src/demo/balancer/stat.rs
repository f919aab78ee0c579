//! `show stat` as HAProxy 2.6 prints it. The templates are what it prints for servers without traffic;
//! columns that the demo does not count stay as they are there.

use super::{
    backend::Backend,
    server::{Admin, Counters, Server},
};

const COLUMNS: &str = "\
     # pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,\
     wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,\
     lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,\
     hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,\
     cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,\
     rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,\
     check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,\
     conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,\
     srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,\
     used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,\
     agg_check_status,-,ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,\
     h2_data_rcvd,h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,\
     h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,h2_rst_stream_resp,\
     h2_goaway_resp,h2_open_connections,h2_backend_open_streams,h2_total_connections,\
     h2_backend_total_streams,h1_open_connections,h1_open_streams,h1_total_connections,\
     h1_total_streams,h1_bytes_in,h1_bytes_out,h1_spliced_bytes_in,h1_spliced_bytes_out,";
const SERVER: &str = "\
     shop,host-01,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,100,1,0,0,0,0,0,,1,2,1,,0,,2,0,,0,L7OK,200,0,0,0,\
     0,0,0,0,,,,0,0,0,,,,,-1,,,0,0,0,0,,,,Layer7 check passed,,1,2,2,,,,127.0.0.1:28101,,http,,,,,\
     ,,,0,0,0,,,0,,0,0,0,0,0,0,0,0,1,100,,,,-,0,0,0,,,,,,,,,,,,,,,,,,,,,,";
const BACKEND: &str = "\
     shop,BACKEND,0,0,0,0,999,0,0,0,0,0,,0,0,0,0,UP,200,2,0,,0,0,0,,1,2,0,,0,,1,0,,0,,,,0,0,0,0,0,\
     0,,,,0,0,0,0,0,0,0,-1,,,0,0,0,0,,,,,,,,,,,,,,http,roundrobin,,,,,,,0,0,0,0,0,,,0,0,0,0,0,,,,,\
     200,0,0,0,-,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,";
const FRONTEND: &str = "\
     in,FRONTEND,,,0,0,9984,0,0,0,0,0,0,,,,,OPEN,,,,,,,,,1,3,0,,,,0,0,0,0,,,,0,0,0,0,0,0,,0,0,0,,,\
     0,0,0,0,,,,,,,,,,,,,,,,,,,,,http,,0,0,0,0,0,0,0,,,0,0,,,,,,,0,,,,,,,,,-,0,0,0,0,0,0,0,0,0,0,\
     0,0,0,0,0,0,0,0,0,0,0,0,0,0,";

const CHECK_COLUMNS: [&str; 8] = [
    "check_status",
    "check_code",
    "check_duration",
    "last_chk",
    "check_desc",
    "check_rise",
    "check_fall",
    "check_health",
];

/// Which rows are asked for: `show stat [{<iid>|<proxy>} <type> <sid>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    pub frontend: bool,
    pub backend: bool,
    pub server: bool,
    /// One server by its number, from 1 on.
    pub sid: Option<usize>,
}

impl Rows {
    pub const ALL: Rows = Rows { frontend: true, backend: true, server: true, sid: None };

    /// `mask`: 1 frontends, 2 backends, 4 servers; −1 all of them.
    pub fn of(mask: i64, sid: i64) -> Self {
        let has = |bit: i64| mask & bit != 0;
        Rows { frontend: has(1), backend: has(2), server: has(4), sid: usize::try_from(sid).ok() }
    }
}

pub fn csv(backend: &Backend, rows: Rows, now: u64) -> String {
    let mut out = format!("{COLUMNS}\n");
    let mut add = |row: Row| {
        out.push_str(&row.0.join(","));
        out.push('\n');
    };
    let chosen = |number: usize| rows.sid.is_none_or(|sid| sid == number);
    if rows.server {
        let numbered = backend.servers.iter().enumerate().map(|(at, server)| (at + 1, server));
        for (number, server) in numbered.filter(|(number, _)| chosen(*number)) {
            add(of_server(&backend.name, number, server, now));
        }
    }
    if rows.backend {
        add(of_backend(backend, now));
    }
    if rows.frontend {
        add(of_frontend(backend));
    }
    out
}

fn of_server(backend: &str, number: usize, server: &Server, now: u64) -> Row {
    let ago = |at: u64| now.saturating_sub(at) / 1_000_000;
    let since = ago(server.changed);
    let down = server.downtime / 1_000_000 + if server.up() { 0 } else { since };
    let mut row = Row::new(SERVER);
    row.counters(&server.counters);
    row.set("pxname", backend);
    row.set("svname", &server.name);
    row.set("status", &server.status());
    row.set("weight", &server.weight.to_string());
    row.set("uweight", &server.weight.to_string());
    row.set("chkfail", &server.counters.checks_failed.to_string());
    row.set("chkdown", &server.counters.went_down.to_string());
    row.set("lastchg", &since.to_string());
    row.set("downtime", &down.to_string());
    row.set("sid", &number.to_string());
    row.set("check_status", server.seen.word());
    row.set("check_code", &server.seen.code());
    row.set("check_duration", &server.check_millis.to_string());
    row.set("lastsess", &server.last_request.map_or("-1".into(), |at| ago(at).to_string()));
    row.set("last_chk", &server.seen.detail());
    row.set("check_desc", server.seen.description());
    row.set("check_health", &server.health.to_string());
    row.set("addr", &format!("{}:{}", server.address, server.port));
    if server.admin == Admin::Maint {
        // It is not checked, so that nothing is said of checks.
        for column in CHECK_COLUMNS {
            row.set(column, "");
        }
    }
    row
}

/// The sums of all servers.
fn sums(backend: &Backend) -> Counters {
    backend.servers.iter().fold(Counters::default(), |mut sum, server| {
        let c = &server.counters;
        sum.current += c.current;
        sum.most += c.most;
        sum.total += c.total;
        sum.bytes_in += c.bytes_in;
        sum.bytes_out += c.bytes_out;
        sum.connect_errors += c.connect_errors;
        sum.response_errors += c.response_errors;
        sum.by_class.iter_mut().zip(c.by_class).for_each(|(sum, n)| *sum += n);
        sum
    })
}

fn of_backend(backend: &Backend, now: u64) -> Row {
    let up = backend.up();
    let weight: u32 = backend.servers.iter().filter(|server| server.usable()).map(|s| s.weight).sum();
    let mut row = Row::new(BACKEND);
    let mut counters = sums(backend);
    counters.by_class[4] += backend.refused;
    row.counters(&counters);
    row.set("pxname", &backend.name);
    row.set("status", if up > 0 { "UP" } else { "DOWN" });
    row.set("weight", &weight.to_string());
    row.set("uweight", &weight.to_string());
    row.set("act", &up.to_string());
    row.set("lastchg", &(now.saturating_sub(backend.began) / 1_000_000).to_string());
    row
}

fn of_frontend(backend: &Backend) -> Row {
    let mut row = Row::new(FRONTEND);
    let mut counters = sums(backend);
    counters.total += backend.refused;
    counters.by_class[4] += backend.refused;
    row.set("scur", &counters.current.to_string());
    row.set("stot", &counters.total.to_string());
    row.set("req_tot", &counters.total.to_string());
    row.classes(&counters);
    row
}

/// One line, by column.
struct Row(Vec<String>);

impl Row {
    fn new(template: &str) -> Self {
        Self(template.split(',').map(String::from).collect())
    }

    fn set(&mut self, column: &str, value: &str) {
        let at = COLUMNS.trim_start_matches("# ").split(',').position(|name| name == column);
        if let Some(cell) = at.and_then(|at| self.0.get_mut(at)) {
            value.clone_into(cell);
        }
    }

    fn counters(&mut self, counters: &Counters) {
        let figures = [
            ("scur", counters.current),
            ("smax", counters.most),
            ("stot", counters.total),
            ("bin", counters.bytes_in),
            ("bout", counters.bytes_out),
            ("econ", counters.connect_errors),
            ("eresp", counters.response_errors),
            ("lbtot", counters.total),
            ("req_tot", counters.total),
        ];
        for (column, n) in figures {
            self.set(column, &n.to_string());
        }
        self.set("rtime", &counters.response.mean().to_string());
        self.classes(counters);
    }

    fn classes(&mut self, counters: &Counters) {
        let columns = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx"];
        for (column, n) in columns.into_iter().zip(counters.by_class) {
            self.set(column, &n.to_string());
        }
    }
}
