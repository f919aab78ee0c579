//! `tests/requirements.md` against the tests: a row is shown by exactly the tests whose doc comment begins with
//! its id, and by no other word for it.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// How many rows each part has.
pub const PARTS: [(char, u16); 6] = [('K', 86), ('O', 54), ('W', 35), ('R', 54), ('P', 54), ('S', 8)];

/// Test names by the id they show.
pub type Shown = BTreeMap<String, BTreeSet<String>>;

struct Row<'a> {
    id: &'a str,
    what: &'a str,
    state: &'a str,
}

/// What the tests in a file claim to show; and what is wrong with a claim.
pub fn claims(source: &Source, shown: &mut Shown) -> Vec<String> {
    let mut problems = Vec::new();
    // The doc comment and the attributes directly above an item.
    let mut above: Vec<&str> = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("///") || line.starts_with("#[") {
            above.push(line);
            continue;
        }
        let ids = above.iter().find_map(|doc| doc.strip_prefix("///")).map(ids).unwrap_or_default();
        let attribute = |name: &str| above.iter().any(|line| line.contains(name));
        if !ids.is_empty() {
            match function(line) {
                Some(name) if attribute("test]") || attribute("test(") => {
                    if attribute("#[ignore") {
                        problems
                            .push(source.at(number + 1, &format!("{name} is ignored, so it shows nothing")));
                    }
                    for id in ids {
                        shown.entry(id.to_owned()).or_default().insert(name.to_owned());
                    }
                }
                _ => problems.push(
                    source
                        .at(number + 1, &format!("{} stands above something that is no test", ids.join(" "))),
                ),
            }
        }
        above.clear();
    }
    problems
}

/// The ids at the start of a doc comment: `[K34] [K35] Version numbers …`.
fn ids(doc: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = doc.trim_start();
    while let Some((id, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        if !is_id(id) {
            break;
        }
        found.push(id);
        rest = after.trim_start();
    }
    found
}

fn is_id(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| PARTS.iter().any(|(part, _)| *part == c))
        && !chars.as_str().is_empty()
        && chars.all(|c| c.is_ascii_digit())
}

fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// Every way in which the table differs from the tests.
pub fn problems(table: &str, shown: &Shown) -> Vec<String> {
    let mut found = Vec::new();
    let rows: Vec<Row> = table.lines().filter_map(row).collect();
    let listed: Vec<&str> = rows.iter().map(|row| row.id).collect();
    let wanted: Vec<String> =
        PARTS.iter().flat_map(|(part, last)| (1..=*last).map(move |n| format!("{part}{n}"))).collect();
    if listed != wanted {
        let missing: Vec<_> = wanted.iter().filter(|id| !listed.contains(&id.as_str())).collect();
        found.push(format!(
            "{} rows instead of {} in order; missing: {missing:?}",
            listed.len(),
            wanted.len()
        ));
    }
    for row in &rows {
        if row.what.is_empty() {
            found.push(format!("{} says nothing", row.id));
        }
        let now = state(row.id, shown);
        if row.state != now {
            found.push(format!("{}: the table says \"{}\", the tests say \"{now}\"", row.id, row.state));
        }
    }
    for id in shown.keys().filter(|id| !wanted.contains(*id)) {
        found.push(format!("{id}: no such requirement"));
    }
    found
}

/// The table with its last column as the tests have it.
pub fn brought_up_to_date(table: &str, shown: &Shown) -> String {
    let line = |line: &str| match row(line) {
        Some(row) => format!("| {} | {} | {} |\n", row.id, row.what, state(row.id, shown)),
        None => format!("{line}\n"),
    };
    table.lines().map(line).collect()
}

fn state(id: &str, shown: &Shown) -> String {
    match shown.get(id) {
        None => "open".to_owned(),
        Some(tests) => {
            let names: Vec<String> = tests.iter().map(|name| format!("`{name}`")).collect();
            format!("shown by {}", names.join(", "))
        }
    }
}

fn row(line: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    match cells.as_slice() {
        &[id, what, state] if is_id(id) => Some(Row { id, what, state }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(text: &str) -> (Shown, Vec<String>) {
        let mut shown = Shown::new();
        let problems = claims(&Source::new("tests/a.rs", text), &mut shown);
        (shown, problems)
    }

    fn complete_table() -> String {
        PARTS
            .iter()
            .flat_map(|(part, last)| (1..=*last).map(move |n| format!("| {part}{n} | what | open |\n")))
            .collect()
    }

    #[test]
    fn a_test_shows_the_ids_that_its_doc_comment_begins_with() {
        let (shown, problems) = claimed(
            "    /// [K34] [W20] Numbers are given once.\n    #[tokio::test]\n    async fn once() {}\n\n/// See [K1].\n#[test]\nfn b() {}",
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(shown.keys().collect::<Vec<_>>(), ["K34", "W20"]);
        assert!(shown["K34"].contains("once"));
    }

    #[test]
    fn an_id_above_what_is_no_test_or_is_ignored_is_caught() {
        assert_eq!(claimed("/// [K34] Text.\npub fn f() {}").1.len(), 1);
        assert_eq!(claimed("/// [K34] Text.\n#[test]\n#[ignore]\nfn f() {}").1.len(), 1);
        assert_eq!(claimed("/// [`Foo`] text.\npub fn f() {}").1.len(), 0);
    }

    #[test]
    fn a_claim_without_a_test_and_a_test_without_its_row_are_caught() {
        let table = complete_table();
        let none = Shown::new();
        assert_eq!(problems(&table, &none), Vec::<String>::new());
        let claims = table.replace("| K2 | what | open |", "| K2 | what | shown by `gone` |");
        assert_eq!(problems(&claims, &none).len(), 1);
        let shown = claimed("/// [K3] Text.\n#[test]\nfn third() {}").0;
        assert_eq!(problems(&table, &shown).len(), 1);
        assert_eq!(problems(&brought_up_to_date(&table, &shown), &shown), Vec::<String>::new());
    }

    #[test]
    fn a_row_lost_twice_there_or_unheard_of_is_caught() {
        let table = complete_table();
        let none = Shown::new();
        assert_eq!(problems(&table.replace("| O7 | what | open |\n", ""), &none).len(), 1);
        assert_eq!(problems(&format!("{table}| K1 | what | open |\n"), &none).len(), 1);
        let shown = claimed("/// [S9] Text.\n#[test]\nfn ninth() {}").0;
        assert_eq!(problems(&table, &shown).len(), 1);
    }
}
