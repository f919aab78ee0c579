//! Bytes of a terminal become keys, however they are split.

use golive::tui::terminal::{Button, Code, Gesture, Input, Key, Kind, Modifiers, Moment, Mouse, Parser};

const AT: Moment = Moment(7);

fn key(code: Code) -> Input {
    Input::Key(Key::press(code, AT))
}

fn with(code: Code, modifiers: Modifiers) -> Input {
    Input::Key(Key::press(code, AT).with(modifiers))
}

/// Everything that comes of the bytes, a lone escape at the end included.
fn all(bytes: &[u8]) -> Vec<Input> {
    let mut parser = Parser::default();
    let mut inputs = parser.feed(bytes, AT);
    inputs.extend(parser.flush(AT));
    inputs
}

fn cases() -> Vec<(&'static [u8], Vec<Input>)> {
    let ctrl = Modifiers::CTRL;
    let mouse = |gesture, column, row| Input::Mouse(Mouse { gesture, column, row, at: AT });
    vec![
        (b"aR?", vec![key(Code::Char('a')), key(Code::Char('R')), key(Code::Char('?'))]),
        (b"\r\t\x7f", vec![key(Code::Enter), key(Code::Tab), key(Code::Backspace)]),
        (
            b"\x03\x04\x15",
            vec![with(Code::Char('c'), ctrl), with(Code::Char('d'), ctrl), with(Code::Char('u'), ctrl)],
        ),
        (b"\x1b", vec![key(Code::Esc)]),
        (b"\x1b\x1b[A", vec![key(Code::Esc), key(Code::Up)]),
        (
            b"\x1b[A\x1b[B\x1bOC\x1bOD",
            vec![key(Code::Up), key(Code::Down), key(Code::Right), key(Code::Left)],
        ),
        (b"\x1b[1;5C", vec![with(Code::Right, ctrl)]),
        (
            b"\x1b[H\x1b[4~\x1b[5~\x1b[6~",
            vec![key(Code::Home), key(Code::End), key(Code::PageUp), key(Code::PageDown)],
        ),
        (
            b"\x1b[Z\x1b[3~\x1bOP\x1b[15~\x1b[24~",
            vec![key(Code::BackTab), key(Code::Delete), key(Code::F(1)), key(Code::F(5)), key(Code::F(12))],
        ),
        (b"\x1bx", vec![with(Code::Char('x'), Modifiers::ALT)]),
        ("ä日".as_bytes(), vec![key(Code::Char('ä')), key(Code::Char('日'))]),
        (
            b"\x1b[<0;10;5M\x1b[<0;10;5m",
            vec![mouse(Gesture::Down(Button::Left), 9, 4), mouse(Gesture::Up(Button::Left), 9, 4)],
        ),
        (
            b"\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<35;3;3M",
            vec![mouse(Gesture::WheelUp, 0, 0), mouse(Gesture::WheelDown, 0, 0)],
        ),
        (b"\x1b[200~R\x1b[AR\r\x1b[201~q", vec![Input::Paste("R\x1b[AR\r".into()), key(Code::Char('q'))]),
        (b"\x1b[I\x1b[O", vec![Input::Focus(true), Input::Focus(false)]),
        // Answers and what is not known leave nothing behind that could be taken for a key.
        (b"\x1b[?1;2cR", vec![key(Code::Char('R'))]),
        (b"\x1b[12;40RH", vec![key(Code::Char('H'))]),
        (b"\x1b]11;rgb:15/18/1e\x07n", vec![key(Code::Char('n'))]),
        (b"\x1bP1$r0m\x1b\\n", vec![key(Code::Char('n'))]),
        (b"\x1b[99;99Xn", vec![key(Code::Char('n'))]),
        (b"\xff\xc3(", vec![key(Code::Char('('))]),
    ]
}

#[test]
fn keys_mouse_and_pastes_are_told_from_a_terminals_bytes() {
    for (bytes, wanted) in cases() {
        assert_eq!(all(bytes), wanted, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_sequence_split_anywhere_is_the_same_sequence() {
    for (bytes, wanted) in cases() {
        for cut in 1..bytes.len() {
            let mut parser = Parser::default();
            let mut inputs = parser.feed(&bytes[..cut], AT);
            inputs.extend(parser.feed(&bytes[cut..], AT));
            inputs.extend(parser.flush(AT));
            assert_eq!(inputs, wanted, "{:?} cut at {cut}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn a_key_release_is_told_where_the_terminal_offers_it() {
    let kind = |kind, code| Input::Key(Key { kind, ..Key::press(code, AT) });
    assert_eq!(all(b"\x1b[?0u"), [Input::CanReleaseKeys]);
    assert_eq!(all(b"\x1b[114:82;2:1u"), [key(Code::Char('R'))]);
    assert_eq!(all(b"\x1b[114:82;2:2u"), [kind(Kind::Repeat, Code::Char('R'))]);
    assert_eq!(all(b"\x1b[114:82;2:3u"), [kind(Kind::Release, Code::Char('R'))]);
    assert_eq!(all(b"\x1b[47:63;2u"), [key(Code::Char('?'))]);
    assert_eq!(all(b"\x1b[27u\x1b[99;5u"), [key(Code::Esc), with(Code::Char('c'), Modifiers::CTRL)]);
    assert_eq!(all(b"\x1b[1;1:3A"), [kind(Kind::Release, Code::Up)]);
    assert_eq!(all(b"\x1b[57441u"), [], "shift by itself");
}

#[test]
fn an_escape_alone_waits_until_nothing_follows() {
    let mut parser = Parser::default();
    assert_eq!(parser.feed(b"\x1b", AT), []);
    assert!(parser.waits());
    assert_eq!(parser.flush(AT), [key(Code::Esc)]);
    assert!(!parser.waits());
    // A torn sequence is dropped, not typed.
    assert_eq!(parser.feed(b"\x1b[1;", AT), []);
    assert_eq!(parser.flush(AT), []);
    assert_eq!(parser.feed(b"j", AT), [key(Code::Char('j'))]);
}

#[test]
fn endless_sequences_and_pastes_do_not_fill_the_memory() {
    let mut parser = Parser::default();
    for _ in 0..1_000 {
        parser.feed(&[b'1'; 100], AT);
    }
    assert_eq!(parser.feed(b"\x1b[200~", AT), []);
    for _ in 0..1_000 {
        assert_eq!(parser.feed(&[b'x'; 1_000], AT), []);
    }
    let inputs = parser.feed(b"\x1b[201~", AT);
    assert!(matches!(inputs.as_slice(), [Input::Paste(text)] if text.len() == 64 * 1024));
    parser.feed(b"\x1b]52;c;", AT);
    for _ in 0..100 {
        parser.feed(&[b'A'; 1_000], AT);
    }
    assert!(parser.feed(b"j", AT).contains(&key(Code::Char('j'))));
}
