//! Stages, their selections and strategies.

use super::{Reading, argv::OF_AN_ENVIRONMENT};
use crate::{
    config::{
        hosts::expand,
        shape::{self, StrategyKind, TextOr},
        suggest::advice,
    },
    domain::{
        name::{ColourName, EnvironmentName, HostName, OnceName, StageName},
        plan::{
            Amount, BlueGreen, Canary, CanaryStep, CloudPauses, CloudStep, Converging, Once, Pause, Place,
            Promote, Rolling, SHIFT_WITHIN, Select, Stage, Strategy, Weight, When, ZeroDowntime,
        },
        time::Span,
    },
};

pub fn stages(written: &[shape::Stage], reading: &mut Reading<'_>) -> Vec<Stage> {
    let place = Place::of(&["stages"]);
    written.iter().enumerate().filter_map(|(at, stage)| one(at, stage, &place.index(at), reading)).collect()
}

fn one(at: usize, written: &shape::Stage, place: &Place, reading: &mut Reading<'_>) -> Option<Stage> {
    // A stage is not left out even where it has no name: the rules count stages as they were written.
    let name =
        match written.name.as_deref().and_then(|text| reading.name::<StageName>(&place.key("name"), text)) {
            Some(name) => name,
            None => reading.stand_in(&place.key("name"), StageName::new(&format!("stage {}", at + 1)).ok()?),
        };
    let environment = written
        .environment
        .as_deref()
        .and_then(|text| reading.name::<EnvironmentName>(&place.key("environment"), text));
    let environment = match environment {
        Some(environment) => environment,
        None => reading.stand_in(&place.key("environment"), EnvironmentName::new("unnamed").ok()?),
    };
    let select = written.select.as_ref().map_or(Select::All, |written| {
        let at = place.key("select");
        select(written, &at, reading).unwrap_or_else(|| reading.stand_in(&at, Select::All))
    });
    let strategy = match &written.strategy {
        None => Strategy::default(),
        Some(written) => {
            let at = place.key("strategy");
            strategy(written, &at, reading).unwrap_or_else(|| reading.stand_in(&at, Strategy::default()))
        }
    };
    let validations = reading.names(&place.key("validations"), &written.validations);
    let bake = reading.span(&place.key("bake"), written.bake.as_deref(), Span::ZERO);
    let budget = written.budget.as_deref();
    let budget = budget.map(|text| reading.span(&place.key("budget"), Some(text), Span::ZERO));
    let promote = match written.promote {
        Some(shape::Promote::Automatic) => Promote::Automatic,
        Some(shape::Promote::Human) | None => Promote::Human,
    };
    let off_peak = matches!(written.window, Some(shape::StageWindow::OffPeak));
    let at = place.key("once");
    let once = written.once.iter().enumerate().filter_map(|(nth, it)| once(it, &at.index(nth), reading));
    let once = once.collect();
    let after = written.after.as_ref().map(|names| reading.names(&place.key("after"), names));
    Some(Stage {
        name,
        environment,
        select,
        strategy,
        validations,
        bake,
        budget,
        promote,
        after,
        off_peak,
        once,
    })
}

/// How long a command may take that runs once, where the plan does not say it.
const ONCE: Span = Span::minutes(5);

fn once(written: &shape::Once, place: &Place, reading: &mut Reading<'_>) -> Option<Once> {
    let name = reading.name::<OnceName>(&place.key("name"), written.name.as_deref()?)?;
    let run = reading.argv(&place.key("run"), written.run.as_ref()?, OF_AN_ENVIRONMENT)?;
    let back = match &written.back {
        Some(argv) => reading.argv(&place.key("back"), argv, OF_AN_ENVIRONMENT)?,
        None => Vec::new(),
    };
    let when = match written.when {
        Some(shape::OnceWhen::After) => When::After,
        Some(shape::OnceWhen::Before) | None => When::Before,
    };
    let timeout = reading.positive_span(&place.key("timeout"), written.timeout.as_deref(), ONCE);
    Some(Once { name, run, when, timeout, back })
}

fn select(written: &TextOr<shape::Select>, place: &Place, reading: &mut Reading<'_>) -> Option<Select> {
    let table = match written {
        TextOr::Text(text) => {
            return match text.as_str() {
                "all" => Some(Select::All),
                "rest" => Some(Select::Rest),
                other => {
                    reading.bad(
                        place,
                        format!("{other:?} is not a selection"),
                        "write \"all\", \"rest\", or a table: { count = 3, region = \"eu-1\" }",
                    );
                    None
                }
            };
        }
        TextOr::Table(table) => table,
    };
    let amount = reading.amount(&place.key("count"), table.count.as_ref());
    if matches!(amount, Some(Amount::Count(0) | Amount::Percent(0))) {
        reading.bad(&place.key("count"), "a count of 0 selects no host", "use 1 or more");
        return None;
    }
    let mut hosts = Vec::new();
    for (at, text) in table.hosts.iter().enumerate() {
        let at = place.key("hosts").index(at);
        match expand(text) {
            Ok(names) => hosts.extend(names.iter().filter_map(|name| reading.name::<HostName>(&at, name))),
            Err(error) => reading.bad(&at, &error.what, error.help),
        }
    }
    if amount.is_none() && table.region.is_none() && table.hosts.is_empty() && !reading.is_wrong(place) {
        reading.bad(
            place,
            "the selection says nothing",
            "write count, region or hosts; leave it out for all hosts",
        );
        return None;
    }
    Some(Select::Some { amount, region: table.region.clone(), hosts })
}

fn strategy(written: &TextOr<shape::Strategy>, place: &Place, reading: &mut Reading<'_>) -> Option<Strategy> {
    let short;
    let table = match written {
        TextOr::Table(table) => table,
        TextOr::Text(text) => {
            let Some((_, kind)) = StrategyKind::ALL.iter().find(|(word, _)| word == text) else {
                let known = StrategyKind::ALL.iter().map(|(word, _)| *word);
                reading.bad(place, format!("{text:?} is not a strategy"), advice(text, known));
                return None;
            };
            short = shape::Strategy { kind: Some(*kind), ..shape::Strategy::default() };
            &short
        }
    };
    let kind = table.kind.unwrap_or_default();
    let rolling = rolling(table, place, reading);
    let all_at_once = table.all_at_once.unwrap_or_default();
    // Batches are a rolling stage's, and one's in which agents are told batch by batch.
    let batched = if kind == StrategyKind::Converge { kind } else { StrategyKind::Rolling };
    let clouds = kind == StrategyKind::ZeroDowntime;
    let keys = [
        ("batches", batched, rolling.batches.is_empty()),
        ("by", batched, rolling.by.is_none()),
        ("order", batched, clouds || rolling.order.is_empty()),
        ("failures", StrategyKind::Rolling, rolling.failures.is_none()),
        ("all_at_once", StrategyKind::Converge, table.all_at_once.is_none()),
        ("steps", StrategyKind::Canary, table.steps.is_empty()),
        ("first", StrategyKind::BlueGreen, table.first.is_none()),
        ("validate", StrategyKind::BlueGreen, table.validate.is_empty()),
        ("soak", StrategyKind::BlueGreen, table.soak.is_none()),
        ("warm", StrategyKind::BlueGreen, table.warm.is_none()),
        ("takes_over", StrategyKind::ZeroDowntime, table.takes_over.is_none()),
        ("verify", StrategyKind::ZeroDowntime, table.verify.is_empty()),
        ("pause", StrategyKind::ZeroDowntime, table.pause.is_none()),
        ("within", StrategyKind::ZeroDowntime, table.within.is_none()),
    ];
    for (key, of, _) in keys.iter().filter(|(_, of, absent)| !absent && *of != kind) {
        let of = of.word();
        reading.bad(
            &place.key(key),
            format!("only a {of} stage has {key}"),
            format!("take it out, or use kind = \"{of}\""),
        );
    }
    Some(match kind {
        StrategyKind::Rolling => Strategy::Rolling(rolling),
        StrategyKind::StopAll => Strategy::StopAll,
        StrategyKind::Canary => Strategy::Canary(canary(table, place, reading)),
        StrategyKind::BlueGreen => Strategy::BlueGreen(blue_green(table, place, reading)),
        StrategyKind::ZeroDowntime => Strategy::ZeroDowntime(zero_downtime(table, place, reading)),
        StrategyKind::Converge => Strategy::Converge(Converging { batches: rolling, all_at_once }),
    })
}

fn rolling(table: &shape::Strategy, place: &Place, reading: &mut Reading<'_>) -> Rolling {
    let mut batches = Vec::new();
    for (at, batch) in table.batches.iter().enumerate() {
        batches.extend(reading.amount(&place.key("batches").index(at), Some(batch)));
    }
    let of_clouds = table.kind == Some(StrategyKind::ZeroDowntime);
    if table.by.is_none() && !table.order.is_empty() && !of_clouds {
        reading.bad(
            &place.key("order"),
            "order names values of a label, and by does not say of which",
            "add by = \"region\", or the label that is meant",
        );
    }
    Rolling {
        batches,
        by: table.by.clone(),
        order: table.order.clone(),
        failures: reading.amount(&place.key("failures"), table.failures.as_ref()),
    }
}

fn blue_green(table: &shape::Strategy, place: &Place, reading: &mut Reading<'_>) -> BlueGreen {
    let first = table.first.as_deref().and_then(|text| reading.name::<ColourName>(&place.key("first"), text));
    let soak = reading.span(&place.key("soak"), table.soak.as_deref(), Span::ZERO);
    BlueGreen {
        first,
        validate: reading.names(&place.key("validate"), &table.validate),
        soak,
        warm: reading.span(&place.key("warm"), table.warm.as_deref(), soak),
    }
}

fn zero_downtime(table: &shape::Strategy, place: &Place, reading: &mut Reading<'_>) -> ZeroDowntime {
    let takes_over =
        table.takes_over.as_deref().and_then(|text| reading.name(&place.key("takes_over"), text));
    let mut pause = CloudPauses::default();
    if let Some(written) = &table.pause {
        let at = place.key("pause");
        pause.before = cloud_steps(&written.before, &at.key("before"), reading);
        pause.after = cloud_steps(&written.after, &at.key("after"), reading);
    }
    ZeroDowntime {
        order: reading.names(&place.key("order"), &table.order),
        takes_over,
        verify: reading.names(&place.key("verify"), &table.verify),
        pause,
        within: reading.positive_span(&place.key("within"), table.within.as_deref(), SHIFT_WITHIN),
    }
}

fn cloud_steps(written: &[String], place: &Place, reading: &mut Reading<'_>) -> Vec<CloudStep> {
    let mut steps = Vec::new();
    for (at, text) in written.iter().enumerate() {
        match text.parse() {
            Ok(step) => steps.push(step),
            Err(error) => {
                let help =
                    "write \"switch\", or \"apply\" or \"verify\" with the name of a cloud: \"apply b\"";
                reading.bad(&place.index(at), error, help);
            }
        }
    }
    steps
}

fn canary(table: &shape::Strategy, place: &Place, reading: &mut Reading<'_>) -> Canary {
    let place = place.key("steps");
    let steps = table.steps.iter().enumerate();
    Canary { steps: steps.filter_map(|(at, step)| canary_step(step, &place.index(at), reading)).collect() }
}

fn canary_step(step: &shape::CanaryStep, place: &Place, reading: &mut Reading<'_>) -> Option<CanaryStep> {
    match (&step.weight, step.pause.as_deref(), &step.validate) {
        (Some(written), None, None) => {
            let percent = match reading.amount(&place.key("weight"), Some(written))? {
                Amount::Count(percent) => Some(percent),
                Amount::Percent(hundredths) => (hundredths % 100 == 0).then_some(hundredths / 100),
            };
            let weight = percent.and_then(|percent| Weight::new(u8::try_from(percent).ok()?));
            if weight.is_none() {
                reading.bad(
                    &place.key("weight"),
                    "a weight is a whole percentage from 1 to 100",
                    "write 5, or \"5%\"",
                );
            }
            weight.map(CanaryStep::Weight)
        }
        (None, Some("human"), None) => Some(CanaryStep::Pause(Pause::Human)),
        (None, Some(text), None) => {
            let span = reading.positive_span(&place.key("pause"), Some(text), Span::ZERO);
            Some(CanaryStep::Pause(Pause::For(span)))
        }
        (None, None, Some(checks)) if !checks.is_empty() => {
            Some(CanaryStep::Validate(reading.names(&place.key("validate"), checks)))
        }
        _ => {
            reading.bad(
                place,
                "a step does one thing",
                "write { weight = 5 }, { pause = \"10m\" }, { pause = \"human\" } or { validate = [\"smoke\"] }",
            );
            None
        }
    }
}
