//! Snapshots that a conductor keeps by itself.

use golive::{
    conductor::fold_session,
    domain::{
        actor::Actor,
        course::CourseEvent,
        event::{Event, Stamped},
        time::WallTime,
    },
    journal::{Batch, Reader, Snapshot, Store},
    record::draft,
    wire::build,
};

use super::project::{Project, within};

const SESSION: &str = "2.5.0";

/// Nothing is decided and nothing happens: the next start folds little all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_folded_for_long_is_not_folded_again_by_the_next() {
    let project = Project::new();
    let running = project.start().await;
    drop(within(project.opened(SESSION)).await);
    running.end().await;
    let last = lengthened(&project, 20_000);
    let running = project.start().await;
    let kept = async {
        while kept(&project).is_none_or(|kept| kept.head.seq < last) {
            tokio::task::yield_now().await;
        }
    };
    within(kept).await;
    running.abort().await;
}

fn kept(project: &Project) -> Option<Snapshot> {
    Reader::open(&project.journal()).unwrap().snapshot(SESSION, build()).unwrap()
}

/// The session with so many more lines and no snapshot; the number of its last line.
fn lengthened(project: &Project, lines: u64) -> u64 {
    let journal = project.journal();
    let conn = rusqlite::Connection::open(&journal).unwrap();
    conn.execute("DELETE FROM snapshots", []).unwrap();
    let session = fold_session(&Reader::open(&journal).unwrap(), SESSION).unwrap().session;
    let mut store = Store::open(&journal).unwrap();
    let opened = store.open_stream(&SESSION.into(), WallTime(0)).unwrap();
    let ticked = |seq| Stamped {
        seq,
        now: session.now,
        epoch: opened.epoch,
        actor: Actor::RULES,
        event: Event::Course(CourseEvent::Ticked),
    };
    let drafts = (1..=lines).map(|n| draft(&ticked(session.seq + n)).unwrap()).collect();
    let batch = Batch { stream: SESSION.into(), drafts, answers: Vec::new() };
    for said in store.append(&[batch]) {
        said.unwrap();
    }
    session.seq + lines
}
