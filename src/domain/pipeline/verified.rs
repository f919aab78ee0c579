//! What takes a live release from "unverified" to "verified": a declared test that passed, or a person who looked.
//! Nothing is called verified because time has passed.

use super::StageState;
use crate::domain::{
    checklist::{self, ItemKind, ItemSpec, ItemState},
    name::CheckName,
    plan::{CheckKind, Plan, Promote},
    rollout,
    session::Session,
    time::Now,
};

/// Who says that what is live is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verifies {
    /// Its declared tests, once they have passed.
    Tests,
    /// A person, by promoting the last stage; why it is theirs to say.
    Person { why: &'static str },
}

/// Whether the plan declares a test of what is live: a validation of the last stage, or a check that the checklist
/// asks for after it.
pub fn declares_a_test(plan: &Plan) -> bool {
    validates_by_a_test(plan) || plan.items.iter().any(checks_what_is_live)
}

/// A comparison is a person's judgement, and of a first deploy there is none.
fn validates_by_a_test(plan: &Plan) -> bool {
    let test =
        |check: &CheckName| plan.checks.get(check).is_some_and(|check| check.kind != CheckKind::Comparison);
    let finals = plan.finals();
    let tested = |index: &usize| plan.stages[*index].validations.iter().any(test);
    !finals.is_empty() && finals.iter().all(tested)
}

fn checks_what_is_live(item: &ItemSpec) -> bool {
    item.post_live && checklist::blocks(item) && matches!(item.kind, ItemKind::Check { .. })
}

/// Why no test says that what is live is well; none: one does. A check that was waived has shown nothing.
pub fn untested(session: &Session, now: Now) -> Option<&'static str> {
    let plan = session.plan();
    let passed = |item: &&ItemSpec| checklist::standing(session, item, now).state == ItemState::Done;
    let tested = validates_by_a_test(plan)
        || plan.items.iter().filter(|item| checks_what_is_live(item)).any(|item| passed(&item));
    match (tested, declares_a_test(plan)) {
        (true, _) => None,
        (false, true) => Some("no test of what is live has passed"),
        (false, false) => Some("no check is declared that tests what is live"),
    }
}

/// Who says it in this session.
pub fn verifies(session: &Session, now: Now) -> Verifies {
    let (plan, finals) = (session.plan(), session.plan().finals());
    let mut last = finals.iter().map(|index| &plan.stages[*index]);
    if untested(session, now).is_some() {
        let why = if declares_a_test(session.plan()) {
            "no test of what is live has passed; promoting it says that you looked"
        } else {
            "nobody declared a smoke test; promoting it says that you looked"
        };
        return Verifies::Person { why };
    }
    // That so many may fail lets the line go on; that the release is well without them a person says.
    if last.clone().any(|stage| rollout::let_pass_in(session, &stage.environment).next().is_some()) {
        let why = "PARTIAL: hosts failed and were let pass; try or exclude them, or promoting it says that you know";
        return Verifies::Person { why };
    }
    if !finals.is_empty() && last.all(|stage| stage.promote == Promote::Automatic) {
        Verifies::Tests
    } else {
        Verifies::Person { why: "its promotion is a person's" }
    }
}

/// Whether the last stage is through and waits for nothing but a person's promotion; why it is theirs to say.
pub fn waits_to_be_verified(session: &Session, now: Now) -> Option<&'static str> {
    let run = session.pipeline.running().filter(|run| run.state == StageState::Ready)?;
    if !session.pipeline.ends_with(&run.name) {
        return None;
    }
    match verifies(session, now) {
        Verifies::Person { why } => Some(why),
        Verifies::Tests => None,
    }
}
