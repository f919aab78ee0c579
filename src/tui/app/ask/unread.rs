//! `H` and `R` where the record can't be read here: both go to the conductor all the same. No figure is shown that is
//! not known: which hosts, and how long it takes, only the conductor can say.

use super::{Asking, Step, confirm, rollback::CALM};
use crate::{
    domain::{
        command::{Asked, Command},
        course::CourseCommand,
        rollout::RolloutCommand,
    },
    tui::{
        app::{
            dialog::{Body, Countdown},
            request::{Purpose, Request},
        },
        canvas::Line,
        keymap::Action,
        theme::Role,
    },
};

pub fn ask(asking: &Asking<'_>) -> Step {
    let hold = |reason: &str| Command::Course(CourseCommand::Hold { reason: reason.to_owned() });
    match asking.action {
        Action::Hold => Step { says: Some("H: sent to the conductor…".into()), ..Step::send(hold("")) },
        Action::RollBack => {
            let here = asking.world.whereabouts;
            let project = if here.project.is_empty() { &here.directory } else { &here.project };
            let lines = vec![
                Line::from(format!("{project}: back to what ran before, on every host that was changed")),
                Line::new().dim("hosts and time not known to this build"),
                Line::of(Role::StateWarn, "a HOLD was sent: no new host meanwhile"),
            ];
            let purpose = Purpose::from(RolloutCommand::RollBack { only: Vec::new() });
            let mut dialog = confirm(asking, "roll back", lines, "now", "keep holding", purpose);
            dialog.countdown = Some(Countdown { after: CALM, goes: false });
            let hold = Request::Send(Box::new(Asked::from(hold("rollback armed"))));
            Step { requests: vec![hold], ..Step::dialog(Body::Confirm(dialog)) }
        }
        _ => Step::default(),
    }
}
