//! `golive open`: adopts plan, checklists and artifact, and starts a session; or moves its go-live time.

use std::sync::Arc;

use clap::Args;
use jiff::tz::TimeZone;

use super::plan::adoptable;
use crate::{
    cli::{
        answer::Opened, context::Context, exit::Exit, failure::Failure, hotfixing::would_be_one,
        link::opened, moment, past::Past, project::Project, queueing, reach, superseding::make_room,
    },
    client::{Open, Way},
    domain::{
        course::{CourseCommand, Mode, hotfix::FollowUp, strictness::AskedProfile},
        effect::Candidate,
        name::{PersonName, Version},
        plan::{Adopted, Profile},
        time::{Span, WallTime},
    },
    engine::{EngineDirs, artifact},
};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The version to take live; without it, --at moves the open session's go-live
    #[arg(required_unless_present_any = ["at", "hotfix", "leave_queue"])]
    version: Option<Version>,
    /// When: 14:30, 2026-11-21T14:30, 2026-11-21T14:30+01:00, +2h
    #[arg(long, value_name = "TIME", required_unless_present_any = ["version", "hotfix", "leave_queue"], allow_hyphen_values = true)]
    at: Option<String>,
    /// Who wrote it, where a seat must be somebody else's
    #[arg(long, value_name = "PERSON")]
    author: Option<PersonName>,
    /// A hotfix, and why (decider): it skips bakes and windows, and nothing else. Without a version: of the open session,
    /// before anybody has voted
    #[arg(long, value_name = "REASON", requires = "follow_up")]
    hotfix: Option<String>,
    /// When its review is due: +24h, 2026-11-23T12:00
    #[arg(long, value_name = "TIME", requires = "hotfix")]
    follow_up: Option<String>,
    /// Who reviews it; without it whoever declares it
    #[arg(long, value_name = "PERSON", requires = "hotfix")]
    reviewer: Option<PersonName>,
    /// Skip only this: bakes or windows
    #[arg(long, value_name = "WHAT", requires = "hotfix")]
    skip: Vec<String>,
    /// How strict it is: strict, standard or relaxed. Whatever leaves something out needs a reason, and a decider
    #[arg(long, value_name = "PROFILE", requires = "version")]
    strictness: Option<Profile>,
    /// Why something is left out: it is less strict than the project's own, or that one is less than strict; it stands in
    /// the record
    #[arg(long, value_name = "WHY", requires = "version")]
    reason: Option<String>,
    /// Takes a version out of the queue in which it waits for the end of the one that is open
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["version", "at", "author", "hotfix", "follow_up", "reviewer", "skip"])]
    leave_queue: Option<Version>,
}

/// What is asked of the conductor where a session is open: another go-live time; none: a session of its own.
pub fn asks(arguments: &Arguments, context: &Context) -> Result<Option<CourseCommand>, Failure> {
    match (&arguments.version, &arguments.at) {
        (None, None) => hotfix(arguments, context),
        (None, Some(at)) => Ok(Some(CourseCommand::MoveGoLive { to: context.moment(at)? })),
        _ => Ok(None),
    }
}

/// What is said of a hotfix, where it is one.
fn hotfix(arguments: &Arguments, context: &Context) -> Result<Option<CourseCommand>, Failure> {
    let (Some(reason), Some(due)) = (&arguments.hotfix, &arguments.follow_up) else { return Ok(None) };
    let (reason, skips, due) = (reason.clone(), arguments.skip.clone(), context.moment(due)?);
    let follow_up = FollowUp { owner: arguments.reviewer.clone(), due };
    Ok(Some(CourseCommand::DeclareHotfix { reason, skips, follow_up }))
}

pub fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    if let Some(version) = arguments.leave_queue {
        return context.wait(queueing::leave(&context.project()?, version, context));
    }
    let hotfix = hotfix(&arguments, context)?;
    if let (None, None, Some(hotfix)) = (&arguments.version, &arguments.at, &hotfix) {
        return context.act(|_| Ok(hotfix.clone()));
    }
    // Without a time it is now: what CI does.
    let named = arguments.at.as_deref().map(|at| to_come(at, context)).transpose()?;
    let go_live = named.unwrap_or_else(|| context.wall());
    let Some(version) = arguments.version else {
        context.act(|_| Ok(CourseCommand::MoveGoLive { to: go_live }))?;
        return say_when(go_live, context);
    };
    let project = context.project()?;
    // Why it is a hotfix is why it is less strict, too, where nothing else is said.
    let reason = arguments.reason.as_ref().or(arguments.hotfix.as_ref());
    let asked = asked_profile(&project, arguments.strictness, reason)?;
    if let Some((candidate, has)) = rebuilt(&project, &version, context)? {
        if let Some(asked) = asked.filter(|asked| arguments.strictness.is_some() && asked.profile != has) {
            return Err(Failure::new(
                Exit::Refused,
                format!(
                    "{version} is open as {has}, and how strict it is stays: {} is not taken on",
                    asked.profile
                ),
                "without --strictness its rebuilt artifact is adopted; to open it anew: golive close --abandon REASON",
            ));
        }
        // The same version is open, and its artifact is another by now.
        return context.act(|_| Ok(CourseCommand::AdoptCandidate { candidate }));
    }
    if let Some(behind) = queueing::behind(&project, &version)? {
        if hotfix.is_some() {
            return Err(Failure::new(
                Exit::Refused,
                format!("a hotfix waits in no queue, and {} is before {version}", behind.version),
                if behind.open {
                    "closing what is open (golive close) first; or without --hotfix".to_owned()
                } else {
                    format!("golive open --leave-queue {}; or without --hotfix", behind.version)
                },
            ));
        }
        let author = arguments.author;
        context.wait(queueing::queue(&project, version, behind, go_live, author, asked, context))?;
        return Ok(Exit::Done);
    }
    if let Some(hotfix) = &hotfix {
        would_be_one(&project, hotfix, context)?;
    }
    // What was asked for when it was queued stays asked for, where nothing else is said now.
    let waited = queueing::asked_before(&project, &version)?;
    let go_live = match (&waited, named) {
        (Some(waited), None) => waited.go_live.max(go_live),
        _ => go_live,
    };
    let author = arguments.author.or_else(|| waited.as_ref()?.author.clone());
    let asked = asked.or_else(|| waited?.strictness);
    let way = reach::way(&project, context)?;
    let opened = context.wait(open(way, &project, version, go_live, author, asked, context))?;
    context.out.show(&opened, || opened.words())?;
    if let Some(hotfix) = hotfix {
        // Refused all the same, as where another plan was adopted meanwhile, it is an open session as any other.
        let ordinary = |failure: Failure| Failure {
            hint: format!(
                "{}; {} is open as an ordinary session by now: golive open --hotfix … without the version, or golive \
                 close --abandon REASON",
                failure.hint, opened.session
            ),
            ..failure
        };
        context.act(|_| Ok(hotfix.clone())).map_err(ordinary)?;
    }
    say_when(go_live, context)
}

/// What is asked for beside the version; a reason alone is one for the project's own profile.
pub fn asked_profile(
    project: &Project,
    strictness: Option<Profile>,
    reason: Option<&String>,
) -> Result<Option<AskedProfile>, Failure> {
    let profile = match (strictness, reason) {
        (None, None) => return Ok(None),
        (Some(profile), _) => profile,
        (None, Some(_)) => adoptable(project)?.plan.strictness.own,
    };
    Ok(Some(AskedProfile { profile, reason: reason.cloned().unwrap_or_default() }))
}

/// A go-live in the past would have every item overdue. A minute is the time in which a script gets here.
fn to_come(at: &str, context: &Context) -> Result<WallTime, Failure> {
    let go_live = context.moment(at)?;
    if go_live.plus(Span::secs(60)) < context.wall() {
        return Err(Failure::usage(
            format!("{} has passed", moment::full(go_live, &TimeZone::system())),
            "name a time to come, as in +2h; without --at it is now",
        ));
    }
    Ok(go_live)
}

/// A version becomes a part of paths and URLs, where it must stay a single name.
pub fn is_one_name(version: &Version) -> Result<(), Failure> {
    let text = version.as_str();
    if text.starts_with(['.', '-'])
        || text.contains(['/', '\\', '?', '#', '%'])
        || text.contains(char::is_whitespace)
    {
        return Err(Failure::usage(
            format!("{text:?} is not a version: it becomes a part of paths and URLs"),
            "write it with letters, digits, dots and dashes, as in 2.5.0",
        ));
    }
    Ok(())
}

/// The artifact of the version that is open, where it has changed since, and how strict that session is.
fn rebuilt(
    project: &Project,
    version: &Version,
    context: &Context,
) -> Result<Option<(Candidate, Profile)>, Failure> {
    let Some(past) = Past::open(project)? else { return Ok(None) };
    let Ok(told) = past.tell(context.everywhere.session.as_ref()) else { return Ok(None) };
    let course = &told.session.course;
    if course.is_over() || course.release.candidate.version != *version {
        return Ok(None);
    }
    let found = context.wait(candidate(project, &course.adopted, version.clone(), context))?;
    Ok((found != course.release.candidate).then(|| (found, told.session.profile())))
}

/// In full and with its zone, so that nobody is a day off unawares.
fn say_when(go_live: WallTime, context: &Context) -> Result<Exit, Failure> {
    context.out.say(format!("go-live {}", moment::full(go_live, &TimeZone::system())))?;
    Ok(Exit::Done)
}

/// Reads the artifact's digest, and opens the session.
pub async fn open(
    way: Way,
    project: &Project,
    version: Version,
    go_live: WallTime,
    author: Option<PersonName>,
    strictness: Option<AskedProfile>,
    context: &Context,
) -> Result<Opened, Failure> {
    is_one_name(&version)?;
    let adopted = adoptable(project)?;
    let candidate = candidate(project, &adopted, version, context).await?;
    // Only once it is known that there is something to open in its place.
    make_room(project, &candidate.version, &adopted.plan, strictness.as_ref(), context).await?;
    let open = Open {
        candidate: candidate.clone(),
        go_live,
        adopted: Arc::new(adopted),
        mode: Mode::Live,
        author,
        strictness,
        as_person: context.everywhere.as_person.clone(),
    };
    let session = opened(way, open, context).await?;
    Ok(Opened {
        session: session.to_string(),
        version: candidate.version.to_string(),
        digest: candidate.digest.to_string(),
    })
}

pub async fn candidate(
    project: &Project,
    adopted: &Adopted,
    version: Version,
    context: &Context,
) -> Result<Candidate, Failure> {
    let dirs = EngineDirs::new(project.dir.clone(), project.files.home().join("engine"));
    let found = artifact::candidate(&adopted.plan, version, &dirs, &context.clock).await;
    found.map_err(|artifact::NotThere { why, says }| Failure::usage(why, says))
}
