//! Connects and closes.

use futures::future::BoxFuture;
use tokio::net::TcpStream;

use super::{
    answer::{Answer, Fault},
    ask::{Ask, Probe},
};
use crate::domain::{plan::Template, time::Span};

pub struct TcpProbe<'a>(pub &'a Template);

impl Probe for TcpProbe<'_> {
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let address = self.0.render(ask.vars);
            ask.limited(async {
                match TcpStream::connect(&address).await {
                    Ok(_) => Answer {
                        verdict: Ok("connected".into()),
                        version: None,
                        said: None,
                        evidence: None,
                        took: Span::ZERO,
                    },
                    Err(error) => Answer::fault(fault(&address, &error)),
                }
            })
            .await
        })
    }
}

fn fault(address: &str, error: &std::io::Error) -> Fault {
    use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, InvalidInput, TimedOut};
    match error.kind() {
        ConnectionRefused => Fault::Refused(address.into()),
        ConnectionReset | TimedOut => Fault::Broke(error.to_string()),
        InvalidInput => Fault::Unasked(format!("{address:?} is not host:port")),
        // A name that can't be resolved has no kind of its own; it says nothing about the service.
        _ if error.raw_os_error().is_none() => Fault::Unasked(error.to_string()),
        _ => Fault::Broke(error.to_string()),
    }
}
