//! Four nginx behind a real HAProxy under load, rolled host by host through all steps of the lane.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use golive::domain::{
    effect::{LaneStep, PoolState},
    plan::{Balancer, CheckKind},
    time::Span,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    fixture::{Bench, check, failed, http, local, plan, with},
    haproxy::Proxy,
    web::free_port,
};

/// Writes its own configuration below the unit's directory and becomes nginx.
fn nginx(version: &str, self_test: u16) -> String {
    format!(
        r#"PATH=$PATH:/usr/sbin; dir=$1/nginx; mkdir -p "$dir"
cat > "$dir/nginx.conf" <<END
daemon off; pid nginx.pid; error_log stderr; events {{ worker_connections 256; }}
http {{
  access_log off; default_type application/json;
  client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
  server {{
    listen 127.0.0.1:$2;
    location / {{ return 200 '{{"version": "{version}"}}'; }}
    location /selftest {{ return {self_test} '12 of 14'; }}
  }}
}}
END
exec nginx -p "$dir/" -c nginx.conf"#
    )
}

/// Requests without a pause, by eight clients; whatever is not a 200 counts as failed.
struct Load {
    sent: Arc<AtomicU32>,
    failed: Arc<AtomicU32>,
    ends: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn on(port: u16) -> Self {
        let (sent, failed) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
        let ends = Arc::<AtomicBool>::default();
        let clients = (0..8)
            .map(|_| {
                let (sent, failed, ends) = (sent.clone(), failed.clone(), ends.clone());
                tokio::spawn(async move {
                    while !ends.load(Ordering::Relaxed) {
                        let right = get(port).await.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"));
                        failed.fetch_add(u32::from(!right), Ordering::Relaxed);
                        sent.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        Self { sent, failed, ends, clients }
    }

    async fn end(self) -> (u32, u32) {
        self.ends.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        (self.sent.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

async fn get(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

const LANE: &[LaneStep] = &[
    LaneStep::Fetch,
    LaneStep::Drain,
    LaneStep::Stop,
    LaneStep::Prove,
    LaneStep::Install,
    LaneStep::Start,
    LaneStep::SelfTest,
    LaneStep::Alive,
    LaneStep::Rejoin,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hosts_are_rolled_and_one_rolled_back_without_a_failed_request() {
    let mut ports = Vec::new();
    for _ in 0..4 {
        ports.push(free_port().await);
    }
    let balancer = Balancer::Haproxy {
        socket: "haproxy.sock".into(),
        backend: "shop".into(),
        drain_timeout: Span::secs(10),
    };
    let mut alive = http("http://{host}:{port}/is_alive");
    alive.version_pointer = Some("/version".into());
    let mut bench = Bench::new(|_| {
        let driver = local(&["{dir}/current/run", "{dir}", "{port}"]);
        let plan = plan(driver, balancer, "dist/{version}", &ports);
        let plan = with(plan, check("alive", CheckKind::Http(alive)));
        with(plan, check("self-test", CheckKind::Http(http("http://{host}:{port}/selftest"))))
    });
    let old = bench.release("2.4.1", &nginx("2.4.1", 200));
    let new = bench.release("2.5.0", &nginx("2.5.0", 200));
    let bad = bench.release("2.6.0", &nginx("2.6.0", 500));
    let proxy = Proxy::over(bench.dir.path(), &ports).await;
    let hosts: Vec<String> = (1..=4).map(|number| format!("web-{number:02}")).collect();
    for host in &hosts {
        bench.steps(host, LANE, &old).await;
    }

    let load = Load::on(proxy.port);
    for host in &hosts {
        bench.steps(host, LANE, &new).await;
    }
    // The next release fails its self-test on the second host, and that host goes back.
    let tested = LANE.iter().position(|step| *step == LaneStep::SelfTest).unwrap();
    bench.steps("web-02", &LANE[..tested], &bad).await;
    let (why, evidence) = failed(bench.step("web-02", LaneStep::SelfTest, &bad).await);
    assert_eq!(
        (why.as_str(), evidence.as_str()),
        ("12 of 14 (answered 500, wanted 200 to 299)", "HTTP 500\n12 of 14")
    );
    assert_eq!(bench.probe("web-02", &bad).await.pool, PoolState::Out);
    bench.steps("web-02", LANE, &new).await;
    let (sent, failed) = load.end().await;

    assert_eq!(failed, 0, "of {sent} requests");
    assert!(sent > 200, "{sent} requests are no load");
    for host in &hosts {
        let seen = bench.probe(host, &new).await;
        assert_eq!((seen.pool, seen.runs.unwrap()), (PoolState::In, new.version.clone()));
    }
}
