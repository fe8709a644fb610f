//! What `-w` prints: `%{json}`, a template of one's own, or lines named like curl's variables.
//!
//! This file refuses to know what else is in a transcript.

use firstfault_model::{Call, Message, MessageKind, Request, Response, Span, Url};

/// Times in seconds since the start, as curl counts them; made into phases at the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    namelookup: Option<f64>,
    connect: Option<f64>,
    appconnect: Option<f64>,
    pretransfer: Option<f64>,
    starttransfer: Option<f64>,
    total: Option<f64>,
}

/// A `-w` template cut into lines of literals and variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Template(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Reads a `-w` argument: `\n`, `\t`, `\r`, `%%`, `%{name}`.
    pub(super) fn parse(format: &str) -> Self {
        let mut lines = vec![Vec::new()];
        let mut literal = String::new();
        let mut rest = format;
        while let Some(c) = rest.chars().next() {
            let variable = rest.strip_prefix("%{").and_then(|inner| inner.split_once('}'));
            if let Some((name, after)) = variable {
                end_literal(&mut lines, &mut literal);
                push(&mut lines, Piece::Variable(name.to_owned()));
                rest = after;
                continue;
            }
            let (text, length) = match () {
                () if rest.starts_with("\\n") => ("\n", 2),
                () if rest.starts_with("\\r") => ("", 2),
                () if rest.starts_with("\\t") => ("\t", 2),
                () if rest.starts_with("%%") => ("%", 2),
                () => (&rest[..c.len_utf8()], c.len_utf8()),
            };
            if text == "\n" {
                end_literal(&mut lines, &mut literal);
                lines.push(Vec::new());
            } else {
                literal.push_str(text);
            }
            rest = &rest[length..];
        }
        end_literal(&mut lines, &mut literal);
        Self(lines)
    }

    /// The variables of a whole line of output.
    pub(super) fn read_line(&self, text: &str) -> Option<Vec<(String, String)>> {
        let text = text.trim();
        if text.is_empty() || text.len() > 4096 {
            return None;
        }
        self.0.iter().filter(|line| is_telling(line)).find_map(|line| match_line(line, text))
    }

    /// The variables that are glued behind a body's last line, and where they begin.
    pub(super) fn read_tail(&self, text: &str) -> Option<(usize, Vec<(String, String)>)> {
        let first = self.0.first().filter(|line| line.iter().any(|p| matches!(p, Piece::Variable(_))))?;
        let text = text.trim_end();
        let at = match first.first()? {
            Piece::Literal(literal) => text.rfind(literal.trim_end())?,
            Piece::Variable(name) if is_status(name) => text.len().checked_sub(3)?,
            Piece::Variable(_) => return None,
        };
        let values = match_line(first, text.get(at..)?.trim())?;
        let sure = values.iter().all(|(name, value)| !is_status(name) || is_code(value));
        sure.then_some((at, values))
    }
}

/// The variables of a line that names them: `time_total: 30.001s`, `HTTP_STATUS:403`, `http_code=000`.
pub(super) fn named(text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    if text.len() > 80 {
        return None;
    }
    let (name, value) = text.split_once([':', '='])?;
    let name: String =
        name.trim().chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let variable = match name.as_str() {
        "httpcode" | "httpstatus" | "statuscode" | "responsecode" | "httpresponsecode" | "httpstatuscode" => {
            "http_code"
        }
        "timenamelookup" => "time_namelookup",
        "timeconnect" => "time_connect",
        "timeappconnect" => "time_appconnect",
        "timepretransfer" => "time_pretransfer",
        "timestarttransfer" => "time_starttransfer",
        "timetotal" => "time_total",
        _ => return None,
    };
    let value = value.trim().trim_end_matches('s').trim();
    value.parse::<f64>().ok()?;
    Some(vec![(variable.to_owned(), value.to_owned())])
}

/// The variables of `%{json}`.
pub(super) fn json(text: &str) -> Option<Vec<(String, String)>> {
    let text = text.trim();
    if !text.starts_with('{') || text.len() > 64 * 1024 {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let object = value.as_object()?;
    if !object.contains_key("http_code") || !(object.contains_key("time_total") || object.contains_key("exitcode")) {
        return None;
    }
    let values = object.iter().filter_map(|(name, value)| match value {
        serde_json::Value::String(s) => Some((name.clone(), s.clone())),
        serde_json::Value::Number(n) => Some((name.clone(), n.to_string())),
        _ => None,
    });
    Some(values.collect())
}

/// True for a line that can only be `%{json}`, looking at its beginning only.
pub(super) fn is_json(text: &str) -> bool {
    text.starts_with("{\"")
        && crate::http_message::boundary::contains_within(text, "\"errormsg\":", 400)
        && crate::http_message::boundary::contains_within(text, "\"exitcode\":", 400)
}

/// Puts variables where they belong.
pub(super) fn apply(values: &[(String, String)], call: &mut Call, clock: &mut Clock, span: Span) {
    for (name, value) in values {
        let number =
            || value.trim_end_matches('s').replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        match name.as_str() {
            "http_code" | "response_code" => match value.parse::<u16>() {
                Ok(status) if (100..1000).contains(&status) => {
                    let response = call.response.get_or_insert_with(Response::default);
                    if response.status.is_none() {
                        response.status = Some(status);
                        response.span = span;
                    }
                }
                Ok(0) => super::info::once(call, "curl.http_code", "000", span),
                _ => {}
            },
            "http_connect" if value.parse::<u16>().is_ok_and(|code| code > 0) => {
                super::info::once(call, "http.connect_status", value, span)
            }
            "time_namelookup" => clock.namelookup = number(),
            "time_connect" => clock.connect = number(),
            "time_appconnect" => clock.appconnect = number(),
            "time_pretransfer" => clock.pretransfer = number(),
            "time_starttransfer" => clock.starttransfer = number(),
            "time_total" => clock.total = number(),
            "exitcode" if value != "0" => super::info::once(call, "curl.exit", value, span),
            "errormsg" if !value.is_empty() => {
                super::info::read_failure(value, call, span);
                call.messages.push(Message { kind: MessageKind::Tool, text: value.clone(), span });
            }
            "method" => {
                let request = call.request.get_or_insert_with(Request::default);
                request.method.get_or_insert_with(|| value.clone());
            }
            "url_effective" | "url" if value.contains("://") => {
                let request = call.request.get_or_insert_with(Request::default);
                if request.url.host.is_none() {
                    request.url = Url::parse(value);
                    request.span = request.span.to(span);
                }
            }
            "remote_ip" => super::info::once(call, "address", value, span),
            "redirect_url" => super::info::once(call, "redirect.url", value, span),
            "num_redirects" if value != "0" => super::info::once(call, "redirect.count", value, span),
            "ssl_verify_result" | "proxy_ssl_verify_result" if value != "0" => {
                let words = value.parse().ok().and_then(verify_words).unwrap_or(value);
                super::info::once(call, "tls.verify", words, span);
            }
            _ => {}
        }
    }
}

impl Clock {
    /// Phases in milliseconds: each begins where the one before it ended.
    pub(super) fn settle(&self, call: &mut Call) {
        let between = |from: Option<f64>, to: Option<f64>| Some((to? - from?) * 1000.0).filter(|ms| *ms >= 0.0);
        let reached = |time: Option<f64>| time.filter(|t| *t > 0.0);
        let (lookup, connect, tls) = (reached(self.namelookup), reached(self.connect), reached(self.appconnect));
        let timings = &mut call.timings;
        timings.dns = timings.dns.or(lookup.map(|t| t * 1000.0));
        timings.connect = timings.connect.or(between(self.namelookup, connect));
        timings.tls = timings.tls.or(between(connect, tls));
        let sent = reached(self.pretransfer).or(tls).or(connect);
        timings.wait = timings.wait.or(between(sent, reached(self.starttransfer)));
        timings.receive = timings.receive.or(between(reached(self.starttransfer), self.total));
        if let Some(total) = self.total {
            timings.total = Some(total * 1000.0);
        }
    }
}

/// The words of OpenSSL's verification results (`X509_V_ERR_…`, openssl-verify manual).
fn verify_words(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "certificate verification failed",
        9 => "certificate is not yet valid",
        10 => "certificate has expired",
        18 => "self-signed certificate",
        19 => "self-signed certificate in certificate chain",
        20 => "unable to get local issuer certificate",
        21 => "unable to verify the first certificate",
        23 => "certificate revoked",
        62 => "hostname mismatch",
        _ => return None,
    })
}

/// True when a line of output can be told from other text: by a number that is a status or a time, or by words.
fn is_telling(pieces: &[Piece]) -> bool {
    let words = pieces.iter().any(|p| matches!(p, Piece::Literal(l) if l.contains(char::is_alphanumeric)));
    pieces.iter().any(|p| matches!(p, Piece::Variable(name) if words || is_status(name) || name.starts_with("time_")))
}

fn match_line(pieces: &[Piece], text: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    let mut rest = text;
    let mut pieces = pieces.iter().peekable();
    let mut first = true;
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Literal(literal) => {
                let literal = if first { literal.trim_start() } else { literal.as_str() };
                let literal = if pieces.peek().is_none() { literal.trim_end() } else { literal };
                rest = rest.strip_prefix(literal)?;
            }
            Piece::Variable(name) => {
                let end = match pieces.peek() {
                    Some(Piece::Literal(next)) => {
                        rest.find(if next.trim().is_empty() { next.as_str() } else { next.trim_end() }).or_else(
                            || next.trim().is_empty().then(|| rest.find(char::is_whitespace).unwrap_or(rest.len())),
                        )?
                    }
                    Some(Piece::Variable(_)) if is_status(name) => 3,
                    Some(Piece::Variable(_)) => return None,
                    None => rest.len(),
                };
                let value = rest.get(..end)?;
                let shaped = if is_status(name) {
                    is_code(value)
                } else if name.starts_with("time_") {
                    value.trim_end_matches('s').replace(',', ".").parse::<f64>().is_ok()
                } else {
                    !value.contains('\n')
                };
                if !shaped {
                    return None;
                }
                values.push((name.clone(), value.to_owned()));
                rest = &rest[end..];
            }
        }
        first = false;
    }
    rest.trim().is_empty().then_some(values)
}

fn push(lines: &mut [Vec<Piece>], piece: Piece) {
    if let Some(line) = lines.last_mut() {
        line.push(piece);
    }
}

fn end_literal(lines: &mut [Vec<Piece>], literal: &mut String) {
    if !literal.is_empty() {
        push(lines, Piece::Literal(std::mem::take(literal)));
    }
}

fn is_status(name: &str) -> bool {
    matches!(name, "http_code" | "response_code")
}

fn is_code(value: &str) -> bool {
    value.len() == 3 && value.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let read = |format: &str, text: &str| {
            Template::parse(format)
                .read_line(text)
                .map(|v| v.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" "))
        };
        for (format, text, expected) in [
            ("%{http_code}\\n", "200", Some("http_code=200")),
            ("%{http_code}\\n", "words", None),
            ("\\nHTTP_STATUS:%{http_code}", "HTTP_STATUS:403", Some("http_code=403")),
            ("%{http_code} %{time_total}s\\n", "504 30.001s", Some("http_code=504 time_total=30.001")),
            ("dns: %{time_namelookup}\\ntotal: %{time_total}\\n", "total: 1.5", Some("time_total=1.5")),
            ("%{json}", "{}", None),
        ] {
            assert_eq!(read(format, text).as_deref(), expected, "{format} {text}");
        }
        let tail = Template::parse("%{http_code}").read_tail("not found404").unwrap();
        assert_eq!(tail.0, 9);
        assert_eq!(Template::parse("%{http_code}").read_tail("not found"), None);
    }

    #[test]
    fn json_sets_everything() {
        let text = r#"{"content_type":null,"errormsg":"Operation timed out after 5001 milliseconds with 0 bytes received","exitcode":28,"http_code":0,"method":"GET","remote_ip":"192.0.2.1","ssl_verify_result":0,"time_appconnect":0.030,"time_connect":0.020,"time_namelookup":0.010,"time_pretransfer":0.031,"time_starttransfer":0.0,"time_total":5.001,"url_effective":"https://h.example/x"}"#;
        assert!(is_json(text));
        let (mut call, mut clock) = (Call::default(), Clock::default());
        apply(&json(text).unwrap(), &mut call, &mut clock, Span::default());
        clock.settle(&mut call);
        assert_eq!(
            (call.attribute("curl.exit"), call.attribute("address"), call.status()),
            (Some("28"), Some("192.0.2.1"), None)
        );
        let round = |ms: Option<f64>| ms.map(f64::round);
        assert_eq!(
            (round(call.timings.dns), round(call.timings.connect), round(call.timings.tls), round(call.timings.wait)),
            (Some(10.0), Some(10.0), Some(10.0), None)
        );
        assert_eq!(round(call.timings.total), Some(5001.0));
        assert_eq!(call.request.unwrap().url.to_string(), "https://h.example/x");
    }
}
