//! Steps of a stage that run once in a go-live, however many batches its hosts are taken in.

use serde::{Deserialize, Serialize};

use super::{project::Plan, steps::Step, template::Template};
use crate::domain::{
    name::{OnceName, StageName},
    time::Span,
};

/// A command of the team's, such as a migration of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Once {
    pub name: OnceName,
    pub run: Vec<Template>,
    #[serde(default)]
    pub when: When,
    /// How long each of its two commands may take.
    pub timeout: Span,
    /// What takes it back in a rollback; empty: nothing does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub back: Vec<Template>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// It has ended well before any host of the stage is touched.
    #[default]
    Before,
    /// It begins when all hosts of the stage are done, before the stage is validated and bakes.
    After,
}

impl Once {
    /// `bin/migrate --to {version}`, as it is written.
    pub fn line(argv: &[Template]) -> String {
        argv.iter().map(Template::to_string).collect::<Vec<_>>().join(" ")
    }

    /// What becomes of it in a rollback, where there is a version to go back to.
    pub fn taken_back(&self, way_back: bool) -> String {
        match (self.back.is_empty(), self.when) {
            (true, _) => "nothing takes it back".to_owned(),
            (false, _) if !way_back => "there is no previous version to roll back to".to_owned(),
            (false, When::Before) => {
                format!("a rollback runs {} once all hosts are back", Self::line(&self.back))
            }
            (false, When::After) => {
                format!("a rollback runs {} before any host goes back", Self::line(&self.back))
            }
        }
    }

    /// `once: migrate before any host, nothing takes it back`: one line of a narrow screen.
    pub fn short(&self, way_back: bool) -> String {
        let when = match self.when {
            When::Before => "before any host",
            When::After => "when all hosts are done",
        };
        let back = match (self.back.is_empty(), way_back) {
            (true, _) => "nothing takes it back",
            (false, true) => "a rollback takes it back",
            (false, false) => "no rollback takes it back",
        };
        format!("once: {} {when}, {back}", self.name)
    }

    /// `migrate: once, before any host: bin/migrate up, at most 5 min; nothing takes it back`.
    pub fn words(&self, way_back: bool) -> String {
        let when = match self.when {
            When::Before => "before any host",
            When::After => "when all hosts are done",
        };
        let (run, back) = (Self::line(&self.run), self.taken_back(way_back));
        format!("{}: once, {when}: {run}, at most {}; {back}", self.name, self.timeout)
    }
}

impl Plan {
    /// A step of this stage that runs once, as it is declared.
    pub fn once(&self, stage: &StageName, name: &OnceName) -> Option<&Once> {
        self.stage(stage)?.1.once.iter().find(|it| it.name == *name)
    }

    /// These steps of the stage's hosts, with what runs once before them and after them.
    pub fn with_once(&self, index: usize, steps: Vec<Step>) -> Vec<Step> {
        let once = self.stages.get(index).map(|stage| stage.once.as_slice()).unwrap_or_default();
        let at = |when| once.iter().filter(move |it| it.when == when).map(|it| Step::Once(it.name.clone()));
        at(When::Before).chain(steps).chain(at(When::After)).collect()
    }
}
