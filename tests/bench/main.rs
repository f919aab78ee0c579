//! The figures that golive has promised, measured: `cargo bench --bench figures -- [WORD…]`. A word chooses the groups
//! whose name holds it. One line a figure: what was wanted, what was measured, how often.
//!
//! What is real and what is fed:
//!
//! | group | real | fed |
//! |---|---|---|
//! | core | turn and core, in this process | an engine whose every effect is done at once; a clock that is told |
//! | draw | app, screens, painter at 200×60, in this process | the session: a record of the core group's fleet |
//! | cockpit | the binary in a pseudo-terminal, its conductor, journal on disk, engine, watch | 10,000 hosts that are one listening port each; for the storm, one of two ports closes and opens |
//! | start | the same, from the start of the process to the last byte of the first whole screen | 100,000 events written before by the core group's fleet |
//! | rollback | conductor, journal, engine, 200 commands under way | 10,000 hosts as above; the driver's command says when it was started |
//! | stream | conductor, journal, watch, 20 connections | a balancer that says of every server that it moved |
//! | journal | journal on disk, verified and folded | a record of the core group's fleet |
//! | overhead | a whole rollout by `golive`, a process a step | hosts whose install takes two seconds |
//!
//! It is no test: it ends with 0 whatever was measured, and with 1 where something could not be measured.

mod cockpit;
mod core;
mod draw;
mod figure;
mod fleet;
mod hosts;
mod journal;
#[path = "../pty/opened.rs"]
mod opened;
mod overhead;
mod process;
mod project;
mod rollback;
mod start;
mod stream;
mod terminal;

use std::process::ExitCode;

use figure::Sheet;

type Group = (&'static str, fn(&mut Sheet) -> anyhow::Result<()>);

const GROUPS: [Group; 8] = [
    ("core", core::measure),
    ("draw", draw::measure),
    ("cockpit", cockpit::measure),
    ("start", start::measure),
    ("rollback", rollback::measure),
    ("stream", stream::measure),
    ("journal", journal::measure),
    ("overhead", overhead::measure),
];

fn main() -> ExitCode {
    // cargo passes `--bench` along.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut sheet = Sheet::begin();
    for (name, measure) in GROUPS {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        if let Err(why) = measure(&mut sheet) {
            sheet.failed(name, &why);
        }
    }
    if sheet.end() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
