//! A command, with the person and the text as arguments.

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::tell::{Message, Notify};
use crate::{
    domain::{
        plan::{Template, Vars},
        time::Span,
    },
    engine::{
        command::{self, CommandLine},
        ending::{Done, Trouble},
        workshop::Workshop,
    },
};

pub struct ExecNotifier<'a> {
    pub argv: &'a [Template],
    pub timeout: Span,
}

impl Notify for ExecNotifier<'_> {
    fn send<'a>(
        &'a self,
        shop: &'a Workshop,
        message: &'a Message<'a>,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let vars =
                Vars { person: message.person.to_string(), text: message.text.into(), ..Vars::default() };
            let line = CommandLine::render(self.argv, [], shop.dirs.base.clone(), self.timeout, &vars)
                .map_err(Trouble::failed)?
                .with([
                    ("GOLIVE_NOTICE".into(), message.number.to_string()),
                    ("GOLIVE_CONTACT".into(), message.contact.unwrap_or_default().into()),
                ]);
            let ran =
                command::run(&shop.clock, &line, cancel, None, |_| {}).await.map_err(Trouble::failed)?;
            ran.check("the notify command", self.timeout)?;
            Ok(Done::said(format!("told {} by command", message.person)))
        })
    }
}
