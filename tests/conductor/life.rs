//! Sessions under a conductor: opened, changed, taken up again, ended.

use golive::{
    client::{Answer, Client, ForConductor, Happening, Mode},
    clock::Clock,
    conductor::{Ended, Setup, Share, run},
    domain::{
        checklist::ChecklistCommand,
        command::{Asked, Command},
        course::{CourseCommand, CourseEvent},
        event::Event,
        name::SessionId,
        poll::{PollCommand, VoteKind},
    },
    journal::{Verdict, verify},
    wire::{Door, ToConductor},
};

use super::project::{Project, as_dana, within};

fn hold() -> Command {
    Command::Course(CourseCommand::Hold { reason: "errors on the payments page".into() })
}

async fn done(client: &mut Client, session: &SessionId, asked: Asked) -> u64 {
    let id = client.command(session.clone(), asked).await;
    match within(client.answer(&id)).await.unwrap() {
        Answer::Done { seq } => {
            // The answer comes with the record, not ahead of it.
            while client.head().is_none_or(|head| head.seq < seq) {
                within(client.next()).await.unwrap();
            }
            seq
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_opened_and_what_is_decided_is_seen_by_everybody() {
    let project = Project::new();
    let running = project.start().await;
    let (mut dana, session) = within(project.opened("2.5.0")).await;
    assert_eq!(session.as_str(), "2.5.0");
    let mut other = project.client().await;
    other.follow(Some(session.clone()), [].into()).await;
    within(other.caught_up()).await.unwrap();
    let item = dana.session().unwrap().plan().items[0].id.clone();
    let tick = ChecklistCommand::Tick { item, evidence: Some("read by two".into()), file: None };
    let seq = done(&mut dana, &session, as_dana(Command::Checklist(tick))).await;
    while other.head().unwrap().seq < seq {
        within(other.next()).await.unwrap();
    }
    assert_eq!(other.session().unwrap().checklist, dana.session().unwrap().checklist);
    assert_eq!(running.end().await, Ended::Stopped);
    let verdict = verify(&project.journal(), "2.5.0", dana.head()).unwrap();
    assert!(matches!(verdict, Verdict::Intact { .. }), "{verdict:?}");
}

/// What is sent first may be as it was for the client before: nothing is told of it, and nothing decided on it, before the
/// rest has come. A command else takes for its own what its person did earlier.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_later_is_caught_up_only_with_what_stands_by_then() {
    let project = Project::new();
    let running = project.start().await;
    let (mut dana, session) = within(project.opened("2.5.0")).await;
    let mut before = project.client().await;
    before.follow(Some(session.clone()), [].into()).await;
    within(before.caught_up()).await.unwrap();
    let seq = done(&mut dana, &session, as_dana(hold())).await;
    let mut later = project.client().await;
    later.follow(Some(session), [].into()).await;
    assert!(!later.is_caught_up());
    let held = within(later.caught_up()).await.unwrap();
    assert!(held.seq >= seq && held.course.hold.is_some(), "{} of {seq}", held.seq);
    assert_eq!(running.end().await, Ended::Stopped);
}

/// [P46] A vote stands on everybody's board as soon as it is cast, and in the record of both. On a busy machine one may
/// be late; that none arrives within a second is no accident.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vote_is_on_the_board_of_another_session_within_a_second() {
    let project = Project::new();
    let running = project.start().await;
    let (mut dana, session) = within(project.opened("2.5.0")).await;
    let mut other = project.client().await;
    other.follow(Some(session.clone()), [].into()).await;
    within(other.caught_up()).await.unwrap();
    let mut fastest = u64::MAX;
    for text in ["the graphs are flat", "and stay so", "for an hour"] {
        let vote = VoteKind::NoGo { reason: text.into() };
        let vote = PollCommand::Vote { seat: None, vote, said_by: None };
        let cast = Clock::System.read().monotonic;
        let seq = done(&mut dana, &session, as_dana(Command::Poll(vote))).await;
        while other.head().unwrap().seq < seq {
            within(other.next()).await.unwrap();
        }
        fastest = fastest.min(Clock::System.read().monotonic - cast);
        let board = &other.session().unwrap().poll.votes[&super::project::dana()];
        assert_eq!(board.kind, VoteKind::NoGo { reason: text.into() });
    }
    assert!(fastest < 1_000_000, "{fastest} µs");
    assert_eq!(running.end().await, Ended::Stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_says_what_would_lift_it_and_is_recorded() {
    let project = Project::new();
    let _running = project.start().await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    // This test's own login is nobody in the plan.
    let id = client.command(session.clone(), hold().into()).await;
    match within(client.answer(&id)).await.unwrap() {
        Answer::Refused(refusal) => assert!(!refusal.lift.is_empty(), "{refusal}"),
        other => panic!("{other:?}"),
    }
    loop {
        if let Happening::Events(events) = within(client.next()).await.unwrap()
            && events.iter().any(|it| matches!(&it.event, Event::Course(CourseEvent::Refused { .. })))
        {
            break;
        }
    }
    // One that there is not is not waited for.
    let mut lost = project.client().await;
    lost.follow(Some("9.9.9".parse().unwrap()), [].into()).await;
    let why = within(lost.caught_up()).await.unwrap_err().to_string();
    assert!(why.contains("no stream 9.9.9"), "{why}");
    // A second session beside an open one is refused too.
    let id = client.open(project.request("2.6.0")).await;
    assert!(matches!(within(client.answer(&id)).await.unwrap(), Answer::Refused(_)));
}

/// The conductor is gone at once; the next one finds everything that was answered, under a higher epoch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_the_conductor_and_the_client_comes_back_by_itself() {
    let project = Project::new();
    let running = project.start().await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    done(&mut client, &session, as_dana(hold())).await;
    let epoch = client.session().unwrap().epoch;
    running.abort().await;
    let lost = async {
        loop {
            if let Happening::Lost(_) = client.next().await.unwrap() {
                break;
            }
        }
    };
    within(lost).await;
    let _running = project.start().await;
    assert!(matches!(within(client.next()).await.unwrap(), Happening::Back));
    while client.session().is_none_or(|session| session.epoch == epoch) {
        within(client.next()).await.unwrap();
    }
    let session_now = client.session().unwrap();
    assert_eq!(session_now.epoch, epoch + 1);
    assert_eq!(session_now.course.hold.as_ref().unwrap().reason, "errors on the payments page");
    assert_eq!(client.welcome().sessions.len(), 1);
    // A fresh client folds the same.
    let mut fresh = project.client().await;
    fresh.follow(Some(session), [].into()).await;
    within(fresh.caught_up()).await.unwrap();
    while fresh.head().unwrap().seq < client.head().unwrap().seq {
        within(fresh.next()).await.unwrap();
    }
    while client.head().unwrap().seq < fresh.head().unwrap().seq {
        within(client.next()).await.unwrap();
    }
    assert_eq!(fresh.session().unwrap().course, client.session().unwrap().course);
}

/// The answer to a message, on a connection of its own.
pub async fn asked_anew(project: &Project, message: &ToConductor) -> Answer {
    use golive::wire::{Frame, FrameReader, Hello, PROTOCOL, ToClient, build, send};
    let stream = golive::client::reach(&project.way(), &Clock::System).await.unwrap();
    let (from, mut to) = stream.into_split();
    let hello =
        ToConductor::Hello(Hello { protocol: PROTOCOL, build: build().into(), viewer: "test".into() });
    for message in [&hello, message] {
        send(&mut to, &Frame::of(message).unwrap()).await.unwrap();
    }
    let mut reader = FrameReader::new(from);
    let answer = async {
        loop {
            if let Some(ToClient::Answer { answer, .. }) = reader.message().await.unwrap() {
                return *answer;
            }
        }
    };
    within(answer).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_asked_again_of_a_later_conductor_is_the_same_session() {
    let project = Project::new();
    let open = |id: &str| ToConductor::Open { id: id.into(), open: Box::new(project.request("2.5.0")) };
    let running = project.start().await;
    let first = asked_anew(&project, &open("the-same")).await;
    assert!(matches!(&first, Answer::Opened { session } if session.as_str() == "2.5.0"), "{first:?}");
    running.abort().await;
    let _running = project.start().await;
    assert_eq!(asked_anew(&project, &open("the-same")).await, first);
    // Another asking is another one: while a session is open there is none beside it.
    let other = asked_anew(&project, &open("another")).await;
    assert!(matches!(other, Answer::Refused(_)), "{other:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_asked_again_under_its_id_is_done_once() {
    let project = Project::new();
    let _running = project.start().await;
    let (client, session) = within(project.opened("2.5.0")).await;
    let item = client.session().unwrap().plan().items[0].id.clone();
    let comment = ChecklistCommand::Comment { item, text: "running again".into() };
    let asked = Box::new(as_dana(Command::Checklist(comment)));
    let command = ToConductor::Command { id: "the-same".into(), session, asked };
    let answers = [asked_anew(&project, &command).await, asked_anew(&project, &command).await];
    assert_eq!(answers[0], answers[1]);
    assert!(matches!(answers[0], Answer::Done { .. }), "{answers:?}");
}

/// HOLD from a client of a protocol that nobody knows yet, and from one that says nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_another_version_can_still_hold() {
    use golive::wire::{Frame, FrameReader, ToClient, UrgentAnswer, send};
    use serde_json::json;
    let project = Project::new();
    let _running = project.start().await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    let stream = golive::client::reach(&project.way(), &Clock::System).await.unwrap();
    let (from, mut to) = stream.into_split();
    let hello = json!({ "hello": { "protocol": 99, "build": "9.0", "viewer": "cockpit" } });
    let urgent = json!({ "urgent": { "id": "a", "session": session, "what": "hold" }, "v": 99 });
    for message in [hello, urgent] {
        send(&mut to, &Frame::of(&message).unwrap()).await.unwrap();
    }
    let mut reader = FrameReader::new(from);
    let ToClient::UrgentWelcome(welcome) = within(reader.message()).await.unwrap().unwrap() else {
        panic!("it was not welcomed");
    };
    assert!(welcome.why.contains("use that golive"), "{welcome:?}");
    assert_eq!(welcome.sessions.iter().map(|it| (&it.id, it.open)).collect::<Vec<_>>(), [(&session, true)]);
    let answer = UrgentAnswer::read(within(reader.next()).await.unwrap().unwrap()).unwrap();
    // This login is nobody in the plan: it is refused by the rule, but it was understood.
    assert!(!answer.done && answer.say.contains("[people]"), "{answer:?}");
    done(&mut client, &session, as_dana(hold())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_conductor_leaves_the_field_to_the_first() {
    let project = Project::new();
    let running = project.start().await;
    let second = run(project.setup(), Clock::System, |_| panic!("it is not ready"), std::future::pending());
    assert_eq!(within(Box::pin(second)).await.unwrap(), Ended::AnotherRuns);
    project.client().await;
    running.end().await;
}

/// A command that a killed conductor was just starting has its lock a moment longer, and the file still names its
/// socket: that is no conductor, and the next one waits until the lock is free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_outlives_its_conductor_is_waited_for() {
    let project = Project::new();
    let running = project.start().await;
    let door = Door::read(&project.paths.lock()).unwrap().unwrap();
    running.end().await;
    let held = std::fs::OpenOptions::new().write(true).open(project.paths.lock()).unwrap();
    held.lock().unwrap();
    door.write(&held).unwrap();
    let start = project.start();
    tokio::pin!(start);
    let soon = Clock::System.limit(std::time::Duration::from_millis(100), &mut start).await;
    assert!(soon.is_none(), "it started beside a lock that is held");
    drop(held);
    let running = within(start).await;
    project.client().await;
    assert_eq!(running.end().await, Ended::Stopped);
}

/// Restarted again and again without a pause: each next one waits for the one that is ending, and is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_just_ending_is_waited_for_by_the_next() {
    let project = Project::new();
    let mut running = project.start().await;
    for _ in 0..10 {
        let mut client = project.client().await;
        client.conductor(ForConductor::Restart).await;
        // Its goodbye comes before it has let go of the lock.
        while !matches!(within(client.next()).await.unwrap(), Happening::Lost(_)) {}
        let next = within(project.start()).await;
        assert_eq!(running.ended().await, Ended::Stopped);
        running = next;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_when_it_is_told_to_and_says_goodbye() {
    let project = Project::new();
    let running = project.start().await;
    let mut client = project.client().await;
    client.conductor(ForConductor::Status).await;
    let info = loop {
        if let Happening::Conductor(info) = within(client.next()).await.unwrap() {
            break info;
        }
    };
    assert_eq!((info.pid, info.clients, info.under_way.len()), (std::process::id(), 1, 0));
    client.conductor(ForConductor::Stop).await;
    assert_eq!(running.ended().await, Ended::Stopped);
    loop {
        if let Happening::Lost(why) = within(client.next()).await.unwrap() {
            assert_eq!(why, "the conductor ends");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unattended_and_idle_for_long_it_ends_by_itself() {
    let project = Project::new();
    let idle = Some(std::time::Duration::from_secs(1));
    let running = project.start_with(Setup { idle, share: Share::Owner, ..project.setup() }).await;
    assert_eq!(running.ended().await, Ended::Idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_over_is_read_from_the_journal_and_the_next_may_open() {
    let project = Project::new();
    let running = project.start().await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    let abandon = CourseCommand::Abandon { reason: "the release was withdrawn".into() };
    done(&mut client, &session, as_dana(Command::Course(abandon))).await;
    running.end().await;
    let _running = project.start().await;
    let (next, second) = within(project.opened("2.5.0")).await;
    assert_eq!(second.as_str(), "2.5.0-2");
    let mut past = project.client().await;
    assert_eq!(past.welcome().mode, Mode::Full);
    let first = &past.welcome().sessions[0];
    assert_eq!((first.id.clone(), first.ended.as_deref()), (session.clone(), Some("abandoned")));
    past.follow(Some(session), [].into()).await;
    assert!(within(past.caught_up()).await.unwrap().course.is_over());
    past.past(10_000, 3).await;
    loop {
        if let Happening::Past(events) = within(past.next()).await.unwrap() {
            let last = past.head().unwrap().seq;
            let seqs: Vec<_> = events.iter().map(|event| event.seq).collect();
            assert_eq!(seqs, [last - 2, last - 1, last], "the newest, though there are not so many");
            break;
        }
    }
    drop(next);
}
