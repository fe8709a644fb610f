//! A request → a curl command, one option a line, quoted so that the shell hands curl the same bytes.
//!
//! What curl writes itself is left out: `Host` of the URL, `Content-Length` of the body, pseudo-header fields.
//! A NUL cannot stand in an argument; it is written as its escape.

use crate::{Shell, cmd};
use firstfault_model::{Request, Url};

/// The lines of a command that sends `request`.
#[must_use]
pub fn export(request: &Request, shell: Shell) -> Vec<String> {
    let mut quoter = Quoter { shell, has_quotes: false };
    let first = first_line(request, &mut quoter);
    let mut parts = vec![first];
    for option in options(request) {
        parts.push(match option {
            Part::Switch(name) => name.to_owned(),
            Part::Value(name, value) => format!("{name} {}", quoter.quote(&value)),
        });
    }
    let (continuation, indent) = match shell {
        Shell::Posix => (" \\", "  "),
        Shell::Cmd => (" ^", "  "),
        Shell::PowerShell => (" `", "  "),
    };
    let count = parts.len();
    let mut text = String::new();
    if quoter.has_quotes {
        // Up to 7.2, PowerShell loses quotes unless they are escaped; this makes later versions do the same.
        text.push_str("$PSNativeCommandArgumentPassing = 'Legacy'\n");
    }
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            text.push_str(indent);
        }
        text.push_str(part);
        if i + 1 < count {
            text.push_str(continuation);
            text.push('\n');
        }
    }
    text.split('\n').map(str::to_owned).collect()
}

enum Part {
    Switch(&'static str),
    Value(&'static str, String),
}

fn first_line(request: &Request, quoter: &mut Quoter) -> String {
    let program = if quoter.shell == Shell::PowerShell { "curl.exe" } else { "curl" };
    let has_body = request.body.is_some();
    let method = match request.method.as_deref() {
        Some("HEAD") if !has_body => " -I".to_owned(),
        Some("GET") if !has_body => String::new(),
        Some(method) => format!(" -X {}", quoter.word(method)),
        None => String::new(),
    };
    format!("{program}{method} {}", quoter.quote(&shown_url(&request.url)))
}

/// The URL as curl takes it: a target that is no path goes into an option of its own.
fn shown_url(url: &Url) -> String {
    if odd_target(url) {
        return Url { path: "/".to_owned(), query: None, ..url.clone() }.to_string();
    }
    url.to_string()
}

fn odd_target(url: &Url) -> bool {
    url.host.is_some() && !url.path.is_empty() && !url.path.starts_with('/')
}

fn options(request: &Request) -> Vec<Part> {
    let mut parts = Vec::new();
    let url = &request.url;
    if odd_target(url) {
        parts.push(Part::Value("--request-target", url.target()));
    }
    let bracketed = url.path.contains(['{', '}', '[', ']'])
        || url.query.as_deref().is_some_and(|q| q.contains(['{', '}', '[', ']']));
    if bracketed {
        parts.push(Part::Switch("--globoff"));
    }
    if url.path.split('/').any(|segment| matches!(segment, "." | "..")) {
        parts.push(Part::Switch("--path-as-is"));
    }
    let mut typed = false;
    let host = match (&url.host, url.port) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.clone(),
        (None, _) => String::new(),
    };
    for field in &request.headers.0 {
        let is = |name: &str| field.name.eq_ignore_ascii_case(name);
        if field.name.starts_with(':') || is("host") && field.value.eq_ignore_ascii_case(&host) {
            continue;
        }
        if is("content-length") && request.body.as_ref().is_some_and(|b| field.value.trim().parse() == Ok(b.size)) {
            continue;
        }
        typed |= is("content-type");
        let line = if field.value.is_empty() {
            format!("{};", field.name)
        } else {
            format!("{}: {}", field.name, field.value)
        };
        parts.push(Part::Value("-H", line));
    }
    if request.body.is_some() && !typed {
        // Without it curl would say that the body is a form.
        parts.push(Part::Value("-H", "Content-Type:".to_owned()));
    }
    match request.version.as_deref() {
        Some("HTTP/1.0") => parts.push(Part::Switch("--http1.0")),
        Some("HTTP/1.1") => parts.push(Part::Switch("--http1.1")),
        Some("HTTP/2" | "HTTP/2.0") => parts.push(Part::Switch("--http2")),
        Some("HTTP/3" | "HTTP/3.0") => parts.push(Part::Switch("--http3")),
        _ => {}
    }
    let packed = request.headers.first("accept-encoding");
    if packed.is_some_and(|v| ["gzip", "deflate", "br", "zstd"].iter().any(|coding| v.contains(coding))) {
        parts.push(Part::Switch("--compressed"));
    }
    if let Some(body) = &request.body {
        // `-d @name` would read a file.
        let option = if body.text.starts_with('@') { "--data-raw" } else { "-d" };
        parts.push(Part::Value(option, body.text.clone()));
    }
    parts
}

struct Quoter {
    shell: Shell,
    /// True when PowerShell's arguments have escaped quotes.
    has_quotes: bool,
}

impl Quoter {
    /// Without quotes where no shell minds.
    fn word(&mut self, text: &str) -> String {
        let plain =
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if plain { text.to_owned() } else { self.quote(text) }
    }

    fn quote(&mut self, text: &str) -> String {
        match self.shell {
            Shell::Posix => posix(text),
            Shell::Cmd => windows(text),
            Shell::PowerShell => {
                let mut argument = text.to_owned();
                if text.contains('"') {
                    self.has_quotes = true;
                    let quoted = cmd::quote_argument(text);
                    quoted[1..quoted.len() - 1].clone_into(&mut argument);
                }
                format!("'{}'", argument.replace('\'', "''"))
            }
        }
    }
}

fn posix(text: &str) -> String {
    if !text.contains(|c: char| c == '\'' || c.is_control() && c != '\n') {
        return format!("'{text}'");
    }
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Plain quotes where `cmd.exe` changes nothing between them, else browsers' way: a caret before every special.
fn windows(text: &str) -> String {
    let quoted = cmd::quote_argument(text);
    if !text.contains(['"', '%', '^', '\\', '\n', '\r', '!']) {
        return quoted;
    }
    let mut out = String::new();
    for c in quoted.chars() {
        match c {
            '\n' => out.push_str("^\n\n"),
            '"' | '%' | '^' | '&' | '|' | '<' | '>' | '(' | ')' | '!' | '{' | '}' | '[' | ']' => {
                out.push('^');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
