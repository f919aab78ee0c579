//! Who may do what: one table. Everything else about a command is the rule of its part.

use super::{
    actor::{Actor, Who},
    plan::Person,
    refusal::Refusal,
    session::Session,
};

/// What is asked for, by what it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Tick, answer, comment, vote, claim, acknowledge.
    Record,
    /// HOLD: anybody in [people].
    Hold,
    /// CONTINUE: the holder, the watch or a decider.
    Continue,
    /// Declare, end as is, abandon.
    Decide,
    /// Start and promote.
    Deploy,
    /// Force the next host: decider or deployer.
    Force,
    /// ROLL BACK: anybody in [people], since it is the safe direction at any hour.
    RollBack,
    /// Try again, exclude, mark done: whoever has the watch, deploys, decides or runs operations.
    Repair,
    /// Judge a comparison: the same.
    Judge,
    /// Move the date, adopt a plan, close.
    Direct,
}

/// The table: an act, and the roles that may do it. Empty: everybody in [people].
const TABLE: [(Act, &[&str]); 10] = [
    (Act::Record, &[]),
    (Act::Hold, &[]),
    (Act::Continue, &["decider"]),
    (Act::Decide, &["decider"]),
    (Act::Deploy, &["deployer"]),
    (Act::Force, &["decider", "deployer"]),
    (Act::RollBack, &[]),
    (Act::Repair, &["decider", "deployer", "operations"]),
    (Act::Judge, &["decider", "deployer", "operations"]),
    (Act::Direct, &["decider", "deployer"]),
];

/// The person who acts, if they may.
pub fn may<'a>(session: &'a Session, actor: &Actor, act: Act) -> Result<&'a Person, Refusal> {
    if session.course.is_over() && act != Act::Record {
        return Err(Refusal::rule("the session is closed", "opening the next one (golive open VERSION)"));
    }
    let person = match &actor.who {
        Who::Person(name) => session.plan().people.get(name),
        _ => None,
    };
    let Some(person) = person else {
        return Err(Refusal::access(
            format!("{actor} may look, but not act"),
            "an entry in [people] with this login, adopted; or --as PERSON",
        ));
    };
    let roles = TABLE.iter().find(|(a, _)| *a == act).map_or(&[][..], |(_, roles)| *roles);
    if roles.is_empty() || roles.iter().any(|role| person.has(role)) {
        return Ok(person);
    }
    let on_watch = session.course.watch.by.as_ref() == Some(&person.name);
    let holder = session.course.hold.as_ref().and_then(|hold| hold.by.as_ref()) == Some(&person.name);
    match act {
        Act::Continue if on_watch || holder => Ok(person),
        Act::Repair | Act::Judge if on_watch => Ok(person),
        _ => Err(Refusal::access(
            format!("{} has none of the roles {}", person.name, roles.join(", ")),
            names_with(session, roles),
        )),
    }
}

/// Who may do it by their role, by name: `raj or dana`. Where nobody has the role, that.
pub fn who(session: &Session, act: Act) -> String {
    let roles = TABLE.iter().find(|(a, _)| *a == act).map_or(&[][..], |(_, roles)| *roles);
    if roles.is_empty() { "anybody in [people]".to_owned() } else { names_with(session, roles) }
}

fn names_with(session: &Session, roles: &[&str]) -> String {
    let names: Vec<&str> = session
        .plan()
        .people
        .values()
        .filter(|person| roles.iter().any(|role| person.has(role)))
        .map(|person| person.name.as_str())
        .collect();
    if names.is_empty() {
        format!("nobody has the role {}: give it to somebody in [people]", roles.join(" or "))
    } else {
        names.join(" or ")
    }
}
