//! What a rehearsal has shown reaches the project, whether or not a session is open.

use golive::{
    client::{Answer, AskedOfProject, Client},
    domain::{
        course::Ending,
        name::{Digest, SessionId, Version},
        project::ProjectCommand,
        rehearsal::{Rehearsal, Standing, standing},
        time::WallTime,
    },
};

use super::project::{Project, within};

fn rehearsal(id: &str, at: i64, steps: Digest) -> Rehearsal {
    Rehearsal {
        id: SessionId::new(id).unwrap(),
        version: Version::new("2.5.0").unwrap(),
        at: WallTime(at),
        steps,
        ending: Ending::RolledBack,
        short: None,
        hosts: (2, 2),
        parts: Vec::new(),
        times: [].into(),
        back: None,
        requests: None,
        otherwise: Vec::new(),
        faults: Vec::new(),
    }
}

async fn tell(client: &mut Client, rehearsal: Rehearsal) -> Answer {
    let command = ProjectCommand::NoteRehearsal(Box::new(rehearsal));
    let id = client.tell_project(AskedOfProject { command, as_person: Some("dana".parse().unwrap()) }).await;
    within(client.answer(&id)).await.unwrap()
}

/// Told before any session it is in the project's record, and the session opened then begins with it; told again while
/// that is open it is in the session's, over a restart of the conductor too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_is_known_to_the_session_that_comes_after_it_and_to_the_one_that_is_open() {
    let project = Project::new();
    let running = project.start().await;
    let mut client = project.client().await;
    let other = Digest::of(b"other steps");
    let answer = tell(&mut client, rehearsal("rehearsal-1", 1, other)).await;
    assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    let (dana, session) = within(project.opened("2.5.0")).await;
    let open = dana.session().unwrap();
    assert!(
        matches!(standing(open), Standing::Other(it) if it.id.as_str() == "rehearsal-1"),
        "{:?}",
        standing(open)
    );
    let steps = open.steps();
    let answer = tell(&mut client, rehearsal("rehearsal-2", 2, steps)).await;
    assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    drop((dana, client));
    running.end().await;

    let running = project.start().await;
    let mut client = project.client().await;
    client.follow(Some(session), [].into()).await;
    let open = within(client.caught_up()).await.unwrap();
    assert!(
        matches!(standing(open), Standing::Passed(it) if it.id.as_str() == "rehearsal-2"),
        "{:?}",
        standing(open)
    );
    running.end().await;
}
