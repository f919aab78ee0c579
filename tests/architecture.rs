//! Holds the tree to its own map: who may import whom, what stands where, how a file opens and how long it is,
//! and that `tests/requirements.md` says what the tests show. The checks are pure functions over a source text,
//! tested beside their code with texts that break them; here they meet the real tree.

mod house;
mod imports;
mod requirements;
mod source;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use source::Source;

/// Files over 400 lines, each with the reason why it is one thing.
const LONG_FILES: [(&str, &str); 0] = [];

/// What the top level may hold.
const TOP_LEVEL: [&str; 13] = [
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "checklists",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    "src",
    "tests",
    "themes",
];

/// The top level. These tests are built with the core, whose manifest lies two levels below it.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read(path: &str) -> Source {
    Source { path: path.to_owned(), text: fs::read_to_string(root().join(path)).unwrap() }
}

fn program() -> Vec<Source> {
    Source::all_under("src")
}

fn everything() -> Vec<Source> {
    let mut all = program();
    all.extend(Source::all_under("tests"));
    all
}

fn none(problems: impl IntoIterator<Item = String>) {
    let problems: Vec<String> = problems.into_iter().collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn modules_import_only_what_the_map_in_lib_rs_allows() {
    let table = imports::table(&read("src/lib.rs"));
    let crates = imports::crates(&read("Cargo.toml").text);
    none(program().iter().flat_map(|source| imports::problems(source, &table, &crates)));
}

#[test]
fn the_core_is_built_with_pure_crates_only() {
    let manifest: toml::Table = read("src/core/Cargo.toml").text.parse().unwrap();
    let used: Vec<&str> = manifest["dependencies"].as_table().unwrap().keys().map(String::as_str).collect();
    assert!(used.contains(&"serde"), "{used:?}");
    none(used.into_iter().filter(|name| !imports::is_pure_crate(name)).map(str::to_owned));
}

#[test]
fn the_map_in_lib_rs_names_exactly_the_modules_there_are() {
    let mapped: BTreeSet<String> = imports::table(&read("src/lib.rs")).into_keys().collect();
    let there: BTreeSet<String> =
        program().iter().filter_map(|source| source.module().first().cloned()).collect();
    assert_eq!(mapped, there);
}

#[test]
fn files_over_400_lines_are_listed_with_a_reason() {
    let sources = everything();
    let listed_but_gone = LONG_FILES
        .iter()
        .filter(|(path, _)| !sources.iter().any(|source| source.path == *path))
        .map(|(path, _)| format!("{path}: listed as long, and not there"));
    none(sources.iter().filter_map(|source| house::length(source, &LONG_FILES)).chain(listed_but_gone));
}

#[test]
fn every_module_opens_with_what_it_owns() {
    none(everything().iter().filter_map(house::opening));
}

#[test]
fn no_module_or_type_has_a_name_that_says_nothing() {
    none(everything().iter().flat_map(house::names));
}

#[test]
fn nothing_is_left_unfinished_and_no_lint_is_switched_off_for_good() {
    none(everything().iter().flat_map(house::unfinished));
}

#[test]
fn only_the_command_line_prints() {
    none(program().iter().flat_map(house::printing));
}

#[test]
fn time_comes_from_the_clock_only() {
    none(everything().iter().flat_map(house::time));
}

#[test]
fn a_mod_file_names_its_parts_and_does_no_work() {
    none(program().iter().flat_map(house::module_files));
}

#[test]
fn the_top_level_holds_only_what_the_design_names() {
    let ignored: Vec<String> =
        read(".gitignore").text.lines().map(|line| line.trim_matches('/').to_owned()).collect();
    let entries =
        fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    none(
        entries
            .filter(|name| name != ".git" && !ignored.contains(name) && !TOP_LEVEL.contains(&name.as_str()))
            .map(|name| format!("{name}: does not belong at the top level")),
    );
}

#[test]
fn the_table_of_requirements_says_what_the_tests_show() {
    let mut shown = requirements::Shown::new();
    let problems: Vec<String> =
        everything().iter().flat_map(|source| requirements::claims(source, &mut shown)).collect();
    let table = read("tests/requirements.md");
    if env::var_os("GOLIVE_WRITE_REQUIREMENTS").is_some() {
        let current = requirements::brought_up_to_date(&table.text, &shown);
        fs::write(root().join(&table.path), current).unwrap();
    }
    let table = read("tests/requirements.md");
    none(problems.into_iter().chain(requirements::problems(&table.text, &shown)));
}
