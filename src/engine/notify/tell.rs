//! Tells one person by the first notifier that takes it.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::{exec::ExecNotifier, webhook::Webhook};
use crate::{
    domain::{name::PersonName, plan},
    engine::{
        ending::{Done, Trouble},
        workshop::Workshop,
    },
};

/// The pauses between rounds over all notifiers; then it has failed.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15)];

/// One message. A receiver that sees the same number twice has the same message twice.
pub struct Message<'a> {
    pub number: u64,
    pub project: &'a str,
    pub person: &'a PersonName,
    pub contact: Option<&'a str>,
    pub text: &'a str,
}

pub trait Notify: Send + Sync {
    /// Delivers it once, or says why not.
    fn send<'a>(
        &'a self,
        shop: &'a Workshop,
        message: &'a Message<'a>,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Result<Done, Trouble>>;
}

pub async fn tell(
    shop: &Workshop,
    number: u64,
    person: &PersonName,
    text: &str,
    cancel: &CancellationToken,
) -> Result<Done, Trouble> {
    let adopted = shop.adopted();
    let plan = &adopted.plan;
    let message = Message {
        number,
        project: plan.project.as_str(),
        person,
        contact: plan.people.get(person).and_then(|person| person.contact.as_deref()),
        text,
    };
    let notifiers: Vec<Box<dyn Notify + '_>> = plan.notify.iter().map(of).collect();
    if notifiers.is_empty() {
        return Err(Trouble::failed("the plan has no project.notify: nobody can be told"));
    }
    for (rounds, pause) in (1..).zip(PAUSES.into_iter().map(Some).chain([None])) {
        let mut last = Trouble::Cancelled;
        for notifier in &notifiers {
            match notifier.send(shop, &message, cancel).await {
                Ok(done) => return Ok(done.fact("rounds", rounds)),
                Err(Trouble::Cancelled) => return Err(Trouble::Cancelled),
                Err(trouble) => last = trouble,
            }
        }
        let Some(pause) = pause else { return Err(last) };
        tokio::select! {
            () = shop.clock.sleep(pause) => {}
            () = cancel.cancelled() => return Err(Trouble::Cancelled),
        }
    }
    Err(Trouble::failed("nobody could be told"))
}

fn of(notifier: &plan::Notifier) -> Box<dyn Notify + '_> {
    match notifier {
        plan::Notifier::Exec { argv, timeout } => Box::new(ExecNotifier { argv, timeout: *timeout }),
        plan::Notifier::Webhook { url, timeout } => Box::new(Webhook { url, timeout: *timeout }),
    }
}
