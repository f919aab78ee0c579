//! Metric series: samples beside the events, not among them. Each series says how long its samples are kept.

use rusqlite::{Connection, params};

use super::{error::JournalError, store::Store};
use crate::domain::time::{Span, WallTime};

/// A named series, `errors-per-min{host="web-01"}`, and how long it remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub name: String,
    pub keep: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub wall: WallTime,
    pub value: f64,
}

impl Store {
    /// Adds samples; a second one of the same instant takes the place of the first.
    pub fn add_samples(&mut self, series: &Series, samples: &[Sample]) -> Result<(), JournalError> {
        let tx = self.conn.transaction()?;
        let id: i64 = tx
            .prepare_cached(
                "INSERT INTO series (name, keep) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET keep = excluded.keep RETURNING id",
            )?
            .query_row(params![series.name, series.keep.0], |row| row.get(0))?;
        for sample in samples {
            tx.prepare_cached("INSERT OR REPLACE INTO samples (series, wall, value) VALUES (?1, ?2, ?3)")?
                .execute(params![id, sample.wall.0, sample.value])?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Forgets samples that are older than their series keeps them; returns how many.
    pub fn forget_samples(&mut self, wall: WallTime) -> Result<usize, JournalError> {
        Ok(self.conn.execute(
            "DELETE FROM samples WHERE wall < ?1 - (SELECT keep FROM series WHERE id = samples.series)",
            [wall.0],
        )?)
    }
}

/// The samples of a series from `from` on, oldest first.
pub(super) fn read(conn: &Connection, series: &str, from: WallTime) -> Result<Vec<Sample>, JournalError> {
    let mut rows = conn.prepare_cached(
        "SELECT wall, value FROM samples WHERE series = (SELECT id FROM series WHERE name = ?1)
         AND wall >= ?2 ORDER BY wall",
    )?;
    let samples = rows.query_map(params![series, from.0], |row| {
        Ok(Sample { wall: WallTime(row.get(0)?), value: row.get(1)? })
    })?;
    Ok(samples.collect::<Result<_, _>>()?)
}
