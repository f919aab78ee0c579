//! "Ensure": a key that holds what is wished is not set; one that holds something unexpected is a conflict, and is not
//! set either. What was set is read back. Where it is not known whether it was set, it is read again, never set twice.
//! On the way back a key that holds what is wished is written all the same: a set that was cut off before it may still be
//! on its way, and finds another revision then.

use tokio_util::sync::CancellationToken;

use super::{
    key::{Key, Set, converge, keys},
    tell::Tell,
};
use crate::{
    domain::{
        counted::counted,
        desired::{Desired, Found, Wish},
        effect::Target,
        name::{EnvironmentName, Version},
        plan::{Converge, Vars},
    },
    engine::{
        command::{self, CommandLine},
        ending::{Done, Trouble},
        workshop::Workshop,
    },
};

/// How long a nudge may take.
const NUDGE: crate::domain::time::Span = crate::domain::time::Span::secs(60);

/// Sets what is wished. Each key's state is told as it is found.
pub async fn set(shop: &Workshop, wish: &Wish, tell: &Tell<'_>) -> Result<Done, Trouble> {
    let Tell { environment, id, cancel, .. } = tell;
    let target = &id.target;
    let Some(converge) = converge(shop, environment) else {
        return Err(Trouble::failed(format!("no agent reads a store in {environment}")));
    };
    // A command of a killed conductor may still be at work there.
    shop.leftovers.end(&shop.clock, target).await;
    let (mut set, mut held) = (0, 0);
    let mut was: Option<Desired> = None;
    let mut not: Vec<Trouble> = Vec::new();
    let version = wish.to.version.as_str();
    for (unit, vars) in keys(shop, environment, &converge.store, &wish.units, version)? {
        if cancel.is_cancelled() {
            return Err(Trouble::Cancelled);
        }
        // What is read and told is in order: nobody reports an older state of it after this.
        let _one = shop.desiring.lock().await;
        let key = Key { shop, environment, store: &converge.store, unit, vars, target, cancel };
        match one(&key, wish, tell).await {
            Ok(None) => held += 1,
            Ok(Some(before)) => {
                set += 1;
                was.get_or_insert(before);
            }
            Err(Trouble::Cancelled) => return Err(Trouble::Cancelled),
            // The other keys are set all the same: their hosts need not wait for this one.
            Err(trouble) => not.push(trouble),
        }
        // Where none of so many could be, it is the store: nobody waits for all of them to run out of time.
        if not.len() > NAMED && set + held == 0 {
            break;
        }
    }
    if !not.is_empty() {
        return Err(not_all(&not, set));
    }
    let mut done = Done::said(note(set, held, was.as_ref(), wish));
    if wish.back {
        done = done.and(nudged(shop, environment, &converge, version, target, cancel).await);
    }
    Ok(done)
}

/// So many keys that could not be set are told one by one; the others are counted.
const NAMED: usize = 3;

/// Which keys could not be set, and why. That nothing was set is said only where it is so.
fn not_all(not: &[Trouble], set: u32) -> Trouble {
    let mut why = not.iter().take(NAMED).map(Trouble::to_string).collect::<Vec<_>>().join("; ");
    if not.len() > NAMED {
        why = format!("{why}; and {} more", not.len() - NAMED);
    }
    let nothing = not.iter().all(|trouble| matches!(trouble, Trouble::Failed { .. }));
    match set {
        0 if nothing => Trouble::failed(format!("{why}; nothing was set")),
        0 => Trouble::unknown(why),
        set => Trouble::unknown(format!("{why}; set for {}", counted(set, "other host"))),
    }
}

fn note(set: u32, held: u32, was: Option<&Desired>, wish: &Wish) -> String {
    let version = &wish.to.version;
    match (set, was) {
        (0, _) => format!("{version} was desired already: nothing was set"),
        (1, Some(was)) if held == 0 => format!("{version} is set; it was {}", was.words()),
        _ => {
            let rest = if held == 0 { String::new() } else { format!(", {held} had it already") };
            format!("{version} is set for {}{rest}", counted(set, "host"))
        }
    }
}

/// So often a key is read and set anew where what it came to hold meanwhile may be replaced too.
const TRIES: u32 = 3;

/// One key; none: it held what is wished already, else what it held before.
async fn one(key: &Key<'_>, wish: &Wish, tell: &Tell<'_>) -> Result<Option<Desired>, Trouble> {
    for left in (0..TRIES).rev() {
        match once(key, wish, tell, left > 0).await {
            Ok(Tried::Overtaken) => {}
            Ok(Tried::Set(before)) => return Ok(before),
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(None)
}

enum Tried {
    /// It holds what is wished; what it held before, where that was something else.
    Set(Option<Desired>),
    /// Somebody came first, with what may be replaced as well.
    Overtaken,
}

async fn once(key: &Key<'_>, wish: &Wish, tell: &Tell<'_>, again: bool) -> Result<Tried, Trouble> {
    let found = key.found().await;
    tell.found(key.unit.clone(), found.clone()).await?;
    let read = match found {
        Found::Holds(read) => read,
        Found::Unreadable { .. } if key.cancel.is_cancelled() => return Err(Trouble::Cancelled),
        Found::Unreadable { why } => {
            let key = key.words();
            return Err(Trouble::failed(format!("the store can't be read for {key}: {why}")));
        }
    };
    let same = read.version.as_ref() == Some(&wish.to.version);
    // Without a revision nothing that is on its way could be kept from landing.
    if same && (!wish.back || read.revision.is_none()) {
        return Ok(Tried::Set(None));
    }
    if !read.may_be_replaced(key.unit.as_ref(), wish) {
        return Err(conflict(key, &read, wish));
    }
    let ended = key.set(wish, &read).await;
    if let Set::Refused(trouble) = ended {
        return Err(trouble);
    }
    // Whatever it said: what it holds now is what counts.
    let found = key.found().await;
    tell.found(key.unit.clone(), found.clone()).await?;
    match (ended, found) {
        (Set::Conflict, Found::Holds(now)) if again && now.may_be_replaced(key.unit.as_ref(), wish) => {
            Ok(Tried::Overtaken)
        }
        (_, Found::Holds(now)) if now.version.as_ref() == Some(&wish.to.version) => {
            Ok(Tried::Set((!same).then_some(read)))
        }
        (Set::Conflict, Found::Holds(now)) => Err(conflict(key, &now, wish)),
        (Set::Done, Found::Holds(now)) => Err(Trouble::unknown(format!(
            "it was set for {}, and then the store holds {}",
            key.words(),
            now.words()
        ))),
        (Set::Unknown(why), Found::Holds(now)) => Err(Trouble::unknown(format!(
            "whether {} was set for {} is not known ({why}); the store holds {}",
            wish.to.version,
            key.words(),
            now.words()
        ))),
        (_, Found::Unreadable { .. }) if key.cancel.is_cancelled() => Err(Trouble::Cancelled),
        (_, Found::Unreadable { why }) => Err(Trouble::unknown(format!(
            "whether {} was set for {} is not known: the store can't be read: {why}",
            wish.to.version,
            key.words()
        ))),
        (Set::Refused(trouble), _) => Err(trouble),
    }
}

fn conflict(key: &Key<'_>, holds: &Desired, wish: &Wish) -> Trouble {
    let expected: Vec<&str> =
        wish.expects.iter().filter(|version| **version != wish.to.version).map(Version::as_str).collect();
    let expected =
        if expected.is_empty() { String::new() } else { format!(", not {}", expected.join(" or ")) };
    Trouble::failed(format!("conflict: the store holds {} for {}{expected}", holds.words(), key.words()))
}

/// Agents are told to look now, where they can be. That they could not be is said: they look in their own time.
async fn nudged(
    shop: &Workshop,
    environment: &EnvironmentName,
    converge: &Converge,
    version: &str,
    target: &Target,
    cancel: &CancellationToken,
) -> Done {
    let Some(argv) = &converge.nudge else { return Done::default() };
    let vars = Vars { environment: environment.to_string(), version: version.into(), ..Vars::default() };
    let line = match CommandLine::render(argv, [], shop.dirs.base.clone(), NUDGE, &vars) {
        Ok(line) => line,
        Err(error) => return Done::said(format!("agents could not be nudged: {error}")),
    };
    let output = |text: &str| shop.output(target, None, text);
    match command::run(&shop.clock, &line, cancel, Some((&shop.leftovers, target)), output).await {
        Ok(ran) => match ran.check("nudge", NUDGE) {
            Ok(_) => Done::said("agents were nudged").fact("nudged", true),
            Err(trouble) => Done::said(format!("agents could not be nudged: {trouble}")),
        },
        Err(error) => Done::said(format!("agents could not be nudged: {error}")),
    }
}
