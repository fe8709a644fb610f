//! The same message in another wrapper: what a pack knows is known inside a traceback, a log field, an escaped string in
//! a string, a root cause, a cut line, another language's quotes.
//!
//! The messages are those of the packs' own examples; `--nocapture` prints the share that is found in each wrapper.

#![expect(clippy::unwrap_used, reason = "a test may stop")]
#![expect(clippy::print_stdout, reason = "the shares are what it is for")]

use firstfault_engine::{Options, observations};
use firstfault_knowledge::{Knowledge, Matcher, pack};
use firstfault_model::Place;
use std::collections::BTreeMap;

/// Passages longer than this are whole pages and not messages.
const LONGEST: usize = 400;
/// The share of messages that must be found in every wrapper.
const FLOOR: f64 = 0.97;

/// The one wrapper that is a response body.
const BODY: &str = "unknown vendor's body";

type Wrapper = (&'static str, fn(&str) -> String);

const WRAPPERS: &[Wrapper] = &[
    ("python traceback", |m| {
        format!(
            "Traceback (most recent call last):\n  File \"/srv/app/sync.py\", line 41, in run\n    client.push(order)\n  File \"/srv/app/client.py\", line 18, in push\n    raise PushError(response.text)\nsync.client.PushError: push failed: {m}\n"
        )
    }),
    ("java root cause", |m| {
        format!(
            "java.lang.IllegalStateException: could not sync order 7\n\tat com.example.Sync.run(Sync.java:41)\nCaused by: com.example.ClientException: {m}\n\tat com.example.Client.push(Client.java:18)\n\t... 1 more\n"
        )
    }),
    ("node error", |m| {
        format!(
            "Error: push failed: {m}\n    at Client.push (/srv/app/client.js:18:11)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n"
        )
    }),
    ("go log line", |m| format!("2026/01/05 10:00:00 push order 7: unexpected answer: {m}\n")),
    ("json log field", |m| {
        format!(
            "{{\"time\":\"2026-01-05T10:00:00Z\",\"level\":\"error\",\"msg\":\"push failed\",\"error\":{}}}\n",
            json(m)
        )
    }),
    ("string in a string", |m| {
        let inner = format!("{{\"error\":{{\"message\":{}}}}}", json(m));
        format!("{{\"time\":\"2026-01-05T10:00:00Z\",\"level\":\"error\",\"message\":{}}}\n", json(&inner))
    }),
    ("logfmt", |m| format!("time=2026-01-05T10:00:00Z level=error msg=\"push failed\" err={}\n", json(m))),
    ("python dictionary", |m| {
        format!("2026-01-05 10:00:00,123 ERROR sync: answer {{'error': {{'message': '{}'}}}}\n", m.replace('\'', "\\'"))
    }),
    ("cut in the middle", |m| {
        let line = format!("{{\"time\":\"2026-01-05T10:00:00Z\",\"level\":\"error\",\"error\":{}", json(m));
        line[..line.len() - 1].to_owned() + "\n"
    }),
    (BODY, |m| {
        let body = format!("{{\"fault\":{{\"reason\":{}}}}}", json(m));
        format!("HTTP/1.1 400 Bad Request\nContent-Type: application/json\nContent-Length: {}\n\n{body}\n", body.len())
    }),
];

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A rule, a passage in which its phrase stands, where nothing but the phrase is asked for, and whether it counts in a body.
fn messages(knowledge: &Knowledge) -> Vec<(String, String, bool)> {
    let mut matcher = Matcher::keeping_shorter(knowledge);
    let mut out = Vec::new();
    for file in Knowledge::builtin_sources() {
        if pack::special(&file.name).is_some() {
            continue;
        }
        let parsed = pack::parse(&file.name, &file.text).unwrap();
        let examples =
            parsed.rule.iter().map(|r| (&r.id, &r.matches)).chain(parsed.table.iter().map(|t| (&t.id, &t.matches)));
        for (id, matches) in examples {
            for example in matches {
                for (seen, _) in observations(example, Options::default()) {
                    let firing = matcher.firings(&seen).into_iter().find(|firing| {
                        (firing.rule.id == id
                            || firing.rule.id.strip_prefix(id.as_str()).is_some_and(|r| r.starts_with('.')))
                            && firing.rule.conditions.is_empty()
                            && firing.text.is_some()
                            && firing.rule.places & (1 << Place::Message as u8) != 0
                    });
                    let Some(firing) = firing else { continue };
                    let Some(text) = firing.text.and_then(|at| seen.texts.get(at)) else { continue };
                    let whole = text.text.len() <= LONGEST && !text.text.trim_start().starts_with(['{', '[', '<']);
                    if whole {
                        let in_body = firing.rule.places & (1 << Place::Body as u8) != 0;
                        out.push((firing.rule.id.to_owned(), text.text.replace(['\n', '\r'], " "), in_body));
                    }
                }
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Codes that need nothing but themselves to be known, and the rule that knows each.
fn codes() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for file in Knowledge::builtin_sources().iter().filter(|file| pack::special(&file.name).is_none()) {
        let parsed = pack::parse(&file.name, &file.text).unwrap();
        for table in
            parsed.table.iter().filter(|t| t.code && t.when.is_empty() && t.unless.is_empty() && t.status.is_empty())
        {
            let rows = table.rows.iter().filter(|(key, row)| !row.none && key.parse::<i64>().is_err());
            out.extend(rows.map(|(key, _)| (format!("{}.{key}", table.id), key.clone())));
        }
    }
    out
}

#[test]
fn a_code_is_known_wherever_a_body_puts_it() {
    let wrappers: &[Wrapper] = &[
        ("code", |c| format!("{{\"code\":{},\"message\":\"it did not work\"}}", json(c))),
        ("error.code", |c| format!("{{\"error\":{{\"code\":{},\"message\":\"it did not work\"}}}}", json(c))),
        ("errors[].code", |c| format!("{{\"errors\":[{{\"code\":{},\"detail\":\"it did not work\"}}]}}", json(c))),
        ("error", |c| format!("{{\"error\":{},\"error_description\":\"it did not work\"}}", json(c))),
        ("extensions.code", |c| {
            format!("{{\"errors\":[{{\"message\":\"it did not work\",\"extensions\":{{\"code\":{}}}}}]}}", json(c))
        }),
        ("camel case", |c| format!("{{\"errorCode\":{},\"errorMessage\":\"it did not work\"}}", json(c))),
    ];
    let knowledge = Knowledge::builtin();
    let mut matcher = Matcher::keeping_shorter(&knowledge);
    let codes = codes();
    assert!(codes.len() > 100, "expected the codes of all packs, got {}", codes.len());
    println!("{} codes", codes.len());
    for (name, wrap) in wrappers {
        let missed: Vec<&String> = codes
            .iter()
            .filter(|(id, code)| {
                let body = wrap(code);
                let head = "HTTP/1.1 400 Bad Request\nContent-Type: application/json";
                let input = format!("{head}\nContent-Length: {}\n\n{body}\n", body.len());
                let seen = observations(&input, Options::default());
                !seen.iter().any(|(seen, _)| matcher.firings(seen).iter().any(|firing| firing.rule.id == *id))
            })
            .map(|(id, _)| id)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "hundreds of codes")]
        let share = 1.0 - missed.len() as f64 / codes.len() as f64;
        println!("{share:.3}  {name}");
        assert!(share >= FLOOR, "{name}: {share:.3} found, lost: {:?}", missed.iter().take(20).collect::<Vec<_>>());
    }
}

#[test]
fn a_message_is_known_in_any_wrapper() {
    let knowledge = Knowledge::builtin();
    let messages = messages(&knowledge);
    assert!(messages.len() > 1_000, "expected the messages of all packs, got {}", messages.len());
    let mut matcher = Matcher::keeping_shorter(&knowledge);
    let mut missed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, message, in_body) in &messages {
        // A client's own words in somebody's body are not that client speaking.
        for (name, wrap) in WRAPPERS.iter().filter(|(name, _)| *in_body || *name != BODY) {
            let found = observations(&wrap(message), Options::default())
                .iter()
                .any(|(seen, _)| matcher.firings(seen).iter().any(|firing| firing.rule.id == id));
            if !found {
                missed.entry(name).or_default().push(format!("{id}: {message}"));
            }
        }
    }
    println!("{} messages", messages.len());
    for (name, _) in WRAPPERS {
        let lost = missed.get(name).map_or(&[][..], Vec::as_slice);
        #[expect(clippy::cast_precision_loss, reason = "thousands of messages")]
        let share = 1.0 - lost.len() as f64 / messages.len() as f64;
        println!("{share:.3}  {name}");
        for line in lost.iter().take(if std::env::var_os("FIRSTFAULT_SHOW").is_some() { 40 } else { 0 }) {
            println!("       {}", line.chars().take(200).collect::<String>());
        }
        assert!(share >= FLOOR, "{name}: {share:.3} found, the first lost: {:?}", lost.first());
    }
}
