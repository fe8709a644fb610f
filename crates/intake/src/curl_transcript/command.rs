//! The curl command above a transcript: where it is, how far it goes, and the little of it that reading
//! the output needs.
//!
//! A full reading of commands is another crate's work; [`request_from_command`] is the seam where it goes in.

use super::line;
use crate::http_message::boundary;
use crate::http_message::start_line;
use crate::lines::Lines;
use firstfault_model::{Request, Span};

/// Lines that one command may have; a quote that is still open then is an apostrophe.
const COMMAND_LINES: usize = 400;

/// A command line and what it says about its output.
#[derive(Clone, Debug, Default)]
pub(super) struct Command {
    /// The words as typed, without prompt, continued lines joined by line feeds.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// True when a shell prompt stands before it.
    pub prompted: bool,
    /// `-w`
    pub write_out: Option<String>,
    /// `-I`, or a pipe that leaves fields only
    pub heads_only: bool,
    /// A pipe leaves some lines only, so that nothing is known to be whole.
    pub filtered: bool,
    /// `-x`
    pub proxy: Option<String>,
    /// `-X`
    pub method_fixed: bool,
}

/// The curl command that stands at line `at`, and the line behind it.
pub(super) fn command_at(lines: &Lines<'_>, at: usize) -> Option<(Command, usize)> {
    let line = lines.0.get(at)?;
    let (words, prompted) = command_words(&line.text)?;
    let mut command = Command { text: words.to_owned(), span: line.span, prompted, ..Command::default() };
    let mut quote = open_quote(words, None);
    let mut terminator = heredoc(words);
    let mut end = at + 1;
    while (quote.is_some() || terminator.is_some() || continues(&command.text))
        && end < lines.len()
        && end < at + COMMAND_LINES
    {
        let text = lines.text(end);
        let output = start_line::status_line(text).is_some() || (!text.starts_with("> ") && line::begins(text));
        if output || boundary::is_fence(text) || text.starts_with("$ ") {
            break;
        }
        // The shell's second prompt.
        let text = text.strip_prefix("> ").unwrap_or(text);
        command.text.push('\n');
        command.text.push_str(text);
        command.span = command.span.to(lines.span(end));
        end += 1;
        if terminator.as_deref().is_some_and(|word| text.trim() == word) {
            terminator = None;
        } else if terminator.is_none() {
            quote = open_quote(text, quote);
            terminator = heredoc(text);
        }
    }
    let unclosed = end >= at + COMMAND_LINES || end >= lines.len() || lines.text(end).starts_with("$ ");
    if quote.is_some() && unclosed {
        words.clone_into(&mut command.text);
        command.span = line.span;
        end = at + 1;
    }
    describe(&mut command);
    Some((command, end))
}

/// What a command asks for. `None` when it names no URL.
pub(super) fn request_from_command(command: &str) -> Option<Request> {
    firstfault_curl::request_from_command(command)
}

/// The command in a line, and whether a prompt stands before it. `None` when it does not call curl.
fn command_words(text: &str) -> Option<(&str, bool)> {
    if let Some(command) = boundary::prompt(text) {
        return calls_curl(command).then_some((command, true));
    }
    // Root's prompt alone looks like a comment.
    if let Some(command) = text.trim_start().strip_prefix("# ").filter(|c| c.starts_with("curl ")) {
        return bare_curl(command).then_some((command, true));
    }
    let text = text.trim();
    bare_curl(text).then_some((text, false))
}

/// True when a shell line runs curl, directly or through another program (`time`, `docker exec`, `sudo`).
fn calls_curl(command: &str) -> bool {
    let mut previous = "";
    for word in command.split_whitespace().take(16) {
        if word.starts_with('#') {
            return false;
        }
        let name = word.trim_start_matches(['(', '`']).rsplit(['/', '\\', '(']).next().unwrap_or_default();
        let is_curl = name == "curl" || name == "curl.exe";
        if is_curl
            && !["install", "add", "which", "man", "grep", "echo", "remove", "upgrade", "type", "apk", "-y", "|"]
                .contains(&previous)
        {
            return !command.trim_end().ends_with(word)
                && !command.contains("curl --version")
                && !command.contains("curl -V");
        }
        previous = word;
    }
    false
}

/// Without a prompt, only a flag or a URL behind the word makes it a command.
fn bare_curl(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("curl ").or_else(|| text.strip_prefix("curl.exe ")) else { return false };
    let next = rest.split_whitespace().next().unwrap_or_default();
    !next.is_empty()
        && !next.starts_with("--version")
        && (next.starts_with(['-', '\'', '"', '$', '\\'])
            || next.contains("://")
            || next.contains('/')
            || next.starts_with("localhost")
            || (next.contains('.') && !next.ends_with('.')))
}

fn continues(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default().trim_end();
    last.ends_with('\\') || last.ends_with(" ^") || last.ends_with(" `")
}

/// The quote that is still open behind `text`.
fn open_quote(text: &str, mut quote: Option<char>) -> Option<char> {
    let mut escaped = false;
    for c in text.chars() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    quote
}

/// The word that ends a here-document begun on this line.
fn heredoc(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("<<")?;
    let word = rest.trim_start_matches('-').trim_start();
    if word.starts_with('<') {
        return None;
    }
    let word: String = word
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, ')' | '|' | ';'))
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    (!word.is_empty()).then_some(word)
}

fn describe(command: &mut Command) {
    let words = shell_words(&command.text);
    for (flag, value) in Flags::new(&words) {
        match flag.as_str() {
            "w" | "write-out" => command.write_out = Some(value),
            "I" | "head" => command.heads_only = true,
            "x" | "proxy" => command.proxy = Some(value),
            "X" | "request" => command.method_fixed = true,
            _ => {}
        }
    }
    command.filtered =
        ["| head", "| tail", "| grep", "| egrep", "| awk", "| sed", "| findstr", "| sls", "| Select-String"]
            .iter()
            .any(|filter| command.text.contains(filter));
    // `| grep -i '^date'`, `| head -1` and the like leave lines of the head only when -i or -I is given.
    if let Some((before, _)) = command.text.split_once(" | ") {
        let shown = before
            .split_whitespace()
            .any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(['i', 'I', 'D']));
        command.heads_only |= shown || before.contains("--head") || before.contains("--include");
    }
}

/// Words of the first curl invocation, as a POSIX shell cuts them; `^` and `` ` `` continue lines elsewhere.
fn shell_words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begun = false;
    let mut quote = None;
    let mut chars = command.chars().peekable();
    let mut in_curl = false;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('"') | None, '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(next) => {
                    if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                        word.push('\\');
                    }
                    word.push(next);
                    begun = true;
                }
            },
            (Some(open), c) if open == c => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                // $'…' is quoted, too
                if c == '\'' && word == "$" {
                    word.clear();
                }
                quote = Some(c);
                begun = true;
            }
            (None, '^' | '`') if chars.peek().is_none_or(|next| *next == '\n') => {}
            (None, c) if c.is_whitespace() => {
                if begun {
                    in_curl |= take_word(&mut words, &mut word, in_curl);
                    begun = false;
                }
            }
            (None, '|' | ';' | '<' | '>' | '&') => {
                if begun {
                    in_curl |= take_word(&mut words, &mut word, in_curl);
                    begun = false;
                }
                let fd = words.last().is_some_and(|w| matches!(w.as_str(), "1" | "2")) && c == '>';
                if fd {
                    words.pop();
                }
                if !in_curl {
                    continue;
                }
                // A redirection ends with its word, everything else ends the command.
                if c != '>' {
                    return words;
                }
                while chars.next_if(|next| matches!(next, '>' | '&' | ' ')).is_some() {}
                while chars.next_if(|next| !next.is_whitespace() && *next != '|' && *next != ';').is_some() {}
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        take_word(&mut words, &mut word, in_curl);
    }
    words
}

/// Keeps words behind `curl` only; true when this word is `curl`.
fn take_word(words: &mut Vec<String>, word: &mut String, in_curl: bool) -> bool {
    let word = std::mem::take(word);
    if in_curl {
        words.push(word);
        return true;
    }
    matches!(word.rsplit(['/', '\\']).next(), Some("curl" | "curl.exe"))
}

/// Walks over curl's arguments as (flag without dashes, value); the flag is empty for a URL.
struct Flags<'w> {
    words: &'w [String],
    /// The rest of a cluster of short flags.
    cluster: &'w str,
}

impl<'w> Flags<'w> {
    fn new(words: &'w [String]) -> Self {
        Self { words, cluster: "" }
    }

    fn take(&mut self) -> Option<&'w String> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

impl Iterator for Flags<'_> {
    type Item = (String, String);

    fn next(&mut self) -> Option<Self::Item> {
        if self.cluster.is_empty() {
            let word = self.take()?;
            if let Some(long) = word.strip_prefix("--") {
                if LONG_WITH_VALUE.contains(&long) {
                    let value = self.take().cloned().unwrap_or_default();
                    return Some((long.to_owned(), value));
                }
                return Some(match long.split_once('=') {
                    Some((name, value)) => (name.to_owned(), value.to_owned()),
                    None => (long.to_owned(), String::new()),
                });
            }
            match word.strip_prefix('-') {
                Some(cluster) if !cluster.is_empty() => self.cluster = cluster,
                Some(_) => return Some(("-".to_owned(), String::new())),
                None => return Some((String::new(), word.clone())),
            }
        }
        let mut flags = self.cluster.chars();
        let flag = flags.next()?;
        self.cluster = flags.as_str();
        if !SHORT_WITH_VALUE.contains(flag) {
            return Some((flag.to_string(), String::new()));
        }
        let value = if self.cluster.is_empty() {
            self.take().cloned().unwrap_or_default()
        } else {
            std::mem::take(&mut self.cluster).to_owned()
        };
        Some((flag.to_string(), value.trim_start_matches('=').to_owned()))
    }
}

/// Short flags that take a value (curl's manual).
const SHORT_WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Long flags that take a value (curl's manual); others are taken to be switches.
const LONG_WITH_VALUE: &[&str] = &[
    "request",
    "header",
    "data",
    "data-raw",
    "data-binary",
    "data-ascii",
    "data-urlencode",
    "json",
    "user",
    "url",
    "proxy",
    "output",
    "write-out",
    "max-time",
    "connect-timeout",
    "cacert",
    "capath",
    "cert",
    "cert-type",
    "key",
    "key-type",
    "pass",
    "resolve",
    "connect-to",
    "retry",
    "retry-delay",
    "retry-max-time",
    "user-agent",
    "referer",
    "cookie",
    "cookie-jar",
    "form",
    "form-string",
    "interface",
    "dns-servers",
    "proxy-user",
    "proxy-header",
    "proxy-cacert",
    "ciphers",
    "tls13-ciphers",
    "tls-max",
    "aws-sigv4",
    "oauth2-bearer",
    "range",
    "limit-rate",
    "dump-header",
    "trace",
    "trace-ascii",
    "stderr",
    "unix-socket",
    "noproxy",
    "socks5",
    "socks5-hostname",
    "socks4",
    "socks4a",
    "preproxy",
    "proxy1.0",
    "upload-file",
    "config",
    "pinnedpubkey",
    "local-port",
    "keepalive-time",
    "doh-url",
    "max-redirs",
    "max-filesize",
    "speed-limit",
    "speed-time",
    "time-cond",
    "url-query",
    "variable",
    "expect100-timeout",
    "happy-eyeballs-timeout-ms",
    "netrc-file",
    "crlfile",
    "curves",
    "alt-svc",
    "hsts",
    "etag-save",
    "etag-compare",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_message::tests::lines_of;

    #[test]
    fn commands_are_found_and_end_where_they_end() {
        for (text, expected) in [
            ("$ curl -v https://h/\nout", Some(1)),
            ("$ curl -v \\\n  -H 'a: b' \\\n  https://h/\nout", Some(3)),
            ("$ curl -d '{\n \"a\": 1\n}' https://h/\nout", Some(3)),
            ("$ curl -v \\\n> https://h/\nout", Some(2)),
            ("$ curl -d @- https://h/ <<EOF\n{\"a\": \"it's\"}\nEOF\nout", Some(3)),
            ("curl.exe -v ^\n https://h/\nout", Some(2)),
            ("$ sudo docker exec web curl -s http://h/\n", Some(1)),
            ("$ curl -H \"x: unclosed https://h/\n* Trying 192.0.2.1...\n", Some(1)),
            ("$ apt install curl\n", None),
            ("curl is failing here\n", None),
            ("$ ls\n", None),
        ] {
            assert_eq!(command_at(&lines_of(text), 0).map(|(_, end)| end), expected, "{text}");
        }
    }

    #[test]
    fn requests() {
        for (command, expected) in [
            ("curl https://h.example/a?b", "GET https://h.example/a?b h0"),
            ("curl -sSXPUT h.example -d a=1 -d b=2", "PUT http://h.example/ h1 a=1&b=2"),
            ("curl -vk --data-raw '{\"a\":\"b\"}' -H 'X: y' \"http://h/\"", "POST http://h/ h2 {\"a\":\"b\"}"),
            ("curl -I localhost:8080/x 2>&1 | head -1", "HEAD http://localhost:8080/x h0"),
            ("time curl -o /dev/null -w '%{http_code}' https://h/ > /tmp/x", "GET https://h/ h0"),
            ("cd x && curl -G -d q=1 https://h/", "GET https://h/?q=1 h0"),
        ] {
            let request = request_from_command(command).unwrap();
            let body = request.body.map_or_else(String::new, |b| format!(" {}", b.text));
            let found = format!("{} {} h{}{body}", request.method.unwrap(), request.url, request.headers.0.len());
            assert_eq!(found, expected, "{command}");
        }
        assert_eq!(request_from_command("curl -v"), None);
    }
}
