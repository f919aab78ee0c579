//! Who sits where. One person counts once; where an assignment of people to seats exists, it is found
//! (maximum bipartite matching by augmenting paths, H. W. Kuhn 1955).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    name::{PersonName, RoleName},
    plan::{Seat, Separation},
    session::Session,
};

/// Whether a person may hold a seat.
pub fn eligible(session: &Session, seat: &Seat, person: &PersonName) -> bool {
    let Some(known) = session.plan().people.get(person) else { return false };
    let by_role =
        if seat.eligible.is_empty() { known.has(seat.role.as_str()) } else { seat.eligible.contains(person) };
    (by_role || seat.deputy.as_ref() == Some(person)) && !barred(session, seat, person)
}

/// Whether a rule of separation keeps a person from a seat that would else be theirs.
pub fn barred(session: &Session, seat: &Seat, person: &PersonName) -> bool {
    if session.plan().separation == Separation::None {
        return false;
    }
    seat.differs_from.iter().any(|role| {
        if role.as_str() == "author" {
            session.course.release.author.as_ref() == Some(person)
        } else {
            session.plan().people.get(person).is_some_and(|p| p.has(role.as_str()))
        }
    })
}

/// Seats (by index) to people: as many seats as can be filled at once from `people`, earlier seats first.
/// A person who named a seat takes only that one. With `separation = "none"` one person may hold several.
pub fn assign(
    session: &Session,
    people: &BTreeMap<PersonName, Option<RoleName>>,
) -> BTreeMap<usize, PersonName> {
    let seats = &session.plan().poll.seats;
    if session.plan().separation == Separation::None {
        let holder = |seat: &Seat| people.keys().find(|person| eligible(session, seat, person)).cloned();
        return seats.iter().enumerate().filter_map(|(i, seat)| Some((i, holder(seat)?))).collect();
    }
    let edges: Vec<Vec<&PersonName>> = seats
        .iter()
        .map(|seat| {
            let mut fits: Vec<&PersonName> = people
                .iter()
                .filter(|(_, named)| named.as_ref().is_none_or(|role| *role == seat.role))
                .map(|(person, _)| person)
                .filter(|person| eligible(session, seat, person))
                .collect();
            // The deputy sits only where the seat's own people do not.
            fits.sort_by_key(|person| seat.deputy.as_ref() == Some(*person));
            fits
        })
        .collect();
    let mut holder: BTreeMap<&PersonName, usize> = BTreeMap::new();
    for seat in 0..edges.len() {
        augment(seat, &edges, &mut holder, &mut BTreeSet::new());
    }
    holder.into_iter().map(|(person, seat)| (seat, person.clone())).collect()
}

fn augment<'a>(
    seat: usize,
    edges: &[Vec<&'a PersonName>],
    holder: &mut BTreeMap<&'a PersonName, usize>,
    tried: &mut BTreeSet<&'a PersonName>,
) -> bool {
    for &person in &edges[seat] {
        if !tried.insert(person) {
            continue;
        }
        let free = match holder.get(person).copied() {
            None => true,
            Some(other) => augment(other, edges, holder, tried),
        };
        if free {
            holder.insert(person, seat);
            return true;
        }
    }
    false
}

/// The first required seat that can't be filled even if everybody came.
pub fn uncovered(session: &Session) -> Option<RoleName> {
    let everybody = session.plan().people.keys().map(|person| (person.clone(), None)).collect();
    let assigned = assign(session, &everybody);
    let seats = session.plan().poll.seats.iter().enumerate();
    seats.filter(|(i, seat)| seat.required && !assigned.contains_key(i)).map(|(_, s)| s.role.clone()).next()
}
