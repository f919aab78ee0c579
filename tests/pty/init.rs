//! The eight questions of `golive init` in a real terminal.

use std::{fs, path::Path, process::Command};

use super::{GOLIVE, terminal::Terminal};

/// A directory called `shop` with a build in it.
fn shop(root: &Path) -> std::path::PathBuf {
    let dir = root.join("shop");
    fs::create_dir_all(dir.join("dist")).unwrap();
    fs::write(dir.join("dist/shop-2.4.1.tar.gz"), "").unwrap();
    dir
}

fn asked(dir: &Path, words: &[&str]) -> Terminal {
    let words: Vec<&str> = ["init"].iter().chain(words).copied().collect();
    let data = dir.join("../data");
    let mut terminal = Terminal::start(
        GOLIVE,
        &words,
        dir,
        &[("NO_COLOR", "1"), ("GOLIVE_DATA_DIR", data.to_str().expect("a path"))],
    );
    terminal.resize(80, 60);
    terminal
}

fn check(dir: &Path) -> String {
    let mut golive = Command::new(GOLIVE);
    let out =
        golive.arg("check").current_dir(dir).env("GOLIVE_DATA_DIR", dir.join("../data")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn eight_times_enter_writes_a_plan_of_what_was_detected_that_checks() {
    let root = tempfile::tempdir().unwrap();
    let dir = shop(root.path());
    let mut terminal = asked(&dir, &[]);
    for prompt in [
        "[shop]",
        "[shop-1=127.0.0.1:8081, shop-2=127.0.0.1:8082, shop-3=127.0.0.1:8083]",
        "[local]",
        "[run]",
        "[{dir}/current/bin/shop --port {port}]",
        "[dist/shop-{version}.tar.gz]",
        "[http://{host}:{port}/health]",
        ": decider engineering operations deployer]",
        "[small]",
        "8/8",
        "Enter writes the files",
    ] {
        terminal.until(prompt);
        assert_eq!(names(&dir), ["dist"], "nothing is written before the last question");
        terminal.type_keys("\r");
    }
    terminal.until("Next: golive check");
    terminal.until_ended();
    assert!(terminal.text().contains("shop-2.4.1.tar.gz is there"), "{}", terminal.text());
    assert_eq!(names(&dir), ["RELEASE.md", "dist", "golive.toml"]);
    assert!(check(&dir).contains("3 hosts"));
}

#[test]
fn one_may_go_back_mend_an_answer_and_change_one_at_the_end() {
    let root = tempfile::tempdir().unwrap();
    let dir = shop(root.path());
    let mut terminal = asked(&dir, &["--driver", "local", "--dir", "run", "--start", "bin/shop"]);
    terminal.until("1/8 What is the project called?");
    terminal.type_keys("My Shop\r");
    terminal.until("[my-shop-1=127.0.0.1:8081, ");
    terminal.type_keys("web-1:none\r");
    terminal.until("is not a port");
    // The terminal's own line editing.
    terminal.type_keys("web-9\x7f1=127.0.0.1:1\r");
    terminal.until("4/8");
    terminal.type_keys("<\r");
    terminal.until("[web-1=127.0.0.1:1]");
    terminal.type_keys("\r\r");
    for prompt in ["5/8", "6/8", "7/8", "8/8"] {
        terminal.until(prompt);
        terminal.type_keys("\r");
    }
    terminal.until("a number changes that answer");
    terminal.type_keys("7\r");
    terminal.until("How much is asked before the poll?\n    small: a dozen items; medium: before production");
    terminal.type_keys("medium\r");
    terminal.until("7  checklist    medium");
    terminal.type_keys("\r");
    terminal.until("nothing listens there yet");
    terminal.until_ended();
    let plan = fs::read_to_string(dir.join("golive.toml")).unwrap();
    assert!(plan.contains("\"going-live\"") && plan.contains("name = \"web-1\""), "{plan}");
    assert!(check(&dir).contains("1 host"));
}

#[test]
fn ctrl_c_and_the_end_of_input_leave_everything_as_it_was() {
    for leave in ["\x03", "\x04"] {
        let root = tempfile::tempdir().unwrap();
        let dir = shop(root.path());
        let mut terminal = asked(&dir, &[]);
        terminal.until("1/8");
        terminal.type_keys("\r");
        terminal.until("2/8");
        terminal.type_keys(leave);
        terminal.until_ended();
        assert_eq!(names(&dir), ["dist"]);
        assert!(terminal.cooked());
    }
}

#[test]
fn a_plan_that_is_there_is_said_before_anything_is_asked_and_other_files_are_kept() {
    let root = tempfile::tempdir().unwrap();
    let dir = shop(root.path());
    fs::write(dir.join("golive.toml"), "mine").unwrap();
    let mut terminal = asked(&dir, &[]);
    terminal.until("is there already, and nothing was written");
    terminal.until_ended();
    assert!(!terminal.text().contains("1/8"));
    assert_eq!(fs::read_to_string(dir.join("golive.toml")).unwrap(), "mine");
    fs::remove_file(dir.join("golive.toml")).unwrap();

    let own = "# Ours\n\n- [ ] the printers are warm\n";
    fs::write(dir.join("RELEASE.md"), own).unwrap();
    let mut terminal = asked(&dir, &["--name", "shop", "--hosts", "a=127.0.0.1:1", "--yes"]);
    terminal.until("kept    RELEASE.md, as it is");
    terminal.until_ended();
    assert_eq!(fs::read_to_string(dir.join("RELEASE.md")).unwrap(), own);
    check(&dir);
}
