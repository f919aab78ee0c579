//! What golive adds to the hosts' own work: a rollout of 40 hosts, 8 at once, each of which takes two seconds to
//! install, against five times those two seconds and the declared waits.

use golive::domain::{session::Session, time::SessionTime};
use tokio::runtime::Builder;

use super::{
    cockpit::observed,
    figure::Sheet,
    hosts::Hosts,
    project::{Fleet, Project, VERSION, until},
};

const HOSTS: u32 = 40;
const AT_ONCE: u32 = 8;
const WORK: f64 = 2.0;
/// The plan below says so too.
const SETTLE: f64 = 0.5;

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let hosts = Hosts::start()?;
    let fleet = Fleet {
        hosts: format!(r#"{{ name = "web-[01:{HOSTS}]", port = {} }}"#, hosts.steady),
        driver: format!(
            r#"{{ kind = "exec", verbs = {{ fetch = ["true"], stop = ["true"], install = ["sleep", "{WORK}"], start = ["true"] }} }}"#
        ),
        also: format!(
            "capacity = {{ max_parallel = {AT_ONCE}, min_healthy = 1, max_unavailable = {AT_ONCE} }}\n\
             deadlines = {{ min_healthy_time = \"500ms\", healthy_deadline = \"60s\", progress_deadline = \"120s\" }}"
        ),
        alive: "tcp = \"127.0.0.1:{port}\"".into(),
        items: 0,
    };
    let project = Project::new(&fleet)?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    project.says(&["vote", "go"])?;
    project.says(&["declare", "go"])?;
    project.says(&["start"])?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let took = runtime.block_on(async {
        let mut client = project.follower().await?;
        let all = |session: &Session| {
            session
                .rollout
                .units()
                .iter()
                .all(|unit| unit.lane.as_ref().is_some_and(|lane| lane.at == lane.steps.len()))
        };
        until(&mut client, "every host is done", all).await?;
        anyhow::Ok(client.session().map(span))
    })?;
    let path = f64::from(HOSTS / AT_ONCE) * (WORK + SETTLE);
    let took = took.unwrap_or_default();
    let measured = format!("× {:.3} ({took:.2} s over {path:.2} s)", took / path);
    sheet.one("overhead: a rollout over its critical path", "× 1.05", measured, HOSTS as usize);
    Ok(())
}

/// Seconds of session time from the first lane's start to the last one's end.
fn span(session: &Session) -> f64 {
    let lanes = || session.rollout.units().iter().filter_map(|unit| unit.lane.as_ref());
    let first = lanes().map(|lane| lane.started).min().unwrap_or_default();
    let last = lanes().map(|lane| lane.step_since).max().unwrap_or_default();
    seconds(last) - seconds(first)
}

fn seconds(at: SessionTime) -> f64 {
    at.0 as f64 / 1e6
}
