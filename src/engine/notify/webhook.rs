//! A JSON POST: `{"notice": 7, "project": "shop", "person": "raj", "contact": null, "text": "…"}`. Any 2xx is taken.

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::tell::{Message, Notify};
use crate::{
    domain::time::Span,
    engine::{
        ending::{Done, Trouble},
        http, secret,
        workshop::Workshop,
    },
};

pub struct Webhook<'a> {
    /// Or `env:NAME`: such URLs are often secrets.
    pub url: &'a str,
    pub timeout: Span,
}

impl Notify for Webhook<'_> {
    fn send<'a>(
        &'a self,
        shop: &'a Workshop,
        message: &'a Message<'a>,
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let url = secret::resolve(self.url).map_err(Trouble::failed)?;
            let body = serde_json::json!({
                "notice": message.number,
                "project": message.project,
                "person": message.person,
                "contact": message.contact,
                "text": message.text,
            });
            let send = shop.asking()?.post(url).json(&body).send();
            let answer = tokio::select! {
                answer = shop.clock.limit(self.timeout.duration(), send) => answer,
                () = cancel.cancelled() => return Err(Trouble::Cancelled),
            };
            match answer {
                Some(Ok(answer)) if answer.status().is_success() => {
                    Ok(Done::said(format!("told {} by webhook", message.person)))
                }
                Some(Ok(answer)) => {
                    Err(Trouble::failed(format!("the webhook answered {}", answer.status().as_u16())))
                }
                Some(Err(error)) => {
                    Err(Trouble::failed(format!("the webhook was not reached: {}", http::cause(&error))))
                }
                None => Err(Trouble::failed(format!("the webhook gave no answer within {}", self.timeout))),
            }
        })
    }
}
