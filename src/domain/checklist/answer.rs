//! What counts as having said something.

/// Whether a text says nothing: empty, or one of the words people write to be done with a question.
pub fn says_nothing(text: &str) -> bool {
    const EMPTY: [&str; 22] = [
        "tbd",
        "todo",
        "ok",
        "okay",
        "idem",
        "ditto",
        "yes",
        "no",
        "n/a",
        "na",
        "none",
        "nothing",
        "same",
        "done",
        "fine",
        "later",
        "soon",
        "see above",
        "as above",
        "unknown",
        "to be defined",
        "to be determined",
    ];
    let text = text.trim().trim_end_matches(['.', '!', '?', '…']).trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric()).count() < 2 || EMPTY.contains(&text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [P5] "TBD", "ok" and "idem" are no answers.
    #[test]
    fn words_that_stand_for_nothing_are_no_answer() {
        for text in ["", "  ", "TBD", "tbd.", "ok", "OK!", "idem", "-", "?", "n/a", "See above."] {
            assert!(says_nothing(text), "{text:?}");
        }
        for text in ["raj until 20:00, then lee", "no partner is affected", "dana"] {
            assert!(!says_nothing(text), "{text:?}");
        }
    }
}
