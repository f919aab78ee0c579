//! Turns a terminal's bytes into keys, mouse gestures and pastes. Pure: time is passed in. Must not guess: a
//! sequence that is not known is dropped whole, so that no tail of it is ever taken for a key.

use super::{
    input::{Code, Input, Key, Kind, Modifiers, Moment},
    sequence::{decode, final_code},
};

/// The longest control sequence that is waited for.
const SEQUENCE_LIMIT: usize = 64;
/// The longest answer of a terminal (device control, operating system command) that is waited for.
const STRING_LIMIT: usize = 4_096;
/// What is kept of a paste; the rest is dropped.
const PASTE_LIMIT: usize = 64 * 1_024;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Keeps what is not complete yet between two reads. An escape alone is not an Esc key until [`Parser::flush`]
/// says that nothing follows.
#[derive(Debug, Default)]
pub struct Parser {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

enum Step {
    /// So many bytes made this (or nothing worth telling).
    Took(usize, Option<Input>),
    /// The next input is not complete.
    Wait,
}

impl Parser {
    /// Takes what was read at `at`.
    pub fn feed(&mut self, bytes: &[u8], at: Moment) -> Vec<Input> {
        self.pending.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        while !self.pending.is_empty() {
            let step = if self.paste.is_some() { self.paste_step() } else { step(&self.pending, at) };
            let Step::Took(used, input) = step else { break };
            self.pending.drain(..used);
            if let Some(input) = input {
                if input == Input::Paste(String::new()) && self.paste.is_none() {
                    self.paste = Some(Vec::new());
                } else {
                    inputs.push(input);
                }
            }
        }
        inputs
    }

    /// Whether an incomplete sequence waits, and so [`Parser::flush`] should be called soon (30 ms) if no byte comes.
    pub fn waits(&self) -> bool {
        !self.pending.is_empty() && self.paste.is_none()
    }

    /// Nothing came for a while: a lone escape was the Esc key, the rest of a torn sequence is dropped.
    pub fn flush(&mut self, at: Moment) -> Vec<Input> {
        if self.paste.is_some() {
            return Vec::new();
        }
        let torn = std::mem::take(&mut self.pending);
        match torn.as_slice() {
            [0x1b] => vec![Input::Key(Key::press(Code::Esc, at))],
            [0x1b, byte @ (b'[' | b'O' | b'P' | b']' | b'_' | b'^' | b'X')] => {
                vec![Input::Key(Key::press(Code::Char(char::from(*byte)), at).with(Modifiers::ALT))]
            }
            _ => Vec::new(),
        }
    }

    fn paste_step(&mut self) -> Step {
        let Some(kept) = &mut self.paste else { return Step::Wait };
        let end = self.pending.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // What could be the beginning of the end stays.
        let text = end.unwrap_or_else(|| self.pending.len().saturating_sub(PASTE_END.len() - 1));
        let room = PASTE_LIMIT.saturating_sub(kept.len());
        kept.extend_from_slice(&self.pending[..text.min(room)]);
        if end.is_none() {
            self.pending.drain(..text);
            return Step::Wait;
        }
        let pasted = String::from_utf8_lossy(kept).into_owned();
        self.paste = None;
        let whole = (!pasted.is_empty()).then_some(Input::Paste(pasted));
        Step::Took(text + PASTE_END.len(), whole)
    }
}

fn step(bytes: &[u8], at: Moment) -> Step {
    match bytes {
        [0x1b] => Step::Wait,
        [0x1b, 0x1b, ..] => Step::Took(1, Some(Input::Key(Key::press(Code::Esc, at)))),
        [0x1b, b'[', rest @ ..] => sequence(rest, at),
        [0x1b, b'O'] => Step::Wait,
        [0x1b, b'O', last, ..] => {
            let code = final_code(*last).or(match last {
                b'M' => Some(Code::Enter),
                _ => None,
            });
            Step::Took(3, code.map(|code| Input::Key(Key::press(code, at))))
        }
        [0x1b, b'P' | b']' | b'_' | b'^' | b'X', rest @ ..] => string(rest),
        [0x1b, rest @ ..] => match character(rest, at) {
            Step::Took(used, Some(Input::Key(key))) => {
                let modifiers = Modifiers { alt: true, ..key.modifiers };
                Step::Took(used + 1, Some(Input::Key(key.with(modifiers))))
            }
            Step::Took(used, other) => Step::Took(used + 1, other),
            Step::Wait => Step::Wait,
        },
        _ => character(bytes, at),
    }
}

/// After `ESC [`: parameters, intermediates, one final byte.
fn sequence(rest: &[u8], at: Moment) -> Step {
    // The Linux console's F1 to F5.
    match rest {
        [b'['] => return Step::Wait,
        [b'[', n @ b'A'..=b'E', ..] => {
            return Step::Took(4, Some(Input::Key(Key::press(Code::F(n - b'A' + 1), at))));
        }
        _ => {}
    }
    for (i, byte) in rest.iter().enumerate().take(SEQUENCE_LIMIT) {
        match byte {
            0x20..=0x3f => {}
            // The old mouse report: three raw bytes follow. It is never asked for.
            b'M' if i == 0 => {
                return if rest.len() < 4 { Step::Wait } else { Step::Took(6, None) };
            }
            0x40..=0x7e => return Step::Took(i + 3, decode(&rest[..i], *byte, at)),
            // A control character inside: the sequence was torn; it goes, what follows stays.
            _ => return Step::Took(i + 2, None),
        }
    }
    if rest.len() >= SEQUENCE_LIMIT { Step::Took(rest.len() + 2, None) } else { Step::Wait }
}

/// A terminal's answer as a string: up to BEL or `ESC \`. None is used.
fn string(rest: &[u8]) -> Step {
    for (i, byte) in rest.iter().enumerate() {
        match byte {
            0x07 => return Step::Took(i + 3, None),
            0x1b if rest.get(i + 1) == Some(&b'\\') => return Step::Took(i + 4, None),
            _ => {}
        }
    }
    if rest.len() > STRING_LIMIT { Step::Took(rest.len() + 2, None) } else { Step::Wait }
}

fn character(bytes: &[u8], at: Moment) -> Step {
    let Some(&first) = bytes.first() else { return Step::Wait };
    let ctrl = |c: char| (Code::Char(c), Modifiers::CTRL);
    let (code, modifiers) = match first {
        b'\r' => (Code::Enter, Modifiers::NONE),
        b'\t' => (Code::Tab, Modifiers::NONE),
        0x7f | 0x08 => (Code::Backspace, Modifiers::NONE),
        0x00 => ctrl(' '),
        0x1b => return Step::Took(1, Some(Input::Key(Key::press(Code::Esc, at)))),
        0x01..=0x1a => ctrl(char::from(first - 1 + b'a')),
        0x1c..=0x1f => ctrl(char::from(first - 0x1c + b'4')),
        0x20..=0x7e => (Code::Char(char::from(first)), Modifiers::NONE),
        _ => return utf8(bytes, at),
    };
    Step::Took(1, Some(Input::Key(Key { code, modifiers, kind: Kind::Press, at })))
}

fn utf8(bytes: &[u8], at: Moment) -> Step {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Took(1, None),
    };
    let Some(whole) = bytes.get(..length) else {
        // A byte that cannot go on makes it broken, not incomplete.
        let broken = bytes[1..].iter().any(|b| b & 0xc0 != 0x80);
        return if broken { Step::Took(1, None) } else { Step::Wait };
    };
    match std::str::from_utf8(whole).ok().and_then(|s| s.chars().next()) {
        Some(c) if !c.is_control() => Step::Took(length, Some(Input::Key(Key::press(Code::Char(c), at)))),
        Some(_) => Step::Took(length, None),
        None => Step::Took(1, None),
    }
}
