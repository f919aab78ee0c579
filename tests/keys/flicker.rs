//! Nothing flickers: while a frame is written, what is the same before and after it never looks different.

use golive::{
    domain::{command::Command, effect::LaneStep, name::UnitId, rollout::RolloutCommand},
    tui::terminal::{Caps, Depth, Painter},
};
use ratatui::buffer::Buffer;

use super::{desk::plan, golive::declared_at, script::Script};
use crate::screens::caps;

/// How a cell looks: of a blank the colour and the weight are not seen.
#[derive(Debug, PartialEq)]
struct Look {
    words: String,
    ground: vt100::Color,
    line: [bool; 2],
    drawn: Option<(vt100::Color, [bool; 3])>,
}

fn look(cell: &vt100::Cell) -> Look {
    let seen = cell.has_contents() && cell.contents() != " ";
    Look {
        words: if seen { cell.contents().to_owned() } else { String::new() },
        ground: cell.bgcolor(),
        line: [cell.inverse(), cell.underline()],
        drawn: seen.then(|| (cell.fgcolor(), [cell.bold(), cell.dim(), cell.italic()])),
    }
}

/// The next character or sequence.
fn token(bytes: &[u8]) -> usize {
    match bytes {
        [0x1b, b'[', rest @ ..] => {
            2 + rest.iter().position(|byte| (0x40..=0x7e).contains(byte)).expect("a whole sequence") + 1
        }
        [first, ..] => match first {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        },
        [] => 0,
    }
}

/// Feeds the bytes of a frame one by one, and compares all that stays with what it was.
fn assert_steady(terminal: &mut vt100::Parser, bytes: &[u8], size: (u16, u16)) {
    let before = terminal.screen().clone();
    let mut whole = vt100::Parser::new(size.0, size.1, 0);
    whole.process(&before.state_formatted());
    whole.process(bytes);
    let after = whole.screen().clone();
    let cell = |screen: &vt100::Screen, y, x| look(screen.cell(y, x).expect("a cell"));
    let stays: Vec<Vec<bool>> = (0..size.0)
        .map(|y| (0..size.1).map(|x| cell(&before, y, x) == cell(&after, y, x)).collect())
        .collect();
    let mut left = bytes;
    while !left.is_empty() {
        let (next, rest) = left.split_at(token(left));
        terminal.process(next);
        let screen = terminal.screen();
        // Only an erasure or a line feed reaches further than the row that is written.
        let far = next.ends_with(b"J") || next == b"\n";
        let (row, _) = screen.cursor_position();
        let rows = if far { 0..size.0 } else { row..row + 1 };
        for y in rows {
            for x in (0..size.1).filter(|x| stays[usize::from(y)][usize::from(*x)]) {
                assert_eq!(
                    cell(screen, y, x),
                    cell(&before, y, x),
                    "row {y}, column {x} flickers at {:?} of {:?}",
                    String::from_utf8_lossy(next),
                    String::from_utf8_lossy(bytes)
                );
            }
        }
        left = rest;
    }
}

/// Every frame of a go-live that goes wrong and back, with the pages and dialogs that somebody opens on the way.
fn film(caps: Caps) -> Vec<Buffer> {
    let mut script = declared_at(Script::new("raj", plan(), caps));
    script.film = Some(Vec::new());
    script
        .faults
        .insert((UnitId::new("web-02").unwrap(), LaneStep::Start), "payments: connection refused".into());
    script.keys("1 2 8 3 S Esc");
    script.desk.say("raj", Command::Rollout(RolloutCommand::Start { stage: None })).expect("started");
    for _ in 0..12 {
        script.rounds(1).wait(1_000);
    }
    script.keys("j j k Enter Esc ? PgDn Esc : Esc 1 2 Tab j 8 j j 3 ! ! / w e b Enter Esc z z H Esc R");
    script.wait(6_000);
    for _ in 0..12 {
        script.rounds(1).wait(1_000);
    }
    script.work().keys("1 2 3 8");
    script.film.take().expect("frames")
}

#[test]
fn a_frame_never_clears_what_it_then_paints_again() {
    for caps in [
        caps(80, 24),
        Caps { depth: Depth::True, ..caps(80, 24) },
        Caps { depth: Depth::True, ..caps(120, 36) },
        Caps { depth: Depth::Sixteen, unicode: false, ..caps(60, 16) },
    ] {
        let size = (caps.size.rows, caps.size.columns);
        let mut painter = Painter::new(Vec::new(), &caps);
        let mut terminal = vt100::Parser::new(size.0, size.1, 0);
        let frames = film(caps);
        let mut drawn = 0;
        for frame in &frames {
            let shown = painter.draw(|buffer| {
                buffer.clone_from(frame);
                None
            });
            shown.expect("drawn");
            let bytes = std::mem::take(painter.out_mut());
            drawn += usize::from(!bytes.is_empty());
            assert_steady(&mut terminal, &bytes, size);
        }
        assert!(drawn > 40, "{drawn} of {} frames drew anything", frames.len());
    }
}
