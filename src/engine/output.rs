//! What a command prints: read in bounded pieces, kept in bounded amounts, private keys dropped on the way.

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
};

use super::{ending::EVIDENCE, scrub::KeyBlock};

/// The longest line; a longer one is split.
const LINE: usize = 4096;
/// How much of the standard output is kept for reading, from its beginning.
const STDOUT: usize = 64 * 1024;

/// A line, or a part of one that is longer than a line may be.
pub struct Piece {
    /// From the standard output, rather than the error output.
    standard: bool,
    text: String,
    whole: bool,
}

/// What is kept of both outputs.
#[derive(Default)]
pub struct Kept {
    /// The beginning of the standard output.
    pub stdout: String,
    /// There was more of it.
    pub more: bool,
    /// The end of both, as they came.
    pub tail: String,
    /// Keys are dropped here, where their lines still stand together: one for each output.
    keys: [KeyBlock; 2],
}

impl Kept {
    pub fn take(&mut self, piece: &Piece, each: &mut impl FnMut(&str)) {
        let Some(line) = self.keys[usize::from(piece.standard)].pass(&piece.text) else { return };
        let line = line.trim_end_matches('\n');
        each(line);
        if piece.standard && self.stdout.len() + line.len() < STDOUT && !self.more {
            self.stdout.push_str(line);
            self.stdout.push_str(if piece.whole { "\n" } else { "" });
        } else if piece.standard {
            self.more = true;
        }
        self.tail.push_str(line);
        self.tail.push('\n');
        if self.tail.len() > 2 * EVIDENCE {
            self.tail = last_bytes(&self.tail, EVIDENCE).to_owned();
        }
    }
}

/// The last line that says something.
pub fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}

/// The last `limit` bytes, from the start of a line where there is one.
pub fn last_bytes(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut at = text.len() - limit;
    while !text.is_char_boundary(at) {
        at += 1;
    }
    let cut = &text[at..];
    cut.split_once('\n').map_or(cut, |(_, rest)| if rest.is_empty() { cut } else { rest })
}

/// Cuts what is printed into lines, as it comes.
pub struct Cutter {
    standard: bool,
    pending: Vec<u8>,
}

impl Cutter {
    pub const fn new(standard: bool) -> Self {
        Self { standard, pending: Vec::new() }
    }

    /// The lines that are whole by now; one that is longer than a line may be comes in parts.
    pub fn cut(&mut self, bytes: &[u8]) -> Vec<Piece> {
        self.pending.extend_from_slice(bytes);
        let end = |pending: &[u8]| pending.iter().position(|b| *b == b'\n');
        let mut pieces = Vec::new();
        while let Some(end) = end(&self.pending).or((self.pending.len() >= LINE).then_some(LINE - 1)) {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let whole = line.ends_with(b"\n");
            pieces.push(Piece { standard: self.standard, text: text(&line), whole });
        }
        pieces
    }

    /// What came after the last line, at the end.
    pub fn rest(self) -> Option<Piece> {
        let some = !self.pending.is_empty();
        some.then(|| Piece { standard: self.standard, text: text(&self.pending), whole: true })
    }
}

/// Reads one output to its end.
pub async fn read_lines(mut from: impl AsyncRead + Unpin, standard: bool, to: mpsc::Sender<Piece>) {
    let mut lines = Cutter::new(standard);
    let mut buffer = [0; LINE];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        for piece in lines.cut(&buffer[..count]) {
            if to.send(piece).await.is_err() {
                return;
            }
        }
    }
    if let Some(piece) = lines.rest() {
        // Nobody takes it any more if the command was ended.
        let _ = to.send(piece).await;
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_starts_at_a_line() {
        assert_eq!(last_bytes("one\ntwo\nthree", 8), "three");
        assert_eq!(last_bytes("short", 8), "short");
        assert_eq!(last_bytes("abcdefghij", 4), "ghij");
    }

    #[tokio::test]
    async fn a_long_line_is_read_in_parts_and_kept_as_one() {
        let (send, mut receive) = mpsc::channel(64);
        let line = format!("{}\nend", "x".repeat(10_000));
        read_lines(line.as_bytes(), true, send).await;
        let (mut kept, mut heard) = (Kept::default(), 0);
        while let Some(piece) = receive.recv().await {
            kept.take(&piece, &mut |_| heard += 1);
        }
        assert_eq!(kept.stdout.trim_end(), line);
        assert_eq!(heard, 4);
    }

    #[test]
    fn a_private_key_is_dropped_line_by_line() {
        let mut kept = Kept::default();
        let mut heard = Vec::new();
        for line in ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----", "b"] {
            let piece = Piece { standard: true, text: line.into(), whole: true };
            kept.take(&piece, &mut |line: &str| heard.push(line.to_owned()));
        }
        assert!(!kept.tail.contains("MIIE") && !heard.concat().contains("MIIE"));
        assert!(kept.stdout.starts_with("a\n") && kept.stdout.ends_with("b\n"));
    }
}
