//! What a frame costs: the app, its screens and the painter, at 200×60 over 10,000 hosts in the middle of a rollout.

use std::{io, sync::Arc, time::Duration};

use golive::{
    domain::{
        actor::{Actor, Via, Who},
        session::Session,
        time::Span,
    },
    tui::{
        app::{App, Viewer},
        keymap::{Keymap, ScreenName},
        terminal::{Caps, Depth, Moment, Painter, Size},
        theme::Themes,
        world::{History, Link, Outputs, Signs, Whereabouts, World},
    },
};
use jiff::tz::TimeZone;

use super::{
    figure::Sheet,
    fleet::{Fleet, hosts_of},
    process::processor_nanos,
    project::{Project, dana},
    terminal::{COLUMNS, ROWS},
};

const HOSTS: u32 = 10_000;
const FRAMES: usize = 2_000;
/// Reports between two frames: with their consequences some 2,000 events a second.
const PACE: usize = 16;
/// Between two frames of a storm.
const FRAME: Duration = Duration::from_millis(16);

struct Viewing {
    app: App,
    painter: Painter<io::Sink>,
    history: History,
    outputs: Outputs,
    signs: Signs,
    whereabouts: Whereabouts,
    actor: Actor,
    at: Moment,
}

impl Viewing {
    fn new(screen: ScreenName) -> anyhow::Result<Self> {
        let size = Size { columns: COLUMNS, rows: ROWS };
        let caps = Caps { size, depth: Depth::True, unicode: true, modern: true };
        let theme = Themes::default().load("dark").map_err(|_| anyhow::anyhow!("the theme does not load"))?;
        let mut app = App::new(Viewer::new(caps, &theme, Keymap::default(), TimeZone::UTC));
        app.go(screen);
        Ok(Self {
            app,
            painter: Painter::new(io::sink(), &caps),
            history: History::default(),
            outputs: Outputs::default(),
            signs: Signs::default(),
            whereabouts: Whereabouts {
                project: "shop".into(),
                machine: "deploy-1".into(),
                ..Whereabouts::default()
            },
            actor: Actor { who: Who::Person(dana()?), via: Via::Uid(1000) },
            at: Moment(1_000_000),
        })
    }

    /// As the loop does it: takes the session over, draws, sends the difference. Microseconds of
    /// processor time: nothing here waits.
    fn frame(&mut self, session: &Session) -> anyhow::Result<u64> {
        let world = World {
            session: Some(session),
            history: &self.history,
            outputs: &self.outputs,
            signs: &self.signs,
            whereabouts: &self.whereabouts,
            link: &Link::Up,
            actor: &self.actor,
            now: session.now,
            age: Span::ZERO,
            at: self.at,
            zone: &TimeZone::UTC,
            coach: None,
        };
        let begun = processor_nanos();
        self.app.refresh(&world);
        let app = &self.app;
        self.painter.draw(|buffer| app.draw(&world, buffer))?;
        Ok((processor_nanos() - begun) / 1_000)
    }
}

pub fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let mut fleet = Fleet::open(
        Project::new(&super::project::Fleet { items: 60, ..hosts_of(HOSTS) })?.adopted()?,
        usize::MAX,
    )?;
    fleet.start()?;
    let half = |session: &Session| {
        session.plan().environments.keys().any(|place| session.rollout.counts(place).done > HOSTS / 3)
    };
    fleet.until(half)?;
    for (screen, wanted) in [
        (ScreenName::Rollout, "p99 2 ms"),
        (ScreenName::Decision, "p99 2 ms"),
        (ScreenName::Checklist, "p99 2 ms"),
        (ScreenName::Record, "p99 2 ms"),
    ] {
        let mut viewing = Viewing::new(screen)?;
        let mut told = 0;
        let mut samples = Vec::new();
        for _ in 0..FRAMES / 4 {
            // Some events between two frames, as in a rollout.
            fleet.some(PACE)?;
            for event in fleet.record.drain(..) {
                viewing.history.push(Arc::new(event));
            }
            viewing.at = viewing.at.plus(FRAME);
            fleet.later(FRAME.as_micros() as u64);
            samples.push(viewing.frame(fleet.session())?);
            told = viewing.painter.written();
        }
        // The first builds what the others keep.
        samples.remove(0);
        sheet.spread(&format!("draw: a frame of {}, 10,000 hosts, 200×60", screen.word()), wanted, &samples);
        viewing.frame(fleet.session())?;
        let again = viewing.painter.written();
        viewing.frame(fleet.session())?;
        let unchanged = viewing.painter.written() - again;
        let bytes = told / samples.len() as u64;
        sheet.one(
            &format!("draw: bytes of a frame of {}; when nothing changed", screen.word()),
            "; 0",
            format!("{bytes}; {unchanged}"),
            samples.len(),
        );
    }
    Ok(())
}
