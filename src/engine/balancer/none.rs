//! No balancer: requests may fail while a host is changed, which the plan's reader is told beforehand.

use futures::future::BoxFuture;

use super::balance::{Balance, BalancerError, Count, Drained, Gets, Member, Told};
use crate::domain::{
    effect::PoolState,
    plan::{Vars, Weight},
};

pub struct NoBalancer;

impl Balance for NoBalancer {
    fn drain<'a>(&'a self, _: &'a Vars, _: Told<'a>) -> BoxFuture<'a, Result<Drained, BalancerError>> {
        Box::pin(async { Ok(Drained::NoBalancer) })
    }

    fn ready<'a>(&'a self, _: &'a Vars, _: Told<'a>) -> BoxFuture<'a, Result<(), BalancerError>> {
        Box::pin(async { Ok(()) })
    }

    fn members<'a>(&'a self, hosts: &'a [Vars]) -> BoxFuture<'a, Vec<Result<Member, BalancerError>>> {
        Box::pin(async { hosts.iter().map(|_| Ok(Member::is(PoolState::None))).collect() })
    }

    fn counts<'a>(&'a self, _: &'a [Vars]) -> BoxFuture<'a, Result<Option<Vec<Count>>, BalancerError>> {
        Box::pin(async { Ok(None) })
    }

    fn share<'a>(
        &'a self,
        _: &'a [(Vars, Gets)],
        _: Option<Weight>,
    ) -> BoxFuture<'a, Result<Vec<u32>, BalancerError>> {
        Box::pin(async { Err(BalancerError::NoWeight("no balancer")) })
    }
}
