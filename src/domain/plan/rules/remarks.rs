//! What is not wrong but must be known before it matters, and what this build can't carry out yet.

use super::{
    Place, budget, clouds, comparison, components, converge, drills, graph, regions, sides, stop_all,
    strictness,
};
use crate::domain::{
    checklist::ItemKind,
    plan::{
        ALIVE, Balancer, Batch, Canary, CanaryStep, CheckKind, Driver, Environment, HostShare, Plan,
        SELF_TEST, SecondGoLive, Select, Separation, Stage, Strategy, TrafficKind, Verb, Weight,
    },
    time::Span,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub place: Place,
    pub what: String,
    /// This build can't carry it out, so `open` refuses the plan.
    pub blocks_open: bool,
}

pub(super) struct Remarks(Vec<Remark>);

impl Remarks {
    pub(super) fn say(&mut self, place: Place, what: impl Into<String>) {
        self.0.push(Remark { place, what: what.into(), blocks_open: false });
    }

    fn not_yet(&mut self, place: Place, thing: impl std::fmt::Display) {
        let what = format!("{thing}: checked, but not yet carried out by this build, so open refuses it");
        self.0.push(Remark { place, what, blocks_open: true });
    }
}

pub fn remarks(plan: &Plan) -> Vec<Remark> {
    let mut out = Remarks(Vec::new());
    about_drivers(plan, &mut out);
    for environment in plan.environments.values() {
        about_environment(plan, environment, &mut out);
    }
    about_stages(plan, &mut out);
    about_checks(plan, &mut out);
    about_project(plan, &mut out);
    out.0
}

/// One remark for all environments: they mostly share one driver, by [defaults].
fn about_drivers(plan: &Plan, out: &mut Remarks) {
    let ssh: Vec<&str> = plan
        .environments
        .values()
        .filter(|environment| matches!(environment.driver, Driver::Ssh { .. }))
        .map(|environment| environment.name.as_str())
        .collect();
    if let Some(first) = ssh.first() {
        let place = Place::of(&["environments", first, "driver"]);
        out.not_yet(place, format_args!("the ssh driver ({})", ssh.join(", ")));
    }
}

fn about_environment(plan: &Plan, environment: &Environment, out: &mut Remarks) {
    let name = &environment.name;
    let place = Place::of(&["environments", name.as_str()]);
    if clouds::stands_by_for_nothing(plan, environment) {
        let what = format!("a secondary cloud of {name}, which no zero-downtime stage keeps without traffic");
        out.not_yet(place.key("clouds"), what);
    }
    if environment.traffic == TrafficKind::None {
        let what = if environment.balancer.counts() {
            "every request that its balancer sends to a host is an alarm, those of tests among them: let them ask the hosts"
        } else {
            "not seen by anything: its balancer counts no requests, so nobody is told where some come"
        };
        out.say(place.key("traffic"), format!("{name} has no traffic; {what}"));
    }
    if !plan.stages.iter().any(|stage| stage.environment == *name) {
        out.say(place.clone(), format!("no stage changes {name}"));
        return;
    }
    let own_drain =
        matches!(&environment.driver, Driver::Exec { verbs, .. } if verbs.contains_key(&Verb::Drain));
    let agents = environment.converges().is_some();
    if environment.balancer == Balancer::None
        && environment.traffic == TrafficKind::Real
        && !own_drain
        && !agents
    {
        out.say(
            place.key("balancer"),
            format!("{name} has no balancer: requests may fail while a host is changed"),
        );
    }
    if matches!(&environment.driver, Driver::Exec { verbs, .. } if !verbs.contains_key(&Verb::Observe)) {
        out.say(
            place.key("driver"),
            format!(
                "{name} has no verb observe: what is installed is not known, and that a process has ended (its \
                 \"running\": false) is seen only when a host is not healthy by its deadline"
            ),
        );
    }
    if !environment.driver.locks() && !matches!(environment.driver, Driver::Ssh { .. } | Driver::Converge(_))
    {
        out.say(
            place.key("driver"),
            format!(
                "{name} is not locked at the target: verbs lock and unlock would keep conductors apart that \
                 share no journal"
            ),
        );
    }
    let all = environment.hosts().count() as u32;
    let limits = plan.limits(environment, all);
    let total = all - environment.spares();
    for pool in environment.pools.iter().filter(|pool| plan.has_parts() && pool.hosts.len() == 1) {
        let part = &pool.component;
        out.say(place.clone(), format!("{part} has one host in {name}: it is down while that is changed"));
    }
    if total == 1 {
        out.say(place.clone(), format!("{name} has one host: it is down while that is changed"));
    } else if total > 1 && environment.capacity.min_healthy.is_some_and(|least| least.round_up(total) == 0) {
        out.say(
            budget::place(environment, "min_healthy"),
            format!("all {total} hosts of {name} may be down at once"),
        );
    }
    if environment.capacity.max_parallel.is_some()
        && limits.max_parallel > limits.spare() + limits.surge
        && limits.spare() > 0
    {
        out.say(
            budget::place(environment, "max_parallel"),
            format!(
                "max_parallel is {}, but only {} of {total} may be out at once, so that is the limit in {name}",
                limits.max_parallel,
                limits.spare()
            ),
        );
    }
}

fn about_stages(plan: &Plan, out: &mut Remarks) {
    for (index, stage) in plan.stages.iter().enumerate() {
        match &stage.strategy {
            Strategy::Rolling(_) => about_batches(plan, index, stage, out),
            Strategy::Canary(canary) => about_weights(plan, index, canary, out),
            Strategy::StopAll => about_downtime(plan, index, stage, out),
            Strategy::BlueGreen(strategy) => sides::remark(plan, index, strategy, out),
            Strategy::Converge(how) => converge::remark(plan, index, how, out),
            Strategy::ZeroDowntime(strategy) => clouds::remark(plan, index, strategy, out),
        }
        comparison::remark(plan, index, stage, out);
        components::remark(plan, index, stage, out);
        regions::remark(plan, index, stage, out);
        once_remain(index, stage, out);
        graph::remark(plan, index, stage, out);
    }
    if !plan.stages.is_empty() && !crate::domain::pipeline::declares_a_test(plan) {
        let last = Place::of(&["stages"]).index(plan.stages.len() - 1);
        out.say(
            last.key("validations"),
            "not declared: a smoke test (validations, or a check asked for after going live); what is live stays \
             unverified until somebody promotes it, which says that they looked",
        );
    }
    for environment in plan.environments.values() {
        let here = || plan.stages.iter().enumerate().filter(|(_, s)| s.environment == environment.name);
        let taken: usize = here().map(|(index, _)| plan.selected(index).len()).sum();
        let total = environment.hosts().count();
        if here().next().is_some() && taken < total && here().all(|(_, s)| s.select != Select::All) {
            out.say(
                Place::of(&["stages"]),
                format!(
                    "{} of {total} hosts of {} are selected by no stage and keep their version",
                    total - taken,
                    environment.name
                ),
            );
        }
    }
}

/// What no rollback takes back.
fn once_remain(index: usize, stage: &Stage, out: &mut Remarks) {
    for (nth, once) in stage.once.iter().enumerate().filter(|(_, once)| once.back.is_empty()) {
        out.say(
            Place::of(&["stages"]).index(index).key("once").index(nth),
            format!(
                "not declared: back of {}; nothing takes it back in a rollback, and the version before has to live with it",
                once.name
            ),
        );
    }
}

/// A batch in which fewer hosts are under way at once than it has.
fn about_batches(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    let Strategy::Rolling(rolling) = &stage.strategy else { return };
    let Some(environment) = plan.environments.get(&stage.environment).filter(|_| !rolling.batches.is_empty())
    else {
        return;
    };
    let limits = environment.capacity.limits(environment.hosts().count() as u32);
    let at_once = limits.max_parallel.min(limits.spare()).max(1);
    let batches = plan.batches(index);
    let larger = |(_, batch): &(usize, &Batch<'_>)| batch.hosts.len() as u32 > at_once;
    if let Some((nth, batch)) = batches.iter().enumerate().find(larger) {
        out.say(
            Place::of(&["stages"]).index(index).key("strategy").key("batches"),
            format!(
                "batch {} of {} has {} hosts, of which {at_once} at a time are changed (max_parallel {}, {} may be out)",
                nth + 1,
                stage.name,
                batch.hosts.len(),
                limits.max_parallel,
                limits.spare()
            ),
        );
    }
}

/// That nobody serves for a while is what the strategy means: nobody should find out by being paged.
fn about_downtime(plan: &Plan, index: usize, stage: &Stage, out: &mut Remarks) {
    let Some(environment) = plan.environments.get(&stage.environment) else { return };
    let total = environment.hosts().count();
    let taken = plan.selected(index).len();
    let place = Place::of(&["stages"]).index(index).key("strategy");
    let limits = plan.limits(environment, total as u32);
    out.say(
        place.clone(),
        format!(
            "{} means DOWNTIME: {} of {} are stopped, {} at a time, before one is started; no capacity is kept",
            stage.name,
            crate::domain::counted::counted(taken, "host"),
            environment.name,
            limits.max_parallel.min(taken as u32)
        ),
    );
    stop_all::remark(plan, environment, out);
    if matches!(environment.driver, Driver::Exec { .. }) {
        out.say(
            Place::of(&["environments", environment.name.as_str(), "driver"]),
            format!(
                "each host of {} has to be shown to be stopped before one is started: observe has to print \
                 {{\"running\": false}} of it then; the version alone, on one line, shows that of none",
                environment.name
            ),
        );
    }
    if taken < total {
        out.say(
            place,
            format!(
                "{} of {total} hosts of {} stay outside {}: it is not started while one of them runs another version",
                total - taken,
                environment.name,
                stage.name
            ),
        );
    }
}

/// What shares come to in whole hosts.
fn about_weights(plan: &Plan, index: usize, canary: &Canary, out: &mut Remarks) {
    let selected = plan.selected(index);
    let hosts = selected.len() as u32;
    let spare = selected.iter().filter(|host| host.spare).count() as u32;
    let steps = Place::of(&["stages"]).index(index).key("strategy").key("steps");
    let mut sizes = canary.sizes(hosts, spare).into_iter();
    let environment = plan.environments.get(&plan.stages[index].environment);
    let by_hosts = environment.is_some_and(|environment| !environment.balancer.weighs());
    let mut taken = 0;
    for (nth, step) in canary.steps.iter().enumerate() {
        let CanaryStep::Weight(weight) = step else { continue };
        let size = sizes.next().unwrap_or_default();
        taken += size;
        let share = HostShare { wanted: *weight, new: taken, of: hosts - spare + taken.min(spare) };
        if by_hosts && *weight < Weight::ALL && share.is_off() {
            out.say(
                steps.index(nth).key("weight"),
                format!(
                    "{}: this balancer gives no shares, so that whole hosts stand for them",
                    share.words()
                ),
            );
        }
        if size == 0 && hosts > 1 {
            out.say(
                steps.index(nth).key("weight"),
                format!(
                    "{weight} of {hosts} hosts is {taken}, as many as the weight before: this step takes none"
                ),
            );
        }
    }
}

fn about_checks(plan: &Plan, out: &mut Remarks) {
    let checks = Place::of(&["checks"]);
    match plan.check(ALIVE) {
        None => out.say(
            checks.clone(),
            "not declared: alive; that a host answers can't be seen, and its version is what is installed",
        ),
        Some(check) => {
            if !matches!(&check.kind, CheckKind::Http(http) if http.version_pointer.is_some()) {
                out.say(
                    checks.key(ALIVE),
                    "not declared: version_pointer; the version is what is installed, not what the process says",
                );
            }
        }
    }
    let own_test = plan
        .environments
        .values()
        .all(|e| matches!(&e.driver, Driver::Exec { verbs, .. } if verbs.contains_key(&Verb::SelfTest)));
    if plan.check(SELF_TEST).is_none() && !own_test {
        out.say(checks.clone(), "not declared: self-test; no host is asked to test itself before it rejoins");
    }
    for check in plan.checks.values().filter(|check| plan.runs_in_lanes(&check.name)) {
        let longest = Span(check.timeout.0.saturating_mul(u64::from(check.retries) + 1));
        if let Some(environment) =
            plan.environments.values().find(|e| longest >= e.deadlines.healthy_deadline)
        {
            out.say(
                checks.key(check.name.as_str()),
                format!(
                    "{} may take {longest}, but in {} a host must be done in {} (healthy_deadline)",
                    check.name, environment.name, environment.deadlines.healthy_deadline
                ),
            );
        }
    }
    for check in plan.checks.values() {
        let in_lanes = plan.runs_in_lanes(&check.name);
        let validates = plan.stages.iter().any(|stage| stage.asks_for().any(|name| *name == check.name));
        let fulfils = plan
            .items
            .iter()
            .any(|item| matches!(&item.kind, ItemKind::Check { check: name } if *name == check.name));
        let tools = plan.drills.values().any(|drill| drill.tools.contains(&check.name));
        let drills = tools || plan.drills.values().any(|drill| drill.probe == check.name);
        if !tools && drills::asks_since(check) {
            let what =
                format!("{} asks since when, and is no tool of a drill: {{since}} is empty", check.name);
            out.say(checks.key(check.name.as_str()), what);
        }
        if !in_lanes && !validates && !fulfils && !drills {
            out.say(checks.key(check.name.as_str()), format!("check {} is asked for nowhere", check.name));
        }
    }
    for alarm in &plan.alarms {
        out.not_yet(Place::of(&["alarms", alarm.name.as_str()]), format_args!("the alarm {}", alarm.name));
    }
}

fn about_project(plan: &Plan, out: &mut Remarks) {
    let second = Place::of(&["project", "second"]);
    match plan.second {
        SecondGoLive::Refused => {}
        SecondGoLive::Queued => out.say(
            second,
            "a second go-live waits for the end of the one under way: after a verified ending or a NO-GO it opens by \
             itself, after any other a person says so first",
        ),
        SecondGoLive::Superseding => out.say(
            second,
            "a second go-live cancels the one under way: what that changed is rolled back first",
        ),
    }
    strictness::remark(plan, out);
    if plan.separation == Separation::None {
        out.say(
            Place::of(&["project", "separation"]),
            "separation is none: one person may ask and approve, and every header says so",
        );
    }
    if plan.notify.is_empty() {
        out.say(Place::of(&["project"]), "not declared: notify; nobody is told when the line needs a human");
    }
    if !plan.drills.is_empty() && plan.zone.is_none() {
        out.say(
            Place::of(&["drills"]),
            "not declared: project.zone; the quarters of drills are those of UTC",
        );
    }
    if plan.plan_b.decides.is_none() {
        out.say(Place::of(&["plan_b"]), "plan B names nobody who decides");
    }
    if plan.items.is_empty() {
        out.say(
            Place::of(&["project", "checklists"]),
            "there is no checklist item, so the poll is all that stands before production",
        );
    }
}
