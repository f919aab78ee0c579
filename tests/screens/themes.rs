//! Themes: every role has a paint, mistakes are told with their line, and nothing is said by colour alone.

use golive::{
    config::Source,
    tui::{
        canvas::{Canvas, Line},
        terminal::{Caps, Depth},
        theme::{BUILT_IN, Look, Role, Themes, contrast},
    },
};
use ratatui::style::{Color, Modifier};

use super::picture::caps;

fn problems(text: &str) -> Vec<String> {
    let source = Source::new("mine.toml", text);
    let problems = Themes::default().build("mine", &source).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_theme_of_ones_own_says_only_what_differs() {
    let source = Source::new("mine.toml", "inherits = \"light\"\n[scopes]\n\"state.bad\" = \"#a00000\"\n");
    let (mine, _) = Themes::default().build("mine", &source).expect("a theme");
    let light = Themes::default().load("light").expect("a theme");
    assert_eq!(mine.background, light.background);
    assert_eq!(mine.paint(Role::Accent), light.paint(Role::Accent));
    assert_ne!(mine.paint(Role::StateBad), light.paint(Role::StateBad));
}

#[test]
fn what_is_wrong_with_a_theme_is_said_with_its_line() {
    let text = "inherits = \"dark\"\nbackgroud = \"ink\"\n[palette]\nink = \"#12\"\n[scopes]\n\"state.bda\" = \"#ff0000\"\n\"text\" = \"inc\"\n\"key\" = { fg = \"#ffffff\", bould = true }\n";
    let problems = problems(text);
    for wanted in [
        "mine.toml:2:1: unknown key `backgroud`: did you mean `background`?",
        "mine.toml:4:7: the colour `ink` is not #rrggbb",
        "mine.toml:6:1: unknown scope `state.bda`: did you mean `state.bad`?",
        "mine.toml:7:10: `inc` is not a colour of the palette",
        "mine.toml:8:27: unknown key `bould`: did you mean `bold`?",
    ] {
        assert!(problems.iter().any(|p| p.contains(wanted)), "{wanted} in {problems:#?}");
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
}

#[test]
fn a_theme_that_leaves_something_out_or_stands_on_itself_is_refused() {
    let missing = problems("background = \"#000000\"\n[scopes]\ntext = \"#ffffff\"\n");
    assert!(missing[0].contains("leaves out text.dim, frame"), "{missing:?}");
    let unknown = problems("inherits = \"drak\"\n");
    assert!(
        unknown[0].contains("there is no theme `drak`") && unknown[0].contains("did you mean `dark`?"),
        "{unknown:?}"
    );
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("one.toml"), "inherits = \"two\"").expect("written");
    std::fs::write(directory.path().join("two.toml"), "inherits = \"one\"").expect("written");
    let themes = Themes { own: Some(directory.path().into()) };
    let circle = themes.load("one").expect_err("a circle");
    assert!(circle[0].to_string().contains("circle"), "{circle:?}");
}

#[test]
fn a_users_theme_takes_an_embedded_ones_place_and_may_inherit_from_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "inherits = \"dark\"\nbackground = \"#000000\"\n";
    std::fs::write(directory.path().join("dark.toml"), text).expect("written");
    std::fs::write(directory.path().join("night.toml"), text).expect("written");
    let themes = Themes { own: Some(directory.path().into()) };
    let own = themes.load("dark").expect("a theme");
    let embedded = Themes::default().load("dark").expect("a theme");
    assert_ne!(own.background, embedded.background);
    assert_eq!(own.paint(Role::Text), embedded.paint(Role::Text));
    assert!(themes.names().contains(&"night".to_owned()));
    assert!(themes.load("../dark").is_err(), "a name is not a path");
}

#[test]
fn contrast_below_aa_is_told() {
    let source = Source::new("mine.toml", "inherits = \"dark\"\n[scopes]\n\"text.dim\" = \"#404550\"\n");
    let (mine, _) = Themes::default().build("mine", &source).expect("a theme");
    let low = contrast(&mine);
    assert!(matches!(low.as_slice(), [c] if c.role == Role::TextDim && c.ratio < 4.5), "{low:?}");
}

#[test]
fn without_colour_no_cell_has_any_and_what_matters_has_weight() {
    let theme = Themes::default().load("dark").expect("a theme");
    let mono = Look::new(&theme, &Caps { depth: Depth::Mono, ..caps(80, 24) });
    for &role in Role::ALL {
        let style = mono.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    for role in [Role::StateBad, Role::EnvProduction, Role::VoteNogo, Role::StateWarn] {
        assert!(mono.style(role).add_modifier.contains(Modifier::BOLD), "{role:?}");
    }
}

#[test]
fn with_256_or_16_colours_no_true_colour_is_sent() {
    for (name, _) in BUILT_IN {
        let theme = Themes::default().load(name).expect("a theme");
        for depth in [Depth::TwoFiftySix, Depth::Sixteen] {
            let look = Look::new(&theme, &Caps { depth, ..caps(80, 24) });
            for style in Role::ALL.iter().map(|role| look.style(*role)).chain([look.ground()]) {
                for colour in [style.fg, style.bg].into_iter().flatten() {
                    let most = if depth == Depth::Sixteen { 15 } else { 255 };
                    assert!(matches!(colour, Color::Indexed(n) if n <= most), "{name} {colour:?}");
                }
            }
        }
    }
}

#[test]
fn on_an_ascii_terminal_every_cell_is_ascii() {
    let ascii = Caps { unicode: false, ..caps(60, 3) };
    let buffer = super::picture::drawn(ascii, |canvas: &mut Canvas<'_>| {
        canvas.line(0, 0, 60, &Line::of(Role::Text, "✔ ◐ ○ ‖ ▲ ✖ ? ↩ ⤼ ◌ ▸ ▮▯ ─ … → · naïve 日"));
    });
    let text = super::picture::text(&buffer);
    assert!(text.is_ascii(), "{text}");
    assert!(text.starts_with("+ * . = ! x ? < - ~ > #_ - > > | na?ve ?"), "{text}");
}

/// Fewer colours may bring roles closer; those that tell how something stands never fall together, in any theme.
#[test]
fn however_few_colours_there_are_no_two_states_and_no_two_votes_look_the_same() {
    let states = [
        Role::Text,
        Role::StateOk,
        Role::StateWorking,
        Role::StateWaiting,
        Role::StateWarn,
        Role::StateBad,
        Role::StateUnproven,
        Role::StateStale,
    ];
    let votes = [Role::VoteGo, Role::VoteNogo, Role::VoteConditional, Role::StateStale, Role::TextDim];
    let modes = [Role::Text, Role::EnvProduction, Role::ModeDemo, Role::ModeRehearsal, Role::ModeReadonly];
    for (name, _) in BUILT_IN {
        let theme = Themes::default().load(name).expect("a theme");
        for depth in [Depth::True, Depth::TwoFiftySix, Depth::Sixteen] {
            let look = Look::new(&theme, &Caps { depth, ..caps(80, 24) });
            for roles in [&states[..], &votes, &modes] {
                for (i, one) in roles.iter().enumerate() {
                    for other in &roles[i + 1..] {
                        assert_ne!(
                            look.style(*one),
                            look.style(*other),
                            "{name} {depth:?}: {one:?} {other:?}"
                        );
                    }
                }
            }
            // What must not be overlooked is painted on its own ground, or in reverse, at every depth.
            let production = look.style(Role::EnvProduction);
            let stands_out = production.bg.is_some() || production.add_modifier.contains(Modifier::REVERSED);
            assert!(stands_out, "{name} {depth:?}");
        }
    }
}
