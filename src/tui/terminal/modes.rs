//! The sequences around the frames: entering and leaving the full screen, the window's title, the clipboard.
//! Only bytes; writing them is somebody else's.

use super::caps::Caps;
use crate::tui::text::plain;

/// Alternate screen, hidden cursor, bracketed paste, focus, and the question whether key releases can be told.
pub fn enter(caps: &Caps, mouse: bool) -> Vec<u8> {
    let mut out = String::from("\x1b[?1049h\x1b[?25l\x1b[2J");
    if caps.modern {
        out.push_str("\x1b[22;2t\x1b[?2004h\x1b[?1004h\x1b[?u");
    }
    if mouse {
        out.push_str("\x1b[?1000h\x1b[?1002h\x1b[?1006h");
    }
    out.into_bytes()
}

/// Asks for key releases; only after the terminal said that it knows how.
pub const ASK_RELEASES: &[u8] = b"\x1b[>7u";

/// Everything that [`enter`] may have set, whatever state the terminal is in: also right after a torn frame.
pub fn leave(caps: &Caps, releases: bool) -> Vec<u8> {
    let mut out = String::new();
    if caps.modern {
        out.push_str("\x1b[?2026l");
    }
    if releases {
        out.push_str("\x1b[<u");
    }
    out.push_str("\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[m");
    if caps.modern {
        out.push_str("\x1b[?1004l\x1b[?2004l\x1b[23;2t");
    }
    out.push_str("\x1b[?25h\x1b[?1049l");
    out.into_bytes()
}

/// Sets the window's title. The text is neutralised and cut: a name from outside never ends the sequence early.
pub fn title(caps: &Caps, text: &str) -> Vec<u8> {
    if !caps.modern {
        return Vec::new();
    }
    let text: String = plain(text).chars().take(120).collect();
    format!("\x1b]2;{text}\x1b\\").into_bytes()
}

/// Puts text into the viewer's clipboard (OSC 52), also through SSH. At most 64 KB: more is refused by terminals.
pub fn copy(caps: &Caps, text: &str) -> Vec<u8> {
    if !caps.modern || text.len() > 64 * 1024 {
        return Vec::new();
    }
    let mut out = b"\x1b]52;c;".to_vec();
    out.extend(base64(text.as_bytes()));
    out.extend_from_slice(b"\x1b\\");
    out
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= three.len() { digit } else { b'=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::terminal::{Depth, Size};

    const CAPS: Caps =
        Caps { size: Size { columns: 80, rows: 24 }, depth: Depth::Mono, unicode: true, modern: true };

    #[test]
    fn the_clipboard_gets_base64() {
        for (text, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(copy(&CAPS, text), format!("\x1b]52;c;{coded}\x1b\\").into_bytes());
        }
    }

    #[test]
    fn a_title_cannot_smuggle_a_sequence() {
        let bytes = title(&CAPS, "shop\x1b\\\x07\x1b[31m\u{9c}evil");
        let inner = &bytes[4..bytes.len() - 2];
        assert!(!inner.iter().any(|b| *b < 0x20), "{bytes:?}");
        assert!(!String::from_utf8_lossy(inner).contains('\u{9c}'));
    }

    #[test]
    fn an_old_terminal_is_sent_nothing_it_may_print() {
        let old = Caps { modern: false, ..CAPS };
        assert!(title(&old, "shop").is_empty() && copy(&old, "shop").is_empty());
    }
}
