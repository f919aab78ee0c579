//! Who is primary outlives a go-live: the next one begins with the cloud that stands by then, whatever the plan names.

use golive::domain::{
    course::Phase,
    plan::{CloudPauses, CloudRole, CloudStep, ZeroDowntime},
    project::{Project, ProjectEvent, owed},
    rollout::preview,
    time::Span,
};

use super::clouds::{is_primary, new, out, strategy, taken, two};
use crate::simulation::{
    after::told,
    plan::{PRODUCTION, cloud, environment},
    world::World,
};

#[test]
fn the_next_go_live_begins_with_the_cloud_that_stands_by_then() {
    let mut world = World::new(421, &two(4));
    world.under_way();
    world.reaches(Phase::LiveUnverified, Span::minutes(30));
    let mut project = Project::default();
    let said: Vec<ProjectEvent> = owed(&project, world.session())
        .into_iter()
        .filter(|event| matches!(event, ProjectEvent::PrimarySwitched { .. }))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    for event in said {
        told(&mut project, event, world.now());
    }
    let again: Vec<ProjectEvent> = owed(&project, world.session());
    assert!(!again.iter().any(|event| matches!(event, ProjectEvent::PrimarySwitched { .. })), "{again:?}");
    let mut next = World::after(422, &taken(strategy(), 6, 3), &project, |_| ());
    assert_eq!(is_primary(next.session()), Some(&cloud("b")));
    let preview = preview(next.session(), next.now()).unwrap();
    let batches: Vec<_> = preview.batches.iter().map(|batch| batch.group.as_deref()).collect();
    assert_eq!(batches, [Some("a"), Some("b"), Some("c")], "a takes over from b");
    next.under_way();
    next.reaches(Phase::LiveUnverified, Span::minutes(30));
    assert_eq!((out(&next.hosts[..2]), out(&next.hosts[2..])), (0, 4), "a serves alone");
    // A plan that names its order and who takes over stays as it was written: with b primary it is turned round.
    let pause = CloudPauses { before: Vec::new(), after: vec![CloudStep::Verify(cloud("b"))] };
    let order = vec![cloud("b"), cloud("a")];
    let written = ZeroDowntime { order, takes_over: Some(cloud("b")), pause, ..strategy() };
    let mut turned = World::after(424, &taken(written, 4, 2), &project, |_| ());
    assert_eq!(is_primary(turned.session()), Some(&cloud("b")));
    turned.under_way();
    turned.reaches(Phase::LiveUnverified, Span::minutes(30));
    assert!(turned.hosts.iter().all(new));
    assert_eq!((out(&turned.hosts[..2]), out(&turned.hosts[2..])), (0, 2), "a took over from b");
    // Who edits the roles after that says who is primary.
    let edited = World::after(423, &taken(strategy(), 6, 3), &project, |plan| {
        let production = plan.environments.get_mut(&environment(PRODUCTION)).unwrap();
        for of in &mut production.clouds {
            of.role = if of.name.as_str() == "c" { CloudRole::Primary } else { CloudRole::Secondary };
        }
    });
    assert_eq!(is_primary(edited.session()), Some(&cloud("c")), "as edited");
}
