//! Lines read by what they have in common give the rows that their grammar gives.

use crate::{Batch, Calls, Layout, Part, Settings, merge};

/// A small generator, always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

const VALUES: &[&str] = &[
    "\"acme\"",
    "\"\"",
    "\"-\"",
    "\"a \\\"quoted\\\" word\"",
    "\"\\u00fcber \\ud83d\\ude00 \\\\\"",
    "\"/v1/users/4711?x=1\"",
    "\"x}, {y\"",
    "\"\u{20ac}uro\"",
    "200",
    "503",
    "-1.5e3",
    "null",
    "true",
    "false",
    "{}",
    "{ }",
    "[]",
    "[\"a\", \"b\\\"]\"]",
    "[{\"code\": \"E1\"}, [1, 2]]",
    "{\"id\": 7, \"status\": 500}",
    "{\"name\": \"n\", \"deep\": {\"er\": {\"status\": \"404\"}}}",
    "\"2026-11-20T10:21:07.123Z\"",
    "1763634067123",
    "\"12.5ms\"",
];

const NAMES: &[&str] = &[
    "ts",
    "status",
    "tenant",
    "user",
    "path",
    "method",
    "error",
    "error_code",
    "message",
    "duration",
    "attributes",
    "http",
    "user_agent",
    "level",
    "request_id",
    "trace.id",
    "nothing",
    "k\\u0065y",
    "status",
    "region",
    "",
];

/// A line of JSON of one of a few programs, each with its own order of names, sometimes with something else in it.
fn json_line(dice: &mut Dice, program: usize) -> String {
    let mut order = Dice(program as u64 * 977 + 3);
    let (comma, colon) = [(", ", ": "), (",", ":"), (" ,\t", " : ")][program % 3];
    let mut line = String::from(if program.is_multiple_of(4) { "{ " } else { "{" });
    let count = 3 + order.roll(9);
    for index in 0..count {
        let name = if dice.roll(40) == 0 { dice.one(NAMES) } else { order.one(NAMES) };
        let kind = order.roll(VALUES.len());
        let value = if dice.roll(6) == 0 { dice.one(VALUES) } else { VALUES[kind] };
        // Fields that are not always there.
        if kind % 5 == 1 && dice.roll(3) == 0 {
            continue;
        }
        if index > 0 && !line.trim_end().ends_with('{') {
            line.push_str(comma);
        }
        line.push_str(&format!("\"{name}\"{colon}{value}"));
    }
    line.push('}');
    spoil(dice, line)
}

fn logfmt_line(dice: &mut Dice, program: usize) -> String {
    const WORDS: &[&str] = &[
        "acme",
        "",
        "-",
        "\"\"",
        "\"two words\"",
        "\"a \\\"b\\\" c\"",
        "503",
        "200",
        "/v1/x/42",
        "12ms",
        "a=b",
        "null",
        "x\"y",
    ];
    let mut order = Dice(program as u64 * 31 + 7);
    let mut line = String::new();
    for index in 0..3 + order.roll(8) {
        let name = order.one(NAMES).replace('\\', "");
        let kind = order.roll(WORDS.len());
        let value = if dice.roll(5) == 0 { dice.one(WORDS) } else { WORDS[kind] };
        if index > 0 {
            line.push(' ');
        }
        if dice.roll(12) == 0 {
            line.push_str("alone ");
        }
        line.push_str(&format!("{name}={value}"));
    }
    spoil(dice, line)
}

/// Sometimes cut, doubled or with something behind it.
fn spoil(dice: &mut Dice, line: String) -> String {
    match dice.roll(30) {
        0 => line.chars().take(dice.roll(line.chars().count().max(1))).collect(),
        1 => format!("{line}{line}"),
        2 => format!("{line} x"),
        3 => format!("\u{feff}{line}\r"),
        4 => line.replace(' ', "  "),
        _ => line,
    }
}

fn read(lines: &[&str], layout: &Layout) -> Calls {
    let mut batch = Batch::default();
    layout.read(lines.join("\n").as_bytes(), Part::default(), &mut batch);
    merge(vec![batch])
}

/// One row in words.
fn row(calls: &Calls, row: usize) -> String {
    let mut out = format!(
        "{} {} {} {} {} {}",
        calls.time[row],
        calls.status[row],
        calls.latency[row],
        calls.attempt[row],
        calls.request.get(row).unwrap_or(&0),
        calls.trace.get(row).unwrap_or(&0)
    );
    for dimension in &calls.dimensions {
        let value = &dimension.values[dimension.codes.get(row) as usize];
        if !value.is_empty() {
            out.push_str(&format!(" {}={value}", dimension.name));
        }
    }
    let shape = &calls.shapes[calls.shape[row] as usize];
    out.push_str(&format!(
        " {:?} {} {} {} {}",
        shape.kind, shape.error_code, shape.suspect, shape.mark, shape.upstream_status
    ));
    out
}

#[test]
fn both_ways_of_reading_agree() {
    let mut dice = Dice(42);
    let lines: Vec<String> = (0..6000)
        .map(|index| {
            let program = dice.roll(24);
            if index % 3 == 0 { logfmt_line(&mut dice, program) } else { json_line(&mut dice, program) }
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let layout = Layout::learn(lines.join("\n").as_bytes(), "app.log", &Settings::default());
    let quick = read(&lines, &layout);
    let mut at = 0;
    let mut left_out = 0;
    for line in &lines {
        // A thread that has seen no line reads by the grammar.
        let alone = read(&[line], &layout);
        left_out += u64::from(alone.rows == 0);
        if alone.rows == 1 {
            assert_eq!(row(&quick, at), row(&alone, 0), "{line}");
            at += 1;
        }
    }
    assert_eq!((quick.rows, quick.inputs[0].lines - quick.inputs[0].read), (at, left_out));
    assert!(at > 4000 && left_out > 100, "{at} {left_out}");
}

#[test]
fn lines_of_any_kind_are_counted_and_never_fatal() {
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let arrays = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let long = format!("{{\"status\":200,\"message\":\"{}\"}}", "x".repeat(1 << 20));
    let many: String = (0..5000).map(|i| format!("\"k{i}\":{i},")).collect();
    let wide = format!("{{{many}\"status\":500,\"path\":\"/a\"}}");
    let lines: Vec<&[u8]> = vec![
        deep.as_bytes(),
        arrays.as_bytes(),
        long.as_bytes(),
        wide.as_bytes(),
        wide.as_bytes(),
        b"{\"status\":500,\"tenant\":\"\xff\xfe\",\"path\":\"/a\"}",
        b"\0\0{\"status\":200}\0",
        b"{\"status\":200,\"a\\",
        b"{\"\0\":1}",
        b"{",
        b"}",
        b"=",
        b"a=",
        b"a=\"",
        b"\xef\xbb\xbf",
    ];
    let text = lines.join(&b'\n');
    let layout = Layout::learn(&text[..200], "x", &Settings::default());
    let mut batch = Batch::default();
    layout.read(&text, Part::default(), &mut batch);
    let calls = merge(vec![batch]);
    let input = &calls.inputs[0];
    assert_eq!(input.lines, lines.len() as u64);
    assert_eq!(input.lines, input.read + input.aside + input.unreadable);
    assert_eq!(calls.status.iter().filter(|s| **s == 500).count(), 3);
    assert!(calls.dimensions.iter().any(|d| d.values.contains(&"\u{fffd}\u{fffd}".to_owned())));
}
