//! curl's arguments → settings of each operation, as `tool_getparam.c` reads them.
//!
//! This file knows which option changes which setting; how settings become a request is [`crate::request`]'s.

use crate::expand::Variables;
use crate::form::Field;
use crate::options::{self, Found, Kind, Prefix};
use crate::request;
use crate::{Files, Output, Parsed, config, encode};

/// How deep config files may name config files, and how many requests one command may make.
const CONFIG_DEPTH: usize = 4;
const TRANSFERS: usize = 32;

/// Reads what curl is given, without its own name.
#[must_use]
pub fn parse(arguments: &[String], files: &dyn Files) -> Parsed {
    let mut reading =
        Reading { files, parsed: Parsed::default(), settings: Settings::default(), variables: Variables::default() };
    reading.arguments(arguments, 0);
    reading.finish();
    if reading.parsed.transfers.is_empty() {
        reading.parsed.problems.push("expected a url, found none".to_owned());
    }
    reading.parsed
}

/// How a password is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    #[default]
    Basic,
    /// Digest, NTLM, Negotiate: curl works the field out with the server.
    Negotiated,
}

/// The settings of one operation: everything up to `--next`.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub urls: Vec<String>,
    pub uploads: Vec<String>,
    pub outputs: Vec<String>,
    pub method: Option<String>,
    pub head: bool,
    pub get: bool,
    pub fields: Vec<String>,
    pub data: Option<Vec<u8>>,
    pub json: bool,
    pub form: Vec<Field>,
    pub url_query: Vec<String>,
    pub user: Option<String>,
    pub bearer: Option<String>,
    pub sigv4: bool,
    pub scheme: Scheme,
    pub cookies: Vec<String>,
    pub referer: Option<String>,
    pub agent: Option<String>,
    pub range: Option<String>,
    pub time_cond: Option<String>,
    pub target: Option<String>,
    pub path_as_is: bool,
    pub version: Option<&'static str>,
    pub default_scheme: Option<String>,
    pub follow: bool,
    pub insecure: bool,
    pub proxy: Option<String>,
    pub output: Output,
    pub options: Vec<(String, Option<String>)>,
    pub unread: Vec<String>,
    pub problems: Vec<String>,
}

struct Reading<'f> {
    files: &'f dyn Files,
    parsed: Parsed,
    settings: Settings,
    variables: Variables,
}

impl Reading<'_> {
    fn arguments(&mut self, arguments: &[String], depth: usize) {
        let mut words = arguments.iter();
        let mut only_urls = false;
        while let Some(word) = words.next() {
            if only_urls || !word.starts_with('-') || word == "-" {
                if word.starts_with(['“', '”', '‘', '’']) {
                    self.problem(format!("expected a plain quote, found a typographic one in {word}"));
                }
                self.settings.urls.push(word.clone());
                continue;
            }
            if word == "--" {
                only_urls = true;
                continue;
            }
            if let Some(name) = word.strip_prefix("--") {
                self.long(name, &mut words, depth);
                continue;
            }
            let mut letters = word[1..].chars();
            while let Some(letter) = letters.next() {
                let Some(kind) = options::short(letter) else {
                    self.problem(format!("expected an option of curl, found -{letter}"));
                    // What follows an unknown letter may be anything.
                    break;
                };
                if kind.takes_value {
                    let rest = letters.as_str();
                    let value = if rest.is_empty() { words.next().cloned() } else { Some(rest.to_owned()) };
                    self.option(kind, Prefix::None, value, depth);
                    break;
                }
                self.option(kind, Prefix::None, None, depth);
            }
        }
    }

    fn long(&mut self, name: &str, words: &mut std::slice::Iter<'_, String>, depth: usize) {
        match options::long(name) {
            Found::One(kind, prefix) => {
                let value = if kind.takes_value { words.next().cloned() } else { None };
                self.option(kind, prefix, value, depth);
            }
            Found::Ambiguous => self.problem(format!("expected one option of curl, found the ambiguous --{name}")),
            Found::Unknown => {
                let problem = match name.split_once('=') {
                    Some((before, _)) if matches!(options::long(before), Found::One(..)) => {
                        format!(
                            "expected a blank between --{before} and its value, found an equals sign, which curl refuses"
                        )
                    }
                    _ => format!("expected an option of curl, found --{name}"),
                };
                self.problem(problem);
            }
        }
    }

    fn option(&mut self, kind: &Kind, prefix: Prefix, value: Option<String>, depth: usize) {
        let on = prefix != Prefix::No;
        let mut value = value;
        if kind.takes_value && value.is_none() && kind.long != "help" {
            self.problem(format!("expected a value behind --{}, found the end", kind.long));
            return;
        }
        if prefix == Prefix::Expand {
            let mut unknown = Vec::new();
            value = value.map(|text| self.variables.expand(&text, &mut unknown));
            for name in unknown {
                self.problem(format!("expected a value for the variable {name}, found none in the command"));
            }
        }
        match kind.long {
            "next" => {
                self.finish();
                return;
            }
            "config" => {
                let name = value.unwrap_or_default();
                match self.files.read(&name) {
                    Some(bytes) if depth < CONFIG_DEPTH => {
                        let arguments = config::arguments(&String::from_utf8_lossy(&bytes));
                        self.arguments(&arguments, depth + 1);
                    }
                    _ => {
                        self.problem(format!("expected the config file {name}, it is not known here"));
                    }
                }
                return;
            }
            "variable" => self.variables.set(value.as_deref().unwrap_or_default(), self.files),
            _ => self.apply(kind.long, on, value.as_deref().unwrap_or_default()),
        }
        let shown = if on { kind.long.to_owned() } else { format!("no-{}", kind.long) };
        self.settings.options.push((shown, value));
    }

    fn apply(&mut self, name: &str, on: bool, value: &str) {
        let settings = &mut self.settings;
        match name {
            "url" => settings.urls.push(value.to_owned()),
            "request" => settings.method = Some(value.to_owned()),
            "head" => {
                settings.head = on;
                settings.output.include = on;
            }
            "get" => settings.get = on,
            "header" => self.header(value),
            "data" | "data-ascii" => self.data(value, true, true),
            "data-binary" => self.data(value, true, false),
            "data-raw" => self.append(value.as_bytes(), true),
            "data-urlencode" => {
                let text = encode::data_urlencode(value, self.files, &mut self.settings.unread);
                self.append(text.as_bytes(), true);
            }
            "json" => {
                settings.json = true;
                self.json(value);
            }
            "form" => settings.form.push(Field { text: value.to_owned(), literal: false }),
            "form-string" => settings.form.push(Field { text: value.to_owned(), literal: true }),
            "upload-file" => settings.uploads.push(value.to_owned()),
            "url-query" => {
                let part = match value.strip_prefix('+') {
                    Some(raw) => raw.to_owned(),
                    None => encode::data_urlencode(value, self.files, &mut settings.unread),
                };
                settings.url_query.push(part);
            }
            "user" => settings.user = Some(value.to_owned()),
            "oauth2-bearer" => settings.bearer = Some(value.to_owned()),
            "aws-sigv4" => settings.sigv4 = true,
            "digest" | "ntlm" | "ntlm-wb" | "negotiate" | "anyauth" => {
                settings.scheme = if on { Scheme::Negotiated } else { Scheme::Basic };
            }
            "basic" => settings.scheme = Scheme::Basic,
            "cookie" => settings.cookies.push(value.to_owned()),
            "referer" => settings.referer = Some(value.to_owned()),
            "user-agent" => settings.agent = Some(value.to_owned()),
            "range" => settings.range = Some(value.to_owned()),
            "time-cond" => settings.time_cond = Some(value.to_owned()),
            "request-target" => settings.target = Some(value.to_owned()),
            "path-as-is" => settings.path_as_is = on,
            "http1.0" => settings.version = Some("HTTP/1.0"),
            "http1.1" => settings.version = Some("HTTP/1.1"),
            "http2" | "http2-prior-knowledge" => settings.version = Some("HTTP/2"),
            "http3" | "http3-only" => settings.version = Some("HTTP/3"),
            "proto-default" => settings.default_scheme = Some(value.to_owned()),
            "location" | "location-trusted" | "follow" => settings.follow = on,
            "insecure" => settings.insecure = on,
            "proxy" => settings.proxy = (!value.is_empty()).then(|| value.to_owned()),
            "socks4" | "socks4a" | "socks5" | "socks5-hostname" => {
                let scheme = if name == "socks5-hostname" { "socks5h" } else { name };
                settings.proxy = Some(format!("{scheme}://{value}"));
            }
            "proxy1.0" => settings.proxy = Some(value.to_owned()),
            "output" => settings.outputs.push(value.to_owned()),
            "remote-name" => settings.outputs.push(String::new()),
            "verbose" => settings.output.verbose = on,
            "include" => settings.output.include = on,
            "silent" => settings.output.silent = on,
            "show-error" => settings.output.show_error = on,
            "fail" => settings.output.fail = on,
            "fail-with-body" => settings.output.fail_with_body = on,
            "write-out" => settings.output.write_out = Some(value.to_owned()),
            _ => {}
        }
    }

    fn header(&mut self, value: &str) {
        let Some(file) = value.strip_prefix('@') else {
            self.settings.fields.push(value.to_owned());
            return;
        };
        match self.files.read(file) {
            Some(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.settings.fields.extend(text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned));
            }
            None => self.problem(format!("expected the header file {file}, it is not known here")),
        }
    }

    /// `-d`: from a file, line ends and NUL are taken out; `--data-binary` keeps them.
    fn data(&mut self, value: &str, separate: bool, strip: bool) {
        let Some(file) = value.strip_prefix('@') else {
            self.append(value.as_bytes(), separate);
            return;
        };
        match self.files.read(file) {
            Some(mut bytes) => {
                if strip {
                    bytes.retain(|b| !matches!(b, b'\r' | b'\n' | 0));
                }
                self.append(&bytes, separate);
            }
            None => {
                self.settings.unread.push(file.to_owned());
                self.append(value.as_bytes(), separate);
            }
        }
    }

    /// `--json` parts follow each other without anything between.
    fn json(&mut self, value: &str) {
        self.data(value, false, false);
    }

    fn append(&mut self, bytes: &[u8], separate: bool) {
        match &mut self.settings.data {
            Some(data) => {
                if separate && !data.is_empty() {
                    data.push(b'&');
                }
                data.extend_from_slice(bytes);
            }
            None => self.settings.data = Some(bytes.to_vec()),
        }
    }

    fn problem(&mut self, problem: String) {
        self.settings.problems.push(problem);
    }

    fn finish(&mut self) {
        let settings = std::mem::take(&mut self.settings);
        self.parsed.problems.extend(settings.problems.iter().cloned());
        for (number, url) in settings.urls.iter().enumerate() {
            if self.parsed.transfers.len() >= TRANSFERS {
                self.parsed
                    .problems
                    .push(format!("expected at most {TRANSFERS} urls, found more, the rest is left out"));
                return;
            }
            self.parsed.transfers.push(request::transfer(&settings, url, number, self.files));
        }
    }
}
