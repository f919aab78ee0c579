//! The flags of the hidden commands. They are written by the demo itself, never by people, so that
//! `--name value` pairs are all there is.

use std::{collections::BTreeMap, str::FromStr};

/// A hidden command was started wrongly.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFlags {
    #[error("{0:?} is not a flag: write --name value")]
    NotAFlag(String),
    #[error("--{0} is missing")]
    Missing(&'static str),
    #[error("--{flag} {value:?} can't be read")]
    Unreadable { flag: &'static str, value: String },
    #[error("--{0} is not known here")]
    Unknown(String),
}

/// Flags that are taken one by one; what is left over is refused.
pub struct Flags(BTreeMap<String, String>);

impl Flags {
    pub fn read(args: &[String]) -> Result<Self, BadFlags> {
        let mut flags = BTreeMap::new();
        for pair in args.chunks(2) {
            match pair {
                [flag, value] if flag.starts_with("--") => {
                    flags.insert(flag.trim_start_matches("--").to_owned(), value.clone());
                }
                _ => return Err(BadFlags::NotAFlag(pair.join(" ").chars().take(80).collect())),
            }
        }
        Ok(Self(flags))
    }

    pub fn take<T: FromStr>(&mut self, flag: &'static str) -> Result<T, BadFlags> {
        let value = self.0.remove(flag).ok_or(BadFlags::Missing(flag))?;
        value.parse().map_err(|_| BadFlags::Unreadable { flag, value })
    }

    /// One that may be left out.
    pub fn take_if<T: FromStr>(&mut self, flag: &'static str) -> Result<Option<T>, BadFlags> {
        if self.0.contains_key(flag) { self.take(flag).map(Some) } else { Ok(None) }
    }

    pub fn done(self) -> Result<(), BadFlags> {
        self.0.into_keys().next().map_or(Ok(()), |flag| Err(BadFlags::Unknown(flag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_pairs_and_what_is_left_over_is_refused() {
        let args = ["--port", "8080", "--name", "host-01"].map(String::from);
        let mut flags = Flags::read(&args).unwrap();
        assert_eq!(flags.take::<u16>("port"), Ok(8080));
        assert_eq!(flags.take::<u16>("rate"), Err(BadFlags::Missing("rate")));
        assert_eq!(flags.done(), Err(BadFlags::Unknown("name".into())));
        assert!(Flags::read(&["--port".into()]).is_err());
        assert!(Flags::read(&["port".into(), "1".into()]).is_err());
    }
}
