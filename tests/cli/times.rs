//! What earlier sessions have shown is expected of the next; and what a unit put out can be asked for by whoever comes
//! later.

use golive::{
    client::{Client, Happening, Live, Way},
    clock::Clock,
};

use super::golive::Place;

fn live(place: &Place, version: &str) {
    place.golive(&["open", version]).ended(0);
    place.script("\"$GOLIVE\" item tick support && \"$GOLIVE\" vote go && \"$GOLIVE\" declare go").ended(0);
    place.golive(&["start", "--wait"]).ended(0);
}

fn expected(place: &Place) -> serde_json::Value {
    place.golive(&["status", "--json"]).ended(0).json()["stages"][0]["expected"].clone()
}

#[test]
fn a_session_expects_what_the_earlier_ones_took_and_says_from_how_many() {
    let place = Place::with_project();
    place.golive(&["open", "2.4.1"]).ended(0);
    assert!(expected(&place).is_null(), "nothing was ever timed here");
    assert!(!place.golive(&["status"]).ended(0).out.contains("expected"));
    let plan = place.golive(&["rollout", "plan", "--json"]).ended(5).json();
    assert!(plan["times"]["seconds"].is_null() && plan["whole"]["seconds"].is_null(), "{plan}");
    assert_eq!(plan["times"]["unknown"][0], "no host of production was ever timed");
    let words = place.golive(&["rollout", "plan"]).ended(5).out;
    assert!(words.contains("unknown: no host of production was ever timed"), "{words}");
    let line = place.golive(&["timeline"]).ended(0).out;
    assert!(line.contains("ETA      unknown: no host of production was ever timed"), "{line}");
    place.golive(&["close", "--abandon", "only looked at"]).ended(0);
    for (session, version) in ["2.4.1", "2.5.0"].into_iter().enumerate() {
        live(&place, version);
        let line = place.golive(&["timeline", "--json"]).ended(0).json();
        assert!(line["eta"]["seconds"].is_null(), "nothing is to come but the promotion: {line}");
        place.golive(&["promote"]).ended(0);
        place.golive(&["close"]).ended(0);
        place.golive(&["open", "2.6.0"]).ended(0);
        let expected = expected(&place);
        assert_eq!(expected["from_sessions"], session + 1, "{expected}");
        let words = place.golive(&["status"]).ended(0).out;
        let from = if session == 0 { "(from 1 session)" } else { "(from 2 sessions)" };
        assert!(words.contains("expected ") && words.contains(from), "{words}");
        the_plan_and_the_timeline_rest_on(&place, session + 1);
        place.golive(&["close", "--abandon", "only looked at"]).ended(0);
    }
}

/// What a start would take, and what is still to come, from so many earlier sessions.
fn the_plan_and_the_timeline_rest_on(place: &Place, sessions: usize) {
    let plan = place.golive(&["rollout", "plan", "--json"]).ended(5).json();
    let times = &plan["times"];
    assert!(times["seconds"].is_u64(), "{times}");
    assert_eq!(times["unknown"].as_array().map(Vec::len), Some(0), "{times}");
    let timed = times["parts"].as_array().unwrap().iter().find(|part| part["sessions"] == sessions);
    assert!(timed.is_some(), "{times}");
    let line = place.golive(&["timeline", "--json"]).ended(0).json();
    assert_eq!(line["eta"]["seconds"], plan["whole"]["seconds"], "{line}");
    let decisions: Vec<&str> =
        line["eta"]["decisions"].as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
    assert_eq!(decisions[0], "the poll", "{decisions:?}");
    let parts = line["parts"].as_array().unwrap();
    assert!(parts[0]["critical"] == true && parts[0]["ended"].is_null(), "{line}");
}

/// A real service put something out before anybody looked: who asks the conductor later is told it.
#[test]
fn what_a_unit_put_out_is_told_to_whoever_asks_later() {
    let place = Place::with_project();
    let service = place.read("dist/shop-2.4.1/bin/shop");
    let service = service.replacen('\n', "\necho \"shop 2.4.1 is about to listen\"\n", 1);
    place.program("dist/shop-2.4.1/bin/shop", &service);
    live(&place, "2.4.1");
    let projects = place.root().join(".local/share/golive/projects");
    let project = std::fs::read_dir(projects).unwrap().next().unwrap().unwrap().path();
    let way = Way::Own { lock: project.join("conductor.lock"), sockets: Vec::new(), launch: None };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lines = runtime.block_on(async {
        let mut client = Client::connect(way, "test", Clock::System).await.unwrap();
        client.recent("web-1".parse().unwrap()).await;
        let told = async {
            loop {
                match client.next().await.unwrap() {
                    Happening::Live(Live::Recent { lines, .. }) => return lines,
                    Happening::Lost(why) => panic!("{why}"),
                    _ => {}
                }
            }
        };
        Clock::System.limit(std::time::Duration::from_secs(20), told).await.expect("nothing was told")
    });
    assert!(lines.iter().any(|line| line.contains("shop 2.4.1 is about to listen")), "{lines:?}");
    // What runs ends with the test: it is taken back to nothing by its own directory going.
    place.golive(&["promote"]).ended(0);
    place.golive(&["close"]).ended(0);
}
