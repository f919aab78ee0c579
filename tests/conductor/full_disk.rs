//! A disk that is full under a conductor: HOLD still works, is written aside, and comes into the record later.

use std::process::Command as Process;

use golive::{
    client::{Answer, Client},
    domain::{
        checklist::ChecklistCommand,
        command::Command,
        course::{CourseCommand, CourseEvent},
        event::Event,
        name::SessionId,
    },
    journal::{Reader, Verdict, verify},
    record::{Decoded, Stored, stamped},
    wire::ToConductor,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{
    life::asked_anew,
    project::{Project, as_dana, within},
};

const CHILD: &str = "GOLIVE_TEST_FULL_CONDUCTOR";

async fn say(client: &mut Client, session: &SessionId, command: Command) -> Answer {
    let id = client.command(session.clone(), as_dana(command)).await;
    within(client.answer(&id)).await.unwrap()
}

/// What the child does: a conductor and a client of it in one process, whose files may grow to a limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_whose_disk_is_full() {
    let Some(said) = std::env::var_os(CHILD) else { return };
    let limit = getrlimit(Resource::Fsize);
    let grow = |to: Option<u64>| setrlimit(Resource::Fsize, Rlimit { current: to, ..limit }).unwrap();
    let project = Project::new();
    let running = project.start().await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    let item = client.session().unwrap().plan().items[0].id.clone();
    let comment = |text: String| Command::Checklist(ChecklistCommand::Comment { item: item.clone(), text });
    // The journal's log is well over a limit below which the fallback file still has room.
    let log = project.journal().with_extension("db-wal");
    while std::fs::metadata(&log).unwrap().len() < 400_000 {
        let answer = say(&mut client, &session, comment("x".repeat(3_000))).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    grow(Some(200_000));
    let refusal = match say(&mut client, &session, comment("no more room".into())).await {
        Answer::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    assert!(refusal.reason.contains("the journal can't be written"), "{refusal}");
    assert!(refusal.lift.contains("HOLD and ROLL BACK work meanwhile"), "{refusal}");
    let hold = Command::Course(CourseCommand::Hold { reason: "the disk is full".into() });
    let asked = Box::new(as_dana(hold));
    let hold = ToConductor::Command { id: "held-once".into(), session: session.clone(), asked };
    let answer = asked_anew(&project, &hold).await;
    assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    let held = async {
        while client.session().is_none_or(|session| session.course.hold.is_none()) {
            client.next().await.unwrap();
        }
    };
    within(held).await;
    let still = say(&mut client, &session, comment("more".into())).await;
    assert!(matches!(still, Answer::Refused(_)), "{still:?}");
    // Its conductor dies, and it is asked again: the next one, which takes in what is in the fallback file, gives the
    // first answer.
    running.abort().await;
    let running = project.start().await;
    assert_eq!(asked_anew(&project, &hold).await, answer);

    grow(limit.maximum);
    // Once there is room again it goes on by itself.
    let goes_on = async {
        while !matches!(
            say(&mut client, &session, comment("there is room".into())).await,
            Answer::Done { .. }
        ) {
            client.next().await.unwrap();
        }
    };
    within(goes_on).await;
    drop(client);
    running.end().await;
    // Sealed, and the file emptied: the answer has come into the journal with what it did.
    let running = project.start().await;
    assert_eq!(asked_anew(&project, &hold).await, answer);
    running.end().await;

    let mut facts = Vec::new();
    Reader::open(&project.journal())
        .unwrap()
        .lines("2.5.0", 0, |row| {
            let stored = Stored::read(row.line).unwrap();
            if let Decoded::Known(event) = stamped(&stored, row.blob).unwrap() {
                facts.push(event.event);
            }
            Ok::<_, golive::journal::JournalError>(())
        })
        .unwrap();
    let at = |wanted: fn(&CourseEvent) -> bool| {
        facts.iter().position(|fact| matches!(fact, Event::Course(course) if wanted(course)))
    };
    let held = at(|fact| matches!(fact, CourseEvent::Held { .. })).unwrap();
    let sealed = at(|fact| matches!(fact, CourseEvent::GlassSealed { .. })).unwrap();
    assert!(held < sealed);
    let verdict = verify(&project.journal(), "2.5.0", None).unwrap();
    assert!(matches!(verdict, Verdict::Intact { .. }), "{verdict:?}");
    // The fallback is empty again, and its space is kept.
    let home = project.paths.home();
    let glass = std::fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("breakglass-"))
        .unwrap();
    assert!(std::fs::read(glass).unwrap().iter().all(|&byte| byte == 0));
    std::fs::write(said, "").unwrap();
}

#[test]
fn on_a_full_disk_hold_still_works_and_is_in_the_record_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let said = dir.path().join("done");
    // A shell that ignores the signal which would end the process instead of failing the write.
    let output = Process::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "conductor::full_disk::child_whose_disk_is_full", "--nocapture"])
        .env(CHILD, &said)
        .output()
        .unwrap();
    assert!(output.status.success() && said.exists(), "{}", String::from_utf8_lossy(&output.stderr));
}
