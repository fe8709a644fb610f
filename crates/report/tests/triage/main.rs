//! Triages made by hand, in every format: as the snapshots show them, by the published schema, and harmless.
//! `FIRSTFAULT_BLESS=1 cargo test -p firstfault-report --test triage` writes the snapshots anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod common;
mod fixtures;
#[path = "../../../cli/tests/schema/mod.rs"]
mod schema;

use firstfault_model::incident::Triage;
use firstfault_redact::Redactor;
use firstfault_report::Style;
use firstfault_report::triage::{SafeTriage, Signs, html, json, markdown, text};

fn safe(triage: Triage) -> SafeTriage {
    SafeTriage::new(triage, &mut Redactor::new())
}

/// Compares with a snapshot, or writes it.
fn snapshot(name: &str, text: &str) {
    let path = common::root().join("crates/report/tests/triage/snapshots").join(name);
    if std::env::var_os("FIRSTFAULT_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(kept, now)| kept != now);
    assert!(
        kept == text,
        "{name}: differs from line {:?} on (FIRSTFAULT_BLESS=1 writes it anew)",
        differs.map(|n| n + 1)
    );
}

fn all() -> [(&'static str, Triage); 5] {
    [
        ("rich", fixtures::rich()),
        ("quiet", fixtures::quiet()),
        ("empty", fixtures::empty()),
        ("two", fixtures::two()),
        ("hostile", fixtures::hostile()),
    ]
}

#[test]
fn documents_are_what_the_schema_says() {
    for (name, triage) in all() {
        let document = json(&safe(triage));
        schema::check("triage-1.json", &serde_json::from_str(&document).unwrap());
        if name != "hostile" {
            snapshot(&format!("{name}.json"), &(document + "\n"));
        }
    }
}

#[test]
fn the_contract_holds_to_the_letter() {
    let document: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::rich()))).unwrap();
    let incident = &document["incidents"][0];
    for (pointer, expected) in [
        ("/onset/at", serde_json::json!("2026-11-20T10:21:07.000Z")),
        ("/onset/interval", serde_json::json!(["2026-11-20T10:20:55.000Z", "2026-11-20T10:21:12.000Z"])),
        ("/end", serde_json::json!(null)),
        ("/isolation/0/attributes", serde_json::json!({"tenant": "acme"})),
        ("/isolation/1/attributes", serde_json::json!({"api_key": "key_acme_1", "region": "eu-west-1"})),
        ("/change/id", serde_json::json!("config-1a2b3")),
        ("/retry_amplification", serde_json::json!(3.4)),
        ("/affected/users", serde_json::json!(311)),
        ("/bucket", serde_json::json!("auth")),
        ("/layer", serde_json::json!("auth")),
        ("/upstream", serde_json::json!("keys")),
    ] {
        assert_eq!(incident.pointer(pointer), Some(&expected), "{pointer}");
    }
    schema::check("diagnosis-1.json", &incident["representative"]["diagnosis"]);
    let source = incident.pointer("/representative/diagnosis/hypotheses/0/for/0/source");
    assert_eq!(source, Some(&serde_json::json!("line 8413")), "evidence stands where the line stands");
    let quiet: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::quiet()))).unwrap();
    assert_eq!(quiet["incidents"], serde_json::json!([]));
    let two: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::two()))).unwrap();
    assert_eq!(two["incidents"][1]["change"], serde_json::json!(null));
}

fn style(width: usize) -> Style {
    Style { width, color: false, verbose: false }
}

#[test]
fn what_people_read_is_as_the_snapshots_show_it() {
    for (name, triage) in all() {
        let safe = safe(triage);
        if name != "hostile" {
            snapshot(&format!("{name}.txt"), &text(&safe, style(80), Signs::Unicode));
            snapshot(&format!("{name}.md"), &markdown(&safe));
            snapshot(&format!("{name}.html"), &html(&safe));
        }
    }
    snapshot("rich-ascii.txt", &text(&safe(fixtures::rich()), style(80), Signs::Ascii));
    snapshot("rich-40.txt", &text(&safe(fixtures::rich()), style(40), Signs::Unicode));
}

#[test]
fn the_first_screen_is_one_screen() {
    let shown = text(&safe(fixtures::rich()), style(80), Signs::Unicode);
    let screen: Vec<&str> = shown.lines().take_while(|line| !line.starts_with("  Where")).collect();
    assert!(screen.len() <= 25, "{} lines:\n{}", screen.len(), screen.join("\n"));
    for part in
        ["10:21:07", "311 users", "auth bucket", "tenant acme", "config-1a2b3", "a storm: 3.4", "4 min", "▲ onset"]
    {
        assert!(screen.iter().any(|line| line.contains(part)), "{part}:\n{}", screen.join("\n"));
    }
}

#[test]
fn lines_fit_whatever_the_width_but_for_commands() {
    for width in [20, 40, 60, 80, 100, 160] {
        for (name, triage) in all() {
            for line in text(&safe(triage), style(width), Signs::Unicode).lines() {
                let command = line.trim_start().starts_with("firstfault") || line.contains("| firstfault");
                let wide = firstfault_report::paint::columns(line) > width + 1 && !command && name != "hostile";
                assert!(!wide, "{name} at {width}: {line:?}");
            }
        }
    }
    let plain = text(&safe(fixtures::two()), style(80), Signs::Ascii);
    assert!(plain.is_ascii(), "only typewriter signs");
    let painted = text(&safe(fixtures::rich()), Style { color: true, ..style(80) }, Signs::Unicode);
    assert!(painted.contains("\u{1b}[31m"));
}

#[test]
fn hostile_evidence_is_harmless_and_small_in_every_format() {
    let safe = safe(fixtures::hostile());
    let formats = [
        ("text", text(&safe, Style { verbose: true, ..style(80) }, Signs::Unicode)),
        ("markdown", markdown(&safe)),
        ("html", html(&safe)),
        ("json", json(&safe)),
    ];
    for (name, shown) in &formats {
        for secret in [fixtures::SECRET, "hunter2hunter2"] {
            let shows = shown.lines().find(|line| line.contains(secret));
            assert!(shows.is_none(), "{name} shows a secret: {shows:?}");
        }
        let acts = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{2028}');
        assert!(!shown.contains(acts), "{name} holds what a terminal obeys");
        assert!(shown.len() < 1 << 20, "{name}: {} bytes", shown.len());
    }
    for acts in ["<script", "<b>"] {
        assert!(!formats[2].1.contains(acts), "html: {acts}");
    }
    // In a fence and in code nothing is markup; outside of them every sign is escaped.
    let outside = |line: &&str| !line.contains('`');
    for acts in ["<script", "![x](", "@all"] {
        let line = formats[1].1.lines().filter(outside).find(|line| line.contains(acts));
        assert_eq!(line, None, "markdown: {acts}");
    }
}

#[test]
fn the_page_is_whole_without_scripts_pictures_or_colours() {
    for (name, triage) in all() {
        let page = html(&safe(triage));
        for wanted in [
            "<html lang=\"en\">",
            "default-src 'none'",
            "width=device-width",
            "prefers-color-scheme: dark",
            "@media print",
        ] {
            assert!(page.contains(wanted), "{name}: {wanted}");
        }
        for never in ["<script", "<img", "http-equiv=\"refresh\"", "src=", "url("] {
            assert!(!page.contains(never), "{name}: {never}");
        }
        assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
        assert_eq!(page.matches("<h1").count(), page.matches("</h1>").count());
        let named = page.matches("role=\"img\"").count();
        assert_eq!(named, page.matches("role=\"img\" aria-label=").count(), "{name}: each picture says what it shows");
        assert!(named == 0 || page.contains("The same in numbers"), "{name}: pictures have a table beside them");
        if name != "empty" {
            assert!(!page.contains("NaN") && !page.contains("inf%"), "{name}: a number that is none");
        }
    }
}

#[test]
fn the_same_triage_gives_the_same_bytes() {
    for (name, triage) in all() {
        let (first, second) = (safe(triage.clone()), safe(triage));
        assert_eq!(html(&first), html(&second), "{name}");
        assert_eq!(json(&first), json(&second), "{name}");
    }
}

#[test]
fn the_name_of_a_key_is_said_and_the_key_itself_is_not() {
    let with = |key: &str| {
        let mut triage = fixtures::rich();
        let story = &mut triage.incidents[0];
        story.isolation[0].attributes = vec![("api_key".to_owned(), key.to_owned())];
        story.summary = firstfault_report::triage::sentence(story);
        story.checklist[2].answer = Some(format!("Some: api key {key} has 92% of the failures"));
        let safe = safe(triage);
        [text(&safe, style(80), Signs::Unicode), markdown(&safe), html(&safe), json(&safe)]
    };
    let key = "9f86d081884c7d659a2feaa0c55ad015";
    for (named, secret) in with("key_won_0").iter().zip(with(key)) {
        let named = named.replace("\\_", "_");
        assert!(named.matches("key_won_0").count() >= 3, "{named}");
        assert!(!secret.contains(key) && secret.contains("‹key:"), "{secret}");
    }
}
