//! People and notifiers.

use std::collections::BTreeMap;

use super::{
    Reading,
    argv::{BY_REFERENCE, OF_A_NOTICE},
};
use crate::{
    config::shape::{self, TextOr},
    domain::{
        name::PersonName,
        plan::{Notifier, Person, Place},
        time::Span,
    },
};

/// How long one message may take.
const TELLING: Span = Span::secs(10);

pub fn people(
    written: &BTreeMap<String, shape::Person>,
    reading: &mut Reading<'_>,
) -> BTreeMap<PersonName, Person> {
    let mut people = BTreeMap::new();
    for (key, person) in written {
        let place = Place::of(&["people", key]);
        let Some(name) = reading.name::<PersonName>(&place, key) else { continue };
        let login = person.login.clone().unwrap_or_else(|| key.clone());
        if login.trim().is_empty() {
            reading.bad(
                &place.key("login"),
                format!("the login of {name} is empty"),
                "write the login, or leave it out",
            );
        }
        let roles = reading.name_set(&place.key("roles"), &person.roles);
        people.insert(name.clone(), Person { name, roles, login, contact: person.contact.clone() });
    }
    people
}

pub fn notifiers(written: &[TextOr<shape::Notifier>], reading: &mut Reading<'_>) -> Vec<Notifier> {
    let place = Place::of(&["project", "notify"]);
    let texts: Vec<String> = written
        .iter()
        .filter_map(|one| match one {
            TextOr::Text(text) => Some(text.clone()),
            TextOr::Table(_) => None,
        })
        .collect();
    if texts.len() == written.len() && !texts.is_empty() {
        return exec(&place, &texts, TELLING, reading).into_iter().collect();
    }
    if !texts.is_empty() {
        reading.bad(
            &place,
            "notify mixes a command with tables",
            "write one command [\"bin/page\", \"{person}\", \"{text}\"], or tables only: [{ exec = […] }, { webhook = \"…\" }]",
        );
        return Vec::new();
    }
    let tables = written.iter().enumerate().filter_map(|(at, one)| match one {
        TextOr::Table(table) => Some((at, table)),
        TextOr::Text(_) => None,
    });
    tables.filter_map(|(at, table)| notifier(&place.index(at), table, reading)).collect()
}

fn notifier(place: &Place, table: &shape::Notifier, reading: &mut Reading<'_>) -> Option<Notifier> {
    let timeout = reading.positive_span(&place.key("timeout"), table.timeout.as_deref(), TELLING);
    match (&table.exec, &table.webhook) {
        (Some(argv), None) => exec(&place.key("exec"), argv, timeout, reading),
        (None, Some(url)) => webhook(&place.key("webhook"), url, timeout, reading),
        _ => {
            reading.bad(place, "a notifier has exactly one of exec and webhook", "keep one of them");
            None
        }
    }
}

fn exec(place: &Place, argv: &[String], timeout: Span, reading: &mut Reading<'_>) -> Option<Notifier> {
    reading.argv(place, argv, OF_A_NOTICE).map(|argv| Notifier::Exec { argv, timeout })
}

fn webhook(place: &Place, url: &str, timeout: Span, reading: &mut Reading<'_>) -> Option<Notifier> {
    reading.no_secret(place, "webhook", url, BY_REFERENCE);
    let reference = url.starts_with(crate::config::secret::REFERENCE);
    if reading.is_wrong_itself(place) {
        return None;
    }
    if !reference && !url.starts_with("https://") && !url.starts_with("http://") {
        reading.bad(place, format!("{url:?} is not a URL"), "write http://… or https://…, or \"env:NAME\"");
        return None;
    }
    Some(Notifier::Webhook { url: url.to_owned(), timeout })
}
