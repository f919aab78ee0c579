//! The demo's balancer beside a real HAProxy: the same servers, the same commands, the same answers.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use axum::{Router, routing::get};
use golive::{
    clock::Clock,
    demo::{
        Layout, Owner,
        balancer::{self, Config, ServerConfig},
    },
};
use tokio::{net::TcpListener, process::Child};

use crate::demo_ground::{program, until};

/// The columns of `show stat` in which both must say the same.
const SAME: [&str; 22] = [
    "pxname",
    "svname",
    "scur",
    "stot",
    "status",
    "weight",
    "act",
    "bck",
    "pid",
    "iid",
    "sid",
    "type",
    "check_status",
    "check_code",
    "last_chk",
    "check_desc",
    "check_rise",
    "check_fall",
    "check_health",
    "addr",
    "mode",
    "uweight",
];

/// Both balancers over the same three servers: two that are alive, one that refuses connections.
struct Both {
    ours: PathBuf,
    real: PathBuf,
    processes: Vec<Child>,
    // Dropped last, and in this order: the owner waits for our balancer and removes its directory.
    owner: Option<Owner>,
    _dir: tempfile::TempDir,
}

async fn server() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new().fallback(get(async || "ok\n"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    port
}

fn start(program: &Path, args: &[&str]) -> Child {
    tokio::process::Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

impl Both {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let refused = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ports = [server().await, server().await, refused.local_addr().unwrap().port()];
        drop(refused);
        let servers: Vec<_> = (1..)
            .zip(ports)
            .map(|(n, port): (u8, u16)| ServerConfig {
                name: format!("host-0{n}"),
                address: "127.0.0.1".into(),
                port,
            })
            .collect();

        let demo = dir.path().join("demo");
        fs::create_dir(&demo).unwrap();
        let owner = Owner::of(&demo).unwrap();
        let layout = Layout::new(&demo);
        let config = Config { backend: "shop".into(), servers: servers.clone() };
        layout.write_json(&layout.balancer_config(), &config).unwrap();

        let real = dir.path().join("haproxy.sock");
        let lines: Vec<_> =
            servers.iter().map(|s| format!("  server {} {}:{}", s.name, s.address, s.port)).collect();
        let config = format!(
            "global\n  stats socket {} mode 600 level admin\n  nbthread 1\n\
             defaults\n  mode http\n  timeout connect 1s\n  timeout client 10s\n  timeout server 10s\n\
             backend shop\n  option httpchk GET /is_alive\n\
             \x20 default-server check inter 100ms fall 2 rise 1 weight 100\n{}\n\
             frontend in\n  bind unix@{}\n  default_backend shop\n",
            real.display(),
            lines.join("\n"),
            dir.path().join("in.sock").display()
        );
        let path = dir.path().join("haproxy.cfg");
        fs::write(&path, config).unwrap();
        let processes = vec![
            start(&program(), &["demo-balancer", "--demo", demo.to_str().unwrap()]),
            start(Path::new("/usr/sbin/haproxy"), &["-db", "-f", path.to_str().unwrap()]),
        ];
        let both = Self { ours: layout.balancer_socket(), real, processes, owner: Some(owner), _dir: dir };
        until("both have judged their servers", async || {
            let settled = |text: String| text.contains(" 15 3 2 ") && text.contains(" 8 2 0 ");
            let ours = balancer::ask(&both.ours, "show servers state").await.is_ok_and(settled);
            ours && balancer::ask(&both.real, "show servers state").await.is_ok_and(settled)
        })
        .await;
        both
    }

    async fn ask(&self, line: &str) -> (String, String) {
        let ours = balancer::ask(&self.ours, line).await.unwrap();
        (ours, balancer::ask(&self.real, line).await.unwrap())
    }

    /// Waits until both show the same state: health checks need a moment.
    async fn agree(&self) {
        let mut states = self.ask("show servers state").await;
        let clock = Clock::System;
        let agree = async {
            while steady(&states.0) != steady(&states.1) {
                clock.sleep(Duration::from_millis(20)).await;
                states = self.ask("show servers state").await;
            }
        };
        if clock.limit(Duration::from_secs(10), agree).await.is_none() {
            assert_eq!(steady(&states.0), steady(&states.1));
        }
    }

    /// What of a `show stat` differs between both in the columns that both have a say in, or nothing.
    async fn stats_differ(&self, which: &str) -> Option<String> {
        let (ours, real) = self.ask(which).await;
        let (ours, real): (Vec<_>, Vec<_>) = (ours.lines().collect(), real.lines().collect());
        assert_eq!(ours[0], real[0], "{which}");
        assert_eq!(ours.len(), real.len(), "{which}: {ours:?}");
        let columns: Vec<&str> = real[0].trim_start_matches("# ").split(',').collect();
        let rows = ours.iter().zip(&real).skip(1).filter(|(ours, _)| !ours.is_empty());
        rows.flat_map(|(ours, real)| {
            let (ours, real): (Vec<_>, Vec<_>) = (ours.split(',').collect(), real.split(',').collect());
            assert_eq!(ours.len(), real.len());
            SAME.map(|column| {
                let at = columns.iter().position(|name| *name == column).unwrap();
                // HAProxy marks a check that is under way just now.
                let [ours_says, real_says] = [ours[at], real[at]].map(|says| says.trim_start_matches("* "));
                (ours_says != real_says)
                    .then(|| format!("{column} of {}: {ours_says:?}, HAProxy {real_says:?}", real[1]))
            })
        })
        .flatten()
        .next()
    }

    async fn end(mut self) {
        let owner = self.owner.take();
        tokio::task::spawn_blocking(move || owner.unwrap().end().unwrap()).await.unwrap();
        self.processes[0].wait().await.unwrap();
        self.processes[1].kill().await.unwrap();
    }
}

/// `show servers state` without what time alone changes: seconds since the last change, and whether a check
/// is under way (bit 0 of the check's state).
fn steady(state: &str) -> String {
    let line = |line: &str| {
        let mut cells: Vec<String> = line.split(' ').map(String::from).collect();
        if cells.len() == 25 && !line.starts_with('#') {
            cells[9] = "-".into();
            cells[13] = (cells[13].parse::<u8>().unwrap() & !1).to_string();
        }
        cells.join(" ")
    };
    state.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demos_balancer_says_what_haproxy_says_after_every_command() {
    let both = Both::start().await;
    for command in [
        "set server shop/host-01 state drain",
        "set server shop/host-01 state maint",
        "set server shop/host-01 state drain",
        "set server shop/host-01 state ready",
        "set server shop/host-03 state drain",
        "set server shop/host-03 state ready",
        "disable server shop/host-02",
        "enable server shop/host-02",
        "set server shop/host-02 state drain",
        "enable server shop/host-02",
        "set server shop/host-01 weight 50",
        "set server shop/host-02 weight 25%",
        "set weight shop/host-02 0",
        "set server shop/host-01 weight 300%",
        "set server shop/host-01 weight 100; set weight shop/host-02 100",
    ] {
        let (ours, real) = both.ask(command).await;
        assert_eq!(ours, real, "{command}");
        both.agree().await;
    }
    both.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_haproxy_refuses_the_demos_balancer_refuses_in_the_same_words() {
    let both = Both::start().await;
    for command in [
        "set server shop/host-09 state ready",
        "set server nope/host-01 state ready",
        "set server shop/host-01 state gone",
        "set server shop/host-01 state",
        "set server shop/host-01 color",
        "set server shop/host-01",
        "set server shop",
        "set server",
        "set server shop/host-01 weight",
        "set server shop/host-01 weight 257",
        "set server shop/host-01 weight -1",
        "set server shop/host-01 weight -1%",
        "set server shop/host-01 weight x",
        "set server shop/host-01 weight 1x",
        "set server shop/host-01 weight 1%x",
        "disable server nope/host-01",
        "enable server shop/host-09",
        "disable server",
        "get weight shop/host-01",
        "get weight shop/host-09",
        "show servers state nope",
        "show servers conn nope",
        "show backend",
    ] {
        let (ours, real) = both.ask(command).await;
        assert_eq!(ours, real, "{command}");
    }
    for command in ["gone", "show", ""] {
        let (ours, real) = both.ask(command).await;
        assert!(ours.starts_with("Unknown command") && real.starts_with("Unknown command"), "{command}");
        assert!(ours.ends_with("\n\n") && real.ends_with("\n\n"), "{command}");
    }
    both.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_stat_has_haproxys_columns_and_its_words_for_every_state() {
    let both = Both::start().await;
    for command in [
        "show backend",
        "set server shop/host-01 state drain",
        "set server shop/host-02 state maint",
        "set server shop/host-01 state ready; set server shop/host-03 state drain",
    ] {
        both.ask(command).await;
        both.agree().await;
        for which in ["show stat", "show stat shop 4 -1", "show stat -1 4 2", "show stat -1 2 -1"] {
            let mut differs = both.stats_differ(which).await;
            let same = async {
                while differs.is_some() {
                    Clock::System.sleep(Duration::from_millis(20)).await;
                    differs = both.stats_differ(which).await;
                }
            };
            // A check that took too long on a busy machine may stand for a moment between two answers.
            Clock::System.limit(Duration::from_secs(10), same).await;
            assert_eq!(differs, None, "after {command}, {which}");
        }
    }
    both.end().await;
}
