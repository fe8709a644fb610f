//! Where curl commands stand in text: behind prompts, assignments, other programs and in substitutions.
//!
//! This file decides what is a command and in which shell; it refuses to know what curl's options mean.

use crate::posix::{self, Heredoc, Words};
use crate::{Command, Shell, cmd, powershell};
use firstfault_model::Span;

/// How many bytes one command may have.
const COMMAND_BYTES: usize = 1 << 20;
/// How far into a line a command may begin.
const HEAD_BYTES: usize = 4_096;
/// How many bytes may be searched for quotes that never close, in all; beyond it a command is one line.
const WASTE_BYTES: usize = 8 << 20;
/// How deep commands in substitutions are looked for.
const DEPTH: usize = 4;

/// Finds the curl commands in `text`, in order; one inside another's `$( )` comes first.
#[must_use]
pub fn split(text: &str) -> Vec<Command> {
    let mut finder = Finder { commands: Vec::new(), waste: 0 };
    finder.walk(text, 0, 1, 0);
    finder.commands
}

/// The command that begins on the first line of `text`, and how many lines it takes. Spans count from there.
#[must_use]
pub fn command_at(text: &str) -> Option<(Command, usize)> {
    let line = &text[..text.find('\n').unwrap_or(text.len())];
    let start = start_of(line)?;
    let mut finder = Finder { commands: Vec::new(), waste: 0 };
    let end = finder.take(text, &start, 0, 1, 0);
    let lines = text[..end.min(text.len())].trim_end_matches('\n').split('\n').count();
    // Those inside substitutions come first; the last one is the command itself.
    Some((finder.commands.pop()?, lines))
}

struct Finder {
    commands: Vec<Command>,
    waste: usize,
}

/// Where a command begins in its line.
struct Start {
    /// First byte of its name, and of what follows the name.
    name: usize,
    rest: usize,
    prompted: bool,
    shell: Shell,
    web_command: bool,
    closing: Option<u8>,
    /// The whole command is an argument of `sh -c` in these quotes.
    script: Option<char>,
}

impl Finder {
    fn walk(&mut self, text: &str, base: usize, first_line: u32, depth: usize) {
        let mut at = 0;
        let mut line_number = first_line;
        while at < text.len() {
            let line_end = text[at..].find('\n').map_or(text.len(), |i| at + i);
            let end = match start_of(&text[at..line_end]) {
                Some(start) => {
                    let taken = at + self.take(&text[at..], &start, base + at, line_number, depth);
                    // What follows on the same line may be another command.
                    if text[taken..].starts_with(['|', '&', ';']) {
                        let skipped =
                            text[taken..].len() - text[taken..].trim_start_matches(['|', '&', ';', ' ']).len();
                        line_number += feeds(&text[at..taken]);
                        at = taken + skipped;
                        continue;
                    }
                    text[taken..].find('\n').map_or(text.len(), |i| taken + i)
                }
                None => line_end,
            };
            line_number += feeds(&text[at..end]) + 1;
            at = end + 1;
        }
    }

    /// Reads the command of `start` in `text`, the input from its line on, and returns where it ends.
    fn take(&mut self, text: &str, start: &Start, base: usize, line: u32, depth: usize) -> usize {
        // Windows' rules look at the whole window, so that many commands get small ones.
        let most = if self.waste < WASTE_BYTES { COMMAND_BYTES } else { HEAD_BYTES };
        let window = window(text, start.rest, most);
        let rest = &window[start.rest..];
        let (words, shell) = match (start.shell, start.script) {
            (Shell::Cmd, _) => {
                self.waste += rest.len() / 16;
                (cmd::words(rest), Shell::Cmd)
            }
            (Shell::PowerShell, _) if start.web_command => (powershell::web_command(rest), Shell::PowerShell),
            (Shell::PowerShell, _) => (powershell::words(rest), Shell::PowerShell),
            (Shell::Posix, Some(quote)) => (script(rest, quote), Shell::Posix),
            (Shell::Posix, None) => (self.posix(rest, &window[..start.name], start.closing), Shell::Posix),
        };
        self.waste += words.wasted;
        if depth < DEPTH {
            let (mut counted, mut inner_line) = (0, line);
            for &(from, to) in &words.inner {
                let place = start.rest + from;
                inner_line += feeds(text.get(counted..place).unwrap_or_default());
                counted = place;
                self.walk(rest.get(from..to).unwrap_or_default(), base + place, inner_line, depth + 1);
            }
        }
        let end = (start.rest + words.end).min(text.len());
        let shown = start.name + text[start.name..end].trim_end().len();
        let span = Span::new(line, base + start.name, base + shown);
        if !words.words.is_empty() {
            self.commands.push(Command {
                shell,
                arguments: words.words,
                stdin: words.stdin,
                prompted: start.prompted,
                span,
            });
        }
        end
    }

    /// A quote that never closes is an apostrophe: then the command is its first line.
    fn posix(&mut self, rest: &str, head: &str, closing: Option<u8>) -> Words {
        let waiting = head.rfind('\n').map_or(head, |i| &head[i..]);
        if self.waste < WASTE_BYTES
            && let Some(words) = posix::words(rest, closing, Heredoc::begun_in(waiting))
        {
            return words;
        }
        self.waste += rest.len();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        posix::words(line, closing, None).unwrap_or_else(|| {
            let words = line.split_whitespace().map(|w| w.trim_matches(['\'', '"']).to_owned()).collect();
            Words { words, end: line.len(), ..Words::default() }
        })
    }
}

fn feeds(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|b| *b == b'\n').count()).unwrap_or(u32::MAX)
}

/// The part of `text` that one command may take.
fn window(text: &str, from: usize, most: usize) -> &str {
    let mut end = text.len().min(from.saturating_add(most));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The argument of `sh -c` in `quote`, cut again.
fn script(rest: &str, quote: char) -> Words {
    let mut inner = String::new();
    let mut chars = rest.char_indices().peekable();
    let mut end = rest.len();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => {
                end = at + 1;
                break;
            }
            '\\' if quote == '"' && chars.peek().is_some_and(|(_, n)| matches!(n, '"' | '\\' | '$' | '`')) => {
                inner.extend(chars.next().map(|(_, next)| next));
            }
            c => inner.push(c),
        }
    }
    let words = posix::words(&inner, None, None).unwrap_or_default();
    Words { end, inner: Vec::new(), ..words }
}

/// Programs that run another one: what stands between them and curl is theirs.
const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "time",
    "env",
    "exec",
    "command",
    "nohup",
    "nice",
    "timeout",
    "watch",
    "xargs",
    "docker",
    "docker-compose",
    "podman",
    "nerdctl",
    "kubectl",
    "oc",
    "k",
    "microk8s",
    "minikube",
    "ssh",
    "wsl",
    "wsl.exe",
    "dokku",
    "heroku",
    "fly",
    "flyctl",
    "vagrant",
    "ip",
    "chroot",
    "su",
    "torsocks",
    "proxychains",
    "proxychains4",
    "strace",
    "ltrace",
    "faketime",
    "busybox",
    "lxc",
    "multipass",
    "cf",
    "ddev",
    "lando",
    "RUN",
    "CMD",
    "run:",
    "script:",
    "-",
    "bash",
    "sh",
    "zsh",
    "/bin/sh",
    "/bin/bash",
    "hyperfine",
    "unbuffer",
    "stdbuf",
    "setsid",
    "runuser",
    "nsenter",
    "istioctl",
    "scoop",
    "&",
];
/// Words of the shell itself that may stand before a command.
const KEYWORDS: &[&str] = &["if", "then", "elif", "else", "while", "until", "do", "!", "{", "function", "return"];
/// In front of these, curl is a name and not a command.
const NAMING: &[&str] = &[
    "install",
    "add",
    "which",
    "man",
    "grep",
    "echo",
    "remove",
    "upgrade",
    "type",
    "apk",
    "-y",
    "apt",
    "apt-get",
    "brew",
    "yum",
    "dnf",
    "purge",
    "whereis",
    "alias",
    "command-v",
    "-v",
];
const WEB_COMMANDS: &[&str] = &["Invoke-RestMethod", "Invoke-WebRequest", "irm", "iwr"];

/// The place in a line where a curl command begins.
fn start_of(line: &str) -> Option<Start> {
    let mut end = line.len().min(HEAD_BYTES);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = &line[..end];
    for (name, _) in head.match_indices("curl").take(32) {
        if let Some(start) = curl_at(line, head, name) {
            return Some(start);
        }
    }
    web_command_at(line, head)
}

fn web_command_at(line: &str, head: &str) -> Option<Start> {
    for command in WEB_COMMANDS {
        let Some(name) = find_ignoring_case(head, command) else { continue };
        let rest = name + command.len();
        // A `+` before it is PowerShell showing the line that failed.
        let before = head[..name].trim();
        let bounded = (before.is_empty() || before.ends_with(['(', '=', '>', '|', '{', ';']))
            && head[rest..].starts_with([' ', '\t']);
        let argument = line[rest..].trim_start();
        let likely = argument.starts_with(['-', '\'', '"', '$', '`', '@']) || argument.contains("://");
        // In an error report the name is followed by words or a colon.
        if bounded && likely {
            let prompted = head[..name].trim_start().starts_with("PS ");
            return Some(Start {
                name,
                rest,
                prompted,
                shell: Shell::PowerShell,
                web_command: true,
                closing: None,
                script: None,
            });
        }
    }
    None
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

fn curl_at(line: &str, head: &str, curl: usize) -> Option<Start> {
    // The name may have a directory before it and `.exe` behind it.
    let mut rest = curl + 4;
    let exe = line[rest..].starts_with(".exe");
    if exe {
        rest += 4;
        if line[rest..].starts_with(['"', '\'']) {
            rest += 1;
        }
    }
    if !line[rest..].starts_with([' ', '\t', '\\', '^', '`']) {
        return None;
    }
    let mut name = curl;
    if head[..curl].ends_with(['/', '\\']) {
        name = head[..curl]
            .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '`' | ';' | '|' | '&' | '>' | '"' | '\''))
            .map_or(0, |i| i + 1);
    }
    let before = &head[..name];
    let mut script = None;
    let mut closing = None;
    // The last command on the line before this one.
    let mut segment_at = 0;
    for (i, c) in before.char_indices() {
        if matches!(c, ';' | '|' | '&' | '(' | '`' | '{') {
            segment_at = i + c.len_utf8();
            closing = match c {
                '(' => Some(b')'),
                '`' => Some(b'`'),
                _ => closing,
            };
        } else if c == ')' {
            closing = None;
        }
    }
    let mut segment = &before[segment_at..];
    if let Some(quote) = segment.chars().next_back().filter(|c| matches!(c, '\'' | '"')) {
        segment = &segment[..segment.len() - 1];
        let is_script = segment.trim_end().ends_with("-c")
            || segment.trim_end().ends_with("-lc")
            || segment.trim_start().starts_with("ssh ");
        if is_script {
            script = Some(quote);
        } else if !exe {
            return None;
        }
    } else if !segment.is_empty() && !segment.ends_with([' ', '\t', '$', '#', '>', '%']) {
        return None;
    }
    let words: Vec<&str> = segment.split_whitespace().collect();
    let prompt = if segment_at == 0 { words.iter().take(6).rposition(|w| is_prompt(w)) } else { None };
    let command_words = &words[prompt.map_or(0, |i| i + 1)..];
    let prompted = prompt.is_some();
    // Root's prompt alone looks like a comment, the second prompt like a quotation.
    let certain = prompted && words.first() != Some(&"#") && words.first() != Some(&">");
    if command_words.last().is_some_and(|w| NAMING.contains(w)) || command_words.iter().any(|w| w.starts_with('#')) {
        return None;
    }
    let first = command_words.iter().find(|word| !KEYWORDS.contains(word) && !is_assignment(word));
    // Behind a prompt any program may run another one.
    if first.is_some_and(|word| !certain && !WRAPPERS.contains(word)) {
        return None;
    }
    if !plausible(line[rest..].trim_start(), certain || closing.is_some()) {
        return None;
    }
    let shell = shell_of(line, before, rest, exe);
    Some(Start { name, rest, prompted, shell, web_command: false, closing, script })
}

/// The end of a prompt: `$`, `user@host:~$`, `#`, `%`, `PS C:\>`, `➜`.
fn is_prompt(word: &str) -> bool {
    word.ends_with(['$', '#', '%', '>', '❯', '➜', 'λ']) && !word.starts_with("$(") || matches!(word, "➜" | "❯")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// What follows the name of a command and not the word in a sentence.
fn plausible(rest: &str, certain: bool) -> bool {
    let next = rest.split_whitespace().next().unwrap_or_default();
    if next.is_empty() || next.starts_with("--version") || matches!(next, "-V" | "--help" | "-h" | "|" | ">" | "&&") {
        return false;
    }
    if let Some(option) = next.strip_prefix('-') {
        return !matches!(option, "" | "-");
    }
    certain && !next.starts_with(':')
        || next.starts_with(['\'', '"', '$', '\\', '^', '`', '{', '<', '['])
        || next.contains("://")
        || next.starts_with("localhost")
        || next.contains('/') && !next.ends_with('/')
        || next.contains('.') && !next.ends_with('.') && next.len() > 3
        || next.contains(':') && next.ends_with(|c: char| c.is_ascii_digit())
}

fn shell_of(line: &str, before: &str, rest: usize, exe: bool) -> Shell {
    let before = before.trim_start();
    let bytes = before.as_bytes();
    if before.starts_with("PS ") {
        return Shell::PowerShell;
    }
    if bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && bytes[2] == b'\\'
        && before.contains('>')
    {
        return Shell::Cmd;
    }
    let tail = line[rest..].trim_end();
    if tail.ends_with('^') || tail.contains(" ^\"") || tail.contains("^\\^\"") {
        return Shell::Cmd;
    }
    if tail.ends_with(" `") || tail.ends_with('`') && tail.matches('`').count() % 2 == 1 {
        return Shell::PowerShell;
    }
    if exe {
        return if tail.contains('\'') { Shell::PowerShell } else { Shell::Cmd };
    }
    Shell::Posix
}
