//! The cockpit in a real terminal: started, resized, stopped, ended, and the terminal as it was found.

mod asides;
mod demo;
mod init;
mod opened;
mod rehearsed;
mod terminal;

use std::path::Path;

use golive::tui::terminal::{Local, restore_on_panic};

use terminal::Terminal;

const GOLIVE: &str = env!("CARGO_BIN_EXE_golive");

/// A project without a session, and its conductor ended with it.
struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("dist")).expect("a directory");
        let plan = r#"
            [project]
            name = "shop"
            [people]
            dana = { roles = ["decider", "engineering", "deployer"] }
            [artifact]
            source = "dist/shop-{version}.tar.gz"
            [environments.production]
            hosts = [{ name = "web-01", address = "127.0.0.1", port = 1 }, { name = "web-02", address = "127.0.0.1", port = 2 }]
            driver = { kind = "local", dir = "run/{name}", start = ["{dir}/current/bin/shop"] }
            [checks.alive]
            http = "http://{host}:{port}/health"
            [[stages]]
            name = "production"
            environment = "production"
            [poll]
            seats = [{ role = "engineering" }]
        "#;
        std::fs::write(dir.path().join("golive.toml"), plan).expect("written");
        Self { dir }
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    fn cockpit(&self, program: &str, words: &[&str]) -> Terminal {
        let data = self.data();
        Terminal::start(
            program,
            words,
            self.dir.path(),
            &[("GOLIVE_DATA_DIR", data.to_str().expect("a path"))],
        )
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let ended = std::process::Command::new(GOLIVE)
            .args(["conductor", "stop"])
            .current_dir(self.dir.path())
            .env("GOLIVE_DATA_DIR", self.data())
            .output();
        drop(ended);
    }
}

fn assert_given_back(terminal: &mut Terminal) {
    terminal.until_ended();
    assert!(!terminal.full_screen(), "the alternate screen is left");
    assert!(!terminal.screen_hides_cursor(), "the cursor is shown");
    assert!(!terminal.brackets_pastes(), "pastes are not bracketed any more");
    assert!(!terminal.takes_mouse(), "the mouse is the terminal's again");
    assert!(terminal.cooked(), "the driver hands out lines again");
}

#[test]
fn it_starts_resizes_and_gives_the_terminal_back_when_left() {
    let project = Project::new();
    let mut terminal = project.cockpit(GOLIVE, &[]);
    terminal.until("no session is open");
    assert!(terminal.full_screen() && !terminal.cooked());
    terminal.resize(60, 16);
    terminal.type_keys("3");
    terminal.until("? keys");
    terminal.type_keys("?");
    terminal.until("keys · Rollout");
    terminal.type_keys("\x1b");
    terminal.until_gone("keys · Rollout");
    terminal.type_keys("q");
    assert_given_back(&mut terminal);
    assert!(terminal.text().contains("come back: golive"), "{}", terminal.text());
    assert_eq!(terminal.status(), 0);
}

#[test]
fn a_signal_to_end_gives_the_terminal_back() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let project = Project::new();
        let mut terminal = project.cockpit(GOLIVE, &[]);
        terminal.until("no session is open");
        terminal.signal(signal);
        assert_given_back(&mut terminal);
    }
}

#[test]
fn stopped_with_ctrl_z_it_gives_the_terminal_back_and_comes_again_with_fg() {
    let project = Project::new();
    let mut terminal = project.cockpit("bash", &["--norc", "--noprofile", "-i"]);
    terminal.type_keys(&format!("PS1='at the shell \\#> '; {GOLIVE}\r"));
    terminal.until("no session is open");
    terminal.type_keys("\x1a");
    terminal.until("at the shell 2>");
    assert!(!terminal.full_screen());
    terminal.type_keys("fg\r");
    terminal.until("no session is open");
    assert!(terminal.full_screen());
    terminal.type_keys("q");
    terminal.until("come back: golive");
    terminal.until("at the shell 3>");
    terminal.type_keys("exit\r");
    terminal.until_ended();
    assert!(!terminal.full_screen());
}

/// What the next test runs in a terminal of its own: enters the full screen, and panics.
#[test]
fn panics_in_a_full_screen_if_asked_to() {
    if std::env::var_os("GOLIVE_TEST_PANIC").is_none() {
        return;
    }
    restore_on_panic();
    let _local = Local::enter(true).expect("a terminal");
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let this = std::env::current_exe().expect("this test");
    let words = ["--exact", "pty::panics_in_a_full_screen_if_asked_to", "--nocapture"];
    let here = Path::new(".");
    let mut terminal = Terminal::start(
        this.to_str().expect("a path"),
        &words,
        here,
        &[("GOLIVE_TEST_PANIC", "1"), ("RUST_BACKTRACE", "0")],
    );
    assert_given_back(&mut terminal);
    assert!(terminal.text().contains("on purpose"), "{}", terminal.text());
}
