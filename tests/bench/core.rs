//! What an event costs the turn and the core, and how that grows with the fleet.

use golive::domain::{command::Command, course::Phase, rollout::RolloutCommand};

use super::{
    figure::Sheet,
    fleet::{Fleet, hosts_of},
    project::Project,
};

/// Rolled out and back: events, and nanoseconds of processor time.
fn out_and_back(hosts: u32) -> anyhow::Result<(u64, u64)> {
    let mut fleet = Fleet::open(Project::new(&hosts_of(hosts))?.adopted()?, 0)?;
    fleet.start()?;
    fleet.until(|session| done(session, hosts))?;
    fleet.ask(Command::Rollout(RolloutCommand::RollBack { only: Vec::new() }))?;
    fleet.until(|session| session.course.phase == Phase::RolledBack)?;
    Ok((fleet.events, fleet.spent))
}

fn done(session: &golive::domain::session::Session, hosts: u32) -> bool {
    session
        .plan()
        .environments
        .keys()
        .map(|environment| session.rollout.counts(environment).done)
        .sum::<u32>()
        == hosts
}

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let (events, small) = out_and_back(10_000)?;
    let each = |events: u64, nanos: u64| format!("{:.2} µs", nanos as f64 / events as f64 / 1_000.0);
    sheet.one("core: an event, 10,000 hosts out and back", "2 µs", each(events, small), events as usize);
    let (events, large) = out_and_back(100_000)?;
    sheet.one("core: an event, 100,000 hosts out and back", "", each(events, large), events as usize);
    let ratio = format!("× {:.1}", large as f64 / small as f64);
    sheet.one("core: 100,000 hosts out and back to 10,000", "× 13", ratio, 1);
    Ok(())
}
