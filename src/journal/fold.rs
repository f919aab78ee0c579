//! A stream, verified and folded, by two threads: one reads its lines and checks that each follows the one before it,
//! the other takes in what they say. What comes out, and which error comes first, is as if one had done both.

use std::{
    panic::resume_unwind,
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use super::{error::JournalError, reader::Reader};
use crate::record::{Chain, FoldError, Folded, Followed};

/// Lines that are handed over together.
const TOGETHER: usize = 256;
/// How often so many may wait to be taken in.
const WAITING: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum Unfolded {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Fold(#[from] FoldError),
}

/// A line on its way, with the body that is kept beside it.
type Handed = (Followed, Option<Box<str>>);

/// Why no more is read.
enum Stop {
    Unfolded(Unfolded),
    /// The other thread takes no more: it says why.
    NotTaken,
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Unfolded(error.into())
    }
}

/// Takes in every line of the stream that comes after what is folded.
pub fn fold(reader: &Reader, stream: &str, folded: Folded) -> Result<Folded, Unfolded> {
    let mut chain = Chain::from(folded.head().clone());
    let after = folded.head().seq;
    thread::scope(|scope| {
        let (hand, handed) = sync_channel::<Vec<Handed>>(WAITING);
        let taking = scope.spawn(move || take(folded, &handed));
        let mut lines = Vec::with_capacity(TOGETHER);
        let read = reader.lines(stream, after, |row| {
            let next = chain.next(row.line).map_err(|why| Stop::Unfolded(FoldError::Broken(why).into()))?;
            lines.push((next, row.blob.map(Box::from)));
            if lines.len() < TOGETHER {
                return Ok(());
            }
            let full = std::mem::replace(&mut lines, Vec::with_capacity(TOGETHER));
            hand.send(full).map_err(|_| Stop::NotTaken)
        });
        // Those before one that can't be read are taken in all the same: the first error of the record is told.
        let rest = hand.send(lines);
        drop(hand);
        let folded = taking.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        match read {
            Err(Stop::Unfolded(error)) => Err(error),
            Err(Stop::NotTaken) | Ok(()) => rest.map(|()| folded).map_err(|_| JournalError::Gone.into()),
        }
    })
}

fn take(mut folded: Folded, handed: &Receiver<Vec<Handed>>) -> Result<Folded, FoldError> {
    for lines in handed {
        for (next, beside) in lines {
            folded.take_followed(next, beside.as_deref())?;
        }
    }
    Ok(folded)
}
