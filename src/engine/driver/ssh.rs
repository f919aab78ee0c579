//! Over SSH: typed and checked in plans, refused by `open`, carried out by a later build. Should it be asked
//! all the same, it says so and touches nothing.

use super::drive::{Drive, Job, Looking, Observed, Work};
use crate::engine::ending::Trouble;

pub struct Ssh;

fn refused<'a, T: Send + 'a>() -> Work<'a, T> {
    Box::pin(async { Err(Trouble::failed("this build has no ssh driver: use local or exec")) })
}

impl Drive for Ssh {
    fn observe<'a>(&'a self, _: Looking<'a>) -> Work<'a, Observed> {
        refused()
    }
    fn fetch<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        refused()
    }
    fn stop<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        refused()
    }
    fn install<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        refused()
    }
    fn start<'a>(&'a self, _: &'a Job<'a>) -> Work<'a> {
        refused()
    }
}
