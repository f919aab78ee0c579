//! `v` on the Compare screen: passed or not, with what one saw.

use super::Step;
use crate::{
    domain::{comparison, session::Session},
    tui::{
        app::{
            dialog::{Body, Field, Form},
            request::{Fill, PASSED},
        },
        canvas::Line,
        keymap::Why,
        theme::Role,
    },
};

pub fn ask(session: &Session) -> Result<Step, Why> {
    let due = comparison::due(session).ok_or_else(|| Why::new("not now", "nothing is compared now"))?;
    let sides = session.rollout.compared(&due.run.environment);
    let lines = match sides {
        None => vec![Line::of(Role::StateUnproven, "no figures: say what else you looked at")],
        Some(sides) => {
            let side = |name: &str, side: &comparison::Side| Line::new().dim(name).text(side.to_string());
            let mut lines = vec![side("new   ", &sides.new), side("rest  ", &sides.rest)];
            if let Some(few) = sides.too_few() {
                let words = format!("too few: {few}; say what else you looked at");
                lines.push(Line::of(Role::StateUnproven, words));
            }
            lines
        }
    };
    let choices = vec![PASSED.to_owned(), "not passed".to_owned()];
    let fields = vec![Field::open_choice("it has", choices), Field::text("what you saw", false)];
    let title = format!("judge {}", due.run.name);
    let fill = Fill::Judge { stage: due.run.name.clone() };
    Ok(Step::dialog(Body::Form(Form::new(title, lines, fields, fill))))
}
