//! From the start of the process to the last byte of the first whole screen.

use golive::{
    domain::time::WallTime,
    journal::{Batch, Store},
    record::draft,
};

use super::{
    cockpit::{cockpit, observed},
    figure::Sheet,
    fleet::{self, hosts_of},
    project::{Project, VERSION},
};

const STARTS: usize = 20;
const EVENTS: usize = 100_000;
/// What only a whole first screen over a session has: the session's seat, and the last line.
const WHOLE: [&str; 2] = ["engineering", "? keys"];

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let project = Project::new(&hosts_of(10_000))?;
    project.says(&["open", VERSION])?;
    observed(&project)?;
    let running = starts(&project, false, STARTS)?;
    sheet.spread("start to a whole screen, conductor running", "50 ms", &running);
    let alone = starts(&project, true, STARTS)?;
    sheet.spread("start to a whole screen, no conductor", "200 ms", &alone);
    drop(project);

    let project = Project::new(&hosts_of(10_000))?;
    let mut fleet = fleet::Fleet::open(project.adopted()?, EVENTS)?;
    fleet.start()?;
    while fleet.record.len() < EVENTS {
        fleet.step()?;
    }
    write(&project, &fleet)?;
    // Nobody has kept a snapshot of what was written: the first conductor folds all of it.
    let first = starts(&project, true, 1)?;
    sheet.spread("start, no conductor, 100,000 events and no snapshot", "300 ms", &first);
    let running = starts(&project, false, STARTS)?;
    sheet.spread("start, conductor running, session of 100,000 events", "300 ms", &running);
    let alone = starts(&project, true, STARTS)?;
    sheet.spread("start, no conductor, session of 100,000 events", "300 ms", &alone);
    Ok(())
}

fn starts(project: &Project, alone: bool, times: usize) -> anyhow::Result<Vec<u64>> {
    let mut samples = Vec::new();
    for _ in 0..times {
        if alone {
            project.end_conductor()?;
        }
        let mut terminal = cockpit(project)?;
        samples.push(terminal.until(&WHOLE)? - terminal.started);
        // Left by its key, so that nothing is cut off in the middle.
        terminal.type_keys("q")?;
        while terminal.until_quiet().is_ok() {}
    }
    Ok(samples)
}

/// Writes what the fleet recorded into the project's journal.
pub fn write(project: &Project, fleet: &fleet::Fleet) -> anyhow::Result<()> {
    let mut store = Store::open(&project.paths()?.journal())?;
    store.open_stream(&VERSION.into(), WallTime(0))?;
    for events in fleet.record.chunks(1_000) {
        let drafts = events.iter().map(draft).collect::<Result<_, _>>()?;
        for said in store.append(&[Batch { stream: VERSION.into(), drafts, answers: Vec::new() }]) {
            said?;
        }
    }
    Ok(())
}
