//! kill -9 in the middle of appending.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use golive::{
    clock::Clock,
    journal::{Class, Verdict, Writer, verify},
};

use super::*;

const CHILD: &str = "GOLIVE_TEST_JOURNAL";

/// What the child does: appends without end, and says the number of each line once it is acknowledged.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let writer = Writer::start(Store::open(path.as_ref()).unwrap(), Clock::System).unwrap();
        let opened = writer.open_stream(stream(), WallTime(0)).await.unwrap();
        for seq in opened.head.seq + 1.. {
            let class = if seq % 3 == 0 { Class::Decision } else { Class::Observation };
            let ticket = writer.append(batch(opened.epoch, [seq]), class).await;
            if class == Class::Decision {
                let head = ticket.await.unwrap().head;
                // Not `println`: the harness would keep it.
                writeln!(std::io::stdout(), "acknowledged {head}").unwrap();
            }
        }
    });
}

/// Killed again and again at whatever instant: no acknowledged line is lost, and the record goes on.
#[test]
fn no_acknowledged_append_is_lost_when_the_process_is_killed() {
    let place = Place::new();
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "journal::killed::child_that_appends_until_it_is_killed", "--nocapture"])
            .env(CHILD, place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = |line: std::io::Result<String>| {
            line.unwrap().strip_prefix("acknowledged ").map(|head| head.parse().unwrap())
        };
        // A different number of acknowledgements each round; what else it says until it is dead counts too.
        let mut last = None;
        for _ in 0..=round * 7 {
            last = said.by_ref().find_map(heard).or(last);
        }
        child.kill().unwrap();
        last = said.filter_map(heard).last().or(last);
        child.wait().unwrap();
        let last: golive::record::Head = last.unwrap();
        match verify(&place.path(), &stream(), Some(&last)).unwrap() {
            Verdict::Intact { head, .. } => assert!(head.seq >= last.seq),
            other => panic!("round {round}: {other:?}"),
        }
    }
}
