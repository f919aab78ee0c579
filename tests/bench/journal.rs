//! A record of a million events: verified, folded, and opened from its last snapshot.

use anyhow::{Context, ensure};
use golive::{
    domain::{command::Command, course::Phase, rollout::RolloutCommand},
    journal::{Reader, Snapshot, Store, Verdict, fold, verify},
    record::Folded,
    wire::build,
};

use super::{
    figure::{Sheet, micros},
    fleet::{Fleet, hosts_of},
    project::{Project, VERSION},
    start::write,
};

const EVENTS: usize = 1_000_000;

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let project = Project::new(&hosts_of(10_000))?;
    let mut fleet = Fleet::open(project.adopted()?, EVENTS)?;
    fleet.start()?;
    while fleet.record.len() < EVENTS {
        let all = |session: &golive::domain::session::Session| session.rollout.working().next().is_none();
        fleet.until(all)?;
        if fleet.session().course.phase == Phase::RolledBack {
            break;
        }
        fleet.ask(Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }))?;
        fleet.until(|session| session.course.phase == Phase::RolledBack)?;
    }
    let events = fleet.record.len();
    let begun = micros();
    write(&project, &fleet)?;
    let rate = events as f64 / (micros() - begun) as f64 * 1e6;
    sheet.one("journal: events appended a second, 1,000 a commit", "", format!("{rate:.0}"), events);
    drop(fleet);

    let path = project.paths()?.journal();
    let begun = micros();
    let verdict = verify(&path, VERSION, None)?;
    let verified = micros() - begun;
    ensure!(matches!(verdict, Verdict::Intact { .. }), "the record is broken: {verdict:?}");
    let reader = Reader::open(&path)?;
    let begun = micros();
    let folded = fold(&reader, VERSION, Folded::beginning(VERSION))?;
    let took = micros() - begun;
    let per_million = |micros: u64| format!("{:.2} s", micros as f64 / 1e6 * EVENTS as f64 / events as f64);
    sheet.one("journal: audited by `record verify`, a million events", "", per_million(verified), events);
    sheet.one("journal: verified and folded, a million events", "4 s", per_million(took), events);

    let session = folded.session().context("nothing was folded")?;
    let state = golive::record::snapshot(session)?;
    let size = format!("{:.1} MB", state.len() as f64 / 1e6);
    let snapshot = Snapshot { head: folded.head().clone(), state };
    let mut store = Store::open(&path)?;
    store.open_stream(&VERSION.into(), golive::domain::time::WallTime(0))?;
    store.keep_snapshot(VERSION, build(), &snapshot)?;
    let mut samples = Vec::new();
    for _ in 0..20 {
        let begun = micros();
        let reader = Reader::open(&path)?;
        let snapshot = reader.snapshot(VERSION, build())?.context("no snapshot is kept")?;
        Folded::from_snapshot(snapshot.head, &snapshot.state)?;
        samples.push(micros() - begun);
    }
    sheet.spread("journal: opened from its snapshot, 10,000 hosts", "200 ms", &samples);
    sheet.one("  that snapshot", "", size, 1);
    Ok(())
}
