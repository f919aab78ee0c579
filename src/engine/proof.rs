//! The step "prove-stopped": the driver says that nothing runs, and nothing answers. Only definite facts are a proof; that
//! a host can't be asked is none. A service that takes a moment to go is given that moment.

use std::time::Duration;

use super::{
    backoff::Backoff,
    driver::{Drive, Job, Running},
    ending::{Done, Trouble},
    lane::asking,
    probe::Fault,
};

/// How long it is looked again where something still runs or nobody can tell, at the most.
const PATIENCE: u64 = 10_000_000;
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

enum Found {
    Stopped(String),
    Runs(String),
    Unknown(String),
}

pub async fn stopped(job: &Job<'_>, driver: &dyn Drive) -> Result<Done, Trouble> {
    let began = job.shop.clock.read().monotonic;
    let patience = patience(job);
    let mut backoff = Backoff::up_to(LONGEST_PAUSE);
    loop {
        let (why, ends) = match look(job, driver).await? {
            Found::Stopped(note) => return Ok(Done::said(note)),
            Found::Runs(why) => (why.clone(), Trouble::failed(why)),
            Found::Unknown(why) => (why.clone(), Trouble::unknown(why)),
        };
        if job.shop.clock.read().monotonic.saturating_sub(began) >= patience {
            return Err(ends);
        }
        job.progress(&format!("not shown to be stopped yet: {why}"));
        job.pause(backoff.pause()).await?;
    }
}

/// Less than what the host is given in all: what was found says more than that it took too long.
fn patience(job: &Job<'_>) -> u64 {
    let adopted = job.shop.adopted();
    let environment = adopted.plan.environments.get(&job.unit.site.environment);
    environment.map_or(PATIENCE, |it| PATIENCE.min(it.deadlines.healthy_deadline.0 / 2))
}

async fn look(job: &Job<'_>, driver: &dyn Drive) -> Result<Found, Trouble> {
    let says = match driver.observe(job.looking()).await {
        Ok(seen) => match seen.running {
            Running::No(why) | Running::Ended(why) => why,
            Running::Yes(what) => {
                let version = what.map(|candidate| candidate.version.clone()).or(seen.version);
                let what = version.map_or_else(|| "something".to_owned(), |version| version.to_string());
                return Ok(Found::Runs(format!("{what} still runs")));
            }
            Running::Unknown => {
                return Ok(Found::Unknown("the driver can't tell whether it runs".to_owned()));
            }
        },
        Err(Trouble::Cancelled) => return Err(Trouble::Cancelled),
        Err(trouble) => return Ok(Found::Unknown(format!("it can't be observed: {trouble}"))),
    };
    let Some(check) = &job.unit.site.alive else {
        return Ok(Found::Stopped(format!("{says}; no alive check is declared")));
    };
    let vars = job.unit.vars(job.want.version.as_str());
    let answer = asking(job, check, &vars).once().await;
    Ok(match answer.verdict {
        Ok(shown) => Found::Runs(format!("{says}, but something answers: {shown}")),
        Err(Fault::Cancelled) => return Err(Trouble::Cancelled),
        // A command that says no has been asked of a host of which its driver says the same.
        Err(fault @ (Fault::Refused(_) | Fault::Exit(_))) => Found::Stopped(format!("{says}; {fault}")),
        Err(fault) if fault.says_nothing() => Found::Unknown(format!("{says}, but alive {fault}")),
        // Whoever swallows a question may still be there.
        Err(fault @ (Fault::TimedOut(_) | Fault::Broke(_) | Fault::Signal(_))) => {
            Found::Unknown(format!("{says}, but alive: {fault}"))
        }
        Err(fault) => Found::Runs(format!("{says}, but something answers: {fault}")),
    })
}
