//! Whether the watch is attended, by a conductor whose clock the test moves.

use std::time::Duration;

use golive::{
    client::{Answer, Client, Place},
    clock::{Clock, FakeClock},
    domain::{command::Command, course::CourseCommand, time::WallTime},
};

use super::project::{Project, as_dana, within};

/// One second goes by for the conductor. That it did is known from the time it says: beats that come with events are
/// not told one by one.
async fn a_second(client: &mut Client, clock: &Clock, fake: &FakeClock) {
    fake.advance(Duration::from_secs(1));
    let wall = WallTime(clock.read().wall);
    while client.now().is_none_or(|now| now.wall < wall) {
        within(client.next()).await.unwrap();
    }
}

/// [W27] A line that drops for a moment, or a start by command with the cockpit opened after it, calls nobody: half a
/// minute without a screen does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_said_to_be_gone_after_half_a_minute_and_not_before() {
    let project = Project::new();
    let (clock, fake) = Clock::fake();
    let running = project.start_by(project.setup(), clock.clone()).await;
    let (mut client, session) = within(project.opened("2.5.0")).await;
    // By a command, as a script does it: it follows the session, and dana has no screen.
    client.looking(Place { screen: "start".into(), watching: false }).await;
    let take = as_dana(Command::Course(CourseCommand::TakeWatch));
    let id = client.command(session, take).await;
    let taken = match within(client.answer(&id)).await.unwrap() {
        Answer::Done { seq } => seq,
        other => panic!("{other:?}"),
    };
    while client.head().is_none_or(|head| head.seq < taken) {
        within(client.next()).await.unwrap();
    }
    let taken = client.session().unwrap().now.session;
    // What is said comes some beats later: it is written first.
    let mut seconds = 0;
    let gone = loop {
        if let Some(gone) = client.session().unwrap().course.watch.gone_since {
            break gone.session;
        }
        a_second(&mut client, &clock, &fake).await;
        seconds += 1;
        assert!(seconds < 10_000, "nobody is told");
    };
    let after = gone.0 - taken.0;
    assert!((29_000_000..=31_000_000).contains(&after), "after {after} µs");
    assert_eq!(running.end().await, golive::conductor::Ended::Stopped);
}
