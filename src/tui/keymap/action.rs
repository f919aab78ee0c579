//! What a key can ask for, and the screens.

/// The screens that exist. 5, 6 and 9 are not bound until they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScreenName {
    Start,
    Decision,
    Checklist,
    Rollout,
    Compare,
    Timeline,
    Record,
}

impl ScreenName {
    pub const ALL: [ScreenName; 7] = [
        Self::Start,
        Self::Decision,
        Self::Checklist,
        Self::Rollout,
        Self::Compare,
        Self::Timeline,
        Self::Record,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Decision => "Decision",
            Self::Checklist => "Checklist",
            Self::Rollout => "Rollout",
            Self::Compare => "Compare",
            Self::Timeline => "Timeline",
            Self::Record => "Record",
        }
    }
}

/// A set of screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screens(u8);

impl Screens {
    pub const ALL: Screens = Screens(0xff);

    pub const fn of<const N: usize>(screens: [ScreenName; N]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < N {
            bits |= 1 << screens[i] as u8;
            i += 1;
        }
        Self(bits)
    }
    pub const fn has(self, screen: ScreenName) -> bool {
        self.0 & 1 << screen as u8 != 0
    }
    pub const fn meets(self, other: Screens) -> bool {
        self.0 & other.0 != 0
    }
}

macro_rules! actions {
    ($($action:ident = $name:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($action,)* }

        impl Action {
            pub const ALL: &'static [Action] = &[$(Action::$action,)*];
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// The name that a keymap file uses.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$action => $name,)* }
            }
        }
    };
}

actions! {
    GoDecision = "decision";
    GoChecklist = "checklist";
    GoRollout = "rollout";
    GoCompare = "compare";
    GoTimeline = "timeline";
    GoRecord = "record";
    NextPart = "next-part";
    PreviousPart = "previous-part";
    Up = "up";
    Down = "down";
    Left = "left";
    Right = "right";
    Top = "top";
    Bottom = "bottom";
    PageUp = "page-up";
    PageDown = "page-down";
    HalfUp = "half-up";
    HalfDown = "half-down";
    Open = "open";
    Back = "back";
    Filter = "filter";
    Problems = "problems";
    Sort = "sort";
    NextWaiting = "next-waiting";
    PreviousWaiting = "previous-waiting";
    Since = "since";
    Copy = "copy";
    Link = "link";
    Zoom = "zoom";
    Keys = "keys";
    Palette = "palette";
    Redraw = "redraw";
    Leave = "leave";
    Undo = "undo";
    Hold = "hold";
    RollBack = "roll-back";
    Continue = "continue";
    Watch = "watch";
    Vote = "vote";
    Declare = "declare";
    Judge = "judge";
    Tick = "tick";
    Evidence = "evidence";
    Answer = "answer";
    Waive = "waive";
    NotApplicable = "not-applicable";
    ApproveWaiver = "approve-waiver";
    RunCheck = "run-check";
    Mine = "mine";
    Start = "start";
    Mark = "mark";
    TryAgain = "try-again";
    Promote = "promote";
    Claim = "claim";
    MarkDone = "mark-done";
    Exclude = "exclude";
    ForceNext = "force-next";
    EndAsIs = "end-as-is";
    Acknowledge = "acknowledge";
    Versions = "versions";
    Drills = "drills";
}

impl Action {
    pub fn named(name: &str) -> Option<Action> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// The verb of the command line that does the same.
    pub const fn verb(self) -> Option<&'static str> {
        Some(match self {
            Action::Hold => "hold",
            Action::RollBack => "rollback",
            Action::Continue => "continue",
            Action::Watch => "watch take",
            Action::Vote => "vote",
            Action::Declare => "declare go",
            Action::Judge => "compare pass",
            Action::Tick => "item tick",
            Action::Evidence => "item evidence",
            Action::Answer => "item answer",
            Action::Waive => "item waive",
            Action::NotApplicable => "item na",
            Action::ApproveWaiver => "item approve",
            Action::RunCheck => "item run",
            Action::Undo => "item undo",
            Action::Start => "start",
            Action::Promote => "promote",
            Action::TryAgain => "rollout try",
            Action::Claim => "rollout claim",
            Action::MarkDone => "rollout mark-done",
            Action::Exclude => "rollout exclude",
            Action::ForceNext => "rollout force-next",
            Action::EndAsIs => "rollout end-as-is",
            Action::Acknowledge => "rollout acknowledge",
            _ => return None,
        })
    }

    /// The screen that a key goes to.
    pub const fn screen(self) -> Option<ScreenName> {
        match self {
            Action::GoDecision => Some(ScreenName::Decision),
            Action::GoChecklist => Some(ScreenName::Checklist),
            Action::GoRollout => Some(ScreenName::Rollout),
            Action::GoCompare => Some(ScreenName::Compare),
            Action::GoTimeline => Some(ScreenName::Timeline),
            Action::GoRecord => Some(ScreenName::Record),
            _ => None,
        }
    }
}
