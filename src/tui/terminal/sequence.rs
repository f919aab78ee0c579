//! What a complete control sequence means: function keys with modifiers, the kitty keyboard protocol, mouse
//! reports (SGR), focus, the beginning of a paste.

use super::input::{Button, Code, Gesture, Input, Key, Kind, Modifiers, Moment, Mouse};

/// `parameters` are the bytes between `ESC [` and `last`.
pub(super) fn decode(parameters: &[u8], last: u8, at: Moment) -> Option<Input> {
    let text = std::str::from_utf8(parameters).ok()?;
    if let Some(mouse) = text.strip_prefix('<') {
        return report(mouse, last, at);
    }
    if let Some(private) = text.strip_prefix('?') {
        let answer = last == b'u' && private.bytes().all(|b| b.is_ascii_digit());
        return answer.then_some(Input::CanReleaseKeys);
    }
    if text.starts_with(['>', '=']) {
        return None;
    }
    let mut fields = text.split(';');
    let mut first = fields.next().unwrap_or_default().split(':');
    let number: Option<u32> = first.next().filter(|n| !n.is_empty()).and_then(|n| n.parse().ok());
    let shifted: Option<u32> = first.next().and_then(|n| n.parse().ok());
    let mut second = fields.next().unwrap_or_default().split(':');
    let mask: u32 = second.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let kind = match second.next() {
        Some("2") => Kind::Repeat,
        Some("3") => Kind::Release,
        _ => Kind::Press,
    };
    let mut modifiers = held(mask);
    let code = match last {
        b'~' if number == Some(200) => return Some(Input::Paste(String::new())),
        b'~' => tilde(number?)?,
        b'u' => {
            let code = kitty(number?, shifted, modifiers.shift)?;
            if matches!(code, Code::Char(_) | Code::BackTab) {
                modifiers.shift = false;
            }
            code
        }
        b'Z' => {
            modifiers.shift = false;
            Code::BackTab
        }
        b'I' if text.is_empty() => return Some(Input::Focus(true)),
        b'O' if text.is_empty() => return Some(Input::Focus(false)),
        // With two numbers an R is the cursor's position, not F3.
        b'R' => return None,
        _ => final_code(last)?,
    };
    Some(Input::Key(Key { code, modifiers, kind, at }))
}

/// The key that a final letter names, after `ESC [` or `ESC O`.
pub(super) fn final_code(last: u8) -> Option<Code> {
    Some(match last {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'P' => Code::F(1),
        b'Q' => Code::F(2),
        b'R' => Code::F(3),
        b'S' => Code::F(4),
        _ => return None,
    })
}

fn tilde(number: u32) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F((number - 10) as u8),
        17..=21 => Code::F((number - 11) as u8),
        23..=24 => Code::F((number - 12) as u8),
        _ => return None,
    })
}

/// The kitty protocol names a key by its unshifted character.
fn kitty(number: u32, shifted: Option<u32>, shift: bool) -> Option<Code> {
    Some(match number {
        9 if shift => Code::BackTab,
        9 => Code::Tab,
        13 | 57_414 => Code::Enter,
        27 => Code::Esc,
        127 => Code::Backspace,
        57_417 => Code::Left,
        57_418 => Code::Right,
        57_419 => Code::Up,
        57_420 => Code::Down,
        57_421 => Code::PageUp,
        57_422 => Code::PageDown,
        57_423 => Code::Home,
        57_424 => Code::End,
        57_399..=57_408 => Code::Char(char::from_digit(number - 57_399, 10)?),
        // Other keys of the private area: media, modifiers by themselves.
        57_344..=63_743 => return None,
        _ => {
            let plain = char::from_u32(number).filter(|c| !c.is_control())?;
            let typed = shifted.and_then(char::from_u32).filter(|c| !c.is_control());
            match (shift, typed) {
                (true, Some(typed)) => Code::Char(typed),
                (true, None) => Code::Char(plain.to_uppercase().next().unwrap_or(plain)),
                (false, _) => Code::Char(plain),
            }
        }
    })
}

fn held(mask: u32) -> Modifiers {
    let bits = mask.saturating_sub(1) as u8;
    let held = |bit: u8| bits >> bit & 1 == 1;
    Modifiers { shift: held(0), alt: held(1), ctrl: held(2) }
}

fn report(text: &str, last: u8, at: Moment) -> Option<Input> {
    let mut numbers = text.split(';').map(|n| n.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let low = button & 3;
    let which = match low {
        0 => Some(Button::Left),
        1 => Some(Button::Middle),
        2 => Some(Button::Right),
        _ => None,
    };
    let gesture = match (button & 0b110_0000, last) {
        (64, b'M') if low == 0 => Gesture::WheelUp,
        (64, b'M') if low == 1 => Gesture::WheelDown,
        (32, b'M') => Gesture::Drag(which?),
        (0, b'M') => Gesture::Down(which?),
        (0, b'm') => Gesture::Up(which?),
        _ => return None,
    };
    // The report counts from 1.
    Some(Input::Mouse(Mouse { gesture, column: column.saturating_sub(1), row: row.saturating_sub(1), at }))
}
