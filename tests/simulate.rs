//! As many random worlds as one likes: `cargo run --release --example simulate -- --seeds 1000000`. Prints worlds a
//! second; a world in which a rule is broken ends it (1) with its seed, the fewest things that have to go wrong for
//! it, and how it stood.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_imports,
    dead_code,
    reason = "it shares the world of the tests, where a broken rule is a panic, and does not use all of it"
)]

#[path = "plan_parts.rs"]
mod plan_parts;
#[path = "simulation/mod.rs"]
mod simulation;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use clap::Parser;
use golive::clock::Clock;
use simulation::{chaos::Wrongs, random::run};

/// Plays random go-lives against the rules of the core.
#[derive(Parser)]
struct Arguments {
    /// How many worlds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first one's seed
    #[arg(long, default_value_t = 0)]
    from: u64,
}

/// The rule that was broken, and what went wrong in that world; none: all held.
fn breaks(seed: u64, wrongs: &mut Wrongs) -> Option<String> {
    let broken = catch_unwind(AssertUnwindSafe(|| run(seed, wrongs))).err()?;
    let text = broken.downcast_ref::<String>().cloned();
    Some(text.or_else(|| broken.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}

/// Leaves out one thing after another as long as some rule is still broken.
fn shrink(seed: u64, story: String) -> (Vec<String>, String) {
    let mut least = Wrongs::default();
    let mut story = breaks(seed, &mut least).unwrap_or(story);
    for number in (0..least.met).rev() {
        let mut fewer = Wrongs { left_out: least.left_out.clone(), ..Wrongs::default() };
        fewer.left_out.insert(number);
        if let Some(still) = breaks(seed, &mut fewer) {
            (least, story) = (fewer, still);
        }
    }
    (least.said, story)
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own")]
fn main() -> ExitCode {
    let Arguments { seeds, from } = Arguments::parse();
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicU64::new(from);
    let broken: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let micros = || Clock::System.read().monotonic;
    let began = micros();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while broken.lock().is_ok_and(|broken| broken.is_none()) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    if let Some(story) = breaks(seed, &mut Wrongs::default())
                        && let Ok(mut broken) = broken.lock()
                    {
                        // The lowest seed is told, whichever thread was first.
                        if broken.as_ref().is_none_or(|(other, _)| seed < *other) {
                            *broken = Some((seed, story));
                        }
                    }
                }
            });
        }
    });
    let took = (micros() - began) as f64 / 1e6;
    let Ok(Some((seed, story))) = broken.into_inner() else {
        println!("{seeds} worlds from seed {from}: every rule held; {:.0} a second", seeds as f64 / took);
        return ExitCode::SUCCESS;
    };
    let (least, story) = shrink(seed, story);
    eprintln!("{story}\n\nseed {seed} breaks a rule with these alone:");
    for line in &least {
        eprintln!("{line}");
    }
    ExitCode::FAILURE
}
