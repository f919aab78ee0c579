//! Go-lives that wait, and conductors that are killed between the end of one and the beginning of the next.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use golive::{
    client::{Answer, AskedOfProject, Client, Open},
    clock::Clock,
    conductor::fold_session,
    config::read_text,
    domain::{
        actor::Actor,
        command::Command,
        course::{CourseCommand, CourseEvent, Ending},
        event::{Event, Stamped},
        name::Version,
        plan::Adopted,
        project::{ProjectCommand, queue::GoLive},
        time::WallTime,
    },
    journal::{Answered, Batch, PROJECT, Reader, Store},
    record::draft,
};

use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::project::{PLAN, Project, as_dana, dana, within};

fn project() -> Project {
    let project = Project::new();
    std::fs::write(project.dir.path().join("golive.toml"), plan()).unwrap();
    let dist = project.dir.path().join("dist");
    std::fs::create_dir(&dist).unwrap();
    for version in ["2.6.0", "2.7.0", "2.8.0"] {
        std::fs::write(dist.join(format!("shop-{version}.tar.gz")), "artifact").unwrap();
    }
    project
}

fn plan() -> String {
    PLAN.replace("name = \"shop\"", "name = \"shop\"\nsecond = \"queued\"")
}

fn request(project: &Project, version: &str) -> Open {
    let text = std::fs::read_to_string(project.dir.path().join("golive.toml")).unwrap();
    let loaded = read_text(&text, project.dir.path(), None).unwrap();
    Open {
        adopted: Arc::new(Adopted::new(loaded.plan, loaded.source)),
        as_person: Some(dana()),
        ..project.request(version)
    }
}

async fn tells(client: &mut Client, command: ProjectCommand) -> Answer {
    let id = client.tell_project(AskedOfProject { command, as_person: Some(dana()) }).await;
    within(client.answer(&id)).await.unwrap()
}

async fn queues(client: &mut Client, project: &Project, version: &str) -> Answer {
    let Open { candidate, go_live, adopted, mode, author, strictness, .. } = request(project, version);
    tells(
        client,
        ProjectCommand::Queue(Box::new(GoLive { candidate, go_live, adopted, mode, author, strictness })),
    )
    .await
}

/// A session that is open, and these behind it.
async fn waiting(project: &Project, versions: &[&str]) -> Client {
    let mut client = project.client().await;
    let id = client.open(request(project, "2.5.0")).await;
    let answer = within(client.answer(&id)).await.unwrap();
    assert!(matches!(answer, Answer::Opened { .. }), "{answer:?}");
    for version in versions {
        let answer = queues(&mut client, project, version).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    client
}

/// Sessions in their order, an open one with a star behind it.
fn sessions(client: &Client) -> Vec<String> {
    let star = |ended: &Option<String>| if ended.is_none() { "*" } else { "" };
    client.welcome().sessions.iter().map(|it| format!("{}{}", it.id, star(&it.ended))).collect()
}

async fn until(project: &Project, what: &[&str]) -> Client {
    let mut client = project.client().await;
    let reached = async {
        while sessions(&client) != what {
            client.next().await.unwrap();
        }
    };
    within(reached).await;
    client
}

/// The session as it would be had the conductor been killed right after its last line was durable.
fn closed_on_disk(project: &Project, id: &str, ending: Ending) {
    let journal = project.journal();
    let mut store = Store::open(&journal).unwrap();
    // Whoever was killed writes nothing after this.
    let opened = store.open_stream(&id.into(), WallTime(0)).unwrap();
    let session = fold_session(&Reader::open(&journal).unwrap(), id).unwrap().session;
    let closed = Stamped {
        seq: session.seq + 1,
        now: session.now,
        epoch: opened.epoch,
        actor: Actor::RULES,
        event: Event::Course(CourseEvent::Closed { ending }),
    };
    let batch = Batch { stream: id.into(), drafts: vec![draft(&closed).unwrap()], answers: Vec::new() };
    for said in store.append(&[batch]) {
        said.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_end_of_one_and_the_next_it_opens_that_once() {
    let project = project();
    let running = project.start().await;
    let client = waiting(&project, &["2.6.0", "2.7.0"]).await;
    assert_eq!(client.welcome().queue.len(), 2);
    drop(client);
    running.end().await;
    closed_on_disk(&project, "2.5.0", Ending::Verified);

    // The project's stream does not know yet that 2.5.0 is over: it is told first.
    let running = project.start().await;
    let client = until(&project, &["2.5.0", "2.6.0*"]).await;
    assert_eq!(client.welcome().queue.iter().map(|it| it.version.as_str()).collect::<Vec<_>>(), ["2.7.0"]);
    drop(client);
    running.abort().await;
    // Whoever starts next finds it open, as often as it is asked.
    for _ in 0..3 {
        let running = project.start().await;
        drop(until(&project, &["2.5.0", "2.6.0*"]).await);
        running.abort().await;
    }
    closed_on_disk(&project, "2.6.0", Ending::NoGo { reason: "a bad date".into() });
    let running = project.start().await;
    let mut client = until(&project, &["2.5.0", "2.6.0", "2.7.0*"]).await;
    let session = client.welcome().sessions[2].id.clone();
    client.follow(Some(session), [].into()).await;
    let opened = within(client.caught_up()).await.unwrap();
    assert_eq!(opened.course.opened_by, Some(dana()));
    assert!(opened.poll.votes.is_empty(), "nobody has voted on this one");
    running.end().await;
}

/// kill -9 at any moment while three are opened one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_each_is_opened_once_and_in_order() {
    let project = project();
    let running = project.start().await;
    drop(waiting(&project, &["2.6.0", "2.7.0"]).await);
    running.end().await;
    for (nth, (id, after)) in
        [("2.5.0", ["2.5.0", "2.6.0*"].as_slice()), ("2.6.0", &["2.5.0", "2.6.0", "2.7.0*"])]
            .into_iter()
            .enumerate()
    {
        closed_on_disk(&project, id, Ending::Verified);
        for moment in 0..12_u64 {
            let running = project.start().await;
            let pause = std::time::Duration::from_micros(moment * 300 + nth as u64 * 100);
            golive::clock::Clock::System.sleep(pause).await;
            running.abort().await;
        }
        let running = project.start().await;
        drop(until(&project, after).await);
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_session_that_was_given_up_it_waits_for_a_word_and_says_so() {
    let project = project();
    let _running = project.start().await;
    let mut client = waiting(&project, &["2.6.0"]).await;
    let twice = queues(&mut client, &project, "2.6.0").await;
    assert!(matches!(&twice, Answer::Refused(no) if no.reason.contains("in the queue already")), "{twice:?}");
    let session = client.welcome().sessions[0].id.clone();
    client.follow(Some(session.clone()), [].into()).await;
    within(client.caught_up()).await.unwrap();
    let abandon = Command::Course(CourseCommand::Abandon { reason: "withdrawn".into() });
    let id = client.command(session, as_dana(abandon)).await;
    let answer = within(client.answer(&id)).await.unwrap();
    assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    let said = async {
        while client.welcome().queue.first().is_none_or(|first| first.waits.is_none()) {
            client.next().await.unwrap();
        }
    };
    within(said).await;
    let why = client.welcome().queue[0].waits.clone().unwrap();
    assert!(why.why.contains("2.5.0 was abandoned") && why.lift.contains("golive open 2.6.0"), "{why:?}");
    assert_eq!(sessions(&client), ["2.5.0"]);
    // That word is the opening of it.
    let id = client.open(request(&project, "2.6.0")).await;
    let answer = within(client.answer(&id)).await.unwrap();
    assert!(matches!(answer, Answer::Opened { .. }), "{answer:?}");
    drop(until(&project, &["2.5.0", "2.6.0*"]).await);
    let left =
        tells(&mut client, ProjectCommand::LeaveQueue { version: Version::new("2.6.0").unwrap() }).await;
    assert!(matches!(&left, Answer::Refused(no) if no.reason.contains("not in the queue")), "{left:?}");
}

/// The file is looked at before anything is opened from it by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_was_broken_meanwhile_is_said_and_nothing_is_opened() {
    let project = project();
    let running = project.start().await;
    drop(waiting(&project, &["2.6.0"]).await);
    running.end().await;
    closed_on_disk(&project, "2.5.0", Ending::Verified);
    std::fs::write(project.dir.path().join("golive.toml"), "[project]\nname = 3\n").unwrap();
    let _running = project.start().await;
    let mut client = project.client().await;
    let said = async {
        while client.welcome().queue.first().is_none_or(|first| first.waits.is_none()) {
            client.next().await.unwrap();
        }
    };
    within(said).await;
    let waits = client.welcome().queue[0].waits.clone().unwrap();
    assert!(waits.why.contains("golive.toml is no plan any more"), "{waits:?}");
    assert_eq!(sessions(&client), ["2.5.0"]);
}

/// What was queued and is another artifact by now is not opened by itself; it says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_artifact_that_was_rebuilt_meanwhile_is_not_opened_by_itself() {
    let project = project();
    let running = project.start().await;
    let client = waiting(&project, &["2.6.0"]).await;
    drop(client);
    running.end().await;
    std::fs::write(project.dir.path().join("dist/shop-2.6.0.tar.gz"), "rebuilt").unwrap();
    closed_on_disk(&project, "2.5.0", Ending::Verified);
    let running = project.start().await;
    let mut client = project.client().await;
    let waits = async {
        loop {
            let queue = &client.welcome().queue;
            if let Some(why) = queue.first().and_then(|first| first.waits.clone()) {
                return why.why;
            }
            client.next().await.unwrap();
        }
    };
    let why = within(waits).await;
    assert!(why.starts_with("the artifact of 2.6.0 is another than when it was queued"), "{why}");
    drop(client);
    running.end().await;
}

/// A store of artifacts that takes its time holds up nobody who talks to the conductor; one that refuses at first and
/// answers then calls nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_look_at_the_artifact_holds_up_nobody_and_one_that_failed_is_repeated() {
    let project = project();
    let store = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let source = format!("source = \"http://{}/shop-{{version}}.tar.gz\"", store.local_addr().unwrap());
    let text = plan();
    let declared = text.lines().find(|line| line.starts_with("source")).unwrap().to_owned();
    std::fs::write(project.dir.path().join("golive.toml"), text.replace(&declared, &source)).unwrap();
    let running = project.start().await;
    drop(waiting(&project, &["2.6.0"]).await);
    running.end().await;
    closed_on_disk(&project, "2.5.0", Ending::Verified);
    let _running = project.start().await;
    // The first who asks is hung up on; the second is heard, and waits.
    drop(within(store.accept()).await.unwrap());
    let (mut asks, _) = within(store.accept()).await.unwrap();
    let mut client = project.client().await;
    let left =
        tells(&mut client, ProjectCommand::LeaveQueue { version: Version::new("2.8.0").unwrap() }).await;
    assert!(matches!(left, Answer::Refused(_)), "{left:?}");
    let first = client.welcome().queue[0].clone();
    assert!(first.waits.is_none() && sessions(&client) == ["2.5.0"], "{first:?}");
    within(asks.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
        .await
        .unwrap();
    drop(asks);
    // Whoever asks once more is hung up on.
    for _ in 0..2 {
        let Some(asks) = Clock::System.limit(Duration::from_secs(3), store.accept()).await else { break };
        drop(asks);
    }
    let said = async {
        while client.welcome().queue.first().is_none_or(|first| first.waits.is_none()) {
            client.next().await.unwrap();
        }
    };
    within(said).await;
}

/// Who did not hear the answer before the conductor was killed asks the next one, and is told the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_again_after_a_kill_is_told_the_same() {
    let project = project();
    let running = project.start().await;
    drop(waiting(&project, &[]).await);
    let mut client = project.client().await;
    let Open { candidate, go_live, adopted, mode, author, strictness, .. } = request(&project, "2.6.0");
    let asked = GoLive { candidate, go_live, adopted, mode, author, strictness };
    let command = ProjectCommand::Queue(Box::new(asked));
    let asked = AskedOfProject { command, as_person: Some(dana()) };
    let id = client.tell_project(asked).await;
    assert!(matches!(within(client.answer(&id)).await.unwrap(), Answer::Done { .. }));
    drop(client);
    running.end().await;
    // The next conductor asks the journal: it is kept in the same commit as what was done.
    let own = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(project.dir.path()).unwrap());
    let by = Answered { client: u64::from(own), id: id.clone() };
    let kept = Reader::open(&project.journal()).unwrap().answered_in(&by).unwrap();
    assert_eq!(kept.as_deref(), Some(PROJECT));
}
