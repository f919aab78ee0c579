//! What a rollback does besides bringing hosts back, said before anyone asks for it: the key, the ways on and the shell
//! say the same.

use super::{TakenBack, conflict::in_the_way_back, downtime, once_back, readiness, scope_in, strangers};
use crate::domain::{name::EnvironmentName, session::Session};

/// What is to be known before a rollback of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beforehand {
    /// Nobody serves meanwhile, as where no two versions may run side by side; none: somebody does, or nobody does now.
    pub downtime: Option<String>,
    /// What setting back would stop at where agents change the hosts; none: nothing that is known.
    pub store: Option<String>,
    /// What the version that it goes back to would run beside.
    pub beside: Option<String>,
    /// What ran once for this release and stays as it is.
    pub stays: Vec<String>,
}

impl Beforehand {
    pub fn of(session: &Session, environment: &EnvironmentName) -> Self {
        let here = |it: &TakenBack| {
            session.pipeline.run(&it.stage).is_some_and(|run| run.environment == *environment)
        };
        let stays = once_back::taken_back(session).into_iter().filter(|it| it.stays && here(it));
        Self {
            downtime: stops(session, environment),
            store: readiness::target(session, environment)
                .and_then(|to| in_the_way_back(session, environment, &to)),
            beside: strangers::beside(session, environment),
            stays: stays.map(|it| it.words).collect(),
        }
    }

    /// Each as a sentence without its end, what is worst first.
    pub fn all(self) -> impl Iterator<Item = String> {
        self.downtime.into_iter().chain(self.store).chain(self.beside).chain(self.stays)
    }
}

/// `DOWNTIME: all 12 hosts of production are stopped before one is started, about 2 s`
fn stops(session: &Session, environment: &EnvironmentName) -> Option<String> {
    if !session.pipeline.stops_all_in(environment) || session.rollout.serves(environment) == 0 {
        return None;
    }
    let hosts = scope_in(session, environment).ok()?.units.len() as u32;
    let expected = downtime::expected(session, environment, hosts).filter(|_| hosts > 0)?;
    Some(format!("DOWNTIME: {}, {}", expected.what(), expected.how_long()))
}
