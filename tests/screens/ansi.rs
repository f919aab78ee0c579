//! Frames as bytes: what a terminal shows after them is what was drawn.

use golive::tui::terminal::{Caps, Depth, Painter, Size};
use proptest::prelude::*;
use ratatui::{
    buffer::Buffer,
    layout::Position,
    style::{Color, Modifier, Style},
};

use super::picture::caps;

const WIDTH: u16 = 12;
const HEIGHT: u16 = 4;

/// One text somewhere on the frame, in a style.
#[derive(Clone, Debug)]
struct Bit {
    x: u16,
    y: u16,
    text: String,
    style: Style,
}

fn bit() -> impl Strategy<Value = Bit> {
    let colour = prop_oneof![
        Just(Color::Reset),
        (0_u8..=255).prop_map(Color::Indexed),
        (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
    ];
    let modifier = proptest::sample::subsequence(
        vec![Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED],
        0..=5,
    );
    let text = proptest::sample::select(vec!["a", "host", "✔", "日本", "─────", "   ", "            ", "é"]);
    (0..WIDTH, 0..HEIGHT, text, colour.clone(), colour, modifier).prop_map(
        |(x, y, text, fg, bg, modifiers)| {
            let modifier = modifiers.into_iter().fold(Modifier::empty(), Modifier::union);
            Bit { x, y, text: text.into(), style: Style::new().fg(fg).bg(bg).add_modifier(modifier) }
        },
    )
}

fn draw(buffer: &mut Buffer, bits: &[Bit]) {
    for bit in bits {
        let room = (buffer.area.width.saturating_sub(bit.x)).into();
        buffer.set_stringn(bit.x, bit.y, &bit.text, room, bit.style);
    }
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(n) => vt100::Color::Idx(n),
        _ => vt100::Color::Default,
    }
}

fn assert_shown(screen: &vt100::Screen, buffer: &Buffer) {
    for y in 0..HEIGHT {
        let mut x = 0;
        while x < WIDTH {
            let wanted = &buffer[(x, y)];
            let seen = screen.cell(y, x).expect("a cell");
            let contents = if seen.contents().is_empty() { " " } else { seen.contents() };
            assert_eq!(contents, wanted.symbol(), "text at {x},{y}");
            assert_eq!(seen.bgcolor(), colour(wanted.bg), "background at {x},{y}");
            let visible = wanted.symbol() != " ";
            assert!(!visible || seen.fgcolor() == colour(wanted.fg), "colour at {x},{y}");
            assert_eq!(seen.inverse(), wanted.modifier.contains(Modifier::REVERSED), "reverse at {x},{y}");
            assert_eq!(seen.underline(), wanted.modifier.contains(Modifier::UNDERLINED), "line at {x},{y}");
            if visible {
                assert_eq!(seen.italic(), wanted.modifier.contains(Modifier::ITALIC), "italic at {x},{y}");
                let (bold, dim) = (Modifier::BOLD, Modifier::DIM);
                // The emulator knows one intensity; where both are wanted either will do.
                if !wanted.modifier.contains(bold | dim) {
                    assert_eq!(seen.bold(), wanted.modifier.contains(bold), "weight at {x},{y}");
                    assert_eq!(seen.dim(), wanted.modifier.contains(dim), "dimness at {x},{y}");
                }
            }
            x += golive::tui::text::width(wanted.symbol()).max(1) as u16;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_terminal_shows_what_was_drawn_frame_after_frame(
        frames in proptest::collection::vec(proptest::collection::vec(bit(), 0..6), 1..6)
    ) {
        let caps = caps(WIDTH, HEIGHT);
        let mut painter = Painter::new(Vec::new(), &caps);
        let mut terminal = vt100::Parser::new(HEIGHT, WIDTH, 0);
        for bits in frames {
            let mut shown = None;
            painter.draw(|buffer| {
                draw(buffer, &bits);
                shown = Some(buffer.clone());
                None
            }).expect("drawn");
            terminal.process(&std::mem::take(painter.out_mut()));
            assert_shown(terminal.screen(), &shown.expect("a frame"));
        }
    }
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    let mut painter = Painter::new(Vec::new(), &caps(80, 24));
    let mut frame = |words: &str, cursor| {
        painter
            .draw(|buffer| {
                buffer.set_string(3, 3, words, Style::new());
                cursor
            })
            .expect("drawn");
        std::mem::take(painter.out_mut())
    };
    assert!(!frame("T-00:14:20", None).is_empty());
    assert_eq!(frame("T-00:14:20", None), b"");
    // A second on the clock is a step back and one character.
    assert_eq!(String::from_utf8_lossy(&frame("T-00:14:21", None)), "\x081");
    assert!(!frame("T-00:14:21", Some(Position { x: 1, y: 1 })).is_empty());
    assert_eq!(frame("T-00:14:21", Some(Position { x: 1, y: 1 })), b"", "the cursor stands where it stood");
}

#[test]
fn a_resize_or_a_redraw_draws_everything_again() {
    let mut painter = Painter::new(Vec::new(), &caps(20, 4));
    let mut terminal = vt100::Parser::new(4, 20, 0);
    let words = |buffer: &mut Buffer| {
        buffer.set_string(0, 1, "web-01", Style::new());
        None
    };
    painter.draw(words).expect("drawn");
    terminal.process(&std::mem::take(painter.out_mut()));
    terminal.process(b"\x1b[2J\x1b[Hsomebody else wrote here");
    painter.forget();
    painter.draw(words).expect("drawn");
    terminal.process(&std::mem::take(painter.out_mut()));
    assert_eq!(terminal.screen().contents(), "\nweb-01");
    terminal.screen_mut().set_size(3, 10);
    painter.resize(Size { columns: 10, rows: 3 });
    painter.draw(words).expect("drawn");
    terminal.process(&std::mem::take(painter.out_mut()));
    assert_eq!(terminal.screen().contents(), "\nweb-01");
}

#[test]
fn a_large_frame_is_one_synchronised_write_where_the_terminal_may_know_it() {
    let large = |buffer: &mut Buffer| {
        for y in 0..24 {
            buffer.set_string(0, y, "x".repeat(80), Style::new());
        }
        None
    };
    let mut modern = Painter::new(Vec::new(), &caps(80, 24));
    modern.draw(large).expect("drawn");
    let bytes = std::mem::take(modern.out_mut());
    assert!(bytes.starts_with(b"\x1b[?2026h") && bytes.ends_with(b"\x1b[?2026l"));
    let old = Caps { modern: false, depth: Depth::Mono, ..caps(80, 24) };
    let mut old = Painter::new(Vec::new(), &old);
    old.draw(large).expect("drawn");
    assert!(!String::from_utf8_lossy(old.out_mut()).contains("2026"));
}
