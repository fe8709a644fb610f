//! What must hold for every search, over requests with planted faults and over servers of any kind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

#[path = "../examples/planted/mod.rs"]
mod planted;

use firstfault_bisect::{Answer, Candidate, Oracle, Outcome, Reply, Settings, Unit, difference, smallest};
use firstfault_model::{Request, Span, Url};
use planted::{Dice, KINDS, Planted, Server, answer, plant, run};

fn constant() -> impl Iterator<Item = (&'static str, u64, Planted)> {
    KINDS
        .iter()
        .filter(|(kind, _)| !kind.ends_with('%'))
        .flat_map(|(kind, count)| (100..100 + count).map(move |seed| (*kind, seed, plant(kind, seed))))
}

/// Every request with one more part gone: fields, parameters, cookies, members, items.
fn smaller(candidate: &Candidate) -> Vec<Candidate> {
    let mut all = Vec::new();
    for number in 0..candidate.request.headers.0.len() {
        let mut request = candidate.request.clone();
        request.headers.0.remove(number);
        all.push(Candidate::new(request, candidate.body.clone()));
    }
    let query: Vec<&str> = candidate.request.url.query.as_deref().unwrap_or_default().split('&').collect();
    for number in 0..query.len() {
        let mut left = query.clone();
        left.remove(number);
        let mut request = candidate.request.clone();
        request.url.query = (!left.is_empty()).then(|| left.join("&"));
        all.push(Candidate::new(request, candidate.body.clone()));
    }
    if let Some(body) = candidate.body.as_deref().and_then(|b| serde_json::from_slice::<serde_json::Value>(b).ok()) {
        let mut found = Vec::new();
        without_one(&body, &mut found);
        all.extend(
            found.into_iter().map(|b| Candidate::new(candidate.request.clone(), Some(b.to_string().into_bytes()))),
        );
        all.push(Candidate::new(candidate.request.clone(), None));
    }
    all.retain(|smaller| smaller != candidate);
    all
}

fn without_one(value: &serde_json::Value, out: &mut Vec<serde_json::Value>) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                let mut less = members.clone();
                less.remove(key);
                out.push(Value::Object(less));
                let mut changed = Vec::new();
                without_one(inner, &mut changed);
                for inner in changed {
                    let mut other = members.clone();
                    other.insert(key.clone(), inner);
                    out.push(Value::Object(other));
                }
            }
        }
        Value::Array(items) => {
            for number in 0..items.len() {
                let mut less = items.clone();
                less.remove(number);
                out.push(Value::Array(less));
                let mut changed = Vec::new();
                without_one(&items[number], &mut changed);
                for inner in changed {
                    let mut other = items.clone();
                    other[number] = inner;
                    out.push(Value::Array(other));
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_result_fails_alike_and_nothing_more_can_go() {
    for (kind, seed, case) in constant() {
        let report = run(smallest(&case.request, &Settings::default(), &mut Server::new(&case)));
        assert_eq!(report.outcome, Outcome::Minimal, "{kind} {seed}");
        assert_eq!(answer(&case, &report.form), Answer::Same, "{kind} {seed}");
        assert!(report.unproven.is_empty());
        for smaller in smaller(&report.form) {
            assert_ne!(answer(&case, &smaller), Answer::Same, "{kind} {seed}: {smaller:?}");
        }
        if let Some(parts) = case.parts {
            assert_eq!(report.needed.len(), parts, "{kind} {seed}: {:?}", report.needed);
        }
    }
}

#[test]
fn the_same_answers_give_the_same_result_and_none_is_asked_twice() {
    struct Once<'a>(Server<'a>, Vec<Candidate>);
    impl Oracle for Once<'_> {
        async fn ask(&mut self, candidate: &Candidate) -> Reply {
            self.1.push(candidate.clone());
            self.0.ask(candidate).await
        }
    }
    for (kind, seed, case) in constant().step_by(3) {
        let mut first = Once(Server::new(&case), Vec::new());
        let report = run(smallest(&case.request, &Settings::default(), &mut first));
        let mut second = Once(Server::new(&case), Vec::new());
        assert_eq!(report, run(smallest(&case.request, &Settings::default(), &mut second)), "{kind} {seed}");
        assert_eq!(first.1, second.1);
        assert_eq!(first.1.len(), report.requests as usize);
        for (number, asked) in first.1.iter().enumerate() {
            let again = first.1[..number].iter().filter(|other| *other == asked).count();
            // The whole request at the beginning, and the final form at the end.
            let is_base = *asked == case.request || *asked == report.form;
            assert!(again == 0 || is_base && again <= 2, "{kind} {seed}: {asked:?}");
        }
    }
}

#[test]
fn a_size_is_reported_with_both_sides() {
    for (kind, least) in [("list size", 101), ("text size", 256)] {
        for seed in 0..5 {
            let case = plant(kind, seed);
            let report = run(smallest(&case.request, &Settings::default(), &mut Server::new(&case)));
            let [threshold] = &report.thresholds[..] else { panic!("{kind} {seed}: {:?}", report.thresholds) };
            assert_eq!((threshold.fails_at, threshold.passes_at), (least, least - 1), "{kind} {seed}");
            let unit = if kind == "list size" { Unit::Items } else { Unit::Characters };
            assert_eq!(threshold.unit, unit);
            assert_eq!(threshold.part.name, if kind == "list size" { "lines" } else { "text" });
        }
    }
    for seed in 0..5 {
        let case = plant("body size", seed);
        let report = run(smallest(&case.request, &Settings::default(), &mut Server::new(&case)));
        assert_eq!(report.thresholds[0].body_bytes, 8192, "{seed}");
    }
}

#[test]
fn an_intermittent_failure_is_found_out_and_its_rate_reported() {
    let settings = Settings { max_requests: 3_000, ..Settings::default() };
    let mut minimal = 0;
    let mut all = 0;
    for kind in ["query 30 %", "field 30 %", "item 30 %"] {
        for seed in 0..4 {
            let case = plant(kind, seed);
            let report = run(smallest(&case.request, &settings, &mut Server::new(&case)));
            assert_eq!(answer(&case, &report.form), Answer::Same, "{kind} {seed}");
            let rate = report.confidence.rate.unwrap();
            assert!((0.1..0.7).contains(&rate), "{rate}");
            assert!(report.confidence.sure.is_some_and(|sure| sure > 0.5 && sure < 1.0));
            minimal += usize::from(case.parts == Some(report.needed.len()));
            all += 1;
        }
    }
    assert!(minimal * 10 >= all * 9, "{minimal} of {all}");
}

#[test]
fn it_ends_within_its_budget_and_says_so() {
    for (kind, seed, case) in constant().step_by(5) {
        for max_requests in [0, 1, 2, 3, 5, 8, 13] {
            let settings = Settings { max_requests, ..Settings::default() };
            let mut server = Server::new(&case);
            let report = run(smallest(&case.request, &settings, &mut server));
            assert!(server.asked <= max_requests);
            assert_eq!(server.asked, report.requests);
            match report.outcome {
                Outcome::NotReproduced(_) => assert_eq!(max_requests, 0),
                Outcome::Unfinished => assert_eq!(answer(&case, &report.form), Answer::Same, "{kind} {seed}"),
                Outcome::Minimal => assert!(max_requests >= 5, "{kind} {seed}"),
                other => panic!("{kind} {seed}: {other:?}"),
            }
        }
    }
}

/// Answers by the bytes of a candidate, without any sense: whatever a server does, the search has to end.
struct Senseless(u64, u32);

impl Oracle for Senseless {
    async fn ask(&mut self, candidate: &Candidate) -> Reply {
        self.1 += 1;
        let text = format!("{candidate:?}");
        let seed = text.bytes().fold(self.0, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let answer = match Dice(seed).below(4) {
            0 if self.1 > 1 => Answer::Unsure("nothing came".to_owned()),
            1 if self.1 > 1 => Answer::Other("something else".to_owned()),
            2 if self.1 > 1 => Answer::Works,
            _ => Answer::Same,
        };
        Reply { answer, names: vec!["id".to_owned(), "[".to_owned(), String::new()] }
    }
}

#[test]
fn whatever_a_server_answers_the_search_ends() {
    for seed in 0..40 {
        let case = plant(KINDS[seed as usize % KINDS.len()].0, seed);
        let settings = Settings { max_requests: 400, ..Settings::default() };
        let mut oracle = Senseless(seed, 0);
        let report = run(smallest(&case.request, &settings, &mut oracle));
        assert!(oracle.1 <= 400 && report.requests == oracle.1);
        let other = plant("query", seed + 1);
        let mut oracle = Senseless(seed, 0);
        let report = run(difference(&other.request, &case.request, &settings, &mut oracle));
        assert!(oracle.1 <= 400 && report.requests == oracle.1);
    }
}

/// Fails until so many requests came, and then works.
struct Mended(u32);

impl Oracle for Mended {
    async fn ask(&mut self, _: &Candidate) -> Reply {
        self.0 = self.0.saturating_sub(1);
        Reply::from(if self.0 > 0 { Answer::Same } else { Answer::Works })
    }
}

#[test]
fn what_no_longer_fails_is_said_to_be_lost() {
    let case = plant("field", 3);
    let report = run(smallest(&case.request, &Settings::default(), &mut Mended(1)));
    assert_eq!(report.outcome, Outcome::NotReproduced("it works".to_owned()));
    let report = run(smallest(&case.request, &Settings::default(), &mut Mended(4)));
    assert_eq!(report.outcome, Outcome::Lost("it works".to_owned()));
}

fn get(url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Candidate {
    let mut request = Request { method: Some("POST".to_owned()), url: Url::parse(url), ..Request::default() };
    headers.iter().for_each(|(name, value)| request.headers.push(*name, *value, Span::default()));
    Candidate::new(request, body.map(|body| body.as_bytes().to_vec()))
}

/// Fails in the same way when the predicate holds.
struct When<F>(F, u32);

impl<F: Fn(&Candidate) -> bool> Oracle for When<F> {
    async fn ask(&mut self, candidate: &Candidate) -> Reply {
        self.1 += 1;
        Reply::from(if (self.0)(candidate) { Answer::Same } else { Answer::Works })
    }
}

fn text(candidate: &Candidate) -> String {
    String::from_utf8(candidate.body.clone().unwrap_or_default()).unwrap()
}

#[test]
fn the_smallest_difference_flips_the_result() {
    let good = get(
        "https://a.example/v1?page=1&size=10",
        &[("Accept", "*/*"), ("X-A", "1"), ("Cookie", "a=1; b=2"), ("User-Agent", "one")],
        Some(r#"{"id":1,"items":[{"n":1},{"n":2}],"note":"x","gone":true}"#),
    );
    let bad = get(
        "https://a.example/v1?page=2&size=10&sort=x",
        &[("accept", "*/*"), ("X-B", "1"), ("Cookie", "a=1; b=3"), ("User-Agent", "two")],
        Some(r#"{"id":1,"items":[{"n":1},{"n":"2"}],"note":"y","new":{"deep":[1]}}"#),
    );
    let one =
        run(difference(&good, &bad, &Settings::default(), &mut When(|c: &Candidate| text(c).contains("\"2\""), 0)));
    assert_eq!(one.outcome, Outcome::Minimal);
    assert_eq!(one.needed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["body items[1].n"]);
    assert_eq!((one.changes[0].good.as_deref(), one.changes[0].bad.as_deref()), (Some("2"), Some("\"2\"")));
    assert_eq!(text(&one.form), r#"{"id":1,"items":[{"n":1},{"n":"2"}],"note":"x","gone":true}"#);
    assert_eq!(one.form.request.url, good.request.url);
    // Something that is not there any more, together with something that is new.
    let broken =
        |c: &Candidate| !text(c).contains("gone") && c.request.url.query.as_deref().is_some_and(|q| q.contains("sort"));
    let two = run(difference(&good, &bad, &Settings::default(), &mut When(broken, 0)));
    assert_eq!(two.outcome, Outcome::Minimal);
    assert_eq!(two.needed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["query sort", "body gone"]);
    assert!(broken(&two.form));
    let cookie = |c: &Candidate| c.request.headers.first("cookie").is_some_and(|v| v.contains("b=3"));
    let three = run(difference(&good, &bad, &Settings::default(), &mut When(cookie, 0)));
    assert_eq!(three.needed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["cookie b"]);
    let same = run(difference(&good, &good, &Settings::default(), &mut When(|_: &Candidate| true, 0)));
    assert!(matches!(same.outcome, Outcome::NoDifference(_)));
    let both = run(difference(&good, &bad, &Settings::default(), &mut When(|_: &Candidate| true, 0)));
    assert!(matches!(both.outcome, Outcome::NoDifference(_)));
}

#[test]
fn bodies_of_other_kinds_are_taken_apart() {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let request = get("https://a.example/", &form, Some("a=1&b%5B%5D=2&c=%20x&d"));
    let report = run(smallest(&request, &Settings::default(), &mut When(|c: &Candidate| text(c).contains("c="), 0)));
    assert_eq!(text(&report.form), "c=%20x");
    assert!(report.form.request.headers.0.is_empty());

    let lines: String = (0..200).map(|n| format!("row {n};{}\n", n * 7 % 11)).collect();
    let request = get("https://a.example/", &[("Content-Type", "text/csv")], Some(&lines));
    let report =
        run(smallest(&request, &Settings::default(), &mut When(|c: &Candidate| text(c).contains("row 123;"), 0)));
    assert_eq!(text(&report.form), "row 123;3\n");
    assert!(report.requests < 20, "{}", report.requests);

    let multipart = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xyz\r\nContent-Disposition: form-data; \
                     name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\nsome\r\nlines\r\n--xyz\r\nContent-Disposition: \
                     form-data; name=\"c\"\r\n\r\n\r\n--xyz--\r\n";
    let request = get("https://a.example/", &[("Content-Type", "multipart/form-data; boundary=xyz")], Some(multipart));
    let is_whole = |c: &Candidate| text(c).contains("name=\"file\"") && text(c).ends_with("--xyz--\r\n");
    let report = run(smallest(&request, &Settings::default(), &mut When(is_whole, 0)));
    assert_eq!(report.needed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["body file"]);
    assert!(!text(&report.form).contains("name=\"a\"") && !text(&report.form).contains("name=\"c\""));
    // Nothing is lost where nothing is taken out.
    let whole = run(smallest(&request, &Settings::default(), &mut When(|c: &Candidate| text(c) == multipart, 0)));
    assert_eq!(text(&whole.form), multipart);
}

#[test]
fn a_credential_is_never_cut_and_a_passage_in_a_long_text_is_found() {
    let token = format!("Bearer {}", "x".repeat(500));
    let long = format!("{{\"text\":\"{}<script>{}\"}}", "lorem ".repeat(200), " ipsum".repeat(200));
    let request = get("https://a.example/", &[("Authorization", &token)], Some(&long));
    let waf = |c: &Candidate| text(c).contains("<script>") && c.request.headers.first("authorization") == Some(&token);
    let report = run(smallest(&request, &Settings::default(), &mut When(waf, 0)));
    assert_eq!(text(&report.form), r#"{"text":"<script>"}"#);
    assert_eq!(report.form.request.headers.first("authorization"), Some(token.as_str()));
    assert_eq!(report.shortened.len(), 1);
}

#[test]
fn where_nothing_of_the_request_matters_nothing_is_left() {
    let case = plant("field", 1);
    let report = run(smallest(&case.request, &Settings::default(), &mut When(|_: &Candidate| true, 0)));
    assert_eq!(report.outcome, Outcome::Minimal);
    assert!(report.needed.is_empty() && report.form.body.is_none() && report.form.request.headers.0.is_empty());
    assert!(report.requests < 12, "{}", report.requests);
}
