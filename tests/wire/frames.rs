//! Frames over a connection that is slow, torn, or somebody else's.

use golive::wire::{Frame, FrameReader, MAX_FRAME, WireError, send};
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, duplex};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

async fn all(bytes: &[u8]) -> Result<Vec<String>, WireError> {
    let mut reader = FrameReader::new(bytes);
    let mut texts = Vec::new();
    while let Some(text) = reader.message().await? {
        texts.push(text);
    }
    Ok(texts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever the pieces in which they arrive, and however often the reader is interrupted in between.
    #[test]
    fn messages_arrive_whole_and_in_order(
        texts in prop::collection::vec(".{0,300}", 0..12),
        piece in 1..200usize,
    ) {
        let mut bytes = Vec::new();
        for text in &texts {
            bytes.extend_from_slice(Frame::of(text).unwrap().bytes());
        }
        let (mut near, far) = duplex(64);
        let read = runtime().block_on(async {
            let write = async {
                for piece in bytes.chunks(piece) {
                    near.write_all(piece).await.unwrap();
                }
                drop(near);
            };
            let read = async {
                let mut reader = FrameReader::new(far);
                let mut read = Vec::new();
                loop {
                    // Dropped half-way as often as not.
                    let next = tokio::select! {
                        biased;
                        next = reader.message::<String>() => next.unwrap(),
                        () = tokio::task::yield_now() => continue,
                    };
                    match next {
                        Some(text) => read.push(text),
                        None => return read,
                    }
                }
            };
            futures::join!(write, read).1
        });
        prop_assert_eq!(read, texts);
    }

    /// Cut anywhere: what came whole is handed out, and the rest is told from an end.
    #[test]
    fn a_torn_connection_is_told_from_an_end(texts in prop::collection::vec(".{0,40}", 1..5), cut in 0.0..1.0f64) {
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for text in &texts {
            bytes.extend_from_slice(Frame::of(text).unwrap().bytes());
            ends.push(bytes.len());
        }
        let cut = (bytes.len() as f64 * cut) as usize;
        let result = runtime().block_on(all(&bytes[..cut]));
        match ends.iter().position(|&end| end == cut) {
            Some(whole) => prop_assert_eq!(result.unwrap(), &texts[..whole]),
            None => prop_assert!(matches!(result, Err(WireError::Torn))),
        }
    }

    #[test]
    fn garbage_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        // An error, an end, or by chance a message: but it ends.
        let _ = runtime().block_on(all(&bytes));
    }
}

#[test]
fn a_frame_that_announces_too_much_is_refused_before_it_is_read() {
    let mut bytes = ((MAX_FRAME + 1) as u32).to_be_bytes().to_vec();
    bytes.push(b'"');
    let refused = runtime().block_on(all(&bytes)).unwrap_err();
    assert!(matches!(refused, WireError::TooLarge(length) if length == MAX_FRAME + 1));
    // Somebody who speaks another protocol announces too much with his first word.
    let refused = runtime().block_on(all(b"GET / HTTP/1.1\r\n\r\n")).unwrap_err();
    assert!(refused.to_string().contains("is it golive that answers there?"), "{refused}");
}

#[test]
fn the_longest_frame_goes_over_and_a_longer_one_is_not_sent() {
    let text = "x".repeat(MAX_FRAME - 2);
    let frame = Frame::of(&text).unwrap();
    assert_eq!(frame.bytes().len(), MAX_FRAME + 4);
    let read = runtime().block_on(async {
        let (mut near, far) = duplex(1 << 20);
        let mut reader = FrameReader::new(far);
        let (sent, read) = futures::join!(send(&mut near, &frame), reader.message::<String>());
        sent.unwrap();
        read.unwrap().unwrap()
    });
    assert_eq!(read.len(), text.len());
    assert!(matches!(Frame::of(&(text + "x")), Err(WireError::TooLargeToSend(_))));
}

#[test]
fn a_message_of_another_kind_is_an_error_that_shows_why() {
    let frame = Frame::of(&7).unwrap();
    let garbled = runtime().block_on(all(frame.bytes())).unwrap_err();
    assert!(matches!(&garbled, WireError::Garbled(why) if why.contains("expected a string")), "{garbled}");
}
