//! Messages: each comes back as it was, and some are the same for ever.

use golive::{
    domain::{
        command::Command,
        effect::{LaneStep, Target},
        name::SessionId,
        refusal::Refusal,
        rollout::RolloutCommand,
        time::{Now, SessionTime, Span, WallTime},
    },
    record::{Head, Json},
    wire::{
        Answer, Assembly, Carried, ConductorInfo, ForConductor, Frame, Hello, Home, JournalState, Live,
        Measured, Mode, PROTOCOL, Place, Present, Sample, SessionInfo, SnapshotPart, ToClient, ToConductor,
        Topic, Unwritable, Urgent, UrgentAnswer, UrgentNo, UrgentSession, UrgentWelcome, UrgentWhat, Welcome,
        build, parts,
    },
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

fn session() -> SessionId {
    SessionId::new("shop-2.5.0").unwrap()
}

fn unit() -> Target {
    Target::Unit("web-01".parse().unwrap())
}

fn sample(measured: Measured) -> Sample {
    let environment = "production".parse().unwrap();
    Sample { environment, name: "failed requests".into(), measured, at: WallTime(7) }
}

fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T) {
    let frame = Frame::of(message).unwrap();
    let back: T = serde_json::from_slice(&frame.bytes()[4..]).unwrap();
    assert_eq!(back, *message);
}

#[test]
fn what_a_client_says_arrives_as_it_was() {
    use ToConductor as To;
    let head = Head::beginning("shop-2.5.0");
    let all = [
        To::Hello(Hello { protocol: PROTOCOL, build: build().into(), viewer: "cockpit".into() }),
        To::Urgent(Urgent {
            id: "1".into(),
            session: session(),
            what: UrgentWhat::Hold,
            reason: Some("look at this".into()),
            as_person: Some("dana".parse().unwrap()),
        }),
        To::Command {
            id: "2".into(),
            session: session(),
            asked: Box::new(Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }).into()),
        },
        To::Subscribe {
            session: Some(session()),
            after: Some(head),
            topics: [Topic::Presence, Topic::Samples, Topic::Output(unit())].into(),
        },
        To::Hear { topics: [Topic::Progress(unit()), Topic::Probes(None)].into() },
        To::Looking(Place { screen: "3 Rollout".into(), watching: true }),
        To::Past { session: session(), before: 7, count: 50 },
        To::Recent { unit: "web-01".parse().unwrap() },
        To::Samples(vec![sample(Measured::Count { count: 0, of: 1_704 })]),
        To::Ping { number: 7 },
        To::Conductor(ForConductor::Stop),
    ];
    all.iter().for_each(there_and_back);
}

#[test]
fn what_a_conductor_says_arrives_as_it_was() {
    use ToClient as To;
    let line = Json::from_text("{\"seq\":1,\"body\" : 1.50}".into()).unwrap();
    let place = Some(Place { screen: "1 Decision".into(), watching: false });
    let all = [
        To::Welcome(Welcome {
            queue: Vec::new(),
            protocol: PROTOCOL,
            build: "0.1.0 x".into(),
            mode: Mode::ReadOnly("nobody in [people] has the login kim".into()),
            you: None,
            login: "kim".into(),
            own: false,
            machine: "deploy-1".into(),
            home: Some(Home { path: "/srv/golive".into(), device: 1, inode: 2 }),
            sessions: vec![SessionInfo {
                id: session(),
                version: "2.5.0".parse().unwrap(),
                opened: WallTime(5),
                ended: Some("rolled back".into()),
            }],
            journal: JournalState::Unwritable(Unwritable {
                since: WallTime(6),
                why: "the disk is full".into(),
                journal: "/srv/golive/journal.db".into(),
                fallback: vec!["/srv/golive/breakglass-1.jsonl".into()],
            }),
        }),
        To::UrgentWelcome(UrgentWelcome {
            protocol: PROTOCOL,
            build: "0.1.0 x".into(),
            why: "it speaks another protocol".into(),
            machine: "deploy-1".into(),
            home: Some(Home { path: "/srv/golive".into(), device: 1, inode: 2 }),
            sessions: vec![UrgentSession { id: session(), version: "2.5.0".parse().unwrap(), open: true }],
        }),
        To::UrgentAnswer(UrgentAnswer {
            id: "1".into(),
            done: false,
            say: "the disk is full".into(),
            seq: None,
            no: UrgentNo::Unwritable,
        }),
        To::Answer { id: "2".into(), answer: Box::new(Answer::Done { seq: 12 }) },
        To::Answer { id: "2".into(), answer: Box::new(Answer::Refused(Refusal::rule("no", "yes"))) },
        To::Answer { id: "2".into(), answer: Box::new(Answer::Failed("the disk is full".into())) },
        To::Answer { id: "2".into(), answer: Box::new(Answer::Opened { session: session() }) },
        To::Past { session: session(), lines: Vec::new() },
        To::Snapshot(parts(&session(), &Head::beginning("s"), b"{}").remove(0)),
        To::Record { session: session(), lines: vec![Carried { line: line.clone(), body: Some(line) }] },
        To::Live(Live::Recent { target: unit(), lines: vec!["before".into(), "started".into()] }),
        To::Live(Live::Output { target: unit(), step: Some(LaneStep::Start), line: "started".into() }),
        To::Live(Live::Progress { target: unit(), step: None, text: "12 connections left".into() }),
        To::Live(Live::Probe {
            environment: "production".parse().unwrap(),
            unit: None,
            check: "smoke".parse().unwrap(),
            took: Span::secs(2),
            passed: true,
        }),
        To::Live(Live::Presence(vec![Present { who: "raj".into(), viewer: "cockpit".into(), place }])),
        To::Live(Live::Samples(vec![sample(Measured::Time(Span::millis(412)))])),
        To::Beat { wall: WallTime(1), now: Some(Now { wall: WallTime(1), session: SessionTime(2) }) },
        To::Pong { number: 7 },
        To::CaughtUp { session: session() },
        To::Resync { session: session(), why: "too slow".into() },
        To::Conductor(ConductorInfo {
            pid: 7,
            build: "0.1.0 x".into(),
            since: WallTime(1),
            clients: 2,
            under_way: vec!["web-01: drain".into()],
            figures: [("events".to_owned(), "12".to_owned())].into(),
        }),
        To::NoSession { session: session(), why: "there is none".into() },
        To::Bye { why: "the conductor restarts".into() },
    ];
    all.iter().for_each(there_and_back);
}

/// A line keeps every byte: its hash is over the text, not over what it means.
#[test]
fn a_line_goes_over_the_wire_byte_for_byte() {
    let text = "{\"seq\":1,\"body\" : {\"b\":1.50,\"a\":\"\\u00e9\"}}";
    let carried = Carried { line: Json::from_text(text.into()).unwrap(), body: None };
    let frame = Frame::of(&ToClient::Record { session: session(), lines: vec![carried] }).unwrap();
    let back: ToClient = serde_json::from_slice(&frame.bytes()[4..]).unwrap();
    let ToClient::Record { lines, .. } = back else { panic!("{back:?}") };
    assert_eq!(lines[0].line.text(), text);
}

/// These bytes are what every version of golive sends and understands. They never change.
#[test]
fn hold_and_rollback_are_the_same_bytes_in_every_version() {
    let urgent = |what| Urgent { id: "a1".into(), session: session(), what, reason: None, as_person: None };
    let bytes = |message: &ToConductor| String::from_utf8(Frame::of(message).unwrap().bytes()[4..].to_vec());
    assert_eq!(
        bytes(&ToConductor::Urgent(urgent(UrgentWhat::Hold))).unwrap(),
        r#"{"urgent":{"id":"a1","session":"shop-2.5.0","what":"hold"}}"#
    );
    assert_eq!(
        bytes(&ToConductor::Urgent(urgent(UrgentWhat::RollBack))).unwrap(),
        r#"{"urgent":{"id":"a1","session":"shop-2.5.0","what":"roll-back"}}"#
    );
    // A later version may say more; what matters is still understood.
    let later = r#"{"urgent":{"id":"a1","session":"shop-2.5.0","what":"hold","tone":"loud"},"v":9}"#;
    assert_eq!(Urgent::read(later.as_bytes()).unwrap(), urgent(UrgentWhat::Hold));
    let answer = r#"{"urgent-answer":{"id":"a1","done":true,"say":"held","more":1}}"#;
    let no = UrgentNo::Refused;
    let wanted = UrgentAnswer { id: "a1".into(), done: true, say: "held".into(), seq: None, no };
    assert_eq!(UrgentAnswer::read(answer.as_bytes()).unwrap(), wanted);
    // What kept it from being done may have more names one day.
    let answer = r#"{"urgent-answer":{"id":"a1","done":false,"say":"no","seq":7,"no":"eclipsed"}}"#;
    let wanted = UrgentAnswer { id: "a1".into(), done: false, say: "no".into(), seq: Some(7), no };
    assert_eq!(UrgentAnswer::read(answer.as_bytes()).unwrap(), wanted);
    let welcome = r#"{"urgent-welcome":{"protocol":9,"build":"2.0","why":"use 2.0","machine":"deploy-1",
        "sessions":[{"id":"shop-2.5.0","version":"2.5.0","open":true,"mood":"fine"}],"more":1}}"#;
    let sessions = vec![UrgentSession { id: session(), version: "2.5.0".parse().unwrap(), open: true }];
    let (build, why, machine) = ("2.0".into(), "use 2.0".into(), "deploy-1".into());
    let wanted = UrgentWelcome { protocol: 9, build, why, machine, home: None, sessions };
    assert_eq!(UrgentWelcome::read(welcome.as_bytes()).unwrap(), wanted);
    assert!(Urgent::read(br#"{"command":{}}"#).is_err());
}

#[test]
fn a_snapshot_that_another_one_overtook_is_not_mixed_with_it() {
    let part = |seq, part| SnapshotPart {
        session: session(),
        head: Head { seq, ..Head::beginning("s") },
        part,
        of: 2,
        bytes: format!("{seq}{part}").into_bytes(),
    };
    let mut assembly = Assembly::default();
    assert_eq!(assembly.add(part(5, 1)), None);
    assert_eq!(assembly.add(part(6, 1)), None);
    assert_eq!(assembly.add(part(5, 2)), None);
    assert_eq!(assembly.add(part(6, 2)), None, "its beginning is lost");
    assert_eq!(assembly.add(part(7, 1)), None);
    assert_eq!(assembly.add(part(7, 2)).unwrap().1, b"7172");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_of_any_length_arrives_whole(length in 0..4_000_000usize, byte in any::<u8>()) {
        let state = vec![byte; length];
        let mut assembly = Assembly::default();
        let mut whole = None;
        for part in parts(&session(), &Head::beginning("s"), &state) {
            prop_assert!(whole.is_none());
            let frame = Frame::of(&ToClient::Snapshot(part)).unwrap();
            match serde_json::from_slice(&frame.bytes()[4..]).unwrap() {
                ToClient::Snapshot(part) => whole = assembly.add(part),
                other => panic!("{other:?}"),
            }
        }
        prop_assert!(whole.unwrap().1 == state);
    }
}
