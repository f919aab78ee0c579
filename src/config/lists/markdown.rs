//! A team's Markdown list as it is: `- [ ] text @owner (T-2d)`; headings are groups. Only what golive needs is
//! looked at; the rest of the file is the team's.

use std::{collections::HashSet, ops::Range};

use super::{List, due, owner::Owners, slug, toml_list::Read};
use crate::{
    config::{
        problem::{Note, Problem},
        suggest::advice,
    },
    domain::{
        checklist::{ItemKind, ItemSpec, Owner, Severity},
        name::ItemId,
        plan::Tier,
        time::Span,
    },
};

pub fn read(list: &List, owners: &Owners<'_>) -> Read {
    let mut out = Read::default();
    let mut group = list.name.clone();
    let mut ids = HashSet::new();
    let mut fence: Option<&str> = None;
    let mut ticked: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for line in list.source.text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let text = line.trim();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                open => open,
            };
            continue;
        }
        if fence.is_some() {
            continue;
        }
        if let Some(heading) = heading(text) {
            group = heading;
            continue;
        }
        let Some((done, body)) = item(text) else { continue };
        let column = at + line.find(body).unwrap_or(0);
        if done {
            ticked.push(column..column + body.len());
        }
        if let Some(spec) = spec(list, body, column, &group, owners, &mut ids, &mut out) {
            out.items.push(spec);
        }
    }
    if out.items.is_empty() && out.problems.is_empty() {
        let what = format!("{} has no items", list.source.name);
        out.problems.push(Problem::new(
            &list.source,
            0..0,
            &what,
            "write lines such as: - [ ] backups tested @dana (T-2d)",
        ));
    }
    if let Some(first) = ticked.first() {
        let count = ticked.len();
        let noun = if count == 1 { "item is" } else { "items are" };
        let what = format!(
            "{count} {noun} ticked in the file and open here: what holds for this go-live is recorded in it"
        );
        out.notes.push(Note::new(&list.source, first, &what, false));
    }
    out
}

/// The text of `## Before`; closing hashes and a `#hashtag` are not headings' own.
fn heading(line: &str) -> Option<String> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    if !(1..=6).contains(&level) || !line[level..].starts_with([' ', '\t']) {
        return None;
    }
    let text = line[level..].trim().trim_end_matches('#').trim();
    (!text.is_empty()).then(|| printable(text))
}

/// Whether the box is ticked, and what stands behind it.
fn item(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        (1..=9).contains(&digits).then(|| line[digits..].strip_prefix(['.', ')']))?
    })?;
    let rest = rest.trim_start();
    let (done, rest) = [("[ ]", false), ("[x]", true), ("[X]", true)]
        .into_iter()
        .find_map(|(mark, done)| rest.strip_prefix(mark).map(|rest| (done, rest)))?;
    let rest = rest.trim();
    (!rest.is_empty()).then_some((done, rest))
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The text without its end `(T-2d)`.
fn split_due<'a>(body: &'a str, list: &List, column: usize, out: &mut Read) -> (&'a str, Option<Span>) {
    let Some((head, inside)) = body.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) else {
        return (body, None);
    };
    match due::parse(inside) {
        Ok(due) => (head.trim_end(), due),
        // `(see the wiki)` is text; `(T-soon)` is a slip.
        Err(()) if inside.starts_with("T-") || inside.starts_with("T+") => {
            let from = column + head.len();
            let what = format!("({inside}) is not a due time");
            out.problems.push(Problem::new(
                &list.source,
                from..column + body.len(),
                &what,
                "write (T-14d), (T-4h) or (T-0)",
            ));
            (head.trim_end(), None)
        }
        Err(()) => (body, None),
    }
}

/// The text without its end `@owner`.
fn split_owner(body: &str) -> (&str, Option<&str>) {
    match body.rsplit_once(char::is_whitespace) {
        Some((head, last)) if last.len() > 1 && last.starts_with('@') => (head.trim_end(), Some(&last[1..])),
        _ => (body, None),
    }
}

fn spec(
    list: &List,
    body: &str,
    column: usize,
    group: &str,
    owners: &Owners<'_>,
    ids: &mut HashSet<String>,
    out: &mut Read,
) -> Option<ItemSpec> {
    let (rest, due) = split_due(body, list, column, out);
    let (text, word) = split_owner(rest);
    let owner = match word {
        None => Owner::Nobody,
        Some(word) => owners.person(word).or_else(|| owners.role(word)).unwrap_or_else(|| {
            let from = column + rest.len() - word.len() - 1;
            let what = format!("@{word} is neither a person nor a role that somebody has");
            let known = owners.known();
            let help = advice(word, known.iter().map(|known| known.trim_start_matches('@')));
            out.problems.push(Problem::new(&list.source, from..column + rest.len(), &what, &help));
            Owner::Nobody
        }),
    };
    let title = printable(text);
    let id = slug::unique(&title, ids);
    Some(ItemSpec {
        id: ItemId::new(&format!("{}/{id}", list.name)).ok()?,
        title,
        why: String::new(),
        group: group.to_owned(),
        kind: ItemKind::Hand { evidence: false },
        tier: Tier::new(2)?,
        severity: Severity::Required,
        owner,
        due,
        post_live: false,
    })
}
