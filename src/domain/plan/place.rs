//! Where in the plan something stands, as the team wrote it: `environments.production.capacity.min_healthy`.
//! Rules name the place; config finds its line and column.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    Key(String),
    /// Counted from 0.
    Index(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Vec<Segment>);

impl Place {
    pub fn root() -> Self {
        Self::default()
    }

    /// A place made of keys only.
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).into())).collect())
    }

    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Segment::Key(key.into()))
    }

    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// As it was written: an entry of this list stands where `written` says, and not where it was read.
    #[must_use]
    pub fn as_written(&self, list: &str, written: &[usize]) -> Self {
        let mut segments = self.0.clone();
        if let [Segment::Key(key), Segment::Index(at), ..] = segments.as_mut_slice()
            && key == list
        {
            *at = written.get(*at).copied().unwrap_or(*at);
        }
        Self(segments)
    }

    fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether one of the two holds the other.
    pub fn overlaps(&self, other: &Place) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if at == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
