//! Whether the watch is attended, by a conductor whose clock the test moves.

use std::time::Duration;

use golive::{
    client::{Answer, Client, Happening},
    clock::{Clock, FakeClock},
    domain::{command::Command, course::CourseCommand},
};

use super::project::{Project, as_dana, within};

/// One second goes by for the conductor; true once it has said that the watcher is gone.
async fn a_second(client: &mut Client, clock: &FakeClock) -> bool {
    clock.advance(Duration::from_secs(1));
    while !matches!(within(client.next()).await.unwrap(), Happening::Beat) {}
    client.session().unwrap().course.watch.gone_since.is_some()
}

/// [W27] A line that drops for a moment, or a start by command with the cockpit opened after it, calls nobody: half a
/// minute without a screen does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_said_to_be_gone_after_half_a_minute_and_not_before() {
    let project = Project::new();
    let (clock, fake) = Clock::fake();
    let running = project.start_by(project.setup(), clock).await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    // By a command, as a script does it: dana has no screen.
    let take = as_dana(Command::Course(CourseCommand::TakeWatch));
    let id = client.command(session, take).await;
    assert!(matches!(within(client.answer(&id)).await.unwrap(), Answer::Done { .. }));
    let mut seconds = 1;
    while !a_second(&mut client, &fake).await {
        seconds += 1;
        assert!(seconds < 60, "nobody is told");
    }
    // What is said comes with the beat after it at the latest.
    assert!((29..=32).contains(&seconds), "after {seconds} s");
    assert_eq!(running.end().await, golive::conductor::Ended::Stopped);
}
