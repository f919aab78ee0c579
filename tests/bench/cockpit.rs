//! The cockpit in a pseudo-terminal over 10,000 hosts: keys, memory, and what it costs to be left alone.

use std::{path::Path, time::Duration};

use anyhow::Context;
use golive::journal::Reader;
use tokio::runtime::Builder;

use super::{
    figure::{Sheet, micros},
    hosts::Hosts,
    process::{megabytes, processor_seconds},
    project::{Fleet, GOLIVE, Project, VERSION, until},
    terminal::Terminal,
};

const KEYS: usize = 500;
/// Bytes that come within this time of a key are its own.
const SETTLE: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_secs(10);

/// Ten thousand hosts, all but so many behind the moody port.
pub fn watched(hosts: &Hosts, driver: &str, calm: u32) -> Fleet {
    let (steady, moody, next) = (hosts.steady, hosts.moody, calm + 1);
    Fleet {
        hosts: format!(
            r#"{{ name = "web-[00001:{calm:05}]", port = {steady} }},
            {{ name = "web-[{next:05}:10000]", port = {moody} }}"#
        ),
        driver: driver.to_owned(),
        also: "capacity = { max_parallel = 200, min_healthy = 1, max_unavailable = 9000 }".into(),
        alive: "tcp = \"127.0.0.1:{port}\"".into(),
        items: 0,
    }
}

/// Hosts that stay as they are in the storm. Of the others half change their minds at every look, and where the looks
/// take all there is of two cores, a round takes four seconds: that makes some 2,000 events a second.
const CALM: u32 = 1_000;

/// A driver that has nothing to look at and would do nothing.
pub const NOTHING: &str = r#"{ kind = "exec", verbs = { install = ["true"] } }"#;

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let hosts = Hosts::start()?;
    let project = Project::new(&watched(&hosts, NOTHING, CALM))?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    let conductor = project.conductor()?;

    let mut terminal = cockpit(&project)?;
    terminal.until(&["engineering"])?;
    terminal.type_keys("3")?;
    terminal.until(&["web-00001", "web-00020"])?;
    terminal.until_quiet()?;
    let mut echo = echo(&project)?;
    let what = "key to first byte, 10,000 hosts, 200×60";
    keys(sheet, [&mut terminal, &mut echo], what, "p50 1 ms, p99 3 ms")?;

    let client = terminal.pid()?;
    let before = [processor_seconds(client)?, processor_seconds(conductor)?];
    let bytes = terminal.read_for(IDLE)?;
    let share = |pid: u32, before: f64| -> anyhow::Result<String> {
        Ok(format!("{:.2} %", (processor_seconds(pid)? - before) / IDLE.as_secs_f64() * 100.0))
    };
    sheet.one("cockpit: processor while nothing happens", "0.5 %", share(client, before[0])?, 1);
    sheet.one("cockpit: bytes a second while nothing happens", "", bytes as u64 / IDLE.as_secs(), 1);
    sheet.one("conductor: processor, 10,000 hosts asked every 2 s", "", share(conductor, before[1])?, 1);

    hosts.storm(true);
    terminal.read_for(Duration::from_secs(3))?;
    let (seq, at) = (head(&project)?, micros());
    let what = "key to first byte in a storm of events";
    let waits = keys(sheet, [&mut terminal, &mut echo], what, "p99 8 ms");
    let rate = (head(&project)? - seq) as f64 / (micros() - at) as f64 * 1e6;
    hosts.storm(false);
    waits?;
    sheet.one("  that storm, events a second", "2,000", format!("{rate:.0}"), 1);
    for (what, pid, wanted) in [("cockpit", client, "48 MB"), ("conductor", conductor, "150 MB")] {
        let (now, most) = (megabytes(pid, "VmRSS")?, megabytes(pid, "VmHWM")?);
        let measured = format!("{now:.0} MB, at its most {most:.0} MB");
        sheet.one(&format!("{what}: memory at 10,000 hosts, after the storm"), wanted, measured, 1);
    }
    drop((terminal, echo, project));
    idle(sheet)?;
    beside(sheet)
}

/// A conductor with 10,000 hosts of which nothing can be asked, and nobody before it.
fn idle(sheet: &mut Sheet) -> anyhow::Result<()> {
    let quiet = Fleet {
        hosts: "\"web-[00001:10000]\"".into(),
        driver: NOTHING.into(),
        also: String::new(),
        alive: String::new(),
        items: 0,
    };
    let project = Project::new(&quiet)?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    let conductor = project.conductor()?;
    let before = processor_seconds(conductor)?;
    golive::clock::block_for(IDLE);
    let share = (processor_seconds(conductor)? - before) / IDLE.as_secs_f64() * 100.0;
    sheet.one("conductor: processor, idle, 10,000 hosts", "1 %", format!("{share:.2} %"), 1);
    let now = megabytes(conductor, "VmRSS")?;
    sheet.one("conductor: memory, idle, 10,000 hosts", "150 MB", format!("{now:.0} MB"), 1);
    Ok(())
}

/// fzf over as many lines, where it is installed: measured the same way.
fn beside(sheet: &mut Sheet) -> anyhow::Result<()> {
    let found = std::process::Command::new("fzf").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        sheet.one("key to first byte, fzf over 10,000 lines", "", "fzf is not installed", 0);
        return Ok(());
    }
    let dir = tempfile::tempdir()?;
    let words = ["-c", "seq -f 'web-%05g' 10000 | fzf"];
    let mut terminal = Terminal::start(Path::new("sh"), &words, dir.path(), &[])?;
    terminal.until(&["10000/10000", "web-00020"])?;
    terminal.until_quiet()?;
    let mut first = Vec::new();
    for _ in 0..KEYS {
        first.push(terminal.press("\x1b[A", SETTLE)?.first);
    }
    sheet.spread("key to first byte, fzf over 10,000 lines", "", &first);
    Ok(())
}

pub fn cockpit(project: &Project) -> anyhow::Result<Terminal> {
    let env = project.env();
    let env: Vec<(&str, &Path)> = env.iter().map(|(name, value)| (*name, value.as_path())).collect();
    Terminal::start(Path::new(GOLIVE), &["--as", "dana"], &project.dir(), &env)
}

/// A program that writes what it reads: what the machine itself takes from a key to a byte.
fn echo(project: &Project) -> anyhow::Result<Terminal> {
    let words = ["-c", "stty raw -echo; echo ready; exec cat"];
    let mut terminal = Terminal::start(Path::new("sh"), &words, &project.dir(), &[])?;
    terminal.until(&["ready"])?;
    Ok(terminal)
}

/// Keys at the cockpit and at the echo in turn, so that both meet the same machine.
fn keys(
    sheet: &mut Sheet,
    [terminal, echo]: [&mut Terminal; 2],
    what: &str,
    wanted: &str,
) -> anyhow::Result<()> {
    let (mut first, mut bytes, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..KEYS {
        let answer = terminal.press("j", SETTLE)?;
        first.push(answer.first);
        bytes.push(answer.bytes);
        floor.push(echo.press("j", SETTLE)?.first);
    }
    sheet.spread(what, wanted, &first);
    sheet.spread("  a program that only echoes, between those keys", "", &floor);
    bytes.sort_unstable();
    let middle = bytes.get(KEYS / 2).context("no key was pressed")?;
    sheet.one("  bytes a key, the middle one", "600", middle, KEYS);
    Ok(())
}

/// The number of the last line in the journal.
pub fn head(project: &Project) -> anyhow::Result<u64> {
    Ok(Reader::open(&project.paths()?.journal())?.head(VERSION)?.seq)
}

/// Waits until the watch has told of every host.
pub fn observed(project: &Project) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = project.follower().await?;
        let all = |session: &golive::domain::session::Session| {
            session.rollout.units().iter().all(|unit| unit.fresh().is_some())
        };
        until(&mut client, "every host is observed", all).await
    })
}
