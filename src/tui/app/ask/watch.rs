//! `W` takes the watch where it is free or offered; who has it offers it.

use super::{Asking, Step, confirm};
use crate::{
    domain::{command::Command, course::CourseCommand, session::Session},
    tui::{
        app::{
            dialog::{Body, Form},
            request::{Fill, Purpose},
        },
        canvas::Line,
        keymap::Why,
    },
};

pub fn ask(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    let me = asking.world.me().ok_or_else(|| Why::new("not now", "only a person takes the watch"))?;
    let watch = &session.course.watch;
    if watch.by.as_ref() == Some(me) {
        let lines = vec![Line::from("you have the watch until somebody takes it")];
        let fields = vec![super::poll::people(session, "offer it to", me)];
        return Ok(Step::dialog(Body::Form(Form::new("offer the watch", lines, fields, Fill::OfferWatch))));
    }
    asking.world.would(Command::Course(CourseCommand::TakeWatch))?;
    let from = match &watch.by {
        Some(person) => format!("{person} has it now"),
        None => "nobody has it now".to_owned(),
    };
    let lines =
        vec![Line::from("who has the watch looks at the rollout, and is paged"), Line::new().dim(from)];
    let purpose = Purpose::from(CourseCommand::TakeWatch);
    Ok(Step::dialog(Body::Confirm(confirm(asking, "take the watch", lines, "takes it", "leave it", purpose))))
}
