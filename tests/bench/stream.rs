//! Observations from a watch to twenty connections, while somebody decides. One of the connections is a client that
//! verifies and folds what it hears, as a cockpit does; the others take what comes and count it, as viewers on other
//! machines would have processors of their own.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use golive::{
    client::{Answer, Client, Happening},
    clock::Clock,
    domain::{
        command::{Asked, Command},
        course::CourseCommand,
        name::SessionId,
    },
    wire::{Frame, FrameReader, Hello, PROTOCOL, ToConductor, build, send},
};
use tokio::runtime::Builder;

use super::{
    cockpit::{NOTHING, observed},
    figure::{Sheet, micros},
    project::{Fleet, Project, VERSION, dana},
};

const HOSTS: usize = 45_000;
const CONNECTIONS: usize = 20;
const SPAN: Duration = Duration::from_secs(20);
/// Between two decisions.
const DECIDE: Duration = Duration::from_millis(50);
/// For how long a decision's answer is waited for; one that has not come by then counts as this long, and no further
/// one is made.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let fleet = Fleet {
        hosts: format!("\"web-[00001:{HOSTS}]\""),
        driver: NOTHING.into(),
        also: r#"balancer = { kind = "haproxy", socket = "balancer.sock", backend = "shop" }"#.into(),
        alive: String::new(),
        items: 0,
    };
    let project = Project::new(&fleet)?;
    let moving = Arc::new(AtomicBool::new(false));
    balancer(&project.dir().join("balancer.sock"), moving.clone())?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let counts: Vec<Arc<AtomicU64>> = (1..CONNECTIONS).map(|_| Arc::default()).collect();
    let (decisions, folded, seconds) = runtime.block_on(async {
        let mut client = project.follower().await?;
        for count in &counts {
            tokio::spawn(take(project.paths()?.socket().to_owned(), count.clone()));
        }
        moving.store(true, Ordering::Relaxed);
        // A round in which it gets going.
        let round = async { while client.next().await.is_ok() {} };
        Clock::System.limit(Duration::from_secs(3), round).await;
        for count in &counts {
            count.store(0, Ordering::Relaxed);
        }
        let (begun, seq) = (micros(), client.head().map_or(0, |head| head.seq));
        let decisions = decide(&mut client).await?;
        let folded = client.head().map_or(0, |head| head.seq) - seq;
        anyhow::Ok((decisions, folded, (micros() - begun) as f64 / 1e6))
    })?;
    let rate = |count: u64| format!("{:.0}", count as f64 / seconds);
    let least = counts.iter().map(|count| count.load(Ordering::Relaxed)).min().context("nobody listens")?;
    sheet.one("stream: lines a second to the client that folds", "20,000", rate(folded), 1);
    sheet.one("stream: lines a second to the slowest of the others", "20,000", rate(least), counts.len());
    sheet.spread("stream: a decision, to its durable answer", "p99 20 ms and an fsync", &decisions);
    let syncs = syncs(project.path())?;
    sheet.spread("  one fsync of 4 KB on that disk", "", &syncs);
    Ok(())
}

/// Holds and continues for a while; how long each answer took. What comes meanwhile is folded.
async fn decide(client: &mut Client) -> anyhow::Result<Vec<u64>> {
    let session = client.following().context("no session is followed")?.clone();
    let end = micros() + SPAN.as_micros() as u64;
    let (mut samples, mut hold) = (Vec::new(), true);
    while micros() < end {
        let command = if hold {
            CourseCommand::Hold { reason: "looking at something".into() }
        } else {
            CourseCommand::Continue
        };
        hold = !hold;
        let said = say(client, &session, Command::Course(command));
        let Some(took) = Clock::System.limit(PATIENCE, said).await.transpose()? else {
            samples.push(PATIENCE.as_micros() as u64);
            break;
        };
        samples.push(took);
        let pause = async { while client.next().await.is_ok() {} };
        Clock::System.limit(DECIDE, pause).await;
    }
    Ok(samples)
}

/// From sending to hearing the answer, by a connection that also folds everything before it.
async fn say(client: &mut Client, session: &SessionId, command: Command) -> anyhow::Result<u64> {
    let begun = micros();
    let asked = Asked { command, shown: None, as_person: Some(dana()?) };
    let wanted = client.command(session.clone(), asked).await;
    loop {
        if let Happening::Answer { id, answer } = client.next().await?
            && id == wanted
        {
            ensure!(matches!(answer, Answer::Done { .. }), "a decision was not taken: {answer:?}");
            return Ok(micros() - begun);
        }
    }
}

/// A connection that takes everything and counts the lines of the record.
async fn take(socket: std::path::PathBuf, count: Arc<AtomicU64>) -> anyhow::Result<()> {
    let stream = tokio::net::UnixStream::connect(socket).await?;
    let (from, mut to) = stream.into_split();
    let hello = Hello { protocol: PROTOCOL, build: build().to_owned(), viewer: "bench".into() };
    send(&mut to, &Frame::of(&ToConductor::Hello(hello))?).await?;
    let session = Some(VERSION.parse()?);
    send(&mut to, &Frame::of(&ToConductor::Subscribe { session, after: None, topics: [].into() })?).await?;
    let mut reader = FrameReader::new(from);
    while let Some(frame) = reader.next().await? {
        let lines = std::str::from_utf8(frame)?.matches("\"line\":").count();
        count.fetch_add(lines as u64, Ordering::Relaxed);
    }
    Ok(())
}

/// Speaks as much of HAProxy's runtime API as a watch asks for. Once it moves, every server is in one time and out
/// the next.
fn balancer(at: &Path, moving: Arc<AtomicBool>) -> anyhow::Result<()> {
    let listener = UnixListener::bind(at)?;
    let answers = [states(0)?, states(8)?];
    let stat = sessions()?;
    std::thread::spawn(move || {
        let mut turn = 0;
        for stream in listener.incoming().flatten() {
            let answer = match question(&stream) {
                Ok(asked) if asked.starts_with("show servers state") => {
                    turn = if moving.load(Ordering::Relaxed) { 1 - turn } else { 0 };
                    &answers[turn]
                }
                _ => &stat,
            };
            // Whoever asked has gone: it asks again.
            drop((&stream).write_all(answer.as_bytes()));
        }
    });
    Ok(())
}

fn question(stream: &UnixStream) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

fn states(admin: u32) -> anyhow::Result<String> {
    let mut text =
        "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight\n"
            .to_owned();
    for host in 1..=HOSTS {
        writeln!(text, "3 shop {host} web-{host:05} 127.0.0.1 2 {admin} 100 100")?;
    }
    text.push('\n');
    Ok(text)
}

fn sessions() -> anyhow::Result<String> {
    let mut text = "# pxname,svname,qcur,qmax,scur,smax\n".to_owned();
    for host in 1..=HOSTS {
        writeln!(text, "shop,web-{host:05},0,0,0,0")?;
    }
    text.push('\n');
    Ok(text)
}

/// What a durable write costs here, by itself.
fn syncs(dir: &Path) -> anyhow::Result<Vec<u64>> {
    let mut file = std::fs::File::create(dir.join("synced"))?;
    let mut samples = Vec::new();
    for _ in 0..100 {
        file.write_all(&[0; 4_096])?;
        let begun = micros();
        file.sync_data()?;
        samples.push(micros() - begun);
    }
    Ok(samples)
}
