//! A real HAProxy.

use std::{
    fmt::Write as _,
    fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use golive::{
    clock::Clock,
    domain::{
        effect::{Candidate, Health, LaneStep, Outcome, PoolState},
        name::Digest,
        plan::{Balancer, Vars},
        time::Span,
    },
    engine::balancer::{Balance, Haproxy},
};

use super::{
    fixture::{Bench, done, failed, local, plan, runs, until},
    web::{Reply, Web, free_port, reply},
};

pub struct Proxy {
    child: Child,
    socket: PathBuf,
    /// Where the same API listens on TCP.
    api: u16,
    pub port: u16,
}

impl Proxy {
    pub async fn over(dir: &Path, servers: &[u16]) -> Self {
        let (socket, api, port) = (dir.join("haproxy.sock"), free_port().await, free_port().await);
        let mut config = format!(
            "global\n  stats socket {} mode 600 level admin\n  stats socket \
             ipv4@127.0.0.1:{api} level admin\ndefaults\n  mode http\n  timeout connect 2s\n  \
             timeout client 30s\n  timeout server 30s\nfrontend front\n  bind 127.0.0.1:{port}\n  \
             default_backend shop\nbackend shop\n",
            socket.display()
        );
        for (at, server) in servers.iter().enumerate() {
            writeln!(config, "  server web-{:02} 127.0.0.1:{server} weight 100", at + 1).unwrap();
        }
        fs::write(dir.join("haproxy.cfg"), config).unwrap();
        let child = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(dir.join("haproxy.cfg"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy: apt-get install haproxy");
        let proxy = Self { child, socket, api, port };
        until("haproxy answers", || UnixStream::connect(&proxy.socket).is_ok()).await;
        proxy
    }

    /// What somebody does by hand.
    fn by_hand(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end();
    }
}

/// Two hosts behind a proxy; the services themselves are the test's own.
async fn behind(drain_timeout: Span) -> (Bench, Proxy, Web, Web) {
    let (one, two) = (Web::new(reply("200 OK", "one")).await, Web::new(reply("200 OK", "two")).await);
    let balancer = Balancer::Haproxy { socket: "haproxy.sock".into(), backend: "shop".into(), drain_timeout };
    let driver = local(&["{dir}/current/run"]);
    let bench = Bench::new(|_| plan(driver, balancer, "dist/{version}", &[one.port, two.port]));
    let proxy = Proxy::over(bench.dir.path(), &[one.port, two.port]).await;
    (bench, proxy, one, two)
}

fn want() -> Candidate {
    Candidate::new("2.5.0".parse().unwrap(), Digest::of(b"x"))
}

async fn get(port: u16) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_drained_host_gets_no_request_until_it_is_back() {
    let (mut bench, proxy, _one, _two) = behind(Span::secs(10)).await;
    let (note, facts) = done(bench.step("web-01", LaneStep::Drain, &want()).await);
    assert_eq!((note.as_str(), facts["connections"].as_str()), ("0 connections left", "0"));
    for _ in 0..6 {
        assert_eq!(get(proxy.port).await, "two");
    }
    assert_eq!(bench.probe("web-01", &want()).await.pool, PoolState::Out);
    // Once more changes nothing.
    done(bench.step("web-01", LaneStep::Drain, &want()).await);
    assert_eq!(done(bench.step("web-01", LaneStep::Rejoin, &want()).await).0, "in the pool");
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(get(proxy.port).await);
    }
    assert!(answers.contains(&"one".into()), "{answers:?}");
}

#[tokio::test]
async fn draining_waits_for_the_requests_under_way() {
    let (mut bench, proxy, one, two) = behind(Span::secs(15)).await;
    for web in [&one, &two] {
        web.answer(Reply { after: Duration::from_millis(2_500), ..reply("200 OK", "slow") });
    }
    let port = proxy.port;
    let requests: Vec<_> = (0..4).map(|_| tokio::spawn(get(port))).collect();
    until("both serve", || !one.requests().is_empty() && !two.requests().is_empty()).await;
    let mut heard = bench.engine.live();
    let id = bench.begin_step("web-01", LaneStep::Drain, &want());
    let left = super::fixture::live(&mut heard, |live| match live {
        golive::engine::Live::Progress { text, .. } if text.ends_with("sessions left") => Some(text.clone()),
        _ => None,
    });
    assert!(left.await.starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(done(bench.end_of(&id).await).0, "0 connections left");
    for request in requests {
        assert_eq!(request.await.unwrap(), "slow");
    }
}

#[tokio::test]
async fn the_limit_ends_the_wait_and_says_what_was_left() {
    let (mut bench, proxy, one, two) = behind(Span::millis(500)).await;
    for web in [&one, &two] {
        web.answer(Reply { after: Duration::from_secs(10), ..reply("200 OK", "never") });
    }
    let port = proxy.port;
    let requests: Vec<_> = (0..2).map(|_| tokio::spawn(get(port))).collect();
    until("both serve", || !one.requests().is_empty() && !two.requests().is_empty()).await;
    let (note, facts) = done(bench.step("web-01", LaneStep::Drain, &want()).await);
    assert_eq!((note.as_str(), facts["connections"].as_str()), ("1 connections left after 500 ms", "1"));
    for request in requests {
        request.abort();
    }
}

#[tokio::test]
async fn the_watch_sees_what_somebody_does_by_hand() {
    let (mut bench, proxy, _one, _two) = behind(Span::secs(10)).await;
    let watch = bench.begin_watch(None);
    bench.seen("web-02", |seen| seen.pool == PoolState::In).await;
    assert_eq!(proxy.by_hand("set server shop/web-02 state maint").trim(), "");
    bench.seen("web-02", |seen| seen.pool == PoolState::Out).await;
    proxy.by_hand("set server shop/web-02 state ready");
    bench.seen("web-02", |seen| seen.pool == PoolState::In).await;
    proxy.by_hand("set server shop/web-02 weight 0");
    let seen = bench.seen("web-02", |seen| seen.pool == PoolState::Out).await;
    assert!(seen.why.unwrap().contains("its weight is 0"));
    bench.engine.cancel(&watch);
    assert_eq!(bench.end_of(&watch).await, Outcome::Cancelled);
}

#[tokio::test]
async fn without_the_balancer_no_host_is_touched() {
    let (mut bench, mut proxy, _one, _two) = behind(Span::secs(10)).await;
    let release = bench.release("2.4.1", "exec sleep 1000");
    bench.steps("web-01", &[LaneStep::Fetch, LaneStep::Install, LaneStep::Start], &release).await;
    let pid = bench.pid("web-01");
    let watch = bench.begin_watch(None);
    bench.seen("web-01", |seen| seen.pool == PoolState::In && seen.health == Health::Healthy).await;
    proxy.end();
    let seen = bench.seen("web-01", |seen| seen.pool == PoolState::Unknown).await;
    assert!(seen.why.unwrap().contains("the balancer can't be reached"));
    bench.engine.cancel(&watch);
    let (why, _) = failed(bench.step("web-01", LaneStep::Drain, &want()).await);
    assert!(why.starts_with("the balancer can't be reached at"), "{why}");
    assert!(runs(pid));
    failed(bench.step("web-01", LaneStep::Rejoin, &want()).await);
}

#[tokio::test]
async fn prose_for_an_unknown_server_and_backend_is_a_failure() {
    let (bench, proxy, _one, _two) = behind(Span::secs(10)).await;
    let haproxy =
        |backend: &str| Haproxy::new("haproxy.sock", bench.dir.path(), backend, Span::secs(1), Clock::System);
    let vars = |name: &str| Vars { name: name.into(), ..Vars::default() };
    let error = haproxy("shop").drain(&vars("web-09"), &|_| {}).await.unwrap_err().to_string();
    assert_eq!(error, "haproxy has no server web-09 in backend shop: servers bear the hosts' names");
    let error = haproxy("nope").drain(&vars("web-01"), &|_| {}).await.unwrap_err().to_string();
    assert!(error.contains("was not understood") && error.contains("backend"), "{error}");
    let error = haproxy("shop").drain(&vars("web-01; shutdown"), &|_| {}).await.unwrap_err().to_string();
    assert!(error.contains("no server"), "{error}");

    let tcp = Haproxy::new(
        &format!("127.0.0.1:{}", proxy.api),
        bench.dir.path(),
        "shop",
        Span::secs(1),
        Clock::System,
    );
    let member = tcp.members(&[vars("web-01")]).await.remove(0).unwrap();
    assert_eq!(member.state, PoolState::In);
    drop(proxy);
}
