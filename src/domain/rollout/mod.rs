//! The rollout: units and their lanes, the capacity budget, failures, and the way back.

mod barrier;
mod beforehand;
mod begin;
mod behind;
mod board;
mod budget;
mod capacity;
mod clouds;
mod command;
mod conflict;
mod converge;
mod counting;
mod desire;
mod downtime;
mod estimate;
mod event;
mod facets;
mod first;
mod fleet;
mod forecast;
mod gather;
mod host_share;
mod index;
mod lane;
mod left_out;
mod let_pass;
mod line;
mod lost_share;
mod mix;
mod moves;
mod next;
mod observed;
mod off_share;
mod on_the_new;
mod once;
mod once_back;
mod outside;
mod over;
mod preview;
mod readiness;
mod repair;
mod rollback;
mod rollback_in;
mod served;
mod share;
mod shift;
mod sides;
mod spare;
mod state;
mod store;
mod strangers;
mod stray;
mod times;
mod trouble;
mod unit;
mod unwell;
mod waits;

pub use barrier::{PartPreview, Waits, barred};
pub use beforehand::Beforehand;
pub use begin::is_first;
pub(super) use begin::{course, follows, passed};
pub(super) use behind::accepted as behind_accepted;
pub use behind::{Behind, behind, left_out_waits};
pub use board::{Board, BoardRow, Standing, StoreState, Within, board, board_row};
pub(super) use budget::may_take_out;
pub use budget::{Budget, budget, part_budget};
pub use capacity::{Shortage, shortage};
pub(super) use capacity::{all_accepted, next as capacity_next, stage_started};
pub(super) use clouds::of_stage as lane_of_stage;
pub use clouds::{fewer_take_over, primary, serving_by_mistake};
pub use command::RolloutCommand;
pub(super) use command::decide;
pub use conflict::conflict;
pub(super) use converge::in_the_way as agents_in_the_way;
pub use converge::{CheckIn, Drift, check_in, desired, installed_and_not_well};
pub use counting::Counted;
pub(super) use counting::{report as counted_report, started as count_started};
pub(super) use desire::{
    ended as desire_ended, holds as desire_holds, known as known_desired, next as desire_next,
    started as desire_started, told_again as desire_told_again,
};
pub(super) use downtime::next as downtime_next;
pub use downtime::{Downtime, Expected, brings_back, downtimes, expected};
pub use estimate::{Basis, Estimate};
pub use event::RolloutEvent;
pub use first::GoesFirst;
pub use fleet::Rollout;
pub use forecast::Forecast;
pub(super) use gather::{foreign, in_the_way, stage_goes_on};
pub use host_share::host_share;
pub use index::{Counts, PartCounts};
pub use lane::{Direction, Lane, LaneState, StepDone, lane_steps};
pub use left_out::left_out_runs;
pub(super) use let_pass::why as let_pass_why;
pub use let_pass::{let_pass, let_pass_in};
pub(super) use line::line;
pub use lost_share::LostShare;
pub(super) use lost_share::report as lost_share_report;
pub use mix::{Mix, MixedHost, Partial, everywhere, mix, mixed_beside, partial, serving, short_of};
pub use moves::{Move, moves};
pub(super) use next::{back, stopped, unit as next_of_unit};
pub(super) use observed::stale as observations_stale;
pub use on_the_new::{OnTheNew, Staying, on_the_new, staying, tested_on_the_new};
pub use once::{
    LeftBehind, OnceRun, OnceState, any_begun as any_once_begun, left_behind as once_left_behind,
};
pub(super) use once::{
    after_nothing, ended as once_ended, next as once_next, started as once_started,
    under_way as once_under_way,
};
pub use once_back::{
    Crossed, TakenBack, crossed as once_crossed, left_over as once_left_over, taken_back,
    to_take_back as once_to_take_back,
};
pub use over::{Held, shown as store_shows};
pub use preview::{BatchPreview, Preview, RegionPreview, WindowPreview, preview, preview_of};
pub(super) use readiness::target as way_back;
pub use readiness::{Readiness, WayBack, readiness, unseen};
pub(super) use repair::no_such_host;
pub use rollback::{
    Reach, Rollback, RollbackScope, goes_back_too, going_back, left_on_the_new, live_on_the_new,
    nothing_to_go_back, place as rollback_place, reach, scope,
};
pub use rollback_in::{live_in, scope_in};
pub(super) use served::next as served_next;
pub use served::{Served, is_off};
pub use share::{Answer, Shares, weighs};
pub(super) use share::{
    ended as share_ended, next as share_next, rollback_began as share_rollback_began, shared,
    stands as share_stands, started as share_started, told_again as shares_told_again,
};
pub(super) use shift::shifted;
pub use shift::{Traffic, not_shifted};
pub use sides::{Side, Switch, in_the_way as side_in_the_way, sides};
pub(super) use sides::{can_not_carry, left_out, obstacle as side_obstacle};
pub use spare::spares_leave;
pub(super) use state::{apply, closed, ended, flight_started, progressed, reopened, unobserved};
pub use store::{FoundAt, Store, Told};
pub(super) use strangers::obstacle as stranger_obstacle;
pub use strangers::{beside as strangers_beside, runs_now};
pub use stray::PutBack;
pub(super) use stray::ended as taken_out;
pub use times::{CheckTime, Learned, Times, times};
pub use trouble::{Trouble, troubles};
pub use unit::{Part, Ran, SeenAt, Unit};
pub use unwell::{Unwell, unwell};
pub use waits::{CapacityWait, lets_them_end, waits_for_capacity};
