//! When it ends and what that hangs on, as `status` and `timeline` say it.

use serde::Serialize;

use crate::{
    domain::{
        time::{Span, WallTime},
        timeline::{End, Link, Outlook},
    },
    report::utc,
};

#[derive(Serialize)]
pub struct Eta {
    /// What is left; none: it is unknown, nothing goes on by itself, or nothing is to come but decisions.
    seconds: Option<u64>,
    /// None: that, or it comes after somebody's decision.
    at: Option<String>,
    /// When it is over if everybody decides at once, and not before the time that is planned for the go-live.
    earliest: Option<String>,
    /// Why nothing goes on by itself now.
    halted: Option<String>,
    /// What was never timed, or takes longer than it ever did.
    unknown: Vec<String>,
    /// What people decide on the way, which `seconds` leaves out.
    decisions: Vec<String>,
    /// What the end hangs on, in order.
    path: Vec<Part>,
    #[serde(skip)]
    says: String,
    #[serde(skip)]
    whole: String,
}

#[derive(Serialize)]
struct Part {
    stage: Option<String>,
    what: String,
    /// None: unknown, or somebody decides.
    seconds: Option<u64>,
    #[serde(skip)]
    words: String,
}

impl Eta {
    /// As the outlook has it, where somebody carries it out.
    pub fn of(outlook: &Outlook, now: WallTime) -> Self {
        Self::halted_by(outlook, outlook.halted.clone(), now)
    }

    /// The same where it is known whether a conductor runs: where none does, nothing goes on.
    pub fn conducted(outlook: &Outlook, runs: bool, now: WallTime) -> Self {
        let nobody = (!runs).then(|| "no conductor runs".to_owned());
        Self::halted_by(outlook, nobody.or_else(|| outlook.halted.clone()), now)
    }

    fn halted_by(outlook: &Outlook, halted: Option<String>, now: WallTime) -> Self {
        let left = outlook.whole.span().filter(|_| halted.is_none());
        let end = Outlook { halted: halted.clone(), ..outlook.clone() }.end(now);
        let says = end.words(|at, _| utc(at));
        let says = match left {
            Some(_) if end != End::Over => format!("{says}, in {}", outlook.whole.words()),
            _ => says,
        };
        let part = |link: &Link| Part {
            stage: link.stage.as_ref().map(ToString::to_string),
            what: link.what.clone(),
            seconds: link.left.span().map(Span::as_secs),
            words: link.words(),
        };
        Self {
            seconds: left.filter(|left| *left > Span::ZERO).map(Span::as_secs),
            at: end.certain().map(utc),
            earliest: end.earliest().map(utc),
            halted,
            unknown: outlook.whole.unknown.clone(),
            decisions: outlook.whole.people.clone(),
            path: outlook.path.iter().map(part).collect(),
            says,
            whole: outlook.whole.words(),
        }
    }

    /// How long all that is to come takes, whenever it begins.
    pub fn in_all(&self) -> &str {
        &self.whole
    }

    /// The end, and what it hangs on.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let path: Vec<&str> = self.path.iter().map(|part| part.words.as_str()).collect();
        let path = (!path.is_empty()).then(|| format!("path     {}", path.join(" → ")));
        [format!("ETA      {}", self.says)].into_iter().chain(path)
    }
}
