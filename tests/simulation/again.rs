//! The next go-live on the same hosts, by what the project's own stream says of the one before.

use std::sync::Arc;

use golive::{
    conductor::turn::Turn,
    domain::{
        course::{Mode, OpenRequest, open_at},
        event::{Event, Stamped},
        name::SessionId,
        plan::Adopted,
        project::owed,
        session::Session,
        time::{Now, SessionTime, Span},
    },
};

use super::{
    client::Client,
    engine::Engine,
    journal::Journal,
    oracle::Oracle,
    parts::release,
    world::{World, actor},
};

impl World {
    /// The session is over: the project is told of it, and a go-live of this version is opened with the same plan.
    pub fn opens_next(&mut self, version: &str) {
        self.run_until(Span::hours(1), |session| session.course.is_over() && session.flights.is_empty());
        while let Some(event) = owed(&self.project, self.session()).into_iter().next() {
            let seq = self.project.sessions.len() as u64 + 1;
            let told = Stamped {
                seq,
                now: self.now(),
                epoch: 1,
                actor: actor("dana"),
                event: Event::Project(event),
            };
            self.project.apply(&told);
        }
        let plan = super::profiles::again(self.session());
        let now = Now { wall: self.now().wall, session: SessionTime(0) };
        let request = OpenRequest {
            id: SessionId::new(&(self.project.sessions.len() + 1).to_string()).unwrap(),
            candidate: release(&plan, version),
            go_live: now.wall.plus(Span::hours(2)),
            adopted: Arc::new(Adopted::new(plan, "golive.toml".into())),
            mode: Mode::Live,
            author: None,
            machine: "deploy-1".into(),
        };
        let asked = super::profiles::asked(&request.adopted.plan);
        let opened = open_at(&self.project, request, asked.as_ref(), &actor("dana")).unwrap();
        let (turn, outputs) = Turn::begin(opened.clone(), actor("dana"), 1, now).unwrap();
        let first = Stamped { seq: 1, now, epoch: 1, actor: actor("dana"), event: opened };
        self.oracle = Oracle::new(Session::begin(&first).unwrap());
        self.turn = turn;
        self.client = Client::default();
        self.journal = Journal { keep: true, ..Journal::default() };
        self.once.ran.clear();
        self.engine = Engine::default();
        self.session_from = (0, self.at);
        self.tick_at = None;
        self.calendar.clear();
        self.looking.fill(false);
        self.outputs(outputs);
    }
}
