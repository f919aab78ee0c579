//! The steps of a unit's lane, each "ensure": observe first, act on a difference, verify after.

use std::{collections::BTreeSet, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    alive,
    backoff::Backoff,
    balancer::{self, Balance, Drained, Gets, Held},
    driver::{self, Drive, Job, follow},
    ending::{Done, Trouble},
    probe::{Answer, Fault},
    probing::{Probing, ended},
    proof,
    unit::Unit,
    workshop::Workshop,
};
use crate::domain::{
    counted::counted,
    effect::{Candidate, LaneStep, Share, Target},
    name::{EnvironmentName, UnitId},
    plan::{Balancer, Check, CheckKind, Vars},
};

/// The longest pause before a failed self-test is tried again, as often as declared.
const RETRY: Duration = Duration::from_secs(1);
/// The longest pause between two looks at whether a service listens yet.
const LISTENS: Duration = Duration::from_millis(200);

/// Carries one step out.
pub async fn step(job: &Job<'_>) -> Result<Done, Trouble> {
    // A command of a killed conductor may still be at work on this unit.
    job.shop.leftovers.end(&job.shop.clock, job.target).await;
    // So may a repair, and what takes it out of the pool.
    let id = job.unit.id();
    for beside in [Target::Repair(id.clone()), Target::Pool(id.clone())] {
        job.shop.leftovers.end(&job.shop.clock, &beside).await;
    }
    let driver = driver::of(&job.unit.site.driver);
    let started = job.shop.clock.read().monotonic;
    let work = async {
        match job.step {
            LaneStep::Fetch => driver.fetch(job).await,
            LaneStep::Drain => drain(job, &*driver).await,
            LaneStep::Stop => driver.stop(job).await,
            LaneStep::Prove => proof::stopped(job, &*driver).await,
            LaneStep::Replace => driver.replace(job).await,
            LaneStep::Install => driver.install(job).await,
            LaneStep::Start => driver.start(job).await,
            LaneStep::SelfTest => self_test(job, &*driver).await,
            LaneStep::Alive => alive::wait(job, &*driver).await,
            LaneStep::Rejoin => rejoin(job, &*driver).await,
            LaneStep::Converge => {
                Err(Trouble::failed("agents converge by themselves: there is nothing to do"))
            }
            LaneStep::Settle => Err(Trouble::failed("settling is timed by the core: there is nothing to do")),
        }
    };
    let done = match driver.log(job.unit) {
        // What the process writes meanwhile is the step's output.
        Some(log) => tokio::select! {
            done = work => done,
            () = follow(&job.shop.clock, log, |line| job.output(line)) => Err(Trouble::Cancelled),
        },
        None => work.await,
    }?;
    let micros = job.shop.clock.read().monotonic.saturating_sub(started);
    Ok(done.fact("took", format!("{:.1} s", micros as f64 / 1e6)))
}

fn balancer<'a>(job: &'a Job<'_>) -> Box<dyn Balance + 'a> {
    balancer::of(&job.unit.site.balancer, job.shop, job.cancel, Some(job.target))
}

async fn drain(job: &Job<'_>, driver: &dyn Drive) -> Result<Done, Trouble> {
    let host = job.unit.vars(job.want.version.as_str());
    let done = drained(balancer(job).drain(&host, &|text| job.progress(text)).await?);
    match driver.drain(job) {
        Some(own) => Ok(done.and(own.await?)),
        None => Ok(done),
    }
}

fn drained(how: Drained) -> Done {
    match how {
        Drained::Empty => Done::said("0 connections left").fact("connections", 0),
        Drained::Limit { left, after } => {
            Done::said(format!("{left} connections left after {after}")).fact("connections", left)
        }
        Drained::Uncounted => Done::said("out of the pool"),
        Drained::NoBalancer => Done::said("no balancer: requests may fail"),
    }
}

/// Takes a unit out of the pool whatever its lane does meanwhile: only the balancer is asked.
pub async fn take_out(
    shop: &Workshop,
    unit: &Unit,
    want: &Candidate,
    target: &Target,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    // Of a killed conductor: one that brings it back would undo this.
    shop.leftovers.end(&shop.clock, &Target::Unit(unit.id().clone())).await;
    let balancer = balancer::of(&unit.site.balancer, shop, cancel, Some(target));
    let host = unit.vars(want.version.as_str());
    Ok(drained(balancer.drain(&host, &|text| shop.progress(target, None, text)).await?))
}

/// Tells the balancer how to share the requests out among all hosts of the environment.
pub async fn share(
    shop: &Workshop,
    environment: &EnvironmentName,
    share: Option<&Share>,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    let units = shop.units();
    let units = units.balanced(environment)?;
    let Some(first) = units.first() else { return Ok(Done::said("no hosts")) };
    let balancer = balancer::of(&first.site.balancer, shop, cancel, None);
    let canary: BTreeSet<&UnitId> = share.iter().flat_map(|share| &share.canary).collect();
    let away: BTreeSet<&UnitId> = share.iter().flat_map(|share| &share.away).collect();
    let gets = |unit: &UnitId| match () {
        () if canary.contains(unit) => Gets::Share,
        () if away.contains(unit) => Gets::Nothing,
        () => Gets::Rest,
    };
    let hosts: Vec<_> = units.iter().map(|unit| (unit.vars(""), gets(unit.id()))).collect();
    shop.weights.set(environment, None);
    let weights = balancer.share(&hosts, share.map(|share| share.weight)).await?;
    let of = units.iter().map(|unit| unit.id()).zip(&weights);
    let sum_of = |counts: &dyn Fn(Gets) -> bool| -> u32 {
        of.clone().filter(|(unit, _)| counts(gets(unit))).map(|(_, weight)| weight).sum()
    };
    let (part, sum) = (sum_of(&|gets| gets == Gets::Share), sum_of(&|gets| gets != Gets::Nothing));
    let holds = if part == 0 { format!("weights {sum} in all") } else { format!("weights {part} of {sum}") };
    // As it is configured is what it comes back to by itself.
    let held = share.map(|_| Held {
        weights: of.map(|(unit, weight)| (unit.clone(), *weight)).collect(),
        canary: canary.iter().copied().cloned().collect(),
        away: away.iter().copied().cloned().collect(),
    });
    shop.weights.set(environment, held);
    Ok(Done::said(match share {
        Some(share) => {
            let out = hosts.iter().filter(|(_, gets)| *gets == Gets::Nothing).count();
            let among = counted(hosts.len() - out, "host");
            let out = if out == 0 { String::new() } else { format!(" in the pool, {out} out of it") };
            format!("{} for {} of {among}{out}; {holds}", share.weight, canary.len())
        }
        None => format!("as configured; {holds}"),
    }))
}

async fn rejoin(job: &Job<'_>, driver: &dyn Drive) -> Result<Done, Trouble> {
    let own = match driver.rejoin(job) {
        Some(own) => own.await?,
        None => Done::default(),
    };
    let host = job.unit.vars(job.want.version.as_str());
    balancer(job).ready(&host, &|text| job.progress(text)).await?;
    let note = match job.unit.site.balancer {
        Balancer::None => "no balancer",
        _ => "in the pool",
    };
    Ok(own.and(Done::said(note)))
}

async fn self_test(job: &Job<'_>, driver: &dyn Drive) -> Result<Done, Trouble> {
    let (check, own) = (&job.unit.site.self_test, driver.self_test(job));
    if check.is_none() && own.is_none() {
        return Ok(Done::said("not declared"));
    }
    let by_network = |check: &Check| matches!(check.kind, CheckKind::Http(_) | CheckKind::Tcp { .. });
    if check.as_ref().is_none_or(|check| !by_network(check))
        && let Some(alive) = job.unit.site.alive.as_ref().filter(|alive| by_network(alive))
    {
        // A command can't tell "not up yet" from "wrong": the service must listen first.
        answered(job, driver, alive).await?;
    }
    let mut done = Done::default();
    if let Some(check) = check {
        let mut left = check.retries;
        done = loop {
            let answer = answered(job, driver, check).await?;
            if answer.verdict.is_ok() {
                break ended(answer)?;
            }
            // That the process has ended says more than what the check saw of it.
            alive::still_runs(job, driver).await?;
            if left == 0 {
                break ended(answer)?;
            }
            left -= 1;
            job.pause(check.interval.duration().min(RETRY)).await?;
        };
    }
    match own {
        Some(own) => Ok(done.and(own.await?)),
        None => Ok(done),
    }
}

/// The first answer of a service that was just started: that nobody listens yet is no verdict on it, that its
/// process has ended is.
async fn answered(job: &Job<'_>, driver: &dyn Drive, check: &Check) -> Result<Answer, Trouble> {
    let vars = job.unit.vars(job.want.version.as_str());
    let mut backoff = Backoff::up_to(LISTENS);
    let mut shown = false;
    loop {
        alive::still_runs(job, driver).await?;
        let answer = asking(job, check, &vars).once().await;
        match &answer.verdict {
            Err(Fault::Cancelled) => return Err(Trouble::Cancelled),
            Err(fault) if fault.nobody_there() => {
                if !shown {
                    job.progress(&format!("not up yet: {fault}"));
                    shown = true;
                }
            }
            _ => return Ok(answer),
        }
        job.pause(backoff.pause()).await?;
    }
}

/// A host check of this lane.
pub fn asking<'a>(job: &'a Job<'a>, check: &'a Check, vars: &'a Vars) -> Probing<'a> {
    Probing {
        shop: job.shop,
        check,
        vars,
        wants: Some(job.want.version.as_str()),
        environment: &job.unit.site.environment,
        unit: Some(job.unit.id()),
        target: job.target,
        step: Some(job.step),
        cancel: job.cancel,
    }
}
