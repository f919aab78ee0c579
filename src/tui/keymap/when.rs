//! The conditions under which a key means something. The table names them; the screens answer them.

/// A condition on the situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    Always,
    /// There is a list to move in.
    List,
    /// There is something to open as a link.
    Link,
    SessionOpen,
    /// Something is under way, or may be yet.
    Holdable,
    /// Something of one's own was recorded last, and nothing was declared since.
    OwnRecord,
    /// Hosts were touched, and the point of no return is not passed.
    RollbackPossible,
    /// Held, or at a planned pause.
    Continuable,
    /// One has a seat, or decides.
    Votable,
    /// One decides; GO only when the gate is clear.
    Declarable,
    /// Something is compared, and waits for a judgement or can be judged anew.
    Judgeable,
    ItemByHand,
    /// Evidence of a person counts.
    Provable,
    Waivable,
    /// A person may say that it does not apply.
    Excusable,
    /// A question without an answer.
    Question,
    WaiverAsked,
    AutomaticItem,
    /// The next stage's gate is clear.
    Startable,
    Hosts,
    /// The selected host failed or is unknown.
    Stuck,
    Promotable,
    NeedsHuman,
    UnknownHost,
    Excludable,
    LineStopped,
    StoppedOrHeld,
    PageOpen,
    /// Something went wrong and hosts were changed, or the release did not reach every host.
    Mixed,
}

/// Why something is not allowed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Two or three words, for the footer: `5 in the way`. None for what will not come again.
    pub short: String,
    /// A sentence with what would lift it.
    pub full: String,
}

impl Why {
    pub fn new(short: impl Into<String>, full: impl Into<String>) -> Self {
        Self { short: short.into(), full: full.into() }
    }

    /// Its time is over: nothing lifts it, and no footer names it.
    pub fn past(full: impl Into<String>) -> Self {
        Self::new("", full)
    }
}

/// Who can answer whether a condition holds: the screen that is shown, with the session behind it.
pub trait Situation {
    fn judge(&self, when: When) -> Result<(), Why>;
}
