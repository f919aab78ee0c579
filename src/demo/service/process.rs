//! The service as a process: it starts as its release says, tests itself, serves, and ends on TERM once open
//! requests are answered, or at once when the demo is gone.

use std::{
    io::{self, Write},
    net::Ipv4Addr,
    path::PathBuf,
    sync::Arc,
};

use tokio::{net::TcpListener, signal::unix, sync::Notify};

use super::{
    behaviour::Behaviour,
    log::Log,
    metrics::Metrics,
    routes::{Service, router},
    self_test::{self, SelfTest, Verdict},
};
use crate::{
    clock::Clock,
    demo::{
        release::{Release, ReleaseError},
        tether::{Tether, TetherError},
    },
};

/// How one host's service is started.
#[derive(Clone, Debug)]
pub struct Args {
    /// The host's name.
    pub name: String,
    pub port: u16,
    /// The installed release.
    pub release: PathBuf,
    /// The directory of the demo it lives in.
    pub demo: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Demo(#[from] TetherError),
    #[error("port {port} can't be served: {source}")]
    Serve { port: u16, source: io::Error },
    #[error("crashed, as release {0} does here")]
    Crashed(String),
}

/// Runs until TERM or the demo's end; what it logs goes to `out`.
pub async fn run(args: Args, out: Box<dyn Write + Send>) -> Result<(), ServiceError> {
    let tether = Tether::hold(&args.demo)?;
    let log = Arc::new(Log::to(out));
    let release = Release::read(&args.release)?;
    let behaviour = Behaviour::of(&release.faults, &args.name);
    let version = release.version.to_string();
    log.info(&format!("shop {version} on {} starts, port {}", args.name, args.port));
    let crash = async {
        match behaviour.crash_after {
            Some(after) => Clock::System.sleep(after).await,
            None => std::future::pending().await,
        }
    };
    let done = tokio::select! {
        biased;
        () = tether.gone() => {
            log.info("the demo is over");
            Ok(())
        }
        () = crash => {
            log.error("fatal: segment 7 of the product index is damaged, giving up");
            Err(ServiceError::Crashed(version))
        }
        served = serve(&args, version.clone(), behaviour, log.clone()) => {
            served.map_err(|source| ServiceError::Serve { port: args.port, source })
        }
    };
    if done.is_ok() {
        log.info("ended");
    }
    done
}

async fn serve(args: &Args, version: String, behaviour: Behaviour, log: Arc<Log>) -> io::Result<()> {
    // Before anything else, so that a TERM during a slow start is not lost.
    let mut term = unix::signal(unix::SignalKind::terminate())?;
    let started = tokio::select! {
        biased;
        _ = term.recv() => false,
        () = Clock::System.sleep(behaviour.start_delay) => true,
    };
    if !started {
        log.info("TERM while starting");
        return Ok(());
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await?;
    let service = Arc::new(Service {
        name: args.name.clone(),
        version,
        behaviour,
        self_test: SelfTest::default().into(),
        tested: Notify::new(),
        metrics: Metrics::default(),
        worked: 0.into(),
        log: log.clone(),
    });
    let testing = tokio::spawn(test_itself(service.clone()));
    let served = axum::serve(listener, router(service))
        .with_graceful_shutdown(async move {
            term.recv().await;
            log.info("TERM: open requests are finished, no new ones taken");
        })
        .await;
    testing.abort();
    served
}

async fn test_itself(service: Arc<Service>) {
    loop {
        Clock::System.sleep(self_test::ONE).await;
        let step = service.self_test().step(service.behaviour.self_test_fails);
        match step {
            None => break,
            Some((name, None)) => service.log.info(&format!("self-test {name}: ok")),
            Some((name, Some(why))) => service.log.error(&format!("self-test {name}: {why}")),
        }
    }
    let (verdict, report) = {
        let test = service.self_test();
        (test.verdict(), test.report())
    };
    let text = format!("self-test: {}", report.trim_end().replace('\n', "; "));
    if verdict == Verdict::Passed {
        service.log.info(&text);
    } else {
        service.log.error(&text);
    }
    service.tested.notify_waiters();
}
