//! What people record about an item.

use super::{Asking, Step, confirm};
use crate::{
    domain::{
        checklist::{ChecklistCommand, ItemKind, ItemSpec},
        command::Command,
        session::Session,
    },
    tui::{
        app::{
            dialog::{Body, Field, Form},
            request::{Fill, Purpose},
        },
        canvas::Line,
        keymap::{Action, Why},
    },
};

pub fn ask(session: &Session, asking: &Asking<'_>) -> Result<Step, Why> {
    let spec = asking.focus.spec(&asking.world).ok_or_else(|| Why::new("not now", "no item is selected"))?;
    let item = spec.id.clone();
    let lines = || vec![Line::from(spec.title.as_str()), Line::new().dim(&spec.why)];
    let form = |title: &str, fields: Vec<Field>, fill: Fill| {
        Step::dialog(Body::Form(Form::new(format!("{title}: {}", spec.title), lines(), fields, fill)))
    };
    Ok(match asking.action {
        Action::Tick => tick(session, spec),
        Action::RunCheck => Step::send(Command::Checklist(ChecklistCommand::Run { item })),
        Action::Evidence => form(
            "evidence",
            vec![Field::text("link or sentence", true)],
            Fill::Evidence { item, tick: false },
        ),
        Action::Answer => form("answer", vec![Field::text("answer", true)], Fill::Answer { item }),
        Action::Waive => {
            let fields = vec![Field::text("because", true), Field::holding("expires in", "24h")];
            form("ask for a waiver", fields, Fill::Waive { item, now: asking.world.now.wall })
        }
        Action::NotApplicable => {
            form("not applicable", vec![Field::text("because", true)], Fill::NotApplicable { item })
        }
        _ => approve(session, asking, spec)?,
    })
}

/// Space ticks and unticks; where evidence is wanted it asks for it.
fn tick(session: &Session, spec: &ItemSpec) -> Step {
    let item = spec.id.clone();
    let record = session.checklist.record(&item);
    if record.is_some_and(|record| record.tick.is_some() || record.not_applicable.is_some()) {
        return Step::send(Command::Checklist(ChecklistCommand::Untick { item }));
    }
    let shown = record.is_some_and(|record| !record.evidence.is_empty());
    if spec.kind == (ItemKind::Hand { evidence: true }) && !shown {
        let lines = vec![Line::from(spec.title.as_str()), Line::new().dim(&spec.why)];
        let fields = vec![Field::text("shown by", true)];
        let title = format!("tick: {}", spec.title);
        return Step::dialog(Body::Form(Form::new(
            title,
            lines,
            fields,
            Fill::Evidence { item, tick: true },
        )));
    }
    Step::send(Command::Checklist(ChecklistCommand::Tick { item, evidence: None, file: None }))
}

fn approve(session: &Session, asking: &Asking<'_>, spec: &ItemSpec) -> Result<Step, Why> {
    let waiver = session
        .checklist
        .record(&spec.id)
        .and_then(|record| record.waiver.as_ref())
        .ok_or_else(|| Why::new("not now", "no waiver is asked for"))?;
    let expires = crate::tui::when::near(waiver.expires, asking.world.now.wall, asking.world.zone);
    let lines = vec![
        Line::from(spec.title.as_str()),
        Line::from(format!("{} asks: {}", waiver.asked.by, waiver.asked.what)),
        Line::new().dim(format!("until {expires}; from then on it is open again")),
    ];
    let purpose = Purpose::from(ChecklistCommand::ApproveWaiver { item: spec.id.clone() });
    Ok(Step::dialog(Body::Confirm(confirm(
        asking,
        "approve the waiver",
        lines,
        "approves it",
        "approve nothing",
        purpose,
    ))))
}
