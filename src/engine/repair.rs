//! Repairs one host by the plan's own command, in the plan's directory. Whether that helped is nothing that the command says.

use tokio_util::sync::CancellationToken;

use super::{
    command::{self, CommandLine},
    ending::{Done, Trouble},
    unit::Unit,
    workshop::Workshop,
};
use crate::domain::effect::EffectId;

pub async fn repair(
    shop: &Workshop,
    unit: &Unit,
    id: &EffectId,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    let target = &id.target;
    let adopted = shop.adopted();
    let environment = adopted.plan.environments.get(&unit.site.environment);
    let Some(repair) = environment.and_then(|environment| environment.repair.as_ref()) else {
        return Err(Trouble::failed("the adopted plan has no repair command for it"));
    };
    // Two at the same host would undo each other.
    shop.leftovers.end(&shop.clock, target).await;
    let none: [(&String, &crate::domain::plan::Template); 0] = [];
    let line =
        CommandLine::render(&repair.argv, none, shop.dirs.base.clone(), repair.timeout, &unit.vars(""))
            .map_err(Trouble::failed)?
            .with(unit.variables());
    let line = line.kept(shop.keep(id));
    let noted = Some((&shop.leftovers, target));
    let ran = command::run(&shop.clock, &line, cancel, noted, |said| shop.output(target, None, said))
        .await
        .map_err(Trouble::failed)?;
    let ran = ran.check("repair", repair.timeout)?;
    Ok(Done::said(ran.last_line()))
}
