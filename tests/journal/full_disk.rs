//! A disk that is full: files of a child process may grow to a limit, as `ulimit -f` sets it.

use std::process::Command;

use golive::{
    clock::Clock,
    journal::{AppendError, BreakGlass, Class, Verdict, Writer, verify},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

const CHILD: &str = "GOLIVE_TEST_FULL_DISK";

/// What the child does: appends until no more fits, writes aside, gets room again and goes on.
#[test]
fn child_that_fills_its_disk() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = std::path::PathBuf::from(dir);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut glass = BreakGlass::prepare(&stream(), &[&dir], 64 << 10).unwrap();
        let writer = Writer::start(Store::open(&dir.join("journal.db")).unwrap(), Clock::System).unwrap();
        let opened = writer.open_stream(stream(), WallTime(0)).await.unwrap();
        let mut head = opened.head;
        let error = loop {
            let seqs = head.seq + 1..=head.seq + 50;
            match writer.append(batch(opened.epoch, seqs), Class::Decision).await.await {
                Ok(durable) => head = durable.head,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, AppendError::Full(_) | AppendError::Failed(_)), "{error}");
        let line = glass.write(&head, &draft(head.seq + 1, opened.epoch)).unwrap();

        let limit = getrlimit(Resource::Fsize);
        setrlimit(Resource::Fsize, Rlimit { current: limit.maximum, ..limit }).unwrap();
        assert_eq!(writer.import(stream(), vec![line.clone()], Vec::new()).await.unwrap(), line.head());
        let next = batch(opened.epoch, [line.seq + 1]);
        writer.append(next, Class::Decision).await.await.unwrap();
        writer.close();
    });
    std::fs::write(dir.join("done"), "").unwrap();
}

/// The append fails and says so, nothing of it is left, the fallback takes the rollback, and once there is room
/// again the same writer goes on.
#[test]
fn a_full_disk_fails_the_append_and_the_fallback_file_still_takes_lines() {
    let place = Place::new();
    // A shell that ignores the signal which would end the process instead of failing the write.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -S -f 600; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "journal::full_disk::child_that_fills_its_disk", "--nocapture"])
        .env(CHILD, place.dir.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert!(place.dir.path().join("done").exists());
    assert!(matches!(verify(&place.path(), &stream(), None).unwrap(), Verdict::Intact { .. }));
}
