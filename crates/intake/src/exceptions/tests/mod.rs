//! Helpers and robustness. Reports of every family, written from what the libraries document, against what must be read.

#![allow(clippy::unwrap_used)]

use super::{read, read_words, recognises};
use crate::lines::{Line, Lines};
use firstfault_model::{Call, Origin, Span, Vantage};
use std::borrow::Cow;

mod languages;
mod places;

fn lines(text: &str) -> Lines<'_> {
    let mut at = 0;
    let mut out = Lines::default();
    for (i, line) in text.split('\n').enumerate() {
        let span = Span::new(u32::try_from(i + 1).unwrap(), at, at + line.len());
        out.0.push(Line { text: Cow::Borrowed(line), prefix: "", span, prose: false });
        at += line.len() + 1;
    }
    out
}

/// One expectation, as `name=value`; `body~x` means "contains".
fn holds(call: &Call, expected: &str) -> bool {
    if let Some((name, part)) = expected.split_once('~') {
        let text = match name {
            "body" => call.response.as_ref().and_then(|r| r.body.as_ref()).map(|b| b.text.clone()),
            "sent" => call.request.as_ref().and_then(|r| r.body.as_ref()).map(|b| b.text.clone()),
            "top" => call.attribute("frames.top").map(str::to_owned),
            _ => call.messages.iter().find(|m| m.text.contains(part)).map(|m| m.text.clone()),
        };
        return text.is_some_and(|t| t.contains(part));
    }
    let (name, value) = expected.split_once('=').unwrap();
    let found = match name {
        "status" => call.status().map(|s| s.to_string()),
        "reason" => call.response.as_ref().and_then(|r| r.reason.clone()),
        "url" => call.request.as_ref().map(|r| r.url.to_string()),
        "method" => call.request.as_ref().and_then(|r| r.method.clone()),
        "first" => call.messages.first().map(|m| m.text.clone()),
        "root" => call.messages.last().map(|m| m.text.clone()),
        "links" => Some(call.messages.len().to_string()),
        "total" => call.timings.total.map(|t| t.to_string()),
        "server" => Some((call.vantage == Vantage::Server).to_string()),
        "console" => Some((call.origin == Origin::BrowserConsole).to_string()),
        "cut" => call.response.as_ref().and_then(|r| r.body.as_ref()).map(|b| b.truncated.to_string()),
        "none" => return call.attribute(value).is_none(),
        "nostatus" => return call.status().is_none(),
        "type" => call.attribute("exception.type").map(str::to_owned),
        "roottype" => call.attribute("exception.root").map(str::to_owned),
        _ if name.starts_with("h:") => {
            call.response.as_ref().and_then(|r| r.headers.first(&name[2..])).map(str::to_owned)
        }
        _ if name.starts_with("q:") => {
            call.request.as_ref().and_then(|r| r.headers.first(&name[2..])).map(str::to_owned)
        }
        attribute => return call.attributes.iter().any(|a| a.name == attribute && a.value == value),
    };
    found.as_deref() == Some(value)
}

/// Reads `text` from its first line; the report must take all but `left` lines and say all of `expected`.
/// Gives what does not hold.
fn problems(text: &str, left: usize, expected: &[&str]) -> Vec<String> {
    let lines = lines(text);
    let mut out = Vec::new();
    if !(0..3).any(|i| recognises(lines.text(i))) {
        out.push(format!("not recognised: {}", lines.text(0)));
    }
    let Some(taken) = read(&lines, 0) else { return vec![format!("not read: {text}")] };
    let call = &taken.calls[0];
    let missing: Vec<_> = expected.iter().filter(|e| !holds(call, e)).collect();
    if !missing.is_empty() {
        let said: Vec<_> = call.messages.iter().map(|m| m.text.as_str()).collect();
        let marks: Vec<_> = call.attributes.iter().map(|a| format!("{}={}", a.name, a.value)).collect();
        out.push(format!(
            "{missing:?} of {}\n  said {said:?}\n  marks {marks:?}\n  {:?}\n  {:?}",
            lines.text(0),
            call.request,
            call.response
        ));
    }
    if taken.lines + left != lines.len() {
        out.push(format!("took {} of {} lines: {}", taken.lines, lines.len(), lines.text(0)));
    }
    out
}

fn all_hold(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn foreign_lines_are_left() {
    for text in [
        "",
        "hello world",
        "HTTP/1.1 200 OK",
        "> GET / HTTP/1.1",
        "{\"a\": 1}",
        "$ curl https://x.example",
        "10.0.0.1 - - [x] \"GET / HTTP/1.1\" 200 1",
        "# notes",
        "<html>",
        "Date: Mon",
    ] {
        let lines = lines(text);
        assert!(read(&lines, 0).is_none(), "{text}");
    }
}

#[test]
fn any_cut_is_read_without_harm() {
    let samples = [
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nrequests.exceptions.ConnectionError: HTTPSConnectionPool(host='é', port=443): Max retries (Caused by SSLError(X(1, 'é')))\n",
        "AxiosError: Request failed with status code 401 \u{2014}\n    at f (x.js:1:2) {\n  response: { status: 401, data: { a: 'é', b: [ 1, { c: \"x\" } ] } },\n  [cause]: Error: é\n      at g (y:1:2) {\n    code: 'E'\n  }\n}\n",
        "Azure.RequestFailedException: é\nStatus: 403 (é)\n\nContent:\n{\"a\":\"\\u00e9\"}\n\nHeaders:\nX: é\n   at A.B()\n",
        "org.x.FeignException$A: [400 Bad] during [POST] to [http://é/] [C#m()]: [{\"a\":\"é\"}]\n\tat a.B.c(B.java:1)\nCaused by: é",
        "Expected(200) <=> Actual(400 Bad Request)\nexcon.error.response\n  :body => \"\\\"é\\\"\"\n  :status => 400",
        "Error Domain=NSURLErrorDomain Code=-1 \"é\" UserInfo={NSErrorFailingURLStringKey=https://é/x}",
        "post(é{\"a\":1}",
        "\u{2577}\n\u{2502} Error: é GET\n\u{2502} https://é/\n\u{2575}",
    ];
    for sample in samples {
        for (end, _) in sample.char_indices() {
            for text in [&sample[..end], &sample[end..]] {
                let lines = lines(text);
                for at in 0..lines.len() {
                    if let Some(taken) = read(&lines, at) {
                        assert!(taken.lines >= 1 && at + taken.lines <= lines.len());
                    }
                }
                let mut call = Call::default();
                read_words(text, Span::default(), &mut call);
            }
        }
    }
}

#[test]
fn hostile_lines_take_bounded_time() {
    for unit in [
        "Error: ",
        "{",
        "[{'",
        "GET http://",
        "status ",
        "tunnel ",
        "(Caused by X(",
        "{a: ",
        "Caused by: a.B: ",
        "\\\"",
        "\u{e9}",
        "x509: ",
        "a.bError ",
        "<a>",
        "404 ",
        "certificate: A",
    ] {
        let text = unit.repeat(300_000 / unit.len());
        let lines = lines(&text);
        let _ = read(&lines, 0);
        let _ = recognises(&text);
        read_words(&text, Span::default(), &mut Call::default());
    }
    for unit in [
        "Caused by: x\n",
        "a.bException: x\n",
        "  at a.b(c.js:1:2) {\n",
        "Traceback (most recent call last):\n",
        "\n",
        "Error: x {\n  a: 1\n",
        "│ x\n",
        "npm ERR! x\n",
    ] {
        let text = unit.repeat(20_000);
        let lines = lines(&text);
        let mut at = 0;
        while at < lines.len() {
            at += read(&lines, at).map_or(1, |t| t.lines);
        }
    }
}
