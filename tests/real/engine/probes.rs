//! Checks: each thing that can be wrong is told apart.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use golive::{
    domain::{
        effect::Outcome,
        name::EnvironmentName,
        plan::{Balancer, Check, CheckKind, HttpCheck},
        time::Span,
    },
    engine::Live,
};

use super::{
    fixture::{Bench, check, done, failed, http, local, plan, template, templates, unit, with},
    web::{Reply, Web, free_port, reply},
};

/// A bench whose one host is at `port` and whose one check is `probe`.
fn bench(port: u16, probe: Check) -> Bench {
    Bench::new(|_| with(plan(local(&["true"]), Balancer::None, "dist", &[port]), probe))
}

fn asking(shape: impl FnOnce(&mut HttpCheck)) -> Check {
    let mut asked = http("http://{host}:{port}/health");
    shape(&mut asked);
    check("probe", CheckKind::Http(asked))
}

/// [K56] A 500, a time-out, a slow answer, a wrong version and a refused connection are five verdicts.
#[tokio::test]
async fn every_way_to_be_unwell_has_a_verdict_of_its_own() {
    let web = Web::new(reply("500 Oops", "no database\x1b[31m")).await;
    let probe = asking(|http| {
        http.latency = Some(Span::millis(400));
        http.version_pointer = Some("/version".into());
    });
    let mut bench = bench(web.port, Check { timeout: Span::secs(3), ..probe });

    let (why, evidence) = failed(bench.check("probe").await);
    assert_eq!(
        why, "no database (answered 500, wanted 200 to 299)",
        "what it says stands first, without control characters"
    );
    assert_eq!(evidence, "HTTP 500\nno database");

    web.answer(Reply { after: Duration::from_secs(9), ..reply("200 OK", r#"{"version": "2.5.0"}"#) });
    assert_eq!(failed(bench.check("probe").await).0, "no answer within 3 s");

    web.answer(Reply { after: Duration::from_millis(500), ..reply("200 OK", r#"{"version": "2.5.0"}"#) });
    assert_eq!(failed(bench.check("probe").await).0, "answered, but slower than 400 ms");

    web.answer(reply("200 OK", r#"{"version": "2.4.1"}"#));
    assert_eq!(failed(bench.check("probe").await).0, "runs 2.4.1, not 2.5.0");

    web.answer(reply("200 OK", r#"{"status": "up"}"#));
    assert_eq!(failed(bench.check("probe").await).0, "says nothing of its version at /version");

    web.answer(reply("200 OK", r#"{"version": "2.5.0"}"#));
    let (_, facts) = done(bench.check("probe").await);
    assert_eq!(facts["version"], "2.5.0");
}

/// [K57] Nobody listens: down, and said so.
#[tokio::test]
async fn a_refused_connection_is_down_for_http_and_tcp() {
    let port = free_port().await;
    let refused = format!("connection refused: nobody listens at 127.0.0.1:{port}");
    let mut bench_http = bench(port, asking(|_| ()));
    assert_eq!(failed(bench_http.check("probe").await).0, refused);

    let tcp = || check("probe", CheckKind::Tcp { address: template("{host}:{port}"), banner: None });
    let mut bench_tcp = bench(port, tcp());
    assert_eq!(failed(bench_tcp.check("probe").await).0, refused);

    let web = Web::new(reply("200 OK", "")).await;
    let mut bench_up = bench(web.port, tcp());
    assert_eq!(done(bench_up.check("probe").await).0, "connected");
}

/// [K56] What the body must say is part of the verdict.
#[tokio::test]
async fn body_and_pointer_must_say_what_the_plan_wants() {
    let web = Web::new(reply("200 OK", r#"{"db": {"ok": false}}"#)).await;
    let mut pointing = bench(web.port, asking(|http| http.json = Some(("/db/ok".into(), "true".into()))));
    assert_eq!(failed(pointing.check("probe").await).0, "/db/ok is false, wanted true");
    web.answer(reply("200 OK", "<html>"));
    assert!(failed(pointing.check("probe").await).0.contains("not JSON"));

    let mut containing = bench(web.port, asking(|http| http.contains = Some("all good".into())));
    assert_eq!(failed(containing.check("probe").await).0, r#"the body does not contain "all good""#);
    web.answer(reply("200 OK", "we are all good here"));
    done(containing.check("probe").await);
}

#[tokio::test]
async fn a_check_is_tried_again_as_often_as_declared() {
    let web = Web::new(reply("503 Busy", "")).await;
    let mut bench = bench(web.port, Check { retries: 2, ..asking(|_| ()) });
    failed(bench.check("probe").await);
    assert_eq!(web.requests().len(), 3);
}

#[tokio::test]
async fn headers_are_sent_and_a_missing_secret_is_no_verdict_on_the_service() {
    let web = Web::new(reply("200 OK", "")).await;
    let mut sends = bench(
        web.port,
        asking(|http| {
            http.method = "POST".into();
            http.headers.insert("X-Probe".into(), "golive".into());
        }),
    );
    done(sends.check("probe").await);
    let request = web.requests().remove(0);
    assert!(request.starts_with("POST /health ") && request.contains("x-probe: golive"), "{request}");

    let mut lacks = bench(
        web.port,
        asking(|http| _ = http.headers.insert("Authorization".into(), "env:GOLIVE_TEST_NEVER_SET".into())),
    );
    match lacks.check("probe").await {
        Outcome::Inconclusive { why } => assert!(why.contains("GOLIVE_TEST_NEVER_SET is not set"), "{why}"),
        other => panic!("{other:?}"),
    }
}

/// [K55] The project's own health route asks what the service needs: the probe of that route passes while the
/// dependency answers, and fails with what the route says when it does not.
#[tokio::test]
async fn a_health_route_passes_and_fails_with_what_it_depends_on() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let database = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let needs = database.local_addr().unwrap();
    let service = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut bench = bench(service.local_addr().unwrap().port(), asking(|_| ()));
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = service.accept().await.unwrap();
            let mut asked = [0; 4_096];
            let _ = stream.read(&mut asked).await.unwrap();
            let (status, body) = match tokio::net::TcpStream::connect(needs).await {
                Ok(_) => ("200 OK", "database ok".to_owned()),
                Err(error) => ("503 Down", format!("database: {}", error.kind())),
            };
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    assert!(done(bench.check("probe").await).0.starts_with("200 "));
    drop(database);
    let (why, evidence) = failed(bench.check("probe").await);
    assert!(why.contains("database: connection refused") && why.contains("503"), "{why}");
    assert!(evidence.contains("database: connection refused"), "{evidence}");
    let _again = tokio::net::TcpListener::bind(needs).await.unwrap();
    assert!(done(bench.check("probe").await).0.starts_with("200 "));
    serving.abort();
}

#[tokio::test]
async fn a_command_passes_by_its_status_and_its_output_is_kept() {
    let exec = |script: &str| {
        check(
            "probe",
            CheckKind::Exec { argv: templates(&["sh", "-c", script]), dir: None, env: BTreeMap::new() },
        )
    };
    let mut passes = bench(1, exec("echo 12 of 12 with $GOLIVE_VERSION"));
    assert_eq!(done(passes.check("probe").await).0, "12 of 12 with 2.5.0");

    let mut fails = bench(1, exec("echo 12 of 14; echo password=hunter2 >&2; exit 3"));
    let (why, evidence) = failed(fails.check("probe").await);
    assert_eq!(why, "12 of 14 (exit status 3)");
    assert!(evidence.contains("12 of 14") && !evidence.contains("hunter2"), "{evidence}");

    let mut undecided = bench(1, exec("exit 75"));
    assert!(matches!(undecided.check("probe").await, Outcome::Inconclusive { .. }));

    let argv = templates(&["bin/is-not-there"]);
    let missing = check("probe", CheckKind::Exec { argv, dir: None, env: BTreeMap::new() });
    match bench(1, missing).check("probe").await {
        Outcome::Inconclusive { why } => assert!(why.contains("bin/is-not-there was not found"), "{why}"),
        other => panic!("{other:?}"),
    }
}

/// [R14] The settings of gamma and of production are printed by a command; one that differs and is not declared fails the
/// check and is named, and no value is ever told.
#[tokio::test]
async fn settings_that_differ_are_named_and_never_told() {
    let settings = |script: &str, allowed: &[&str]| {
        let argv = templates(&["sh", "-c", script, "settings", "{environment}"]);
        let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
        let with = EnvironmentName::new("live").unwrap();
        bench(1, check("probe", CheckKind::Parity { argv, dir: None, env: BTreeMap::new(), with, allowed }))
    };
    let script = "echo DB_PASSWORD=hunter2; echo POOL=20; echo LOG_LEVEL=$1; echo aside=hunter3 >&2";
    let mut alike = settings(script, &["LOG_*"]);
    let as_declared = "2 settings as in live; different as declared: LOG_LEVEL";
    assert_eq!(done(alike.check("probe").await).0, as_declared);

    let mut unlike = settings(&format!("{script}; echo KEY=hunter2-$1"), &["LOG_*"]);
    let (why, evidence) = failed(unlike.check("probe").await);
    assert_eq!(why, "differs from live in KEY");
    assert_eq!(evidence, "KEY differs\nLOG_LEVEL differs, as declared");

    let mut more = settings("echo A=1; test $1 = live || echo B=2; test $1 != live || echo C=3", &[]);
    let (why, evidence) = failed(more.check("probe").await);
    assert_eq!(why, "differs from live in B, C");
    assert!(evidence.contains("B is in production and not in live"), "{evidence}");

    for (script, why) in [
        ("true", "the settings of production: it prints no setting"),
        ("echo A=1; test $1 = live && exit 3", "exit status"),
        ("echo A=1; test $1 = production || echo hunter2", "line 2 of what it prints is not KEY=VALUE"),
        ("echo A=$(head -c 70000 /dev/zero | tr '\\0' x)", "it prints more than 64 KiB"),
    ] {
        match settings(script, &[]).check("probe").await {
            Outcome::Inconclusive { why: said } => {
                assert!(said.contains(why) && !said.contains("hunter"), "{script}: {said}");
            }
            other => panic!("{script}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_speaks_something_else_is_told_from_what_breaks_off() {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut bench = bench(listener.local_addr().unwrap().port(), asking(|_| ()));
    let id = bench.begin_check("probe");
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
    let (why, _) = failed(bench.end_of(&id).await);
    assert!(why.starts_with("the exchange failed: "), "{why}");

    let id = bench.begin_check("probe");
    drop(listener.accept().await.unwrap());
    let (why, _) = failed(bench.end_of(&id).await);
    assert!(why.starts_with("the connection broke: "), "{why}");
}

/// Thousands of hosts are asked every second, and few are on anybody's screen.
#[tokio::test]
async fn only_the_checks_of_hosts_that_somebody_looks_at_are_told_on_the_live_stream() {
    let web = Web::new(reply("200 OK", "fine")).await;
    let mut bench = bench(web.port, asking(|_| {}));
    let mut heard = bench.engine.live();
    bench.engine.tell_checks_of(HashSet::from([Some(unit("web-02"))]));
    done(bench.check("probe").await);
    assert!(heard.try_recv().is_err(), "nobody looks at web-01");
    bench.engine.tell_checks_of(HashSet::from([Some(unit("web-01"))]));
    done(bench.check("probe").await);
    assert!(matches!(heard.try_recv(), Ok(Live::Probe { passed: true, .. })));
}
