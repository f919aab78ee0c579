//! A store that is reached by the team's own commands.
//!
//! `get` prints what `said` reads, or nothing where nothing was ever set. `set` finds in its environment
//! `GOLIVE_VERSION` and `GOLIVE_DIGEST` (what is wished), `GOLIVE_EXPECTED` and `GOLIVE_REVISION` (what was read, empty
//! where nothing was), `GOLIVE_BY`, `GOLIVE_AT`, `GOLIVE_ENVIRONMENT` and `GOLIVE_HOST`; it must compare and set at once,
//! and end with status 9 where the store holds something else by now.

use super::{
    key::{Key, Set, at, by},
    said,
};
use crate::{
    domain::{
        desired::{Desired, Wish},
        name::Version,
        plan::{DesiredStore, Template},
        time::Span,
    },
    engine::{
        command::{self, CommandLine, End, Ran},
        driver::Turn,
        ending::Trouble,
    },
};

/// The status with which `set` says that the store holds something else by now.
const CONFLICT: i32 = 9;

async fn run(
    key: &Key<'_>,
    argv: &[Template],
    timeout: Span,
    env: Vec<(String, String)>,
    noted: bool,
) -> Result<Ran, Trouble> {
    let base = &key.shop.dirs.base;
    let line = CommandLine::render(argv, [], base.clone(), timeout, &key.vars)
        .map_err(Trouble::failed)?
        .with([
            ("GOLIVE_ENVIRONMENT".to_owned(), key.environment.to_string()),
            ("GOLIVE_HOST".to_owned(), key.vars.name.clone()),
        ])
        .with(env);
    let noted = noted.then_some((&key.shop.leftovers, key.target));
    command::run(&key.shop.clock, &line, key.cancel, noted, |_| {}).await.map_err(Trouble::failed)
}

pub async fn read(key: &Key<'_>) -> Result<Desired, String> {
    let DesiredStore::Exec { get, timeout, .. } = key.store else { return Err("no command".to_owned()) };
    let turn = key.shop.look_permit(Turn::InTurn, key.cancel).await;
    let _permit = turn.map_err(|trouble| trouble.to_string())?;
    let ran = run(key, get, *timeout, Vec::new(), false).await.map_err(|trouble| trouble.to_string())?;
    let ran = ran.check("get", *timeout).map_err(|trouble| trouble.to_string())?;
    said::read(&ran.stdout, Some("revision"), &key.shop.scrubber())
}

pub async fn set(key: &Key<'_>, wish: &Wish, read: &Desired) -> Set {
    let DesiredStore::Exec { set, timeout, .. } = key.store else {
        return Set::Refused(Trouble::failed("no command"));
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let env = vec![
        ("GOLIVE_VERSION".to_owned(), wish.to.version.to_string()),
        ("GOLIVE_DIGEST".into(), wish.to.digest.to_string()),
        ("GOLIVE_EXPECTED".into(), text(read.version.as_ref().map(Version::as_str))),
        ("GOLIVE_REVISION".into(), text(read.revision.as_deref())),
        ("GOLIVE_BY".into(), by(wish)),
        ("GOLIVE_AT".into(), at(wish)),
    ];
    let ran = match run(key, set, *timeout, env, true).await {
        Ok(ran) => ran,
        // It could not even be started.
        Err(trouble) => return Set::Refused(trouble),
    };
    match ran.end {
        End::Exited(CONFLICT) => Set::Conflict,
        End::Exited(0) => Set::Done,
        _ => Set::Unknown(
            ran.check("set", *timeout).map_or_else(|trouble| trouble.to_string(), |_| String::new()),
        ),
    }
}
