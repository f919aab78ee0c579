//! Connects, hears what the other side says first where that is asked for, and closes.

use futures::future::BoxFuture;
use tokio::{io::AsyncReadExt as _, net::TcpStream};

use super::{
    answer::{Answer, Fault},
    ask::{Ask, Probe},
};
use crate::domain::{plan::Template, time::Span};

pub struct TcpProbe<'a> {
    pub address: &'a Template,
    /// What it says first has to begin with this.
    pub banner: Option<&'a str>,
}

impl Probe for TcpProbe<'_> {
    fn ask<'a>(&'a self, ask: &'a Ask<'a>) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let address = self.address.render(ask.vars);
            ask.limited(async {
                let mut stream = match TcpStream::connect(&address).await {
                    Ok(stream) => stream,
                    Err(error) => return Answer::fault(fault(&address, &error)),
                };
                let Some(banner) = self.banner else { return passed("connected".into()) };
                match hear(&mut stream, banner.len()).await {
                    Ok(said) if said == banner.as_bytes() => passed(format!("said {banner}")),
                    Ok(said) => {
                        let said = String::from_utf8_lossy(&said).into_owned();
                        Answer::fault(Fault::Banner { said, wanted: banner.to_owned() })
                    }
                    Err(error) => Answer::fault(fault(&address, &error)),
                }
            })
            .await
        })
    }
}

fn passed(what: String) -> Answer {
    Answer { verdict: Ok(what), version: None, said: None, evidence: None, took: Span::ZERO }
}

/// As many bytes as are asked for, or those before the other side closed.
async fn hear(stream: &mut TcpStream, length: usize) -> std::io::Result<Vec<u8>> {
    let mut said = Vec::with_capacity(length);
    stream.take(length as u64).read_to_end(&mut said).await?;
    Ok(said)
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
