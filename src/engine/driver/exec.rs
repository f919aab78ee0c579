//! The team's own commands, one a verb. Exit status 0 is done; the last line of the output becomes the note.
//!
//! A command finds in its environment `GOLIVE_VERB`, `GOLIVE_UNIT`, `GOLIVE_HOST`, `GOLIVE_ENVIRONMENT`,
//! `GOLIVE_VERSION` and `GOLIVE_DIGEST`; `fetch` and `install` also `GOLIVE_ARTIFACT`, where it lies on this
//! machine and was verified, if it can be read from here.
//!
//! What `observe` prints is said in `said`.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    drive::{Drive, Job, Looking, Observed, Running, Work},
    said,
};
use crate::{
    domain::{
        effect::Candidate,
        plan::{ExecVerb, Verb},
    },
    engine::{
        artifact::{ArtifactError, Place, measure},
        command::{self, CommandLine},
        ending::{Done, Trouble},
        unit::Unit,
    },
};

pub struct Exec<'a> {
    pub verbs: &'a BTreeMap<Verb, ExecVerb>,
}

fn word(verb: Verb) -> &'static str {
    Verb::ALL.iter().find(|(_, each)| *each == verb).map_or("", |(word, _)| word)
}

fn environment(verb: Verb, unit: &Unit, want: Option<&Candidate>) -> Vec<(String, String)> {
    let mut env = unit.variables();
    env.push(("GOLIVE_VERB".to_owned(), word(verb).to_owned()));
    if let Some(want) = want {
        env.push(("GOLIVE_VERSION".into(), want.version.to_string()));
        env.push(("GOLIVE_DIGEST".into(), want.digest.to_string()));
    }
    env
}

fn command_line(
    verb: &ExecVerb,
    name: Verb,
    unit: &Unit,
    want: Option<&Candidate>,
) -> Result<CommandLine, Trouble> {
    let vars = unit.vars(want.map_or("", |want| want.version.as_str()));
    let line = CommandLine::render(&verb.argv, &verb.env, unit.dir.clone(), verb.timeout, &vars)
        .map_err(Trouble::failed)?;
    Ok(line.with(environment(name, unit, want)))
}

impl Exec<'_> {
    async fn look(&self, at: Looking<'_>) -> Result<Option<Observed>, Trouble> {
        let Looking { shop, unit, keeps, cancel, turn } = at;
        let Some(verb) = self.verbs.get(&Verb::Observe) else { return Ok(None) };
        let _permit = shop.look_permit(turn, cancel).await?;
        let line = command_line(verb, Verb::Observe, unit, None)?.from(&shop.dirs.base);
        let ran = command::run(&shop.clock, &line, cancel, None, |_| {}).await.map_err(Trouble::unknown)?;
        let ran = ran.check("observe", verb.timeout).map_err(|trouble| match trouble {
            Trouble::Failed { why, .. } => Trouble::unknown(why),
            other => other,
        })?;
        let said = said::read(&ran.stdout).map_err(|why| {
            Trouble::unknown(format!("observe printed neither JSON nor \"version digest\": {why}"))
        })?;
        Ok(Some(said.observed(keeps)))
    }

    async fn run(&self, job: &Job<'_>, name: Verb, artifact: Option<PathBuf>) -> Result<Done, Trouble> {
        let Some(verb) = self.verbs.get(&name) else { return Ok(Done::said("not declared")) };
        let mut line = command_line(verb, name, job.unit, Some(job.want))?.from(&job.shop.dirs.base);
        if let Some(artifact) = artifact {
            line = line.with([("GOLIVE_ARTIFACT".into(), artifact.to_string_lossy().into_owned())]);
        }
        let noted = Some((&job.shop.leftovers, job.target));
        let ran = command::run(&job.shop.clock, &line, job.cancel, noted, |line| job.output(line))
            .await
            .map_err(Trouble::failed)?;
        let ran = ran.check(word(name), verb.timeout)?;
        Ok(Done::said(ran.last_line()))
    }

    /// The artifact as it can be read from this machine. That its content is another than the adopted one is
    /// definite, and nothing is touched; that it can't be read here leaves the verifying to the command.
    async fn verified(&self, job: &Job<'_>) -> Result<Option<PathBuf>, Trouble> {
        let source = job.unit.site.source.render(&job.unit.vars(job.want.version.as_str()));
        let place = Place::read(&source, &job.shop.dirs.base);
        let found = match measure(&job.shop.means(job.cancel)?, &place, Some(&job.want.digest)).await {
            Ok(found) => found,
            Err(error @ (ArtifactError::Cancelled | ArtifactError::WrongSum { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                job.progress(&format!("not verified here: {error}"));
                return Ok(None);
            }
        };
        if found != job.want.digest {
            let (place, wanted) = (place.to_string(), job.want.digest.clone());
            return Err(ArtifactError::WrongDigest { place, found, wanted }.into());
        }
        Ok(Some(match place {
            Place::Path(path) => path,
            Place::Url(_) => job.shop.store.path(&found),
        }))
    }

    async fn fetch_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        if let Some(seen) = self.look(Looking { keeps: Some(job.want), ..job.looking() }).await?
            && seen.kept == Some(true)
            && seen.installed.as_ref() == Some(job.want)
        {
            return Ok(Done::said("is kept already").fact("digest", &job.want.digest));
        }
        let artifact = self.verified(job).await?;
        let note = if artifact.is_some() { "digest verified" } else { "digest left to the command" };
        let done = self.run(job, Verb::Fetch, artifact).await?;
        Ok(done.and(Done::said(note)).fact("digest", &job.want.digest))
    }

    async fn install_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        let before = self.look(job.looking()).await?;
        if before.is_some_and(|seen| seen.installed.as_ref() == Some(job.want)) {
            return Ok(Done::said("is installed already"));
        }
        let artifact = self.verified(job).await?;
        let done = self.run(job, Verb::Install, artifact).await?;
        let Some(after) = self.look(job.looking()).await? else {
            return Ok(done.and(Done::said("not verified: no observe command is declared")));
        };
        match (&after.installed, &after.version) {
            (Some(found), _) if found != job.want => {
                Err(Trouble::failed(format!("install succeeded, but {found} is installed, not {}", job.want)))
            }
            (None, Some(found)) if *found != job.want.version => Err(Trouble::failed(format!(
                "install succeeded, but {found} is installed, not {}",
                job.want.version
            ))),
            (None, None) => {
                Err(Trouble::failed("install succeeded, but observe says that nothing is installed"))
            }
            _ => Ok(done),
        }
    }

    /// The command's word is not enough: a host on which a release is still installed is the machine that it was.
    async fn replace_it(&self, job: &Job<'_>) -> Result<Done, Trouble> {
        if !self.verbs.contains_key(&Verb::Observe) {
            return Err(Trouble::failed(
                "no observe command is declared, so nothing would show a new machine",
            ));
        }
        let done = self.run(job, Verb::Replace, None).await?;
        let Some(after) = self.look(job.looking()).await? else { return Ok(done) };
        let version = || after.version.as_ref().map(ToString::to_string);
        let left = after.installed.as_ref().map(ToString::to_string).or_else(version);
        match (left, &after.running) {
            (Some(left), _) => Err(Trouble::failed(format!(
                "replace succeeded, but {left} is still installed: it is no new machine"
            ))),
            (None, Running::Yes(_)) => {
                Err(Trouble::failed("replace succeeded, but the service still runs: it is no new machine"))
            }
            (None, _) => Ok(done.and(Done::said("nothing is installed on it"))),
        }
    }

    fn part<'a>(&'a self, job: &'a Job<'a>, verb: Verb) -> Option<Work<'a>> {
        self.verbs.contains_key(&verb).then(|| -> Work<'a> { Box::pin(self.run(job, verb, None)) })
    }
}

impl Drive for Exec<'_> {
    fn observe<'a>(&'a self, at: Looking<'a>) -> Work<'a, Observed> {
        Box::pin(async move {
            Ok(self.look(at).await?.unwrap_or(Observed {
                installed: None,
                version: None,
                running: Running::Unknown,
                healthy: None,
                kept: None,
                checked_in: None,
            }))
        })
    }

    fn fetch<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.fetch_it(job))
    }
    fn stop<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.run(job, Verb::Stop, None))
    }
    fn install<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.install_it(job))
    }
    fn start<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.run(job, Verb::Start, None))
    }
    fn replace<'a>(&'a self, job: &'a Job<'a>) -> Work<'a> {
        Box::pin(self.replace_it(job))
    }
    fn drain<'a>(&'a self, job: &'a Job<'a>) -> Option<Work<'a>> {
        self.part(job, Verb::Drain)
    }
    fn self_test<'a>(&'a self, job: &'a Job<'a>) -> Option<Work<'a>> {
        self.part(job, Verb::SelfTest)
    }
    fn rejoin<'a>(&'a self, job: &'a Job<'a>) -> Option<Work<'a>> {
        self.part(job, Verb::Rejoin)
    }
}
