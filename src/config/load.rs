//! Reads a project's directory into a plan, or into everything that is wrong with it.

use std::{collections::BTreeSet, path::Path};

use super::{
    lists,
    node::Node,
    problem::{Note, Problem, Problems},
    read::{self, Reading},
    schema::schema,
    shape,
    source::Source,
    suggest::nearest,
    text_file,
    validate::validate,
};
use crate::domain::{
    checklist::ItemSpec,
    name::EnvironmentName,
    plan::{
        Place, Plan, Segment, Stage,
        rules::{self, Broken, Kind},
    },
};

/// The name of the plan's file.
pub const FILE: &str = "golive.toml";

/// The largest plan that is read, in bytes.
pub(super) const LARGEST: u64 = 4 << 20;

/// A plan that may be opened, and what should be known about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub plan: Plan,
    /// golive.toml as it was: what a session adopts.
    pub source: String,
    /// All files that were read: golive.toml first, then the checklists in their order.
    pub sources: Vec<Source>,
    pub notes: Vec<Note>,
}

impl Loaded {
    /// What keeps the plan from being opened by this build.
    pub fn blockers(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.blocks_open)
    }
}

/// Reads `dir`/golive.toml and its checklists. `user` is the user's own configuration directory, whose
/// checklists come before the embedded ones. No host is contacted; relative programs must be there.
pub fn load(dir: &Path, user: Option<&Path>) -> Result<Loaded, Problems> {
    let text = text(dir).map_err(|problem| Problems::new(vec![problem], Vec::new()))?;
    read_text(&text, dir, user)
}

fn text(dir: &Path) -> Result<String, Problem> {
    let path = dir.join(FILE);
    text_file::read(&path, LARGEST).map_err(|why| {
        if why.missing {
            let lift = "run golive init, or name the directory that has one";
            Problem::unreadable(&path, "there is no golive.toml here", lift)
        } else {
            why.problem(&path)
        }
    })
}

/// Reads a plan's text as `dir`/golive.toml would be: for `init`, for a preview, and for tests.
pub fn read_text(text: &str, dir: &Path, user: Option<&Path>) -> Result<Loaded, Problems> {
    let source = Source::new(FILE, text);
    let (mut tree, syntax) = Node::parse(text);
    if !syntax.is_empty() {
        let list = syntax
            .iter()
            .map(|error| Problem::new(&source, error.span.clone(), &error.what, "correct the TOML"))
            .collect();
        return Err(Problems::new(list, vec![source]));
    }
    let written = tree.clone();
    let mut problems: Vec<(Place, Problem)> = validate(&mut tree, schema())
        .into_iter()
        .map(|d| (d.place, Problem::new(&source, d.span, &d.what, &d.help)))
        .collect();
    let file: shape::File = match serde_json::from_value(tree.to_json()) {
        Ok(file) => file,
        Err(error) => {
            // The shape was held against the schema, so this says that the two disagree.
            let problem = Problem::new(&source, 0..0, &error.to_string(), "correct the plan");
            problems.push((Place::root(), problem));
            return Err(Problems::new(problems.into_iter().map(|(_, p)| p).collect(), vec![source]));
        }
    };
    let mut sources = vec![source.clone()];
    let mut reading = Reading::new(&source, &tree, dir, problems);
    let plan = read::plan(&file, &mut reading);
    let mut notes = Vec::new();
    let mut elsewhere = Vec::new();
    let plan = plan.map(|mut plan| {
        plan.items = items(&file, &plan, dir, user, &mut reading, &mut sources, &mut notes, &mut elsewhere);
        let (plan, order) = plan.in_order();
        let place = |place: &Place| place.as_written("stages", &order);
        let unread = unread_selections(&plan, &reading, place);
        for broken in rules::check(&plan).into_iter().filter(|broken| !follows(broken, &plan, &unread)) {
            let broken = Broken { place: place(&broken.place), ..broken };
            report(&broken, &written, &mut reading);
        }
        for remark in rules::remarks(&plan) {
            reading.note(&place(&remark.place), remark.what, remark.blocks_open);
        }
        plan
    });
    let (problems, own_notes) = reading.into_parts();
    let mut list: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
    list.extend(elsewhere);
    match plan {
        Some(plan) if list.is_empty() => {
            let mut all = own_notes;
            all.sort_by_key(|note| (note.line, note.column));
            all.append(&mut notes);
            Ok(Loaded { plan, source: text.to_owned(), sources, notes: all })
        }
        _ => Err(Problems::new(list, sources)),
    }
}

#[expect(clippy::too_many_arguments, reason = "one step of read_text, which owns all of them")]
fn items(
    file: &shape::File,
    plan: &Plan,
    dir: &Path,
    user: Option<&Path>,
    reading: &mut Reading<'_>,
    sources: &mut Vec<Source>,
    notes: &mut Vec<Note>,
    problems: &mut Vec<Problem>,
) -> Vec<ItemSpec> {
    let place = Place::of(&["project", "checklists"]);
    let default = ["basic".to_owned()];
    let words = file.project.as_ref().and_then(|p| p.checklists.as_deref()).unwrap_or(&default);
    let known = lists::Known { people: &plan.people, checks: &plan.checks };
    let mut names: Vec<String> = Vec::new();
    let mut items = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match lists::find(word, dir, user) {
            Err(missing) => reading.bad(&place.index(at), missing.what, missing.help),
            Ok(list) if names.contains(&list.name) => {
                let what = format!("two checklists are called {:?}", list.name);
                reading.bad(
                    &place.index(at),
                    what,
                    "name the files apart: an item's id starts with its list's name",
                );
            }
            Ok(list) => {
                names.push(list.name.clone());
                let mut read = lists::read(&list, &known);
                items.append(&mut read.items);
                notes.append(&mut read.notes);
                problems.append(&mut read.problems);
                for what in read.lacks {
                    reading.note(&place.index(at), what, false);
                }
                sources.push(list.source);
            }
        }
    }
    items
}

/// Reports a broken rule, but not one that only follows from something already reported.
/// The environments of which some stage's selection can't be read: which hosts its stages take is not known.
fn unread_selections(
    plan: &Plan,
    reading: &Reading<'_>,
    place: impl Fn(&Place) -> Place,
) -> BTreeSet<EnvironmentName> {
    let at = |at: usize| place(&Place::of(&["stages"]).index(at).key("select"));
    let unread = |(index, _): &(usize, &Stage)| reading.is_wrong(&at(*index));
    plan.stages.iter().enumerate().filter(unread).map(|(_, stage)| stage.environment.clone()).collect()
}

/// Whether it may be so only because of a selection that can't be read.
fn follows(broken: &Broken, plan: &Plan, unread: &BTreeSet<EnvironmentName>) -> bool {
    let [Segment::Key(list), Segment::Index(at), ..] = broken.place.segments() else { return false };
    let stage = plan.stages.get(*at).filter(|_| list == "stages" && broken.unknown.is_none());
    stage.is_some_and(|stage| unread.contains(&stage.environment))
}

fn report(broken: &Broken, written: &Node, reading: &mut Reading<'_>) {
    let about_a_role = broken.unknown.as_ref().is_some_and(|unknown| unknown.kind == Kind::Role);
    if !about_a_role && reading.is_wrong(&broken.place) {
        return;
    }
    let Some(unknown) = &broken.unknown else {
        reading.bad(&broken.place, &broken.what, &broken.help);
        return;
    };
    let follows = match unknown.kind {
        // Who has which role is not known while somebody's roles can't be read.
        Kind::Role if reading.is_wrong_itself(&broken.place) => true,
        Kind::Role => written
            .keys_at(&Place::of(&["people"]))
            .iter()
            .any(|name| reading.is_wrong(&Place::of(&["people", name, "roles"]))),
        kind => declared(kind, written).contains(&unknown.word.as_str()),
    };
    if follows {
        return;
    }
    let known = unknown.known.iter().map(String::as_str).chain(declared(unknown.kind, written));
    let near = nearest(&unknown.word, known);
    let help = near.map_or_else(|| broken.help.clone(), |near| format!("did you mean {near:?}?"));
    reading.bad(&broken.place, &broken.what, help);
}

/// The names of a kind that the file declares, be it in a way that could not be read: that is reported already.
fn declared(kind: Kind, written: &Node) -> Vec<&str> {
    let table = |name: &str| written.keys_at(&Place::of(&[name]));
    match kind {
        Kind::Environment => table("environments"),
        Kind::Check => table("checks"),
        Kind::Person => table("people"),
        Kind::Component => table("components"),
        Kind::Drill => table("drills"),
        Kind::Stage => written.texts_of("stages", "name"),
        Kind::Role | Kind::Host | Kind::Region | Kind::Validation | Kind::Item | Kind::Reliance => Vec::new(),
    }
}
