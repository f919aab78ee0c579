//! What a step of a stage does and what to look for meanwhile, in a sentence each, for whoever reads a plan for the first
//! time.

use crate::domain::{
    effect::LaneStep,
    plan::{Pause, Step},
};

/// `takes these hosts one after the other under the capacity budget; look for a host that fails: it stops the line`.
pub const fn step_help(step: &Step) -> &'static str {
    match step {
        Step::Deploy { weight: None, .. } => {
            "takes these hosts, as many at once as the capacity budget allows: out of traffic, changed, tested, back in. Look \
             for a host that fails: it stops the line (T tries it again, X leaves it out, R goes back)"
        }
        Step::Deploy { weight: Some(_), .. } => {
            "gives the new version this share of the requests, with so many hosts. Look at both sides' errors and times: what \
             is wrong with the new version shows here, on the smallest share that shows it"
        }
        Step::Desire { .. } => {
            "sets the version that the agents of these hosts read, and waits until each has installed it. Look for agents \
             that are late, and for hosts that drift back; HOLD keeps the next batch from being told, not this one"
        }
        Step::Gather { at: LaneStep::Fetch, .. } => {
            "brings the release to these hosts while they serve. Look for a host that can't get it: nothing was changed yet"
        }
        Step::Gather { at: LaneStep::Drain, .. } => {
            "takes these hosts out of traffic together. Look at those that serve alone now: they carry all of it"
        }
        Step::Gather { at: LaneStep::Stop, .. } => {
            "stops every host: nobody is served from here on. Look at the downtime that was estimated"
        }
        Step::Gather { at: LaneStep::Prove, .. } => {
            "shows that nothing runs any more on any of them. Look for a host of which nobody knows: the line waits for it"
        }
        Step::Gather { .. } => {
            "changes these hosts while nobody is served by them. Look for one that fails its own test: nobody has noticed yet"
        }
        Step::Return { .. } => {
            "brings these hosts back into traffic. Look at their errors in the first minute"
        }
        Step::Stand { .. } => {
            "changes these hosts without traffic, and leaves them without. Look that they are well: they are the way back"
        }
        Step::StandBy => {
            "takes the spare hosts out of traffic, which came in for the release. Look that the others carry all of it"
        }
        Step::Shift { .. } => {
            "waits until traffic is seen to have moved. Look at what the balancer counts on both sides, not at what it was told"
        }
        Step::Pause(Pause::Human) => {
            "waits for a person for as long as that takes. Look at both sides' figures, then C goes on or R goes back"
        }
        Step::Pause(Pause::Warm(_)) => {
            "keeps the other side as it was: until it is changed, going back is a switch. Look for a reason to switch back"
        }
        Step::Pause(_) => {
            "lets the new version serve for this long; a hold lengthens it, and nothing shortens it. Look at alarms and errors"
        }
        Step::Validate(_) => {
            "asks these checks, all of which have to pass. Look at what a failed one says before it is run again"
        }
        Step::Once(_) => {
            "runs a command of yours once in this go-live. Look at its output; whether a rollback takes it back is said with it"
        }
        Step::Region { .. } => {
            "begins the next region, in its own hours. Look at the judgement of the one before: it is the last word before more \
             people are served"
        }
    }
}
