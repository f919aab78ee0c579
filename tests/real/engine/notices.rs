//! People are told, by the first notifier that takes the message.

use std::fs;

use golive::domain::{
    effect::{Outcome, Target, Work},
    plan::{Balancer, Notifier, Plan},
    time::Span,
};

use super::{
    fixture::{Bench, done, local, plan, templates},
    web::{Web, reply},
};

fn bench(notify: Vec<Notifier>) -> Bench {
    Bench::new(|_| Plan { notify, ..plan(local(&["true"]), Balancer::None, "dist", &[1]) })
}

async fn tell(bench: &mut Bench, text: &str) -> Outcome {
    let work = Work::Notify { notice: 7, person: "raj".parse().unwrap(), text: text.into() };
    let id = bench.begin(Target::Notice(7), work);
    bench.end_of(&id).await
}

#[tokio::test]
async fn a_text_reaches_a_command_as_one_argument_and_never_a_shell() {
    let argv = templates(&["sh", "-c", r#"printf '%s|%s' "$1" "$2" > told"#, "sh", "{person}", "{text}"]);
    let mut bench = bench(vec![Notifier::Exec { argv, timeout: Span::secs(5) }]);
    done(tell(&mut bench, "web-02 failed; $(touch pwned)").await);
    assert_eq!(fs::read_to_string(bench.path("told")).unwrap(), "raj|web-02 failed; $(touch pwned)");
    assert!(!bench.path("pwned").exists());
}

#[tokio::test]
async fn the_next_notifier_takes_over_when_one_fails() {
    let web = Web::new(reply("202 Accepted", "")).await;
    let mut bench = bench(vec![
        Notifier::Exec { argv: templates(&["false"]), timeout: Span::secs(5) },
        Notifier::Webhook { url: format!("http://127.0.0.1:{}/hook", web.port), timeout: Span::secs(5) },
    ]);
    assert_eq!(done(tell(&mut bench, "NEEDS A HUMAN").await).0, "told raj by webhook");
    let request = web.requests().remove(0);
    let body: serde_json::Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!((&body["notice"], &body["person"]), (&7.into(), &"raj".into()));
    assert_eq!(body["text"], "NEEDS A HUMAN");
}

#[tokio::test]
async fn a_webhook_that_refuses_at_first_is_asked_again() {
    let web = Web::new(reply("503 Busy", "")).await;
    let url = format!("http://127.0.0.1:{}/hook", web.port);
    let mut bench = bench(vec![Notifier::Webhook { url, timeout: Span::secs(5) }]);
    let work = Work::Notify { notice: 1, person: "raj".parse().unwrap(), text: "hello".into() };
    let id = bench.begin(Target::Notice(1), work);
    super::fixture::until("the first refusal", || web.requests().len() == 1).await;
    web.answer(reply("200 OK", ""));
    let (_, facts) = done(bench.end_of(&id).await);
    assert_eq!(facts["rounds"], "2");
}
