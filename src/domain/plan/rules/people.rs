//! People: the roles that a go-live needs are somebody's, and every seat of the poll can be taken by a person
//! of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{Broken, Kind, Place};
use crate::domain::{
    name::{PersonName, RoleName},
    plan::{Person, Plan, Seat, Separation},
};

/// Two roles that the access table asks for, and what for.
const NEEDED: [(&str, &str); 2] =
    [("decider", "nobody could declare the decision"), ("deployer", "nobody could start the rollout")];

/// Who wrote the release: known when a session is opened, not in the plan.
const AUTHOR: &str = "author";

pub(super) fn check(plan: &Plan, broken: &mut Vec<Broken>) {
    if plan.people.is_empty() {
        broken.push(Broken::new(
            Place::of(&["people"]),
            "there are no people",
            "add [people] with dana = { roles = [\"decider\", \"deployer\"] }",
        ));
        return;
    }
    for (role, without) in NEEDED {
        if !plan.people.values().any(|person| person.has(role)) {
            let mut missing = Broken::unknown(Place::of(&["people"]), Kind::Role, role, []);
            missing.what = format!("nobody has the role {role:?}: {without}");
            broken.push(missing);
        }
    }
    logins(plan, broken);
    if let Some(decides) = &plan.plan_b.decides {
        person(plan, decides, Place::of(&["plan_b", "decides"]), broken);
    }
    seats(plan, broken);
}

fn roles(plan: &Plan) -> BTreeSet<&RoleName> {
    plan.people.values().flat_map(|person| &person.roles).collect()
}

fn person(plan: &Plan, name: &PersonName, place: Place, broken: &mut Vec<Broken>) {
    if !plan.people.contains_key(name) {
        let known = plan.people.keys().map(ToString::to_string);
        broken.push(Broken::unknown(place, Kind::Person, name.as_str(), known));
    }
}

/// A login stands for one person: the record could not tell two apart.
fn logins(plan: &Plan, broken: &mut Vec<Broken>) {
    let mut seen: BTreeMap<&str, &PersonName> = BTreeMap::new();
    for person in plan.people.values() {
        if let Some(other) = seen.insert(&person.login, &person.name) {
            broken.push(Broken::new(
                Place::of(&["people", person.name.as_str()]),
                format!("{other} and {} have the same login {:?}", person.name, person.login),
                "one login is one person",
            ));
        }
    }
}

fn seats(plan: &Plan, broken: &mut Vec<Broken>) {
    let at = Place::of(&["poll", "seats"]);
    if plan.poll.seats.is_empty() {
        broken.push(Broken::new(
            at.clone(),
            "the poll has no seats, and silence never approves",
            "add seats = [{ role = \"engineering\" }]",
        ));
    }
    let before = broken.len();
    let mut seen = BTreeSet::new();
    for (index, seat) in plan.poll.seats.iter().enumerate() {
        let place = at.index(index);
        if !seen.insert(&seat.role) {
            broken.push(Broken::new(
                place.key("role"),
                format!("two seats are both {}", seat.role),
                "a role has one seat; let others be its eligible people or its deputy",
            ));
        }
        names_of(plan, seat, &place, broken);
    }
    if let Some(quorum) = plan.poll.quorum
        && quorum as usize > plan.poll.seats.len()
    {
        broken.push(Broken::new(
            Place::of(&["poll", "quorum"]),
            format!("a quorum of {quorum} can't be reached with {} seats", plan.poll.seats.len()),
            "lower it, or add seats",
        ));
    }
    // A mistyped name would make a seat look empty as well: one message is enough.
    if broken.len() == before {
        covered(plan, broken);
    }
}

fn names_of(plan: &Plan, seat: &Seat, place: &Place, broken: &mut Vec<Broken>) {
    let known: Vec<String> = roles(plan).iter().map(ToString::to_string).collect();
    if seat.eligible.is_empty() && !plan.people.values().any(|p| p.has(seat.role.as_str())) {
        broken.push(Broken::unknown(place.key("role"), Kind::Role, seat.role.as_str(), known.clone()));
    }
    for (nth, name) in seat.eligible.iter().enumerate() {
        person(plan, name, place.key("eligible").index(nth), broken);
    }
    if let Some(deputy) = &seat.deputy {
        person(plan, deputy, place.key("deputy"), broken);
    }
    for (nth, role) in seat.differs_from.iter().enumerate() {
        if role.as_str() != AUTHOR && !plan.people.values().any(|p| p.has(role.as_str())) {
            let known = known.iter().cloned().chain([AUTHOR.into()]);
            broken.push(Broken::unknown(
                place.key("differs_from").index(nth),
                Kind::Role,
                role.as_str(),
                known,
            ));
        }
    }
}

/// Who may hold a seat, deputies included.
fn candidates<'a>(plan: &'a Plan, seat: &'a Seat) -> Vec<&'a PersonName> {
    let may = |person: &&Person| {
        let named = seat.eligible.contains(&person.name) || seat.deputy.as_ref() == Some(&person.name);
        named || (seat.eligible.is_empty() && person.has(seat.role.as_str()))
    };
    let alone = plan.separation == Separation::None;
    let apart = |person: &&Person| alone || !seat.differs_from.iter().any(|role| person.has(role.as_str()));
    plan.people.values().filter(may).filter(apart).map(|person| &person.name).collect()
}

fn covered(plan: &Plan, broken: &mut Vec<Broken>) {
    let at = Place::of(&["poll", "seats"]);
    let required: Vec<(usize, &Seat, Vec<&PersonName>)> = plan
        .poll
        .seats
        .iter()
        .enumerate()
        .map(|(index, seat)| (index, seat, candidates(plan, seat)))
        .filter(|(_, seat, _)| seat.required)
        .collect();
    let mut empty = false;
    for (index, seat, people) in &required {
        if people.is_empty() {
            empty = true;
            broken.push(Broken::new(
                at.index(*index),
                format!(
                    "nobody can take the seat {}: everybody who could is ruled out by differs_from",
                    seat.role
                ),
                "make somebody else eligible, or the deputy",
            ));
        }
    }
    if empty || plan.separation == Separation::None {
        return;
    }
    // One person counts once: find a person of its own for every required seat.
    let mut taken: BTreeMap<&PersonName, usize> = BTreeMap::new();
    for seat in 0..required.len() {
        if !seated(seat, &required, &mut taken, &mut BTreeSet::new()) {
            let words: Vec<&str> = required.iter().map(|(_, seat, _)| seat.role.as_str()).collect();
            let people: BTreeSet<&str> =
                required.iter().flat_map(|(_, _, people)| people.iter().map(|p| p.as_str())).collect();
            broken.push(Broken::new(
                at,
                format!(
                    "the seats {} need {} different people, since one person counts once, and {} can't fill them",
                    words.join(", "),
                    required.len(),
                    people.into_iter().collect::<Vec<_>>().join(", ")
                ),
                "add people or a deputy, make a seat required = false, or, for a team of one, separation = \"none\"",
            ));
            return;
        }
    }
}

/// Finds a person for the seat, moving others to where they can sit as well (an augmenting path).
fn seated<'a>(
    seat: usize,
    required: &[(usize, &Seat, Vec<&'a PersonName>)],
    taken: &mut BTreeMap<&'a PersonName, usize>,
    tried: &mut BTreeSet<&'a PersonName>,
) -> bool {
    for person in required[seat].2.iter().copied() {
        if !tried.insert(person) {
            continue;
        }
        let free = match taken.get(person).copied() {
            None => true,
            Some(other) => seated(other, required, taken, tried),
        };
        if free {
            taken.insert(person, seat);
            return true;
        }
    }
    false
}
