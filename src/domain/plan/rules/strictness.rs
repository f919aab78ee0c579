//! What a profile leaves out must be there, and must be what may be left out.

use super::{Broken, Kind, Place, remarks::Remarks};
use crate::domain::{
    checklist::Severity,
    plan::{LeftOut, Plan, Profile},
    time::Span,
};

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    let profiles =
        [(Profile::Standard, &plan.strictness.standard), (Profile::Relaxed, &plan.strictness.relaxed)];
    for (profile, out) in profiles {
        let place = Place::of(&["strictness", profile.word()]);
        validations(plan, out, &place, broken);
        bakes(plan, out, &place, broken);
        items(plan, out, &place, broken);
    }
    let out = plan.strictness.left_out(Profile::Relaxed);
    if plan.strictness.own != Profile::Strict && out.is_empty() {
        broken.push(Broken::new(
            Place::of(&["project", "strictness"]),
            format!("{} leaves out nothing: no profile is declared", plan.strictness.own),
            "declare what it leaves out in [strictness.standard], or leave it away: strict is all that the plan says",
        ));
    }
}

fn validations(plan: &Plan, out: &LeftOut, place: &Place, broken: &mut Vec<Broken>) {
    for (at, check) in out.validations.iter().enumerate() {
        let place = place.key("validations").index(at);
        if plan.runs_in_lanes(check) {
            broken.push(Broken::new(
                place,
                format!("{check} is never left out: no host serves before it has passed"),
                "leave out validations of stages only",
            ));
            continue;
        }
        let asked = plan.stages.iter().flat_map(|stage| &stage.validations);
        if !asked.clone().any(|asked| asked == check) {
            let known = asked.map(ToString::to_string);
            broken.push(Broken {
                what: format!("no stage asks for the validation {check:?}"),
                ..Broken::unknown(place, Kind::Validation, check.as_str(), known)
            });
        }
    }
}

fn bakes(plan: &Plan, out: &LeftOut, place: &Place, broken: &mut Vec<Broken>) {
    for (at, name) in out.bakes.iter().enumerate() {
        let place = place.key("bakes").index(at);
        match plan.stage(name) {
            None => {
                let known = plan.stages.iter().map(|stage| stage.name.to_string());
                broken.push(Broken::unknown(place, Kind::Stage, name.as_str(), known));
            }
            Some((_, stage)) if stage.bake == Span::ZERO => broken.push(Broken::new(
                place,
                format!("{name} has no bake that could be left out"),
                "name a stage that bakes",
            )),
            Some(_) => {}
        }
    }
}

fn items(plan: &Plan, out: &LeftOut, place: &Place, broken: &mut Vec<Broken>) {
    for (at, id) in out.items.iter().enumerate() {
        let place = place.key("items").index(at);
        match plan.items.iter().find(|item| item.id == *id).map(|item| item.severity) {
            None => {
                let known = plan.items.iter().map(|item| item.id.to_string());
                broken.push(Broken::unknown(place, Kind::Item, id.as_str(), known));
            }
            Some(Severity::ShowStopper) => broken.push(Broken::new(
                place,
                format!("{id} is a show-stopper, which nothing waives and no profile leaves out"),
                "leave out required items only",
            )),
            Some(Severity::Advisory) => broken.push(Broken::new(
                place,
                format!("{id} blocks nothing already"),
                "leave out required items only",
            )),
            Some(Severity::Required) => {}
        }
    }
}

/// The project's own profile leaves something out: of every go-live, and not everybody may open one.
pub(super) fn remark(plan: &Plan, out: &mut Remarks) {
    let own = plan.strictness.own;
    let left_out = plan.strictness.left_out(own).words();
    if !left_out.is_empty() {
        let what = format!(
            "{own} is below strict: every go-live leaves out {}, and opening one takes a decider and a reason \
             (golive open VERSION --reason …)",
            left_out.join(", ")
        );
        out.say(Place::of(&["project", "strictness"]), what);
    }
}
