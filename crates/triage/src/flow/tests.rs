//! Flow files and their faults, and every way in which a key can end.

use super::{Definition, FlowLine, SHIPPED, Watch, flow};
use firstfault_calls::{Layout, Record, Settings};
use firstfault_knowledge::Knowledge;
use firstfault_model::way::{Fault, FlowReport};

const FLOW: &str = r#"
name = "order"
key = ["order_id", "id"]
links = ["request_id", "job_id"]

[[step]]
id = "placed"
system = "shop"
[[step.seen]]
message = "order placed"
outcome = "taken"

[[step]]
id = "paid"
system = "pay"
within = "1m"
[[step.seen]]
message = ["payment captured", "payment failed"]
[[step.failed]]
status = "4xx"
finding = "refused"
owner = "caller"

[[step]]
id = "sent"
system = "stock"
within = "1m"
once = "shipment"
[[step.seen]]
message = "shipment made"
outcome = "taken"
"#;

fn lines(text: &str) -> Vec<(String, Record)> {
    let layout = Layout::learn(text.as_bytes(), "all.log", &Settings::default());
    text.lines().map(|line| (line.to_owned(), layout.record(line).unwrap_or_default())).collect()
}

fn given(read: &[(String, Record)]) -> impl Iterator<Item = FlowLine<'_>> {
    read.iter().zip(1..).map(|((text, record), line)| FlowLine { input: "all.log", line, text, record })
}

fn of(text: &str) -> FlowReport {
    let knowledge = Knowledge::builtin();
    let definition = Definition::parse("order.toml", FLOW, &knowledge).unwrap();
    flow(&definition, given(&lines(text)), &knowledge)
}

fn line(time: &str, service: &str, msg: &str, more: &str) -> String {
    format!("{{\"time\":\"2026-03-02T{time}Z\",\"service\":\"{service}\",\"msg\":\"{msg}\"{more}}}\n")
}

/// An order that goes well, at a minute.
fn whole(minute: u32, id: &str) -> String {
    line(&format!("10:{minute:02}:00"), "shop", "order placed", &format!(",\"order_id\":\"{id}\""))
        + &line(
            &format!("10:{minute:02}:02"),
            "pay",
            "payment captured",
            &format!(",\"order_id\":\"{id}\",\"status\":200"),
        )
        + &line(
            &format!("10:{minute:02}:04"),
            "stock",
            "shipment made",
            &format!(",\"order_id\":\"{id}\",\"shipment\":\"s-{id}\""),
        )
}

#[test]
fn shipped_flows_are_sound() {
    let knowledge = Knowledge::builtin();
    for (name, text) in SHIPPED {
        let definition = Definition::parse(name, text, &knowledge).unwrap();
        assert_eq!(definition.name, name);
        assert!(definition.steps.len() > 2);
    }
    assert!(Definition::shipped("chat-to-ticket").is_some());
    assert!(Definition::unknown("chat-to-tickets").ends_with("did you mean chat-to-ticket?"));
}

#[test]
fn faults_of_a_flow_file_have_a_place_and_a_hint() {
    let knowledge = Knowledge::builtin();
    let fault = |from: &str, to: &str| {
        let text = FLOW.replacen(from, to, 1);
        assert_ne!(text, FLOW);
        Definition::parse("f.toml", &text, &knowledge).unwrap_err().to_string()
    };
    for (from, to, place, says) in [
        ("within = \"1m\"", "wihtin = \"1m\"", "f.toml:16:", "did you mean `within`?"),
        ("within = \"1m\"", "within = \"soon\"", "f.toml:16:10:", "expected a time up to 31 days"),
        ("owner = \"caller\"", "owner = \"callr\"", "f.toml:22:9:", "did you mean caller?"),
        ("owner = \"caller\"", "cause = \"webhook.not_snt\"", "f.toml:22:9:", "did you mean webhook.not_sent?"),
        ("status = \"4xx\"", "status = \"4x\"", "f.toml:20:10:", "expected a status"),
        ("id = \"paid\"", "id = \"placed\"", "f.toml:13:", "a second time"),
        ("key = [\"order_id\", \"id\"]", "key = []", "f.toml:3:7:", "the field that correlates"),
        ("name = \"order\"", "name = \"Order!\"", "f.toml:2:8:", "small letters"),
        ("message = \"order placed\"\n", "", "f.toml:7:6:", "expected message, fields"),
        ("[[step.seen]]\nmessage = \"order placed\"\noutcome = \"taken\"\n", "", "f.toml:6:1:", "[[step.seen]]"),
        ("outcome = \"taken\"", "outcome = \"token\"", "f.toml:11:11:", "did you mean `taken`?"),
        ("system = \"stock\"", "system = [", "f.toml:27:", "expected value"),
    ] {
        let said = fault(from, to);
        assert!(said.starts_with(place) && said.contains(says), "{to}: expected {place} … {says}, got {said}");
    }
}

#[test]
fn what_is_under_way_is_not_broken_and_what_began_before_is_said() {
    let text = line("09:59:58", "pay", "payment captured", ",\"order_id\":\"old\",\"status\":200")
        + &line("10:00:01", "stock", "shipment made", ",\"order_id\":\"old\",\"shipment\":\"s-old\"")
        + &whole(0, "a")
        + &whole(5, "b")
        + &line("10:05:10", "shop", "order placed", ",\"order_id\":\"young\"")
        + &line("10:05:20", "pay", "hello", "");
    let report = of(&text);
    assert_eq!(
        (report.keys, report.complete, report.pending, report.before, report.broken),
        (4, 2, 1, 1, 0),
        "{report:#?}"
    );
}

#[test]
fn missing_failed_late_doubled_and_swapped_are_told_apart() {
    let mut text: String = (0..8).map(|minute| whole(minute, &format!("ok{minute}"))).collect();
    text += &line("10:01:10", "shop", "order placed", ",\"order_id\":\"unpaid\"");
    text += &line("10:01:11", "shop", "order placed", ",\"order_id\":\"refused\"");
    text += &line("10:01:12", "pay", "payment failed", ",\"order_id\":\"refused\",\"status\":422");
    text += &line("10:02:10", "shop", "order placed", ",\"order_id\":\"late\"");
    text += &line("10:04:10", "pay", "payment captured", ",\"order_id\":\"late\",\"status\":200");
    text += &line("10:04:11", "stock", "shipment made", ",\"order_id\":\"late\",\"shipment\":\"1\"");
    text += &whole(3, "twice");
    text += &line("10:03:09", "stock", "shipment made", ",\"order_id\":\"twice\",\"shipment\":\"2\"");
    text += &line("10:04:00", "stock", "shipment made", ",\"order_id\":\"unordered\",\"shipment\":\"3\"");
    text += &(line("10:30:00", "pay", "hello", "") + &line("10:30:00", "stock", "hello", ""));
    let report = of(&text);
    let mut found: Vec<(&str, Fault, u64)> =
        report.findings.iter().map(|f| (f.step.as_str(), f.fault, f.count)).collect();
    found.sort_unstable();
    let expected = [
        ("paid", Fault::Missing, 1),
        ("paid", Fault::Failed, 1),
        ("paid", Fault::Late, 1),
        ("placed", Fault::Skipped, 1),
        ("sent", Fault::Duplicate, 1),
    ];
    assert_eq!(found, expected, "{report:#?}");
    let refused = report.findings.iter().find(|f| f.fault == Fault::Failed).unwrap();
    assert_eq!((refused.finding.as_str(), refused.statuses.as_slice()), ("refused", &[(422, 1)][..]));
    assert_eq!(refused.examples[0].key, "refused");
    assert_eq!(report.complete, 8);
}

#[test]
fn ids_lead_to_keys_and_parts_may_be_read_apart() {
    let text = whole(0, "a")
        + &line("10:01:00", "shop", "order placed", ",\"order_id\":\"b\",\"request_id\":\"r-b\"")
        + &line("10:01:01", "pay", "taken up", ",\"request_id\":\"r-b\",\"job_id\":\"j-b\"")
        + &line("10:01:02", "pay", "payment captured", ",\"job_id\":\"j-b\",\"status\":200")
        + &line("10:01:04", "stock", "shipment made", ",\"job_id\":\"j-b\",\"shipment\":\"9\"")
        + &line("10:01:05", "stock", "shipment made", ",\"shipment\":\"10\"");
    let knowledge = Knowledge::builtin();
    let definition = Definition::parse("order.toml", FLOW, &knowledge).unwrap();
    let read = lines(&text);
    let whole = flow(&definition, given(&read), &knowledge);
    assert_eq!((whole.keys, whole.complete, whole.unkeyed), (2, 2, 1), "{whole:#?}");
    for cut in 0..=read.len() {
        let (mut one, mut two) = (Watch::new(&definition, &knowledge), Watch::new(&definition, &knowledge));
        for (number, line) in given(&read).enumerate() {
            if number < cut { one.see(&line) } else { two.see(&line) }
        }
        assert_eq!(one.merge(two).report(), whole, "cut at {cut}");
    }
}

#[test]
fn a_system_without_a_log_is_not_taken_for_broken() {
    let text: String = (0..4)
        .map(|minute| {
            line(&format!("10:{minute:02}:00"), "shop", "order placed", &format!(",\"order_id\":\"{minute}\""))
                + &line(
                    &format!("10:{minute:02}:02"),
                    "pay",
                    "payment captured",
                    &format!(",\"order_id\":\"{minute}\",\"status\":200"),
                )
        })
        .collect();
    let report = of(&(text + &line("10:30:00", "shop", "hello", "")));
    assert_eq!((report.keys, report.unknown, report.broken), (4, 4, 0), "{report:#?}");
    assert!(report.notes.iter().any(|note| note.contains("(sent)")), "{:?}", report.notes);
}
