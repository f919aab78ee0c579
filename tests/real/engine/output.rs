//! What a service prints is written down: every line, whoever dies.

use std::{fs, path::Path};

use golive::domain::{
    effect::{Candidate, LaneStep},
    plan::Balancer,
};

use super::fixture::{Bench, local, plan, runs, until};

const UP: [LaneStep; 3] = [LaneStep::Fetch, LaneStep::Install, LaneStep::Start];

fn bench() -> Bench {
    Bench::new(|_| plan(local(&["{dir}/current/run"]), Balancer::None, "dist/{version}", &[8081]))
}

/// The processes that write down what is printed below this directory.
fn writers(dir: &Path) -> Vec<i32> {
    let wanted = dir.to_string_lossy().into_owned();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let words: Vec<_> = words.split(|byte| *byte == 0).collect();
            words.get(1) == Some(&b"capture-output".as_slice())
                && words.get(2).is_some_and(|word| *word == wanted.as_bytes())
        })
        .collect()
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// All files together, oldest first.
fn written(dir: &Path) -> String {
    let old = (1..10).rev().map(|number| format!("output.log.{number}"));
    let texts = old.chain(["output.log".into()]);
    texts.map(|name| fs::read_to_string(dir.join(name)).unwrap_or_default()).collect()
}

async fn up(bench: &mut Bench, script: &str) -> Candidate {
    let want = bench.release("2.5.0", script);
    bench.steps("web-01", &UP, &want).await;
    want
}

#[tokio::test]
async fn a_flood_of_lines_is_rotated_several_times_and_every_line_is_there() {
    let mut bench = bench();
    up(&mut bench, "seq 1 3000000; exec sleep 1000").await;
    let dir = bench.path("run/web-01");
    let tail = || fs::read_to_string(dir.join("output.log")).unwrap_or_default();
    until("the last line is written", || tail().ends_with("\n3000000\n")).await;
    for number in 1..=2 {
        let size = fs::metadata(dir.join(format!("output.log.{number}"))).unwrap().len();
        assert!((8 << 20..9 << 20).contains(&size), "{size}");
    }
    let all = written(&dir);
    assert!(all.lines().zip(1..).all(|(line, number): (_, u32)| line.parse() == Ok(number)));
    assert_eq!(all.lines().count(), 3_000_000);
}

/// The service would die of it if it wrote into a pipe that nobody else had open.
#[tokio::test]
async fn a_killed_writer_harms_neither_the_service_nor_its_lines() {
    let mut bench = bench();
    let script = "echo before; while [ ! -e ../../go ]; do sleep 0.01; done; seq 1 5000; exec sleep 1000";
    let want = up(&mut bench, script).await;
    let dir = bench.path("run/web-01");
    until("it speaks", || written(&dir) == "before\n").await;
    let [writer] = writers(&dir)[..] else { panic!("one writer") };
    kill(writer);
    until("the writer is gone", || writers(&dir).is_empty()).await;
    fs::write(dir.join("go"), "").unwrap();
    // Whoever looks at the unit sets another one to work.
    bench.probe("web-01", &want).await;
    until("all is written", || written(&dir).ends_with("\n5000\n")).await;
    assert_eq!(written(&dir).lines().count(), 5001);
    assert!(runs(bench.pid("web-01")));
}

#[tokio::test]
async fn one_writer_lives_as_long_as_its_service_whatever_becomes_of_the_conductor() {
    let mut bench = bench();
    let want = up(&mut bench, "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.01; done").await;
    let dir = bench.path("run/web-01");
    until("it speaks", || written(&dir) == "hello\n").await;
    let one = writers(&dir);
    bench.reopen(plan(local(&["{dir}/current/run"]), Balancer::None, "dist/{version}", &[8081]));
    bench.probe("web-01", &want).await;
    assert_eq!((one.len(), &writers(&dir)), (1, &one));
    bench.steps("web-01", &[LaneStep::Stop], &want).await;
    until("the writer ends", || writers(&dir).is_empty()).await;
    // A shell may say by itself that its `sleep` was ended.
    assert!(written(&dir).starts_with("hello\n") && written(&dir).ends_with("bye\n"));
}
