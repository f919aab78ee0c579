//! The step "alive": the unit answers, and runs the wanted version. It asks until both hold or it is cancelled
//! (how long that may take is the core's), and fails early only on definite facts.

use std::time::Duration;

use super::{
    backoff::Backoff,
    driver::{Drive, Job, Observed, Running},
    ending::{Done, Trouble},
    lane::asking,
    probe::Fault,
    probing::ended,
};
use crate::domain::plan::{Check, CheckKind};

const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub async fn wait(job: &Job<'_>, driver: &dyn Drive) -> Result<Done, Trouble> {
    let vars = job.unit.vars(job.want.version.as_str());
    let mut backoff = Backoff::up_to(LONGEST_PAUSE);
    let mut shown = String::new();
    loop {
        let seen = still_runs(job, driver).await?;
        let missing = match &job.unit.site.alive {
            Some(check) => {
                let answer = asking(job, check, &vars).once().await;
                match &answer.verdict {
                    Err(Fault::Cancelled) => return Err(Trouble::Cancelled),
                    Err(fault) => fault.to_string(),
                    Ok(_) => match version(job, check, seen.as_ref()) {
                        Ok(note) => return Ok(ended(answer)?.and(Done::said(note))),
                        Err(why) => why,
                    },
                }
            }
            None => match unasked(job, seen.as_ref()) {
                Ok(note) => return Ok(Done::said(note)),
                Err(why) => why,
            },
        };
        if missing != shown {
            job.progress(&format!("not alive yet: {missing}"));
            shown = missing;
        }
        job.pause(backoff.pause()).await?;
    }
}

/// What the driver sees, if it can tell; fails if the process has definitely ended.
pub async fn still_runs(job: &Job<'_>, driver: &dyn Drive) -> Result<Option<Observed>, Trouble> {
    match driver.observe(job.looking()).await {
        Ok(Observed { running: Running::No(why) | Running::Ended(why), .. }) => {
            Err(Trouble::with_evidence(why, driver.last_words(job.unit).await))
        }
        Ok(seen) => Ok(Some(seen)),
        Err(Trouble::Cancelled) => Err(Trouble::Cancelled),
        // Not observed is not ended; the check decides.
        Err(_) => Ok(None),
    }
}

/// The version of a unit that answers. Where the answer does not name it, what the driver says has to do:
/// the release that the process was started from, else what is installed.
fn version(job: &Job<'_>, check: &Check, seen: Option<&Observed>) -> Result<String, String> {
    if matches!(&check.kind, CheckKind::Http(http) if http.version_pointer.is_some()) {
        // The check has compared it.
        return Ok(format!("runs {}", job.want.version));
    }
    driver_version(job, seen)
}

fn driver_version(job: &Job<'_>, seen: Option<&Observed>) -> Result<String, String> {
    let wrong = |found: &dyn std::fmt::Display| Err(format!("{found} is there, not {}", job.want));
    let Some(seen) = seen else { return Err("the driver could not observe it".into()) };
    match (&seen.running, &seen.installed, &seen.version) {
        (Running::Yes(Some(found)), _, _) | (_, Some(found), _) => {
            if found == job.want {
                Ok(format!("started from {found}"))
            } else {
                wrong(found)
            }
        }
        (_, None, Some(found)) => {
            if *found == job.want.version {
                Ok(format!("{found} by observe"))
            } else {
                wrong(found)
            }
        }
        (_, None, None) => Ok("version not declared".into()),
    }
}

/// Without an alive check: what the driver says.
fn unasked(job: &Job<'_>, seen: Option<&Observed>) -> Result<String, String> {
    let Some(seen) = seen else { return Err("the driver could not observe it".into()) };
    if seen.healthy == Some(false) {
        return Err("observe says that it is not healthy".into());
    }
    let version = driver_version(job, Some(seen))?;
    Ok(match seen.running {
        Running::Yes(_) => format!("runs; no alive check is declared; {version}"),
        _ => format!("not declared; {version}"),
    })
}
