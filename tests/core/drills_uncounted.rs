//! A drill during which nobody could count the requests: what was not counted proves nothing.

use golive::domain::{
    effect::{Report, Reported, Target},
    time::Span,
};

use super::drills_away::{begin, last, over, with_regions};
use crate::simulation::{
    host::Host,
    plan::{PRODUCTION, environment},
    world::Happening,
};

/// What nobody could count while they were out proves nothing: they come back, and the attempt has not passed.
#[test]
fn requests_that_could_not_be_counted_leave_the_drill_unproven() {
    let mut world = with_regions(761);
    world.must("raj", begin());
    world.run_until(Span::minutes(5), |session| {
        let operation = session.operations.running.as_ref();
        operation.and_then(|it| it.away.as_ref()).is_some_and(|absence| absence.left.is_some())
    });
    let target = Target::Served(environment(PRODUCTION));
    let session = world.session();
    let effect = session.flights.get(&target).expect("requests are counted").effect.id.clone();
    let (epoch, why) = (session.epoch, "the balancer does not answer".to_owned());
    let what = Reported::Uncounted { environment: environment(PRODUCTION), why };
    world.plan_for(world.at, Happening::Arrives(Box::new(Report { epoch, effect, what })));
    world.run_until(Span::minutes(20), over);
    let attempt = last(world.session());
    assert!(!attempt.passed());
    let said: Vec<String> = attempt.findings.iter().map(ToString::to_string).collect();
    let unproven = "UNPROVEN: requests could not be counted: the balancer does not answer";
    assert!(said.iter().any(|it| it.contains(unproven)), "{said:?}");
    assert!(world.hosts.iter().all(Host::serves), "all are back");
}
