//! Keeps the machine from falling asleep while anything is rolling, where the system can: by a program of its own
//! that holds the machine awake as long as it runs. However the conductor ends, that program ends with it.

use std::{process::Stdio, time::Duration};

use tokio::{
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{clock::Clock, domain::course::SleepGuard};

/// How long the system may take to say whether it can.
const PATIENCE: Duration = Duration::from_secs(3);

/// Holds while its standard input is open: the kernel closes it with our last breath.
#[cfg(not(target_os = "macos"))]
fn holding() -> Command {
    inhibit("cat")
}

#[cfg(not(target_os = "macos"))]
fn trying() -> Command {
    inhibit("true")
}

#[cfg(not(target_os = "macos"))]
fn inhibit(program: &str) -> Command {
    let mut command = Command::new("systemd-inhibit");
    command.args(["--what=sleep", "--mode=block", "--who=golive", "--why=a rollout is under way", program]);
    command
}

#[cfg(target_os = "macos")]
fn holding() -> Command {
    let mut command = Command::new("caffeinate");
    command.args(["-i", "-w", &std::process::id().to_string()]);
    command
}

#[cfg(target_os = "macos")]
fn trying() -> Command {
    let mut command = Command::new("caffeinate");
    command.args(["-i", "true"]);
    command
}

/// Asks the system whether it can, by doing so for a moment.
pub async fn sleep_guard(clock: &Clock) -> SleepGuard {
    let mut command = trying();
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let why = match clock.limit(PATIENCE, command.output()).await {
        Some(Ok(output)) if output.status.success() => return SleepGuard::Inhibits,
        Some(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: String = said.lines().next().unwrap_or_default().chars().take(120).collect();
            let said: String = said.chars().filter(|c| !c.is_control()).collect();
            if said.is_empty() {
                format!("{name} ended with {}", output.status)
            } else {
                format!("{name}: {said}")
            }
        }
        Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("there is no {name} here")
        }
        Some(Err(error)) => format!("{name}: {error}"),
        None => format!("{name} did not answer within {} s", PATIENCE.as_secs()),
    };
    SleepGuard::Not { why }
}

/// What holds the machine awake, and what is known of that.
#[derive(Debug)]
pub struct Awake {
    asking: Option<JoinHandle<SleepGuard>>,
    guard: Option<SleepGuard>,
    held: Option<Child>,
}

impl Awake {
    /// Asks the system beside everything else.
    pub fn ask(clock: Clock) -> Self {
        let asking = tokio::spawn(async move { sleep_guard(&clock).await });
        Self { asking: Some(asking), guard: None, held: None }
    }

    /// Once a second: holds the machine awake or lets it go. What is known of the guard, once it is.
    pub async fn look(&mut self, rolling: bool) -> Option<&SleepGuard> {
        if self.asking.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(asking) = self.asking.take()
        {
            let failed = |why| SleepGuard::Not { why };
            self.guard = Some(asking.await.unwrap_or_else(|error| failed(error.to_string())));
        }
        if let Some(Ok(Some(status))) = self.held.as_mut().map(Child::try_wait) {
            self.held = None;
            self.guard = Some(SleepGuard::Not { why: format!("what held it awake ended with {status}") });
        }
        if !rolling {
            self.let_go().await;
        } else if self.held.is_none() && self.guard == Some(SleepGuard::Inhibits) {
            self.hold();
        }
        self.guard.as_ref()
    }

    fn hold(&mut self) {
        let mut command = holding();
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        match command.spawn() {
            Ok(child) => self.held = Some(child),
            Err(error) => self.guard = Some(SleepGuard::Not { why: error.to_string() }),
        }
    }

    async fn let_go(&mut self) {
        let Some(mut held) = self.held.take() else { return };
        drop(held.stdin.take());
        // It ends by itself where it reads; else it is ended. An error says that it is gone already.
        let _ = held.kill().await;
    }
}
