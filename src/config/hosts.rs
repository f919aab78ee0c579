//! Host names and ranges of them: `web-[01:15]` is fifteen names, both ends included, the zeros kept.

/// The most hosts that one range may stand for: a slip of a digit should not fill the memory.
const MOST: usize = 100_000;

/// Why a text is not a host name or range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct BadHosts {
    pub what: String,
    pub help: &'static str,
}

fn bad(what: impl Into<String>, help: &'static str) -> BadHosts {
    BadHosts { what: what.into(), help }
}

const FORM: &str = "a range is two numbers: web-[01:15]";
const NAME: &str =
    "use letters, digits, dots, dashes and underscores; an address goes into { name = …, address = … }";

/// The names that the text stands for, in order. Several ranges in one text count like an odometer.
pub fn expand(text: &str) -> Result<Vec<String>, BadHosts> {
    let mut names = vec![String::new()];
    let mut rest = text;
    while let Some(open) = rest.find(['[', ']']) {
        if rest[open..].starts_with(']') {
            return Err(bad(format!("{text:?} has a `]` without a `[`"), FORM));
        }
        let close =
            rest[open..].find(']').ok_or_else(|| bad(format!("{text:?} has a `[` without a `]`"), FORM))?
                + open;
        let numbers = range(text, &rest[open + 1..close])?;
        if names.len().saturating_mul(numbers.len()) > MOST {
            return Err(bad(
                format!("{text:?} stands for more than {MOST} hosts"),
                "check the numbers of the range",
            ));
        }
        let before = &rest[..open];
        names = names
            .iter()
            .flat_map(|start| numbers.iter().map(move |number| format!("{start}{before}{number}")))
            .collect();
        rest = &rest[close + 1..];
    }
    for name in &mut names {
        name.push_str(rest);
    }
    for name in &names {
        valid(name)?;
    }
    Ok(names)
}

/// A host name ends up in paths, in HAProxy's commands and on screens, so its letters are few.
fn valid(name: &str) -> Result<(), BadHosts> {
    if name.is_empty() {
        return Err(bad("a host has an empty name", "name it, or take it out"));
    }
    if name.len() > 120 {
        return Err(bad("a host's name is longer than 120 characters", "shorten it"));
    }
    if let Some(c) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
        return Err(bad(format!("{name:?} is not a host name: it has {c:?}"), NAME));
    }
    if name.starts_with(['.', '-']) {
        return Err(bad(format!("{name:?} is not a host name: it starts with a dot or a dash"), NAME));
    }
    Ok(())
}

fn range(text: &str, inside: &str) -> Result<Vec<String>, BadHosts> {
    let not = || bad(format!("{text:?} is not a range: {inside:?} is not two numbers"), FORM);
    let (from, to) = inside.split_once(':').ok_or_else(not)?;
    let digits = |s: &str| !s.is_empty() && s.len() <= 9 && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(from) || !digits(to) {
        return Err(not());
    }
    let (first, last): (u32, u32) = (from.parse().map_err(|_| not())?, to.parse().map_err(|_| not())?);
    if first > last {
        return Err(bad(
            format!("{text:?} counts down: {from} is more than {to}"),
            "write the smaller number first",
        ));
    }
    if (last - first) as usize >= MOST {
        return Err(bad(
            format!("{text:?} stands for more than {MOST} hosts"),
            "check the numbers of the range",
        ));
    }
    // Zeros are kept where they are written: [01:15] is 01, [1:15] is 1, [098:102] is 098.
    let width = if from.len() > 1 && from.starts_with('0') { from.len() } else { 0 };
    if to.len() > 1 && to.starts_with('0') && to.len() != from.len() {
        return Err(bad(
            format!("{text:?} has numbers of different widths"),
            "write both ends with the same number of digits: [01:15]",
        ));
    }
    Ok((first..=last).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_range_includes_both_ends_and_keeps_its_zeros() {
        assert_eq!(expand("web-[08:11]").unwrap(), ["web-08", "web-09", "web-10", "web-11"]);
        assert_eq!(expand("web-[8:11]").unwrap(), ["web-8", "web-9", "web-10", "web-11"]);
        assert_eq!(expand("w[098:101].eu").unwrap(), ["w098.eu", "w099.eu", "w100.eu", "w101.eu"]);
        assert_eq!(expand("r[1:2]-n[1:2]").unwrap(), ["r1-n1", "r1-n2", "r2-n1", "r2-n2"]);
        assert_eq!(expand("web-01").unwrap(), ["web-01"]);
        assert_eq!(expand("web-[3:3]").unwrap(), ["web-3"]);
    }

    #[test]
    fn what_is_not_a_range_is_refused_with_its_form() {
        for (text, why) in [
            ("web-[01:15", "without a `]`"),
            ("web-01]", "without a `[`"),
            ("web-[a:f]", "not two numbers"),
            ("web-[1-5]", "not two numbers"),
            ("web-[:5]", "not two numbers"),
            ("web-[5:1]", "counts down"),
            ("web-[1:015]", "different widths"),
            ("web-[0:999999]", "more than"),
            ("a[1:400]b[1:400]", "more than"),
            ("web 1", "not a host name"),
            ("../etc", "not a host name"),
            ("a/b", "not a host name"),
            ("", "empty name"),
        ] {
            let error = expand(text).unwrap_err();
            assert!(error.what.contains(why), "{text}: {error}");
        }
    }

    proptest! {
        /// However a range is written, it gives last - first + 1 different names, in order, each with its number.
        #[test]
        fn a_range_gives_every_number_once(first in 0u32..3000, more in 0u32..200, width in 1usize..6) {
            let last = first + more;
            let (from, to) = (format!("{first:0width$}"), format!("{last:0width$}"));
            let names = expand(&format!("h-[{from}:{to}]")).unwrap();
            prop_assert_eq!(names.len(), more as usize + 1);
            let numbers: Vec<u32> = names.iter().map(|n| n[2..].parse().unwrap()).collect();
            prop_assert!(numbers.iter().copied().eq(first..=last));
            if from.len() == to.len() {
                prop_assert!(names.iter().all(|name| name.len() == 2 + from.len()));
            }
        }

        /// No text makes it panic, and no name that comes out could leave a directory.
        #[test]
        fn any_text_is_names_or_a_reason(text in "\\PC{0,40}") {
            if let Ok(names) = expand(&text) {
                prop_assert!(names.iter().all(|name| !name.contains('/') && !name.starts_with('.')));
            }
        }
    }
}
