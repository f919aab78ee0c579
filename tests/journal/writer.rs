//! The writer's thread: order, classes, and what it says.

use std::time::Duration;

use golive::{
    clock::Clock,
    journal::{AppendError, Class, OBSERVATIONS_WAIT, Reader, Snapshot, Verdict, Writer, verify},
};

use super::*;

async fn started(place: &Place) -> (Writer, u32, Arc<golive::clock::FakeClock>) {
    let (clock, hand) = Clock::fake();
    let writer = Writer::start(place.store(), clock).unwrap();
    let opened = writer.open_stream(stream(), WallTime(0)).await.unwrap();
    (writer, opened.epoch, hand)
}

fn stored(place: &Place) -> u64 {
    Reader::open(&place.path()).unwrap().head(&stream()).unwrap().seq
}

#[tokio::test]
async fn a_decision_is_durable_when_its_ticket_says_so() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    let durable = writer.append(batch(epoch, 1..=2), Class::Decision).await.await.unwrap();
    assert_eq!((durable.head.seq, durable.lines.len(), stored(&place)), (2, 2, 2));
}

#[tokio::test]
async fn an_observation_waits_for_its_time_and_no_longer() {
    let place = Place::new();
    let (writer, epoch, hand) = started(&place).await;
    let mut ticket = writer.append(batch(epoch, [1]), Class::Observation).await;
    hand.advance(OBSERVATIONS_WAIT.saturating_sub(Duration::from_millis(1)));
    assert!(futures::poll!(&mut ticket).is_pending());
    assert_eq!(stored(&place), 0);
    // The thread may not have begun to wait yet: time goes on until it has.
    loop {
        hand.advance(Duration::from_millis(1));
        if let std::task::Poll::Ready(said) = futures::poll!(&mut ticket) {
            assert_eq!(said.unwrap().head.seq, 1);
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(stored(&place), 1);
}

#[tokio::test]
async fn a_decision_takes_the_observations_before_it_along() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    let mut tickets = Vec::new();
    for seq in 1..=5 {
        tickets.push(writer.append(batch(epoch, [seq]), Class::Observation).await);
    }
    let decided = writer.append(batch(epoch, [6]), Class::Decision).await.await.unwrap();
    assert_eq!(decided.head.seq, 6);
    for (ticket, seq) in tickets.into_iter().zip(1..) {
        assert_eq!(ticket.await.unwrap().head.seq, seq);
    }
}

/// A large snapshot is written in pieces, and a decision does not wait for all of them.
#[tokio::test]
async fn a_decision_comes_before_the_rest_of_a_snapshot() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    let head = writer.append(batch(epoch, [1]), Class::Decision).await.await.unwrap().head;
    let done = std::cell::RefCell::new(Vec::new());
    let state: Vec<u8> = (0..32_u32 << 20).map(|n| (n >> 10) as u8).collect();
    let snapshot = Snapshot { head, state };
    // In this order they are handed over.
    let kept = async {
        writer.keep_snapshot(stream(), "build 1".into(), snapshot.clone()).await.unwrap();
        done.borrow_mut().push("the snapshot");
    };
    let decided = async {
        writer.append(batch(epoch, [2]), Class::Decision).await.await.unwrap();
        done.borrow_mut().push("the decision");
    };
    tokio::join!(biased; kept, decided);
    assert_eq!(done.into_inner(), ["the decision", "the snapshot"]);
    let newest = Reader::open(&place.path()).unwrap().snapshot(&stream(), "build 1").unwrap();
    assert!(newest == Some(snapshot));
}

#[tokio::test]
async fn what_was_handed_over_is_written_before_the_writer_ends() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    let ticket = writer.append(batch(epoch, [1]), Class::Observation).await;
    writer.close();
    assert_eq!(ticket.await.unwrap().head.seq, 1);
    assert_eq!(stored(&place), 1);
}

#[tokio::test]
async fn what_was_decided_on_a_failed_append_fails_too_and_the_next_ones_succeed() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    let failed = writer.append(batch(epoch + 1, [1]), Class::Observation).await;
    let built_on_it = writer.append(batch(epoch, [2]), Class::Decision).await;
    assert!(matches!(failed.await, Err(AppendError::Fenced { .. })));
    assert!(matches!(built_on_it.await, Err(AppendError::NotNext { expected: 1, .. })));
    writer.append(batch(epoch, [1]), Class::Decision).await.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_hands_append_to_many_streams_and_every_chain_holds() {
    let place = Place::new();
    let (clock, _hand) = Clock::fake();
    let writer = Writer::start(place.store(), clock).unwrap();
    let hands = (0..8).map(|number| {
        let writer = writer.clone();
        tokio::spawn(async move {
            let name: Arc<str> = format!("s{number}").into();
            let epoch = writer.open_stream(name.clone(), WallTime(0)).await.unwrap().epoch;
            for seq in 1..=50 {
                let class = if seq % 5 == 0 { Class::Decision } else { Class::Observation };
                let drafts = vec![draft(seq, epoch)];
                let ticket =
                    writer.append(Batch { stream: name.clone(), drafts, answers: Vec::new() }, class).await;
                if class == Class::Decision {
                    ticket.await.unwrap();
                }
            }
        })
    });
    for hand in hands.collect::<Vec<_>>() {
        hand.await.unwrap();
    }
    for number in 0..8 {
        match verify(&place.path(), &format!("s{number}"), None).unwrap() {
            Verdict::Intact { head, .. } => assert_eq!(head.seq, 50),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_writer_that_ends_leaves_no_log_beside_the_journal_although_somebody_reads() {
    let place = Place::new();
    let (writer, epoch, _) = started(&place).await;
    writer.append(batch(epoch, 1..=200), Class::Decision).await.await.unwrap();
    let log = place.path().with_extension("db-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    let _reads = golive::journal::Reader::open(&place.path()).unwrap();
    tokio::task::spawn_blocking(|| writer.close()).await.unwrap();
    assert_eq!(std::fs::metadata(&log).map_or(0, |log| log.len()), 0);
    assert_eq!(stored(&place), 200);
}
