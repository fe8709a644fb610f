//! The lines that logging libraries print: a head of time, level, thread and logger, then words.
//!
//! The libraries differ in the order of the parts and the marks between them, so one grammar reads the
//! head part by part; only the forms that do not fit have readers of their own. This file takes header
//! lines and refuses to know stack frames, and it leaves the logs of gateways alone.

use super::{level, place::Place, stack, tree, words};
use crate::{Taken, lines::Lines, time};
use firstfault_model::{Call, Message, MessageKind, Origin, Request, Response, Url, Vantage};

/// The head of a line, read, and the words behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head<'a> {
    /// Severity, in our words.
    pub level: Option<&'static str>,
    /// Who logs.
    pub logger: Option<&'a str>,
    /// Milliseconds since the Unix epoch.
    pub at: Option<i64>,
    /// What is said.
    pub words: &'a str,
    /// True where the words are those of an exception.
    pub exception: bool,
}

/// Data behind the words may go on for that many lines.
const DATA_ROWS: usize = 300;

/// Takes the record whose header line is `lines[at]`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at);
    let line = lines.0.get(at)?;
    if let Some(taken) = two_lines(lines, at) {
        return Some(taken);
    }
    let head = head(text)?;
    let offset = head.words.as_ptr() as usize - text.as_ptr() as usize;
    if head.words.ends_with(['{', '['])
        && let Some(end) = data_end(lines, at, offset)
    {
        let (joined, _) = lines.join(at, end);
        let place = Place::joined(lines, at, end);
        let call = call(&head, joined.get(offset..).unwrap_or(head.words), offset, &place);
        return Some(Taken { lines: end - at, calls: vec![call], problems: Vec::new() });
    }
    let mut call = call(&head, head.words, offset, &Place::line(lines, at, 0));
    call.span = line.span;
    Some(Taken { lines: 1, calls: vec![call], problems: Vec::new() })
}

/// The head of a line in any of the forms; `None` for what is no header line of an application log.
#[must_use]
pub fn head(text: &str) -> Option<Head<'_>> {
    let text = text.trim_end();
    let indent = text.len() - text.trim_start().len();
    // Indented lines continue others.
    if indent > 1 {
        return None;
    }
    let text = &text[indent..];
    if !text.as_bytes().first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'[') {
        return None;
    }
    let found = FORMS.iter().find_map(|form| form(text)).or_else(|| generic(text))?;
    (!found.words.is_empty()).then_some(found)
}

/// .NET's console logger and `java.util.logging` print the head and the words on two lines.
fn two_lines(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let (first, second) = (lines.text(at), lines.text(at + 1));
    let mut head = dotnet(first, second).or_else(|| jul(first, second))?;
    let inner = head.words.trim();
    head.words = inner;
    let offset = inner.as_ptr() as usize - second.as_ptr() as usize;
    let mut call = call(&head, inner, offset, &Place::line(lines, at + 1, 0));
    call.span = lines.span(at).to(lines.span(at + 1));
    Some(Taken { lines: 2, calls: vec![call], problems: Vec::new() })
}

/// `fail: Microsoft.AspNetCore.Server.Kestrel[13]`, then the words, indented by six.
fn dotnet<'a>(first: &'a str, second: &'a str) -> Option<Head<'a>> {
    const LEVELS: [(&str, &str); 6] = [
        ("trce", "trace"),
        ("dbug", "debug"),
        ("info", "info"),
        ("warn", "warn"),
        ("fail", "error"),
        ("crit", "fatal"),
    ];
    // A time format may stand in front of the level.
    let (at, rest) = match time::leading(first) {
        Some((at, length)) => (Some(at), first[length..].trim_start()),
        None => (None, first),
    };
    let (word, category) = rest.split_once(": ")?;
    let (_, level) = LEVELS.iter().find(|(name, _)| *name == word)?;
    let (logger, event) = category.trim_end().split_once('[')?;
    if !event.trim_end_matches(']').bytes().all(|b| b.is_ascii_digit() || b == b'-') || !second.starts_with("      ") {
        return None;
    }
    Some(Head { level: Some(level), logger: Some(logger), at, words: second, exception: false })
}

/// `Jun 25, 2024 10:58:29 AM com.example.Class method`, then `SEVERE: words`.
fn jul<'a>(first: &'a str, second: &'a str) -> Option<Head<'a>> {
    let (word, words) = second.split_once(": ")?;
    let level = level::of(word).filter(|_| word.bytes().all(|b| b.is_ascii_uppercase()))?;
    let (at, length) = time::leading(first)?;
    let mut names = first[length..].split_ascii_whitespace();
    let logger = names.next().filter(|name| name.contains('.'))?;
    names.next()?;
    names.next().is_none().then_some(Head {
        level: Some(level),
        logger: Some(logger),
        at: Some(at),
        words,
        exception: false,
    })
}

/// One past the line on which the data that begins at the end of line `at` is closed.
fn data_end(lines: &Lines<'_>, at: usize, offset: usize) -> Option<usize> {
    let mut depth = tree::depth_after(lines.text(at).get(offset..)?, 0)?;
    let mut end = at + 1;
    while depth > 0 {
        let text = lines.text(end);
        if end >= lines.len() || end - at > DATA_ROWS || time::leading(text).is_some() {
            return None;
        }
        depth = tree::depth_after(text, depth)?;
        end += 1;
    }
    Some(end)
}

/// Names that Tomcat, Jetty, Undertow, Netty's reactors and Quarkus give to threads which answer requests.
fn serves_in_thread(line: &str) -> bool {
    const NAMES: &[&str] = &[
        "http-nio",
        "nio-",
        "http-apr",
        "ajp-nio",
        "qtp",
        "XNIO-",
        "executor-thread",
        "or-http-epoll",
        "http-bio",
        "tomcat-handler",
    ];
    line.match_indices(['[', '(']).take(6).any(|(at, _)| {
        let inside = &line[at + 1..];
        NAMES.iter().any(|name| inside.starts_with(name))
    })
}

/// Makes the call that a head and its words tell of; `offset` is where the words stand in `place`.
fn call(head: &Head<'_>, text: &str, offset: usize, place: &Place<'_, '_>) -> Call {
    let mut call = Call::new(Origin::LogLine, Vantage::Server);
    let span = place.span(offset, offset + text.len());
    call.span = place.whole();
    call.started = head.at;
    if let Some(level) = head.level {
        call.mark("log.level", level, place.whole());
    }
    if let Some(logger) = head.logger {
        call.mark("log.logger", logger, place.whole());
        if words::is_client_logger(logger) {
            call.vantage = Vantage::Client;
        }
    }
    if serves_in_thread(place.first_line()) {
        call.mark("serves", "thread", place.whole());
    }
    let found = words::exchange(text);
    if found.side == words::Side::Client {
        call.vantage = Vantage::Client;
    }
    if found.method.is_some() || found.url.is_some() {
        call.request = Some(Request {
            method: found.method.map(str::to_owned),
            url: found.full_url().map(|url| Url::parse(&url)).unwrap_or_default(),
            span,
            ..Request::default()
        });
    }
    let failed = matches!(head.level, Some("warn" | "error" | "fatal"))
        || found.status.is_some_and(|status| status >= 400)
        || head.level.is_none();
    let mut body = None;
    words::body(&mut body, text, failed, |start, end| place.span(offset + start, offset + end));
    if found.status.is_some() || body.is_some() {
        let at = offset + found.status_at;
        call.response = Some(Response {
            status: found.status,
            reason: found.reason.map(str::to_owned),
            body,
            span: if found.status.is_some() { place.span(at, at + 3) } else { span },
            ..Response::default()
        });
    }
    words::marks(&mut call, text, span);
    call.attempt = found.attempt;
    call.timings.total = found.duration;
    // Monolog prints its empty context and extra behind the words.
    let said = text.trim_end().trim_end_matches(" []").trim_end_matches(" []").trim_end_matches(" {}");
    let said = php_exception(said).unwrap_or_else(|| said.to_owned());
    let said = said.as_str();
    let panics = said.starts_with("panic: ") || said.contains("panic serving ");
    let exception =
        head.exception || panics || (stack::is_headed(said) && matches!(head.level, Some("error" | "fatal" | "warn")));
    let kind = if exception { MessageKind::Exception } else { MessageKind::Log };
    call.messages.push(Message { kind, text: said.to_owned(), span });
    call
}

/// `exception 'Type' with message 'words' in FILE:LINE`, as PHP 5 wrote it, as `Type: words`.
fn php_exception(text: &str) -> Option<String> {
    let (name, rest) = text.strip_prefix("exception '")?.split_once("' with message '")?;
    let (words, _) = rest.rsplit_once("' in ").or_else(|| rest.rsplit_once('\''))?;
    Some(format!("{name}: {words}"))
}

/// A form of head that the grammar does not read.
type Form = fn(&str) -> Option<Head<'_>>;

const FORMS: &[Form] = &[ruby, glog, meteor, php, rails, python_basic, chromium, lambda, gin, nlog];

/// Ruby's Logger: `E, [2020-11-16T15:02:18.702951 #71] ERROR -- program: words`.
fn ruby(text: &str) -> Option<Head<'_>> {
    let level = level::of_letter(text.as_bytes()[0]).or_else(|| (text.as_bytes()[0] == b'A').then_some("info"))?;
    let inside = text.get(1..)?.strip_prefix(", [")?;
    let (stamp, rest) = inside.split_once(" #")?;
    let (_, rest) = rest.split_once(" -- ")?;
    let (program, words) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|program| (program, "")))?;
    let logger =
        Some(program.trim()).filter(|program| !program.is_empty() && program.len() < 80 && !program.contains(' '));
    let words = if logger.is_some() || program.trim().is_empty() { words } else { rest };
    Some(Head { level: Some(level), logger, at: time::parse(stamp), words: words.trim_start(), exception: false })
}

/// glog and klog: `E0704 17:28:00.800884 227416 file.go:111] words`. The year is not written.
fn glog(text: &str) -> Option<Head<'_>> {
    let bytes = text.as_bytes();
    let level = level::of_letter(bytes[0]).filter(|_| matches!(bytes[0], b'I' | b'W' | b'E' | b'F'))?;
    if !bytes.get(1..5)?.iter().all(u8::is_ascii_digit) || bytes.get(5) != Some(&b' ') {
        return None;
    }
    let stamp = time::stamp(&text[6..]).filter(|stamp| !stamp.dated)?;
    let mut rest = text[6 + stamp.len..].trim_start();
    // A thread id may stand before the place, and a bracket behind it.
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        rest = rest[digits..].strip_prefix(' ')?;
    }
    let (place, words) = rest.split_once(' ')?;
    let (file, line) = place.trim_end_matches(']').rsplit_once(':')?;
    let placed = file.len() < 80 && !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
    placed.then_some(Head {
        level: Some(level),
        logger: Some(file),
        at: None,
        words: words.trim_start(),
        exception: false,
    })
}

/// Meteor: `I20180728-20:18:02.981(3)? words`.
fn meteor(text: &str) -> Option<Head<'_>> {
    let level = level::of_letter(text.as_bytes()[0])?;
    let stamp = time::stamp(text.get(1..)?).filter(|stamp| stamp.dated)?;
    let rest = text[1 + stamp.len..].strip_prefix('(')?;
    let (zone, rest) = rest.split_once(')')?;
    // The clock is the machine's own, and the number its offset from UTC in hours.
    let hours: i64 = zone.parse().ok().filter(|hours: &i64| hours.abs() <= 14)?;
    let words = rest.trim_start_matches(['?', '!']).trim_start();
    Some(Head {
        level: Some(level),
        logger: None,
        at: stamp.at.map(|at| at - hours * 3_600_000),
        words,
        exception: false,
    })
}

/// PHP's error log: `[25-Jun-2024 10:58:29 UTC] PHP Fatal error:  Uncaught Type: words in FILE:LINE`.
fn php(text: &str) -> Option<Head<'_>> {
    const KINDS: [(&str, &str); 9] = [
        ("Fatal error", "fatal"),
        ("Parse error", "fatal"),
        ("Recoverable fatal error", "error"),
        ("Warning", "warn"),
        ("Notice", "info"),
        ("Deprecated", "info"),
        ("Strict Standards", "info"),
        ("Core error", "fatal"),
        ("Catchable fatal error", "error"),
    ];
    let stamp = time::stamp(text);
    let rest = stamp.map_or(text, |stamp| text[stamp.len..].trim_start());
    let named = rest.strip_prefix("PHP message: ").unwrap_or(rest);
    let (kind, words) = named.strip_prefix("PHP ")?.split_once(':')?;
    let (_, level) = KINDS.iter().find(|(name, _)| *name == kind)?;
    let words = words.trim_start();
    let uncaught = words.strip_prefix("Uncaught ");
    Some(Head {
        level: Some(level),
        logger: None,
        at: stamp.and_then(|stamp| stamp.at),
        words: uncaught.unwrap_or(words),
        exception: uncaught.is_some(),
    })
}

/// Rails in development prints no head: `Started POST "/orders" for …`, `Completed 500 … in 12ms`.
/// morgan, and whatever prints `METHOD /path STATUS`, does the same.
fn rails(text: &str) -> Option<Head<'_>> {
    let status = |token: Option<&str>| {
        token.is_some_and(|t| {
            t.len() == 3 && matches!(t.as_bytes()[0], b'1'..=b'5') && t.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let mut tokens = text.split(' ');
    let known = match tokens.next()? {
        "Started" => text.contains(" \"/") && text.contains("\" for "),
        "Completed" => status(tokens.next()) && text.contains(" in "),
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => {
            tokens.next()?.starts_with('/') && status(tokens.next())
        }
        _ => false,
    };
    known.then_some(Head { words: text, ..Head::default() })
}

/// Python's `logging.basicConfig`: `ERROR:root:words`.
fn python_basic(text: &str) -> Option<Head<'_>> {
    let mut parts = text.splitn(3, ':');
    let (word, logger, words) = (parts.next()?, parts.next()?, parts.next()?);
    let level = level::of_text(word).filter(|_| word.bytes().all(|b| b.is_ascii_uppercase()))?;
    let named =
        !logger.is_empty() && logger.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    (named && !words.starts_with("//")).then_some(Head {
        level: Some(level),
        logger: Some(logger),
        at: None,
        words,
        exception: false,
    })
}

/// Chromium and Flutter's engine: `[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] words`, and with
/// process and time in front of the level.
fn chromium(text: &str) -> Option<Head<'_>> {
    let inside = text.strip_prefix('[')?;
    let close = inside.find(")] ").filter(|close| *close < 160)?;
    let mut parts = inside[..close].rsplitn(2, ':');
    let (file, before) = (parts.next()?, parts.next()?);
    let word = before.rsplit(':').next()?;
    let level = level::of_text(word).filter(|_| word.bytes().all(|b| b.is_ascii_uppercase()))?;
    let file = file.split('(').next().unwrap_or(file);
    let words = &inside[close + 3..];
    Some(Head {
        level: Some(level),
        logger: Some(file),
        at: None,
        words,
        exception: words.starts_with("Unhandled Exception: "),
    })
}

/// AWS Lambda's Node.js runtime: `TIME\tREQUEST-ID\tERROR\twords`.
fn lambda(text: &str) -> Option<Head<'_>> {
    let mut columns = text.splitn(4, '\t');
    let (stamp, id, word, words) = (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
    let at = time::parse(stamp)?;
    let level = level::of_text(word)?;
    (id.len() == 36 || id == "undefined").then_some(Head {
        level: Some(level),
        logger: None,
        at: Some(at),
        words,
        exception: false,
    })
}

/// Gin: `[GIN] 2024/01/02 - 15:04:05 | 500 |  1.2ms |  127.0.0.1 | GET      "/path"`.
fn gin(text: &str) -> Option<Head<'_>> {
    let rest = text.strip_prefix("[GIN] ")?;
    let (at, length) = time::leading(rest)?;
    let words = rest[length..].trim_start().strip_prefix("| ")?;
    Some(Head { level: None, logger: Some("gin"), at: Some(at), words, exception: false })
}

/// NLog's default layout: `TIME|LEVEL|Logger|words`.
fn nlog(text: &str) -> Option<Head<'_>> {
    let (at, length) = time::leading(text)?;
    let mut columns = text[length..].strip_prefix('|')?.splitn(3, '|');
    let (word, logger, words) = (columns.next()?, columns.next()?, columns.next()?);
    Some(Head {
        level: Some(level::of_text(word.trim())?),
        logger: Some(logger.trim()),
        at: Some(at),
        words,
        exception: false,
    })
}

/// The grammar: parts of a head in any order, then words.
fn generic(text: &str) -> Option<Head<'_>> {
    let mut parser =
        Parser { text, at: 0, head: Head::default(), stamped: false, dated: false, sure: false, bracket: None };
    for _ in 0..12 {
        if !parser.part() {
            break;
        }
    }
    parser.finish()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    head: Head<'a>,
    stamped: bool,
    dated: bool,
    /// The level stood in a form that prose does not have.
    sure: bool,
    /// What stood in brackets and looks like a logger, for heads without another.
    bracket: Option<&'a str>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) -> usize {
        let run = self.rest().bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        self.at += run;
        run
    }

    /// Takes one part of the head; false where the words begin.
    fn part(&mut self) -> bool {
        self.spaces();
        let rest = self.rest();
        if rest.is_empty() {
            return false;
        }
        if !self.stamped && self.stamp() {
            return true;
        }
        match rest.as_bytes()[0] {
            b'[' => self.bracketed(),
            b'(' => self.parenthesised(),
            b'-' | b'|' | b':' | b'=' => self.separator(),
            _ => self.number() || self.token(),
        }
    }

    fn stamp(&mut self) -> bool {
        let rest = self.rest();
        let Some(stamp) = time::stamp(rest) else { return false };
        // A time alone may also be a word of the sentence: it counts at the start and after the level.
        if !stamp.dated && self.at > 0 && self.head.level.is_none() {
            return false;
        }
        self.stamped = true;
        self.dated = stamp.dated;
        self.head.at = stamp.at;
        self.at += stamp.len;
        let after = self.rest();
        if after.starts_with(": ") || after.starts_with(", ") || after.starts_with("; ") {
            self.at += 1;
        }
        true
    }

    fn separator(&mut self) -> bool {
        let rest = self.rest();
        if !(self.stamped || self.head.level.is_some()) {
            return false;
        }
        let run = rest.bytes().take_while(|b| *b == rest.as_bytes()[0]).count();
        let closed = rest.as_bytes().get(run).is_none_or(|b| *b == b' ');
        if run > 3 || !closed {
            return false;
        }
        self.at += run;
        true
    }

    /// `[main]`, `[WRN]`, `[2020/10/21 04:52:04|file.py|ERROR ]`.
    fn bracketed(&mut self) -> bool {
        let rest = self.rest();
        let mut close = rest.len().min(200);
        while !rest.is_char_boundary(close) {
            close -= 1;
        }
        let Some(close) = rest[..close].find(']') else { return false };
        let inside = rest[1..close].trim();
        if let Some(word) =
            bracket_level(inside).filter(|_| self.head.level.is_none() && (inside.len() > 1 || self.stamped))
        {
            self.head.level = Some(word);
            self.sure = true;
        } else if let Some(stamp) = time::stamp(inside).filter(|_| !self.stamped) {
            self.stamped = true;
            self.dated = stamp.dated;
            self.head.at = stamp.at;
            self.pieces(&inside[stamp.len..]);
        } else if self.stamped || self.head.level.is_some() {
            // `["…"]` are the words of TiDB's format, and what has spaces is likely words, too.
            if inside.starts_with('"') || inside.contains(' ') && !inside.contains("exec") {
                return false;
            }
            if is_logger(inside) {
                self.bracket = self.bracket.or(Some(inside));
            }
        } else {
            // `[worker-2] ERROR words`: one tag, when a level follows.
            let next = rest[close + 1..].trim_start().split([' ', ':']).next().unwrap_or_default();
            let level_follows = level::of_text(next.trim_matches(['[', ']'])).is_some()
                && next.bytes().all(|b| !b.is_ascii_lowercase());
            if self.at > 0 || !level_follows {
                return false;
            }
            self.sure = true;
        }
        self.at += close + 1;
        if self.rest().starts_with(": ") {
            self.at += 1;
        }
        true
    }

    /// The parts of a bracket behind its time: `|file.py|ERROR`, ` DEBUG hyper::client`, `: ERROR/MainProcess`.
    fn pieces(&mut self, inside: &'a str) {
        for piece in inside
            .split([' ', '|', '/', ','])
            .map(|piece| piece.trim_matches([':', ' ']))
            .filter(|piece| !piece.is_empty())
        {
            match level::of_text(piece) {
                Some(word) if self.head.level.is_none() => {
                    self.head.level = Some(word);
                    self.sure = true;
                }
                _ if is_logger(piece) => self.head.logger = self.head.logger.or(Some(piece)),
                _ => {}
            }
        }
    }

    /// `(MainThread)`, `(executor-thread-91)`.
    fn parenthesised(&mut self) -> bool {
        let rest = self.rest();
        let run = rest
            .bytes()
            .skip(1)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'#' | b'.'))
            .count();
        if !(self.stamped && self.head.level.is_some())
            || run == 0
            || run > 80
            || rest.as_bytes().get(run + 1) != Some(&b')')
        {
            return false;
        }
        self.at += run + 2;
        true
    }

    /// A process id, where more of the head follows it.
    fn number(&mut self) -> bool {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[digits..];
        let more = after.starts_with(" ---") || after.starts_with(" [") || after.starts_with(" - ");
        if digits == 0 || digits > 8 || self.head.level.is_none() || !more {
            return false;
        }
        self.at += digits;
        true
    }

    fn token(&mut self) -> bool {
        let rest = self.rest();
        let length = rest.find([' ', '\t']).unwrap_or(rest.len());
        if length > 160 {
            return false;
        }
        let token = &rest[..length];
        self.level(token) || self.channel(token) || self.logger(token)
    }

    fn level(&mut self, token: &'a str) -> bool {
        if self.head.level.is_some() {
            return false;
        }
        let core = token.trim_end_matches([':', ',', '|']);
        // logrus on a terminal counts seconds: `ERRO[0012] words`.
        let (core, counted) = match core.split_once('[') {
            Some((word, rest)) if rest.trim_end_matches(']').bytes().all(|b| b.is_ascii_digit()) => (word, true),
            _ => (core, false),
        };
        let Some(word) = level::of_text(core) else { return false };
        let colon = token.len() > core.len();
        let upper = core.bytes().all(|b| b.is_ascii_uppercase());
        let after = &self.rest()[token.len()..];
        if upper {
            // `ERROR: words` is a record, `ERROR:` before one word a heading.
            self.sure |= counted || (colon && after.starts_with(' ') && after.len() > 8);
        } else if !self.stamped {
            return false;
        } else if core.as_bytes()[0].is_ascii_uppercase() {
            // `Error: words` belongs to the sentence, `Information: ` does not.
            if matches!(core, "Error" | "Fatal" | "Panic" | "Exception" | "Critical") {
                self.head.level = Some(word);
                return false;
            }
        } else if !colon && after.starts_with(' ') && after.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase) {
            // `error connecting to …` says its level in the sentence.
            self.head.level = Some(word);
            return false;
        }
        self.head.level = Some(word);
        self.at += token.len();
        true
    }

    /// Monolog: `production.ERROR: words`.
    fn channel(&mut self, token: &'a str) -> bool {
        let Some((channel, word)) = token.strip_suffix(':').and_then(|token| token.rsplit_once('.')) else {
            return false;
        };
        let Some(word) = level::of_text(word).filter(|_| word.bytes().all(|b| b.is_ascii_uppercase())) else {
            return false;
        };
        if self.head.level.is_some() || !self.stamped {
            return false;
        }
        self.head.level = Some(word);
        self.head.logger = Some(channel);
        self.at += token.len();
        true
    }

    fn logger(&mut self, token: &'a str) -> bool {
        if self.head.logger.is_some() || !(self.stamped || self.head.level.is_some()) {
            return false;
        }
        let after = self.rest()[token.len()..].trim_start();
        let dashed = ["- ", "| ", ": ", "-- "].iter().any(|mark| after.starts_with(mark));
        let core = token.trim_end_matches(':');
        if self.head.level.is_none() {
            // `2021-… - name - ERROR - words`: a name before the level.
            let follows = after.trim_start_matches(['-', '|', ' ']).split([' ', ':', '|']).next().unwrap_or_default();
            let dashed = dashed && level::of_text(follows.trim_matches(['[', ']'])).is_some();
            // Gitea: `modules/webhook/deliver.go:251:Deliver() [E] words`.
            let bracket = after.strip_prefix('[').and_then(|inner| inner.split(']').next());
            let called = token.ends_with("()") && bracket.is_some_and(|inside| bracket_level(inside).is_some());
            let name = core.trim_end_matches("()").trim_start_matches('.');
            if !(dashed || called) || !is_name(name) {
                return false;
            }
            self.head.logger = Some(name);
            self.at += token.len();
            return true;
        }
        let colon = token.ends_with(':') && core.bytes().any(|b| b.is_ascii_lowercase());
        // Tomcat: `SEVERE [thread] org.apache.catalina.core.Valve.invoke words`, with no mark between.
        let bracketed = self.text[..self.at].trim_end().ends_with(']');
        if !dashed && !colon && bracketed && core.matches('.').count() >= 2 && is_logger(core) {
            self.head.logger = Some(core);
            self.at += token.len();
            return false;
        }
        // `java.net.ConnectException: words` and `TypeError: words` are what was said, not who said it.
        let spoken = stack::is_class(core) && ["Error", "Exception", "Failure"].iter().any(|word| core.ends_with(word));
        let marked = dashed && (is_logger(core) || ["| ", "- ", ": "].iter().any(|mark| after.starts_with(mark)));
        if is_name(core) && ((colon && !spoken) || marked) {
            self.head.logger = Some(core);
            self.sure |= colon;
            self.at += token.len();
            self.spaces();
            for mark in [": ", "- ", "| ", "-- "] {
                if self.rest().starts_with(mark) {
                    self.at += mark.len();
                    break;
                }
            }
            return false;
        }
        false
    }

    fn finish(mut self) -> Option<Head<'a>> {
        self.spaces();
        self.head.words = self.rest();
        self.head.logger = self.head.logger.or(self.bracket);
        let leveled = self.head.level.is_some() && (self.stamped || self.sure);
        let words = self.head.words;
        let sentence = words.bytes().take(400).filter(u8::is_ascii_alphabetic).count() >= 3;
        // A time and words, as Go's log prints; a bare clock needs a level or a request.
        let timed = self.stamped && (self.dated || words::exchange(words).url.is_some());
        let foreign = is_foreign(self.text, words) || (self.head.level.is_none() && is_table(words));
        (sentence && (leveled || timed) && !foreign).then_some(self.head)
    }
}

/// The level in brackets: `WRN`, `error`, and with one letter `E`.
fn bracket_level(inside: &str) -> Option<&'static str> {
    match inside.as_bytes() {
        [letter] => level::of_letter(*letter),
        _ => level::of_text(inside),
    }
}

/// True for the lines of gateways, whose own readers know them better.
fn is_foreign(text: &str, words: &str) -> bool {
    let bytes = words.as_bytes();
    let digits = bytes.iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    // nginx: `2023/04/11 10:52:44 [error] 1046#1046: *2094 …`.
    let nginx = digits > 0 && bytes.get(digits) == Some(&b'#');
    // Envoy: `[2021-08-09T08:01:02.101Z] "GET /x HTTP/1.1" 503 UH …`.
    let request_line =
        words.strip_prefix('"').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '-'));
    let envoy = text.starts_with('[') && request_line;
    // Apache: `[Tue Apr 24 14:35:07.971403 2018] [proxy:error] [pid 6395] …`.
    let apache =
        text.starts_with('[') && (text.contains("] [pid ") || text.contains(":error] ") || text.contains("] [client "));
    nginx || envoy || apache
}

/// True for the lines of IIS and other tables: a time, then an address.
fn is_table(words: &str) -> bool {
    let first = words.split([' ', '\t', ':']).next().unwrap_or_default();
    first.matches('.').count() == 3 && first.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// True for what loggers are called: `o.a.c.Logger`, `hyper::client`, `file.py`, `PocoHTTPClient.cpp:388`.
fn is_logger(text: &str) -> bool {
    is_name(text)
        && (text.contains(['.', '/', '_']) || text.contains("::"))
        && !text.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 120
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-$:/[]@#<>~".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}
