//! The service's self-test: fourteen checks, one after another, and what they said.

use std::{fmt::Write as _, time::Duration};

/// Name, and what it takes to check it.
const CHECKS: [&str; 14] = [
    "configuration",
    "disk",
    "clock",
    "database",
    "migrations",
    "cache",
    "queue",
    "sessions",
    "payments",
    "invoices",
    "mail",
    "search",
    "assets",
    "templates",
];

/// How long one check takes.
pub const ONE: Duration = Duration::from_millis(45);

/// Those that fail where the release is bad: a dependency, and what needs it.
const FAILURES: [(&str, &str); 2] = [
    ("payments", "connection refused 10.0.3.7:5433 (was :5432)"),
    ("invoices", "not checked, they need payments"),
];

/// How far the self-test is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTest {
    run: usize,
    failed: Vec<(&'static str, &'static str)>,
}

/// What the self-test says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Running,
    Passed,
    Failed,
}

impl SelfTest {
    /// Runs the next check; says its name and, where it failed, why.
    pub fn step(&mut self, fails: bool) -> Option<(&'static str, Option<&'static str>)> {
        let name = *CHECKS.get(self.run)?;
        self.run += 1;
        let why = FAILURES.iter().find(|(n, _)| fails && *n == name).map(|(_, why)| *why);
        if let Some(why) = why {
            self.failed.push((name, why));
        }
        Some((name, why))
    }

    pub fn verdict(&self) -> Verdict {
        match (self.run < CHECKS.len(), self.failed.is_empty()) {
            (true, _) => Verdict::Running,
            (false, true) => Verdict::Passed,
            (false, false) => Verdict::Failed,
        }
    }

    pub fn passed(&self) -> usize {
        self.run - self.failed.len()
    }

    /// `12 of 14`, then a line for every failure: what an operator reads first stands first.
    pub fn report(&self) -> String {
        let mut text = format!("{} of {}", self.passed(), CHECKS.len());
        if self.verdict() == Verdict::Running {
            text.push_str(", still running");
        }
        text.push('\n');
        for (name, why) in &self.failed {
            let _ = writeln!(text, "{name}: {why}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(fails: bool) -> SelfTest {
        let mut test = SelfTest::default();
        while test.step(fails).is_some() {}
        test
    }

    #[test]
    fn a_good_release_passes_all_fourteen_checks() {
        assert_eq!(SelfTest::default().verdict(), Verdict::Running);
        assert_eq!(finished(false).verdict(), Verdict::Passed);
        assert_eq!(finished(false).report(), "14 of 14\n");
    }

    #[test]
    fn a_bad_release_names_the_dependency_that_fails() {
        let test = finished(true);
        assert_eq!(test.verdict(), Verdict::Failed);
        assert!(test.report().starts_with("12 of 14\npayments: connection refused"), "{}", test.report());
    }
}
