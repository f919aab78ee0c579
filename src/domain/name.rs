//! Names and digests: the small words that everything else is keyed by. A name is checked once, where it is
//! made, and is cheap to clone afterwards.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a name: {why}")]
pub struct BadName {
    pub text: String,
    pub why: &'static str,
}

/// A name is 1 to 120 printable characters without white space at its ends.
fn checked(text: &str) -> Result<Arc<str>, BadName> {
    let plain = text.len() <= 120 && text.bytes().all(|b| b.is_ascii_graphic());
    let why = if plain && !text.is_empty() {
        return Ok(Arc::from(text));
    } else if text.is_empty() {
        "it is empty"
    } else if text.chars().count() > 120 {
        "it is longer than 120 characters"
    } else if text.chars().any(char::is_control) {
        "it has a control character"
    } else if text.trim() != text {
        "it starts or ends with white space"
    } else {
        return Ok(Arc::from(text));
    };
    Err(BadName { text: text.chars().take(120).collect(), why })
}

/// Reads a text as it stands in what is read: a record of a million lines has many names, and none is copied twice.
struct Text<T>(fn(&str) -> Result<T, BadName>);

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Arc<str>);

        // By their texts. Most names that meet are clones of each other, which are not read to be found equal.
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
            }
        }
        impl Eq for $name {}
        impl Hash for $name {
            #[inline]
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> Ordering {
                if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
            }
        }
        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// Checks the text: 1 to 120 printable characters, no white space at its ends.
            pub fn new(text: &str) -> Result<Self, BadName> {
                checked(text).map(Self)
            }
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                Self::new(&text)
            }
        }
        impl std::str::FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                Self::new(text)
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.to_string()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Text(Self::new))
            }
        }
        impl std::borrow::Borrow<str> for $name {
            #[inline]
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

name! {
    /// A project: what one journal and one conductor belong to.
    ProjectName;
    /// A part of the project that is deployed by itself.
    ComponentName;
    /// Where units run: `production`, `beta` …
    EnvironmentName;
    /// One cloud (or data centre) of an environment.
    CloudName;
    /// One of the two sides of an environment that is deployed blue/green.
    ColourName;
    /// One side of an environment whose hosts go together: a colour, or a cloud.
    SideName;
    /// A machine that holds units.
    HostName;
    /// A component on a host. With one component it reads as the host's name.
    UnitId;
    /// The units of one component in one environment and cloud.
    PoolId;
    /// A step of the pipeline.
    StageName;
    /// A step of a stage that runs once in a go-live.
    OnceName;
    /// A declared check (yes or no, now).
    CheckName;
    /// A declared alarm (a rule over a metric).
    AlarmName;
    /// A declared resiliency drill.
    DrillName;
    /// A person of the project, by the name used in `[people]`.
    PersonName;
    /// What a person may be asked to answer for.
    RoleName;
    /// An item of a checklist, `list/item`.
    ItemId;
    /// A version as the team writes it: `2.5.0`.
    Version;
    /// One go-live of one release.
    SessionId;
    /// A risk or show-stopper of the register.
    RiskId;
}

impl From<&ColourName> for SideName {
    fn from(colour: &ColourName) -> Self {
        Self(colour.0.clone())
    }
}

impl From<&CloudName> for SideName {
    fn from(cloud: &CloudName) -> Self {
        Self(cloud.0.clone())
    }
}

/// A sha256, as 64 lower-case hexadecimal digits. Kept in place: a fleet has tens of thousands of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; DIGITS]);

const DIGITS: usize = 64;

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::{Digest as _, Sha256};
        Self::from_bytes(Sha256::digest(bytes))
    }

    /// The digest whose 32 bytes these are.
    pub fn from_bytes(bytes: impl Into<[u8; DIGITS / 2]>) -> Self {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        // A record is verified at a million lines in seconds: no formatting machinery here.
        let mut text = [b'0'; DIGITS];
        for (two, byte) in text.chunks_exact_mut(2).zip(bytes.into()) {
            two[0] = HEX[usize::from(byte >> 4)];
            two[1] = HEX[usize::from(byte & 15)];
        }
        Self(text)
    }

    /// Reads 64 hexadecimal digits, in either case.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        match <[u8; DIGITS]>::try_from(text.as_bytes()) {
            // All of them are looked at, wrong or not: that is done many at a time.
            Ok(mut digits)
                if digits.iter().fold(true, |so_far, digit| so_far & digit.is_ascii_hexdigit()) =>
            {
                digits.make_ascii_lowercase();
                Ok(Self(digits))
            }
            _ => Err(BadName {
                text: text.chars().take(80).collect(),
                why: "a sha256 has 64 hexadecimal digits",
            }),
        }
    }

    pub fn as_str(&self) -> &str {
        // Always digits: there is no other way to make one.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first eight digits: what fits on a screen.
    pub fn short(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// The digest of a typed value in its canonical JSON: struct fields in declared order, maps sorted by key
    /// (all maps of the domain are ordered ones). `scheme` names the shape and its version.
    pub fn of_value<T: Serialize>(scheme: &str, value: &T) -> Self {
        let mut text = format!("{scheme}\n").into_bytes();
        // Serialising our own types to memory cannot fail: no non-string keys, no fallible writers.
        if serde_json::to_writer(&mut text, value).is_err() {
            text.extend_from_slice(b"unserialisable");
        }
        Self::of(&text)
    }
}

impl TryFrom<String> for Digest {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.as_str().to_owned()
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Text(Self::parse))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.short())
    }
}
