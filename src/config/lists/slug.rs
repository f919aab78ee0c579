//! Ids made from texts: the same text gives the same id on every load.

use std::collections::HashSet;

/// At most this many characters: an id is typed on a command line.
const LONGEST: usize = 48;

/// Lower-case letters and digits, words joined by dashes: `Rollback rehearsed?` is `rollback-rehearsed`.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push('-');
            }
            gap = false;
            out.push(c);
        } else if c != '\'' && c != '’' {
            gap = true;
        }
    }
    if out.chars().count() > LONGEST {
        let cut: String = out.chars().take(LONGEST).collect();
        // Not in the middle of a word, where there is a word's end.
        out = cut.rsplit_once('-').map_or(cut.clone(), |(head, _)| head.to_owned());
    }
    if out.is_empty() { "item".into() } else { out }
}

/// The slug, with a number behind it where an earlier text took it.
pub fn unique(text: &str, taken: &mut HashSet<String>) -> String {
    let base = slug(text);
    let mut id = base.clone();
    let mut number = 2;
    while !taken.insert(id.clone()) {
        id = format!("{base}-{number}");
        number += 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_a_stable_short_id() {
        assert_eq!(slug("Rollback rehearsed?"), "rollback-rehearsed");
        assert_eq!(slug("  don't   panic — really "), "dont-panic-really");
        assert_eq!(slug("???"), "item");
        let long = slug(&"word ".repeat(40));
        assert!(long.chars().count() <= LONGEST && long.ends_with("word"), "{long}");
        let mut taken = HashSet::new();
        assert_eq!(unique("a b", &mut taken), "a-b");
        assert_eq!(unique("A, B!", &mut taken), "a-b-2");
    }
}
