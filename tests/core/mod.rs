//! Pure tests of the rollout and the turn: every refusal with what lifts it, the arithmetic of capacity and
//! rollback, what happens while the journal can't be written, and time that nobody observed.

mod arithmetic;
mod bake;
mod batches;
mod blue_green;
mod blue_green_back;
mod blue_green_left_out;
mod canary;
mod clouds;
mod clouds_back;
mod clouds_edges;
mod clouds_next;
mod comparison;
mod converge;
mod converge_keys;
mod drills;
mod glass;
mod hotfix;
mod partial;
mod refusals;
mod rehearsal;
mod repairs;
mod replace;
mod reports;
mod shares;
mod stages;
mod stop_all;
mod stop_all_back;
mod stray;
mod supersede;
mod timeline;
mod times;
mod unwell;
mod verified;
mod ways;
mod windows;
