//! From the confirmed `R` to the first command at a driver: 10,000 hosts, 200 of them being changed, observations
//! coming in. Every sample is a go-live of its own.

use std::{
    fs, io::Read, os::unix::fs::PermissionsExt, path::Path, process::Command as Process, time::Duration,
};

use anyhow::{Context, ensure};
use golive::{
    clock::Clock,
    domain::{
        actor::Actor,
        command::{Asked, Command},
        event::{Event, Stamped},
        project::ProjectEvent,
        rollout::RolloutCommand,
        time::{Now, SessionTime, WallTime},
    },
    journal::{Batch, PROJECT, Store},
    record::draft,
};
use tokio::{runtime::Builder, sync::mpsc};

use super::{
    cockpit::{observed, watched},
    figure::{Sheet, micros},
    fleet::candidate,
    hosts::Hosts,
    project::{Project, VERSION, dana, until},
};

const SAMPLES: usize = 7;
const LANES: usize = 200;
const DRIVER: &str =
    r#"{ kind = "exec", verbs = { install = { argv = ["./verb", "{version}"], repeatable = true } } }"#;
/// Forward takes its time; back says that it has begun.
const VERB: &str = "#!/bin/sh\n[ \"$1\" = 2.5.0 ] || echo back > told\nexec sleep 15\n";
const PATIENCE: Duration = Duration::from_secs(30);

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let hosts = Hosts::start()?;
    hosts.storm(true);
    let (mut samples, mut events, mut seconds) = (Vec::new(), 0, 0.0);
    for _ in 0..SAMPLES {
        let sample = one(&hosts)?;
        samples.push(sample.took);
        events += sample.events;
        seconds += sample.seconds;
    }
    sheet.spread("confirmed R to the first command at a driver", "p99 50 ms", &samples);
    let rate = format!("{:.0}", f64::from(events) / seconds);
    sheet.one("  events a second while hosts were being changed", "2,000", rate, SAMPLES);
    Ok(())
}

struct Sample {
    took: u64,
    events: u32,
    seconds: f64,
}

fn one(hosts: &Hosts) -> anyhow::Result<Sample> {
    let project = Project::new(&watched(hosts, DRIVER, 5_000))?;
    let verb = project.dir().join("verb");
    fs::write(&verb, VERB)?;
    fs::set_permissions(&verb, fs::Permissions::from_mode(0o755))?;
    let told = project.dir().join("told");
    ensure!(Process::new("mkfifo").arg(&told).status()?.success(), "there is no mkfifo");
    proven(&project)?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    project.says(&["vote", "go"])?;
    project.says(&["declare", "go"])?;
    let mut first = first_word(&told)?;
    project.says(&["start"])?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let mut client = project.follower().await?;
        let working = |session: &golive::domain::session::Session| session.rollout.working().count() >= LANES;
        until(&mut client, "200 hosts are being changed", working).await?;
        let (seq, begun) = (client.session().map_or(0, |session| session.seq), micros());
        // Through a round of the watch, so that the storm is in full swing.
        let round = async { while client.next().await.is_ok() {} };
        Clock::System.limit(Duration::from_secs(3), round).await;
        let session = client.session().context("the session is gone")?;
        let events = u32::try_from(session.seq - seq)?;
        let seconds = (micros() - begun) as f64 / 1e6;
        let id = session.course.id.clone();
        let command = Command::Rollout(RolloutCommand::RollBack { only: Vec::new() });
        let asked = Asked { command, shown: None, as_person: Some(dana()?) };
        let confirmed = micros();
        client.command(id, asked).await;
        let at = loop {
            tokio::select! {
                at = first.recv() => break at.context("nobody told of a command")?,
                happening = client.next() => drop(happening?),
                () = Clock::System.sleep(PATIENCE) => anyhow::bail!("no command was started"),
            }
        };
        Ok(Sample { took: at.saturating_sub(confirmed), events, seconds })
    })
}

/// When the first word comes through the pipe.
fn first_word(pipe: &Path) -> anyhow::Result<mpsc::UnboundedReceiver<u64>> {
    // Opened for writing too, so that opening waits for nobody.
    let mut pipe = fs::OpenOptions::new().read(true).write(true).open(pipe)?;
    let (send, first) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        if pipe.read(&mut [0; 16]).is_ok() {
            // Nobody waits any more: the sample was given up.
            let _ = send.send(micros());
        }
    });
    Ok(first)
}

/// A release that the project's own record calls proven, so that there is a way back.
fn proven(project: &Project) -> anyhow::Result<()> {
    let mut store = Store::open(&project.paths()?.journal())?;
    let opened = store.open_stream(&PROJECT.into(), WallTime(0))?;
    let environment = project.adopted()?.plan.environments.keys().next().context("no environment")?.clone();
    let proven = ProjectEvent::ReleaseProven {
        environment,
        candidate: candidate("2.4.1")?,
        session: "2.4.1".parse()?,
    };
    let now = Now { wall: WallTime(0), session: SessionTime(0) };
    let event = Event::Project(proven);
    let stamped = Stamped { seq: 1, now, epoch: opened.epoch, actor: Actor::RULES, event };
    for said in
        store.append(&[Batch { stream: PROJECT.into(), drafts: vec![draft(&stamped)?], answers: Vec::new() }])
    {
        said?;
    }
    Ok(())
}
