//! What the people of the demo say about the items of their checklists.

use crate::domain::checklist::ItemSpec;

/// By the item's name in its list: words that a real team could have written.
const SAID: [(&str, &str); 10] = [
    ("tests-passed", "build 4711 is green: 1,204 tests, none skipped"),
    ("what-changes", "the basket shows delivery costs at once; support will hear of it first"),
    ("old-reads-new-data", "it can: the new column has a default, and 2.4.1 ignores it"),
    ("rollback-trigger", "more than 5 failed requests a minute for two minutes, or any failed payment"),
    ("alarm-reaches-somebody", "test alarm on Monday 09:12, acknowledged by raj after 40 s"),
    ("who-watches", "raj until 20:00, then lee until midnight"),
    ("users-told", "mail to the press desk and the three shops, acknowledged"),
    ("what-changes-for-customers-is-written-down", "help page 12, in both languages"),
    ("the-hotline-knows-of-the-release", "briefed at 10:00; two people until 20:00"),
    ("the-price-list-was-compared-with-the-old", "1,840 prices, no difference"),
];

/// What is said of an item, whether as evidence or as an answer.
pub fn said(item: &ItemSpec) -> &'static str {
    let name = item.id.as_str().rsplit('/').next().unwrap_or_default();
    SAID.iter().find(|(known, _)| *known == name).map_or("seen and checked on this build", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::checklist::says_nothing;

    #[test]
    fn every_answer_says_something() {
        for (item, text) in SAID {
            assert!(!says_nothing(text), "{item}");
        }
    }
}
