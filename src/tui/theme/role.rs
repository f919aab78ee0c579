//! The roles of colour. A theme gives each a paint; where a terminal has few colours or none, each has a fixed
//! stand-in, so that nothing is said by colour alone.

use ratatui::style::Modifier;

macro_rules! roles {
    ($($role:ident = $scope:literal, $kind:ident, $sixteen:expr, $mono:expr;)*) => {
        /// What something is, for the eye.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($role,)* }

        impl Role {
            pub const ALL: &'static [Role] = &[$(Role::$role,)*];
            pub const SCOPES: &'static [&'static str] = &[$($scope,)*];

            /// The name that theme files use.
            pub const fn scope(self) -> &'static str {
                match self { $(Role::$role => $scope,)* }
            }
            pub(super) const fn kind(self) -> Kind {
                match self { $(Role::$role => Kind::$kind,)* }
            }
            /// The colour of sixteen that stands for it; none: the terminal's own.
            pub(super) const fn sixteen(self) -> Option<u8> {
                match self { $(Role::$role => $sixteen,)* }
            }
            /// What stands for it without any colour.
            pub(super) const fn mono(self) -> Modifier {
                match self { $(Role::$role => $mono,)* }
            }
        }
    };
}

/// What contrast a role needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Is read: 4.5 to 1.
    Text,
    /// Is recognised: 3 to 1.
    Shape,
    /// Only decorates.
    Rule,
}

const NONE: Modifier = Modifier::empty();
const BOLD: Modifier = Modifier::BOLD;
const DIM: Modifier = Modifier::DIM;
const LOUD: Modifier = Modifier::BOLD.union(Modifier::REVERSED);

roles! {
    Text = "text", Text, None, NONE;
    TextDim = "text.dim", Text, Some(8), DIM;
    Frame = "frame", Rule, Some(8), DIM;
    FrameFocus = "frame.focus", Shape, Some(12), BOLD;
    Accent = "accent", Text, Some(12), BOLD;
    StateOk = "state.ok", Text, Some(10), NONE;
    StateWorking = "state.working", Text, Some(14), BOLD;
    StateWaiting = "state.waiting", Text, Some(7), DIM;
    StateWarn = "state.warn", Text, Some(11), BOLD;
    StateBad = "state.bad", Text, Some(9), LOUD;
    StateUnproven = "state.unproven", Text, Some(13), Modifier::UNDERLINED;
    StateStale = "state.stale", Text, Some(3), Modifier::UNDERLINED.union(DIM);
    VoteGo = "vote.go", Text, Some(10), BOLD;
    VoteNogo = "vote.nogo", Text, Some(9), LOUD;
    VoteConditional = "vote.conditional", Text, Some(11), Modifier::UNDERLINED;
    EnvProduction = "env.production", Text, Some(9), LOUD;
    ModeDemo = "mode.demo", Text, Some(14), LOUD;
    ModeRehearsal = "mode.rehearsal", Text, Some(11), LOUD;
    ModeReadonly = "mode.readonly", Text, Some(7), Modifier::REVERSED;
    Key = "key", Text, Some(12), BOLD;
    Chart1 = "chart.1", Shape, Some(12), NONE;
    Chart2 = "chart.2", Shape, Some(10), NONE;
    Chart3 = "chart.3", Shape, Some(13), NONE;
    Chart4 = "chart.4", Shape, Some(11), NONE;
    ChartThreshold = "chart.threshold", Shape, Some(9), BOLD;
    Selection = "selection", Text, None, LOUD;
}
