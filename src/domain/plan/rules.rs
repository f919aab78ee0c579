//! Rules across the plan: what no single key can be wrong about. Pure; each rule names the place it is about,
//! and config finds its line and column.
//!
//! [`check`] finds what makes a plan unusable. [`remarks`] finds what is not wrong but must be known, and what
//! this build can't carry out yet.

mod budget;
mod calendar;
mod canary;
mod clouds;
mod comparison;
mod components;
mod converge;
mod drills;
mod environments;
mod graph;
mod heartbeat;
mod names;
mod parity;
mod people;
mod regions;
mod remarks;
mod sides;
mod spares;
mod stages;
mod stop_all;
mod strictness;

pub use remarks::{Remark, remarks};

use self::remarks::Remarks;
use super::{place::Place, project::Plan};

/// A rule that the plan breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub place: Place,
    /// A lowercase fragment that names the thing; arithmetic in words where there is any.
    pub what: String,
    /// What to do.
    pub help: String,
    /// Where the rule is that a name must be declared: so that a near one can be proposed.
    pub unknown: Option<Unknown>,
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub kind: Kind,
    pub word: String,
    /// The names there are.
    pub known: Vec<String>,
}

/// What a name is expected to be the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Environment,
    Host,
    Check,
    Stage,
    Person,
    Role,
    Component,
    Region,
    Drill,
    Validation,
    Item,
    /// What a vote may rely on.
    Reliance,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Environment => "environment",
            Kind::Host => "host",
            Kind::Check => "check",
            Kind::Stage => "stage",
            Kind::Person => "person",
            Kind::Role => "role",
            Kind::Component => "component",
            Kind::Region => "region",
            Kind::Drill => "drill",
            Kind::Validation => "validation",
            Kind::Item => "item",
            Kind::Reliance => "group",
        }
    }
}

impl Broken {
    fn new(place: Place, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, what: what.into(), help: help.into(), unknown: None }
    }

    fn unknown(place: Place, kind: Kind, word: &str, known: impl IntoIterator<Item = String>) -> Self {
        let known: Vec<String> = known.into_iter().collect();
        let what = match kind {
            Kind::Role => format!("nobody has the role {word:?}"),
            _ => format!("there is no {} {word:?}", kind.word()),
        };
        let help = match (known.is_empty(), kind) {
            (false, _) => format!("use one of: {}", known.join(", ")),
            (true, Kind::Role) => format!("give it to somebody in [people]: roles = [{word:?}]"),
            (true, _) => format!("declare the {} first", kind.word()),
        };
        Self { place, what, help, unknown: Some(Unknown { kind, word: word.into(), known }) }
    }
}

/// Every rule that the plan breaks.
pub fn check(plan: &Plan) -> Vec<Broken> {
    let mut broken = Vec::new();
    people::check(plan, &mut broken);
    environments::check(plan, &mut broken);
    heartbeat::check(plan, &mut broken);
    names::check(plan, &mut broken);
    components::check(plan, &mut broken);
    graph::check(plan, &mut broken);
    stages::check(plan, &mut broken);
    regions::check(plan, &mut broken);
    budget::check(plan, &mut broken);
    canary::check(plan, &mut broken);
    spares::check(plan, &mut broken);
    calendar::check(plan, &mut broken);
    stop_all::check(plan, &mut broken);
    sides::check(plan, &mut broken);
    clouds::check(plan, &mut broken);
    comparison::check(plan, &mut broken);
    converge::check(plan, &mut broken);
    drills::check(plan, &mut broken);
    parity::check(plan, &mut broken);
    strictness::check(plan, &mut broken);
    broken
}
