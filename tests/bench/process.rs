//! What the kernel says of a process: processor time and memory.

use std::fs;

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

/// Ticks a second in `/proc`: what every Linux that runs here has.
const TICKS: f64 = 100.0;

/// Seconds of processor time that the process has had.
pub fn processor_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The command's name is in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("/proc has another form")?;
    let field = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = field(11).zip(field(12)).context("/proc has another form")?;
    Ok((user + system) / TICKS)
}

/// A line of `/proc/PID/status` that is in kB, in MB.
pub fn megabytes(pid: u32, line: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let kilobytes = status.lines().find_map(|found| {
        found.strip_prefix(line)?.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok()
    });
    Ok(kilobytes.context("/proc has another form")? / 1024.0)
}

/// What this thread has had of the processor, so that whatever else runs does not count.
pub fn processor_nanos() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}
