//! What must hold of what is said about time: nothing ends before it began, nothing is expected of what is over, and no
//! end is named while a part of it is unknown or nothing goes on by itself.

use std::collections::BTreeMap;

use golive::domain::{
    event::Stamped,
    name::StageName,
    rollout::{Forecast, going_back, troubles},
    session::Session,
    time::{Now, Span},
    timeline::{Expected, timeline},
};

use super::oracle::Oracle;

impl Oracle {
    /// A budget is spent once, and when it is.
    pub(super) fn spends(&mut self, stage: &StageName, stamped: &Stamped) {
        let run = self.shadow.pipeline.run(stage).cloned();
        let budget = self.shadow.plan().stage(stage).and_then(|(_, stage)| stage.budget);
        let took = run.as_ref().and_then(|run| Some(stamped.now.session.since(run.started?.session)));
        let due = took.is_some() && budget.is_some() && took >= budget;
        let once = run.is_some_and(|run| run.over_budget.is_none() && run.ready.is_none());
        self.must(due && once, || format!("{stage} spent {took:?} of {budget:?}"));
    }

    pub(super) fn times(&mut self, session: &Session, now: Now) {
        let line = timeline(session, &Forecast::of(session), now);
        self.rehearsed(session, &line);
        let outlook = &line.outlook;
        // A hold keeps nothing from going back.
        let held = session.course.hold.is_some() && going_back(session).is_none();
        let stands = held || !troubles(session).is_empty();
        for (said, of) in [(outlook.left(), "all"), (outlook.stage_left(), "the stage")] {
            self.must(said.is_none() || !stands, || format!("an end of {of} is named while nothing goes on"));
        }
        let unknown = |left: &Expected| matches!(left, Expected::Unknown(_));
        let named = outlook.left().is_some();
        let path_unknown = outlook.path.iter().any(|link| unknown(&link.left));
        self.must(!(named && path_unknown), || "an end is named, and a part of it is unknown".into());
        let of_path = outlook.path.iter().filter_map(|link| link.left.span()).map(|span| span.0).sum();
        self.must(outlook.whole.known == Span(of_path), || {
            format!("{} are left, and the parts on the path make {}", outlook.whole.known, Span(of_path))
        });
        let mut ends_of: BTreeMap<&StageName, Span> = BTreeMap::new();
        for row in &line.rows {
            let began = row.began.map(|at| at.session);
            let ended = row.ended.map(|at| at.session);
            self.must(ended.is_none() || began <= ended, || {
                format!("{} ended at {ended:?} and began at {began:?}", row.name())
            });
            let over = session.course.is_over() || row.ended.is_some();
            self.must(!over || row.left.is_none(), || format!("{} is over, and expected", row.name()));
            if let Some(ends) = row.ends_in.filter(|_| row.left.is_some()) {
                let last = match &row.stage {
                    Some(stage) => {
                        let index = session.plan().stage(stage).map_or(0, |(index, _)| index);
                        let before = session.plan().all_before(index).into_iter();
                        let before = before.map(|at| &session.plan().stages[at].name).chain([stage]);
                        before.filter_map(|stage| ends_of.get(stage)).max().copied().unwrap_or_default()
                    }
                    None => Span::ZERO,
                };
                self.must(ends >= last, || format!("{} ends before what it comes after", row.name()));
                ends_of.extend(row.stage.as_ref().map(|stage| (stage, ends)));
            }
        }
    }
}
