//! Scaling by the team's own commands: a file is the platform, which takes its time.

use std::fs;

use super::site::Site;

/// Tells the platform, which comes to it only after a while.
const TO: &str = r#"echo "$GOLIVE_COUNT $1" >> "$DIR/asked"
[ "$1" = 7 ] && { echo "no machine is left"; exit 1; }
( sleep 2; echo "$1" > "$DIR/count" ) > /dev/null 2>&1 &
echo "asked for $1"
"#;

/// [O20] The command is run once, and the change is over when the platform says so; what is out of bounds is refused.
#[test]
fn a_platform_is_really_told_and_believed_by_what_it_says() {
    let site = Site::new();
    let bench = &site.bench;
    let (to, count) = (bench.path("to.sh"), bench.path("count"));
    let dir = to.parent().unwrap().to_str().unwrap().to_owned();
    fs::write(&to, TO.replace("$DIR", &dir)).unwrap();
    fs::write(&count, "4\n").unwrap();
    let scale = format!(
        "\nscale = {{ min = 3, max = 8, step = 2, current = [\"cat\", \"{}\"], to = [\"sh\", \"{}\", \"{{count}}\"], within = \"60s\" }}\ndeadlines = ",
        count.display(),
        to.display()
    );
    site.replace_in_plan("\ndeadlines = ", &scale);
    site.release("2.4.0", "db-5432");
    bench.says("dana", &["open", "2.4.0", "--at", "23:59"]);
    let scaled =
        || -> serde_json::Value { serde_json::from_slice(&bench.run(&["scale", "--json"]).stdout).unwrap() };
    bench.until("the platform was asked", |_| scaled()["environments"][0]["current"] == 4);
    let asks = |to: &str| {
        let words = [
            "--as",
            "raj",
            "scale",
            "production",
            "--to",
            to,
            "--reason",
            "the fair opens",
            "--confirm",
            "production",
        ];
        bench.run(&words)
    };
    let refused = asks("7");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("4 to 7 is 3 at a time, and a step is 2 at the most"), "{said}");
    let unsure = bench.run(&[
        "--as",
        "raj",
        "scale",
        "production",
        "--to",
        "5",
        "--reason",
        "the fair opens",
        "--confirm",
        "staging",
    ]);
    assert!(!unsure.status.success());
    let done = asks("6");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let last = |at: usize| scaled()["environments"][0]["last"][at].clone();
    bench.until("it is over", |_| last(0)["reached"] == true);
    let line = scaled()["environments"][0].clone();
    assert_eq!((&line["current"], &line["pending"]), (&serde_json::json!(6), &serde_json::Value::Null));
    // A platform that refuses is said to have.
    assert!(asks("7").status.success());
    bench.until("it is over", |_| last(1)["reached"] == false);
    assert!(last(1)["shows"].as_str().unwrap().contains("ended with status 1"), "{}", last(1));
    assert_eq!(fs::read_to_string(bench.path("asked")).unwrap(), "6 6\n7 7\n");
    // Asked for something that is no number, nothing is known.
    fs::write(&count, "many\n").unwrap();
    bench.until("it is not known", |_| scaled()["environments"][0]["current"].is_null());
    let told = String::from_utf8(bench.run(&["scale"]).stdout).unwrap();
    assert!(told.contains("machines not known: current printed \"many\", which is no number"), "{told}");
}
