//! Clients that do not keep up, and records that this build can't read.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use golive::{
    client::{Answer, Client, Happening, Way, reach},
    clock::Clock,
    domain::{checklist::ChecklistCommand, command::Command},
    record::{Line, Stored},
    wire::{Assembly, Frame, FrameReader, Hello, PROTOCOL, ToClient, ToConductor, build, send},
};

use super::project::{Project, as_dana, within};

/// One that follows and does not read is sent no more than its queue holds; once it reads on, it is sent the
/// session anew. Nobody waits for it meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_keep_up_is_sent_the_session_anew() {
    let project = Project::new();
    let _running = project.start().await;
    let (mut quick, session) = within(project.opened("2.5.0")).await;
    let (from, mut to) = reach(&project.way(), &Clock::System).await.unwrap().into_split();
    let hello = Hello { protocol: PROTOCOL, build: build().into(), viewer: "slow".into() };
    let subscribe = ToConductor::Subscribe { session: Some(session.clone()), after: None, topics: [].into() };
    for message in [ToConductor::Hello(hello), subscribe] {
        send(&mut to, &Frame::of(&message).unwrap()).await.unwrap();
    }
    let item = quick.session().unwrap().plan().items[0].id.clone();
    // More than its queue of 512 and the socket's buffer of 208 KiB hold, and not much more: who is behind for half a
    // minute is let go.
    for number in 0..700 {
        let text = format!("{number} {}", "x".repeat(4_000));
        let comment = ChecklistCommand::Comment { item: item.clone(), text };
        let id = quick.command(session.clone(), as_dana(Command::Checklist(comment))).await;
        if number % 100 == 99 {
            within(quick.answer(&id)).await.unwrap();
        }
    }
    let target = quick.head().unwrap().clone();
    let mut reader = FrameReader::new(from);
    let mut assembly = Assembly::default();
    let (mut resynced, mut reached) = (false, None);
    let anew = async {
        loop {
            match reader.message().await.unwrap().unwrap() {
                ToClient::Resync { .. } => resynced = true,
                // The session as it was a little before, and the lines since.
                ToClient::Snapshot(part) => {
                    let whole = assembly.add(part).filter(|_| resynced);
                    reached = whole.map_or(reached, |(head, _)| Some(head.seq));
                }
                ToClient::Record { lines, .. } => {
                    for line in lines {
                        let seq = Stored::read(line.line.text()).unwrap().seq;
                        reached = reached.map(|reached| if seq == reached + 1 { seq } else { reached });
                    }
                }
                _ => {}
            }
            if reached.is_some_and(|seq| seq >= target.seq) {
                return;
            }
        }
    };
    within(anew).await;
}

/// Between a client and its conductor: as if the client had been behind when the first command was answered, it is
/// sent everything anew in that answer's place.
async fn behind_once(way: Way, listener: tokio::net::UnixListener) {
    let answers = Arc::new(AtomicUsize::new(0));
    // On a busy machine a client may have to greet twice.
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(between(client, way.clone(), answers.clone()));
    }
}

async fn between(client: tokio::net::UnixStream, way: Way, answers: Arc<AtomicUsize>) {
    let (from, mut to) = reach(&way, &Clock::System).await.unwrap().into_split();
    let (mut said, mut back) = client.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut said, &mut to).await });
    let mut reader = FrameReader::new(from);
    let mut session = None;
    while let Some(mut message) = reader.message::<ToClient>().await.unwrap() {
        if let ToClient::Snapshot(part) = &message {
            session = Some(part.session.clone());
        }
        if matches!(message, ToClient::Answer { .. }) && answers.fetch_add(1, Ordering::SeqCst) == 0 {
            message = ToClient::Resync { session: session.clone().unwrap(), why: "too slow".into() };
        }
        if send(&mut back, &Frame::of(&message).unwrap()).await.is_err() {
            return;
        }
    }
}

/// What was answered while a client was behind did not reach it: it asks again, and is told what was said first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_was_behind_gets_the_answer_it_missed() {
    let project = Project::new();
    let _running = project.start().await;
    let (quick, session) = within(project.opened("2.5.0")).await;
    let socket = project.dir.path().join("between.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    tokio::spawn(behind_once(project.way(), listener));
    let mut client = Client::connect(Way::Shared(socket), "behind", Clock::System).await.unwrap();
    client.follow(Some(session.clone()), [].into()).await;
    within(client.caught_up()).await.unwrap();
    let item = quick.session().unwrap().plan().items[0].id.clone();
    let comment = ChecklistCommand::Comment { item, text: "seen".into() };
    let id = client.command(session, as_dana(Command::Checklist(comment))).await;
    assert!(matches!(within(client.answer(&id)).await.unwrap(), Answer::Done { .. }));
}

/// A line of a newer golive: everything up to it is shown, nothing is written, and the remedy is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_of_a_newer_golive_is_read_only_and_says_what_to_do() {
    let project = Project::new();
    let running = project.start().await;
    let (client, session) = within(project.opened("2.5.0")).await;
    let title = client.session().unwrap().course.release.clone();
    drop(client);
    running.end().await;
    let conn = rusqlite::Connection::open(project.journal()).unwrap();
    conn.execute("DELETE FROM snapshots", []).unwrap();
    let (stream, seq, hash, line): (i64, i64, String, Vec<u8>) = conn
        .query_row(
            "SELECT stream, seq, hash, line FROM events
             WHERE stream = (SELECT id FROM streams WHERE name = '2.5.0') ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let mut newer: serde_json::Value = serde_json::from_slice(&line).unwrap();
    let part = newer.as_object_mut().unwrap();
    part.insert("seq".into(), (seq + 1).into());
    part.insert("prev".into(), hash.into());
    part.insert("kind".into(), "rollout.teleported".into());
    let newer = newer.to_string();
    conn.execute(
        "INSERT INTO events (stream, seq, line, hash) VALUES (?1, ?2, ?3, ?4)",
        rusqlite::params![stream, seq + 1, newer.as_bytes(), Line::hash_of(&newer).as_str()],
    )
    .unwrap();
    drop(conn);

    let _running = project.start().await;
    let mut client = project.client().await;
    client.follow(Some(session.clone()), [].into()).await;
    let why = loop {
        match within(client.next()).await.unwrap() {
            Happening::ReadOnly(why) => break why,
            Happening::Lost(why) => panic!("{why}"),
            _ => {}
        }
    };
    assert!(why.contains("rollout.teleported") && why.contains("newer golive"), "{why}");
    assert_eq!(client.read_only(), Some(why.as_str()));
    assert_eq!(client.session().unwrap().course.release, title);
    let hold = golive::domain::course::CourseCommand::Hold { reason: "look at this".into() };
    let id = client.command(session, as_dana(Command::Course(hold))).await;
    match within(client.answer(&id)).await.unwrap() {
        golive::client::Answer::Refused(refusal) => {
            assert!(
                refusal.reason.contains("this conductor (golive "),
                "whoever asks may read it: {refusal}"
            );
            assert!(refusal.reason.contains("newer golive"), "{refusal}");
            assert!(refusal.to_string().contains("golive conductor restart"), "{refusal}");
        }
        other => panic!("{other:?}"),
    }
}
