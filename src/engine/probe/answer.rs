//! What a probe found. Each fault is its own case, since what to do differs.

use crate::domain::time::Span;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("connection refused: nobody listens at {0}")]
    Refused(String),
    #[error("no answer within {0}")]
    TimedOut(Span),
    #[error("the connection broke: {0}")]
    Broke(String),
    /// TLS came to nothing, so nobody can be sure of who answers.
    #[error("{0}")]
    Distrusted(String),
    /// Something answers, but not as HTTP should be spoken.
    #[error("the exchange failed: {0}")]
    Garbled(String),
    #[error("answered {found}, wanted {}", range(*wanted))]
    Status { found: u16, wanted: (u16, u16) },
    #[error("answered, but slower than {limit}")]
    Slow { limit: Span },
    #[error("the body does not contain {0:?}")]
    Lacks(String),
    #[error("the body is not JSON, or larger than 64 KiB")]
    NotJson,
    #[error("{pointer} is {found}, wanted {wanted}")]
    Differs { pointer: String, found: String, wanted: String },
    #[error("says nothing of its version at {0}")]
    NoVersion(String),
    #[error("runs {found}, not {wanted}")]
    WrongVersion { found: String, wanted: String },
    #[error("differs from {with} in {names}")]
    Unlike { with: String, names: String },
    #[error("says {said:?} first, wanted {wanted:?}")]
    Banner { said: String, wanted: String },
    #[error("exit status {0}")]
    Exit(i32),
    #[error("ended by signal {0}")]
    Signal(i32),
    /// The probe itself could not be carried out, which says nothing about what it asks.
    #[error("could not be asked: {0}")]
    Unasked(String),
    /// A command that was cut off has decided nothing.
    #[error("was not done within {0}, so it decided nothing")]
    CutOff(Span),
    #[error("a human judges both sides: record what you saw")]
    Human,
    #[error("cancelled")]
    Cancelled,
}

fn range((low, high): (u16, u16)) -> String {
    if low == high { low.to_string() } else { format!("{low} to {high}") }
}

impl Fault {
    /// Whether it leaves open how the asked is: unknown rather than sick.
    pub const fn says_nothing(&self) -> bool {
        matches!(self, Self::Unasked(_) | Self::CutOff(_) | Self::Human | Self::Cancelled)
    }

    /// Whether nothing listens (yet).
    pub const fn nobody_there(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Broke(_))
    }
}

/// One run's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was seen (`200 in 12 ms`), or what is wrong.
    pub verdict: Result<String, Fault>,
    /// What the asked says it runs, where it says so.
    pub version: Option<String>,
    /// What the failing body or output says in a few words, not yet scrubbed: `12 of 14 · payments: refused`.
    pub said: Option<String>,
    /// The failing body or the last lines of output, not yet scrubbed.
    pub evidence: Option<String>,
    pub took: Span,
}

impl Answer {
    pub fn fault(fault: Fault) -> Self {
        Self { verdict: Err(fault), version: None, said: None, evidence: None, took: Span::ZERO }
    }
}
