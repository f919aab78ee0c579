//! The one table of keys. Lower case looks or records. Capitals (but `G` and `N`, which move) touch the decision,
//! the watch or the fleet, and mean the same on every screen.

use super::{
    action::{Action, ScreenName, Screens},
    chord::Chord,
    when::When,
};
use crate::tui::terminal::Code;

/// How dangerous an action is, and so how it is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 0: looks.
    Looks,
    /// 1: records, and can be corrected.
    Records,
    /// 2: the safe direction, at once.
    Safe,
    /// 3: a dialog, then the same capital again.
    Twice,
    /// 4: a dialog with a reason and a typed name.
    Typed,
}

#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub action: Action,
    pub chords: &'static [Chord],
    pub screens: Screens,
    pub when: When,
    pub level: Level,
    /// What the footer calls it; empty: it is not in the footer.
    pub word: &'static str,
    /// What the help says.
    pub says: &'static str,
    /// In the footer also while it is not allowed, with the reason.
    pub insists: bool,
}

use Level::{Looks, Records, Safe, Twice, Typed};

const ALL: Screens = Screens::ALL;
const DECISION: Screens = Screens::of([ScreenName::Decision]);
const CHECKLIST: Screens = Screens::of([ScreenName::Checklist]);
const ROLLOUT: Screens = Screens::of([ScreenName::Rollout]);
const COMPARE: Screens = Screens::of([ScreenName::Compare]);
const STARTING: Screens = Screens::of([ScreenName::Decision, ScreenName::Rollout]);

const fn key(c: char) -> Chord {
    Chord::char(c)
}
const fn code(code: Code) -> Chord {
    Chord::of(code)
}

macro_rules! table {
    ($($action:ident [$($chord:expr),*] $screens:ident $when:ident $level:ident $word:literal $says:literal $($insists:ident)?;)*) => {
        /// In the order in which footer and help show it.
        pub static TABLE: &[Binding] = &[$(Binding {
            action: Action::$action,
            chords: &[$($chord),*],
            screens: $screens,
            when: When::$when,
            level: $level,
            word: $word,
            says: $says,
            insists: table!(@ $($insists)?),
        },)*];
    };
    (@) => { false };
    (@ insists) => { true };
}

table! {
    // The decision.
    Vote [key('v')] DECISION Votable Records "vote" "vote, or record what was said by voice";
    Declare [key('D')] DECISION Declarable Twice "declare" "declare GO or NO-GO" insists;
    // The comparison.
    Judge [key('v')] COMPARE Judgeable Records "judge" "judge the comparison: passed or not, with what you saw" insists;
    // The checklist.
    Tick [key(' ')] CHECKLIST ItemByHand Records "tick" "tick, or take the tick back";
    RunCheck [key('t')] CHECKLIST AutomaticItem Records "run" "run the check now";
    Evidence [key('e')] CHECKLIST Provable Records "evidence" "attach evidence: a link, a file, a sentence";
    Answer [key('a')] CHECKLIST Question Records "answer" "answer the question";
    Waive [key('w')] CHECKLIST Waivable Records "waive" "ask for a waiver: reason, approver, expiry";
    NotApplicable [key('x')] CHECKLIST Excusable Records "n/a" "does not apply here: say why";
    ApproveWaiver [key('A')] CHECKLIST WaiverAsked Twice "approve" "approve a waiver that somebody else asked for";
    Mine [key('m')] CHECKLIST Always Looks "mine" "only what waits for me";
    // The fleet. HOLD and ROLL BACK stand first in the footer of every screen on which something runs.
    Hold [key('H')] ALL Holdable Safe "HOLD" "no new host, promotion or bake end; hosts under way finish";
    RollBack [key('R')] ALL RollbackPossible Twice "ROLL BACK" "hold, arm the rollback, and once more: roll back";
    Continue [key('C')] ALL Continuable Twice "CONTINUE" "lift the hold, or end a planned pause";
    Start [key('S')] STARTING Startable Twice "start" "start the next stage";
    Promote [key('P')] ROLLOUT Promotable Twice "promote" "on to the next stage";
    TryAgain [key('T')] ROLLOUT Stuck Twice "try again" "try the failed or unknown host again";
    Exclude [key('X')] ROLLOUT Excludable Typed "exclude" "leave the host out; shows what capacity remains";
    ForceNext [key('F')] ROLLOUT LineStopped Typed "force" "go on to the next host in spite of the failure";
    MarkDone [key('M')] ROLLOUT UnknownHost Typed "mark done" "the unknown host is done, as observed";
    EndAsIs [key('E')] ROLLOUT StoppedOrHeld Typed "" "END AS IS: close on a mix of versions";
    Claim [key('m')] ROLLOUT NeedsHuman Records "claim" "I take care of what needs a human";
    Acknowledge [key('a')] ROLLOUT PageOpen Records "ack" "acknowledge the page";
    Versions [key('v')] ROLLOUT Mixed Looks "moves" "which host runs which version, and what each move would do";
    Mark [key(' ')] ROLLOUT Hosts Looks "" "mark the host";
    Watch [key('W')] ALL SessionOpen Twice "watch" "offer the watch, or take it";
    Undo [key('u')] ALL OwnRecord Records "" "undo what I recorded last";
    // Looking.
    NextWaiting [key('n')] ALL List Looks "next" "next that needs somebody";
    PreviousWaiting [key('N')] ALL List Looks "" "previous that needs somebody";
    Filter [key('/')] ALL List Looks "" "filter the list";
    Problems [key('!')] ALL List Looks "" "problems only";
    Sort [key('s')] ALL List Looks "" "sort by the next column";
    Since [key('c')] ALL Always Looks "since" "what happened since I last looked";
    Zoom [key('z')] ALL Always Looks "" "the selected part alone, and back";
    Copy [key('y')] ALL List Looks "" "copy the selected line to the clipboard";
    Link [key('o')] ALL Link Looks "" "open the link; without a browser here it is copied";
    Open [code(Code::Enter)] ALL Always Looks "" "open what is selected";
    Back [code(Code::Esc)] ALL Always Looks "" "back; cancel";
    Down [key('j'), code(Code::Down)] ALL Always Looks "" "down";
    Up [key('k'), code(Code::Up)] ALL Always Looks "" "up";
    Left [key('h'), code(Code::Left)] ALL Always Looks "" "left";
    Right [key('l'), code(Code::Right)] ALL Always Looks "" "right";
    Top [key('g'), code(Code::Home)] ALL Always Looks "" "to the top";
    Bottom [key('G'), code(Code::End)] ALL Always Looks "" "to the bottom";
    PageDown [code(Code::PageDown)] ALL Always Looks "" "a page down";
    PageUp [code(Code::PageUp)] ALL Always Looks "" "a page up";
    HalfDown [Chord::ctrl('d')] ALL Always Looks "" "half a page down";
    HalfUp [Chord::ctrl('u')] ALL Always Looks "" "half a page up";
    NextPart [code(Code::Tab)] ALL Always Looks "" "next part, next group";
    PreviousPart [code(Code::BackTab)] ALL Always Looks "" "previous part, previous group";
    GoDecision [key('1')] ALL Always Looks "" "the Decision screen";
    GoChecklist [key('2')] ALL Always Looks "" "the Checklist screen";
    GoRollout [key('3')] ALL Always Looks "" "the Rollout screen";
    GoCompare [key('4')] ALL Always Looks "" "the Compare screen";
    GoTimeline [key('7')] ALL Always Looks "" "the Timeline screen";
    GoRecord [key('8')] ALL Always Looks "" "the Record screen";
    Drills [key('9')] ALL Always Looks "" "the drills, and hosts that are looked after";
    Palette [key(':')] ALL Always Looks "" "a command by its words";
    Redraw [Chord::ctrl('l')] ALL Always Looks "" "draw the screen anew";
    Leave [key('q'), Chord::ctrl('c')] ALL Always Looks "" "leave; everything runs on";
    Keys [key('?')] ALL Always Looks "keys" "the keys of this screen";
}
