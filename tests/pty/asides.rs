//! What goes to the terminal beside the frames: whether the mouse is taken, the bell, the window's title.

use std::fs;

use super::{GOLIVE, Project, assert_given_back, terminal::Terminal};
use crate::rollout::commands::{QUICK, Team};

/// Every mode in which a terminal reports the mouse.
const MOUSE: [&str; 5] = ["\x1b[?9h", "\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h", "\x1b[?1006h"];

fn asked_for_mouse(terminal: &Terminal) -> usize {
    MOUSE.iter().map(|mode| terminal.sent(mode)).sum()
}

#[test]
fn the_mouse_is_taken_unless_a_flag_or_the_keys_file_leaves_it_to_the_terminal() {
    let project = Project::new();
    let mut terminal = project.cockpit(GOLIVE, &[]);
    terminal.until("no session is open");
    assert!(terminal.takes_mouse() && asked_for_mouse(&terminal) > 0);
    terminal.type_keys("q");
    assert_given_back(&mut terminal);

    let mut by_flag = project.cockpit(GOLIVE, &["--no-mouse"]);
    by_flag.until("no session is open");
    by_flag.type_keys("q");
    assert_given_back(&mut by_flag);
    assert_eq!(asked_for_mouse(&by_flag), 0, "not for a moment");

    fs::create_dir_all(project.data().join("config")).expect("a directory");
    fs::write(project.data().join("config/keys.toml"), "mouse = false\n").expect("written");
    let mut by_file = project.cockpit(GOLIVE, &[]);
    by_file.until("no session is open");
    by_file.type_keys("q");
    assert_given_back(&mut by_file);
    assert_eq!(asked_for_mouse(&by_file), 0, "not for a moment");
}

/// A host fails while somebody looks elsewhere: the bell rings, once, and the window's title says it. The title that
/// was there is put aside at the start and put back at the end.
#[test]
fn a_line_that_needs_a_human_rings_the_bell_and_stands_in_the_title() {
    let team = Team::new(r#"["false"]"#, QUICK);
    let bench = &team.bench;
    bench.to_go("2.5.0");
    let data = bench.path("data");
    let env = [("GOLIVE_DATA_DIR", data.to_str().expect("a path")), ("XDG_RUNTIME_DIR", "")];
    let mut terminal = Terminal::start(GOLIVE, &["--as", "raj"], bench.project(), &env);
    terminal.until("GO");
    assert_eq!(terminal.sent("\x1b[22;2t"), 1, "the title that was there is kept");
    assert_eq!((terminal.sent("\x07"), terminal.sent("\x1b]2;▲ NEEDS A HUMAN")), (0, 0));

    bench.says("raj", &["start"]);
    terminal.until("NEEDS A HUMAN");
    // It follows the frame that shows it; the clock's next second is a frame later.
    terminal.type_keys("?");
    terminal.until("keys · ");
    assert_eq!(terminal.sent("\x07"), 1, "once a trouble, not once a frame");
    assert_eq!(terminal.sent("\x1b]2;▲ NEEDS A HUMAN · shop: web-01"), 1);

    terminal.type_keys("\x1bq");
    terminal.until_gone("keys · ");
    assert_given_back(&mut terminal);
    assert_eq!(terminal.sent("\x1b[23;2t"), 1, "the title that was there is put back");
}
