//! The pipeline as cards, from the artifact to the last stage: what each touches, what it has to pass, and where
//! somebody decides. The same lines as `golive rollout pipeline` prints; every mark has its word beside it.

use crate::{
    domain::{
        counted::counted,
        name::{PersonName, StageName},
        pipeline::{By, Card, StageState, Validation, cards},
        plan::TrafficKind,
        session::Session,
        signal::{self, JudgedVerdict, TrafficStanding},
        time::Span,
    },
    tui::{canvas::Line, glyph::Glyph, theme::Role},
};

pub fn lines(session: &Session) -> Vec<Line> {
    let candidate = &session.course.release.candidate;
    let artifact = Line::new()
        .mark(Role::StateOk, Glyph::Done)
        .text(format!(" artifact {} ", candidate.version))
        .dim(format!("{} · read, and its digest recorded", candidate.digest.short()));
    std::iter::once(artifact).chain(cards(session).iter().flat_map(|card| of(card, session))).collect()
}

fn of(card: &Card, session: &Session) -> Vec<Line> {
    let mut lines = Vec::new();
    if card.poll {
        let decider: Vec<PersonName> =
            session.plan().people.values().filter(|it| it.has("decider")).map(|it| it.name.clone()).collect();
        let seats = counted(session.plan().poll.seats.len(), "seat");
        lines.push(boundary(&By::Human(decider), &format!("declares GO, after the poll of {seats}")));
    }
    if session.pipeline.branches() {
        let after: Vec<&str> = card.after.iter().map(StageName::as_str).collect();
        let after = if after.is_empty() { "nothing".to_owned() } else { after.join(", ") };
        lines.push(Line::new().dim(" │ ").text(format!("after {after}")));
    }
    lines.push(boundary(&card.starts, "starts it"));
    let (role, glyph) = match card.state {
        StageState::Waiting => (Role::TextDim, Glyph::Waiting),
        StageState::Ready => (Role::StateWarn, Glyph::NeedsHuman),
        StageState::Passed => (Role::StateOk, Glyph::Done),
        StageState::RollingBack | StageState::RolledBack => (Role::StateWarn, Glyph::RolledBack),
        StageState::Rolling | StageState::Validating | StageState::Baking => {
            (Role::StateWorking, Glyph::Working)
        }
    };
    let mut head = Line::new()
        .mark(role, glyph)
        .add(role, format!(" {} {}", card.stage, card.state.word()))
        .text(format!(" · {}", card.kind.word()));
    if card.traffic == TrafficKind::None {
        head = head.text(", without traffic");
    }
    if card.last {
        head = head.dim(" · final stage");
    }
    lines.push(head);
    lines.push(Line::new().dim(" │   touches ").text(reach(card)).dim(format!(" · {}", card.strategy)));
    if let Some(standing) = signal::traffic(session, &card.environment) {
        let role = match standing {
            TrafficStanding::Alarm(_) => Role::StateBad,
            TrafficStanding::None(_, None) => Role::StateOk,
            _ => Role::StateUnproven,
        };
        lines.push(Line::new().dim(" │   ").add(role, standing.words()));
    }
    lines.extend(card.validations.iter().map(validation));
    for what in &card.left_out {
        lines.push(Line::new().dim(" │   ").add(Role::StateWarn, what));
    }
    if card.bake > Span::ZERO {
        lines.push(Line::new().dim(" │   ").add(Role::StateWarn, "bake").text(format!(" {}", card.bake)));
    }
    let then = if card.last { "says that it is verified" } else { "promotes it" };
    lines.push(boundary(&card.promotes, then));
    lines
}

/// `3 of 27 hosts, 11 %, in eu-1`.
fn reach(card: &Card) -> String {
    let share = (card.hosts * 100).checked_div(card.of).unwrap_or(0);
    let regions = match card.regions.as_slice() {
        [] => "no region declared".to_owned(),
        regions => format!("in {}", regions.join(", ")),
    };
    format!("{} of {}, {share} %, {regions}", card.hosts, counted(card.of, "host"))
}

fn validation(validation: &Validation) -> Line {
    let (role, word) = match validation.verdict {
        None => (Role::TextDim, "not run"),
        Some(JudgedVerdict::Passed) => (Role::StateOk, "passed"),
        Some(JudgedVerdict::Failed) => (Role::StateBad, "failed"),
        Some(JudgedVerdict::Inconclusive) => (Role::StateUnproven, "unproven"),
    };
    Line::new()
        .dim(" │   ")
        .add(Role::StateWarn, "validation")
        .text(format!(" {} ", validation.check))
        .add(role, word)
}

/// `│ HUMAN raj promotes it`; `│ AUTO promotes it, once nothing is in the way`.
fn boundary(by: &By, does: &str) -> Line {
    let line = Line::new().dim(" │ ");
    match by {
        By::Auto => {
            line.add(Role::Accent, "AUTO").text(format!(" golive {does}")).dim(", once nothing is in the way")
        }
        By::Human(people) => {
            let who = match people.as_slice() {
                [] => "nobody".to_owned(),
                people => people.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
            };
            line.add(Role::Key, "HUMAN").text(format!(" {who} {does}"))
        }
    }
}
