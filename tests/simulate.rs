//! As many random worlds as one likes: `cargo run --release --example simulate -- --seeds 1000000`. Prints worlds a
//! second; a world in which a rule is broken ends it (1) with its seed, the fewest things that have to go wrong for
//! it, how it stood, and a file that has every run of the tests play it again. `--rollouts 10000` plays rollouts of
//! twelve hosts in which nothing goes wrong instead, under the same rules, and prints how many a second.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_imports,
    dead_code,
    reason = "it shares the world of the tests, where a broken rule is a panic, and does not use all of it"
)]

extern crate golive_core as golive;

#[path = "plan_parts.rs"]
mod plan_parts;
#[path = "simulation/mod.rs"]
mod simulation;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use clap::Parser;
use golive::domain::{
    course::Phase,
    plan::{Adopted, Amount, Capacity},
    project::Project,
    time::Span,
};
use simulation::{
    broken::{Broken, directory},
    chaos::Wrongs,
    opening::Opening,
    plan::{Shape, plan},
    random::run,
    world::World,
};

/// Plays random go-lives against the rules of the core.
#[derive(Parser)]
struct Arguments {
    /// How many worlds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first one's seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Rollouts of twelve hosts in which nothing goes wrong, instead of random worlds
    #[arg(long, conflicts_with = "seeds")]
    rollouts: Option<u64>,
}

/// One rollout of twelve hosts, from the opening until it is live; every rule is looked at.
fn rolls_out(seed: u64, opening: &Opening) {
    let mut world = World::opened(seed, opening, true);
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::hours(12));
    world.holds_at_the_end();
}

/// What a thread plays of one seed.
type Play = Box<dyn Fn(u64, &mut Wrongs)>;

/// All rollouts of a thread are opened alike, by one plan, which is read and checked once. Threads that shared it would
/// wait for each other whenever one of them notes down that it uses a name of it.
fn plays_rollouts() -> Play {
    let capacity = Capacity { max_parallel: Some(Amount::Count(3)), ..Capacity::default() };
    let shape = Shape { hosts: 12, capacity, ..Shape::default() };
    let adopted = Arc::new(Adopted::new(plan(&shape), "golive.toml".into()));
    let opening = Opening::of(&shape, &adopted, (Some("2.4.1"), "2.5.0"), &Project::default());
    Box::new(move |seed, _| rolls_out(seed, &opening))
}

fn plays_worlds() -> Play {
    Box::new(|seed, wrongs| drop(run(seed, wrongs)))
}

/// The rule that was broken, and what went wrong in that world; none: all held.
fn breaks(play: &Play, seed: u64, wrongs: &mut Wrongs) -> Option<String> {
    let broken = catch_unwind(AssertUnwindSafe(|| play(seed, wrongs))).err()?;
    let text = broken.downcast_ref::<String>().cloned();
    Some(text.or_else(|| broken.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}

/// Leaves out one thing after another as long as some rule is still broken.
fn shrink(play: &Play, seed: u64, story: String) -> (Wrongs, String) {
    let mut least = Wrongs::default();
    let mut story = breaks(play, seed, &mut least).unwrap_or(story);
    for number in (0..least.met).rev() {
        let mut fewer = Wrongs { left_out: least.left_out.clone(), ..Wrongs::default() };
        fewer.left_out.insert(number);
        if let Some(still) = breaks(play, seed, &mut fewer) {
            (least, story) = (fewer, still);
        }
    }
    (least, story)
}

/// Keeps it for every run to come; says where.
fn keep(broken: &Broken) -> std::io::Result<PathBuf> {
    let file = directory().join(format!("{}.toml", broken.world));
    std::fs::write(&file, toml::to_string_pretty(broken).map_err(std::io::Error::other)?)?;
    Ok(file)
}

/// Seconds of a clock that nobody sets.
fn seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own")]
fn main() -> ExitCode {
    let Arguments { seeds, from, rollouts } = Arguments::parse();
    let (play, what): (fn() -> Play, _) = match rollouts {
        None => (plays_worlds, "worlds"),
        Some(_) => (plays_rollouts, "rollouts of twelve hosts"),
    };
    let seeds = rollouts.unwrap_or(seeds);
    std::panic::set_hook(Box::new(|_| {}));
    let next = AtomicU64::new(from);
    let broken: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let began = seconds();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let play = play();
                while broken.lock().is_ok_and(|broken| broken.is_none()) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    if let Some(story) = breaks(&play, seed, &mut Wrongs::default())
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
    let took = seconds() - began;
    let Ok(Some((seed, story))) = broken.into_inner() else {
        println!("{seeds} {what} from seed {from}: every rule held; {:.0} a second", seeds as f64 / took);
        return ExitCode::SUCCESS;
    };
    let (least, story) = shrink(&play(), seed, story);
    eprintln!("{story}\n\nseed {seed} breaks a rule with these alone:");
    for line in &least.said {
        eprintln!("{line}");
    }
    if rollouts.is_none() {
        let title = story.lines().next().unwrap_or_default().to_owned();
        let broken = Broken { title, world: seed, without: least.left_out, with: least.said };
        match keep(&broken) {
            Ok(file) => eprintln!("every run plays it again from now on: {}", file.display()),
            Err(error) => eprintln!("it can't be kept as a file: {error}"),
        }
    }
    ExitCode::FAILURE
}
