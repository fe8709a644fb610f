//! Words of one command as PowerShell cuts them, and its own `Invoke-RestMethod` and `Invoke-WebRequest` in
//! curl's words.
//!
//! Sources: about_Quoting_Rules, about_Parsing, about_Hash_Tables and the two commands' reference pages. Variables
//! are kept as written. This file refuses to know what curl's words mean.

use crate::posix::Words;

/// One word of a PowerShell command.
#[derive(Debug)]
enum Token {
    Word { text: String, quoted: bool },
    Table(Vec<(String, String)>),
}

/// Cuts the curl command at the start of `text`.
pub(crate) fn words(text: &str) -> Words {
    let (tokens, end) = tokens(text);
    let mut words = Vec::new();
    for token in tokens {
        if let Token::Word { text, .. } = token {
            words.push(unescape_legacy(text));
        }
    }
    Words { words, end, ..Words::default() }
}

/// Up to version 7.2 a quote reaches a program only as `\"`; where every quote is written so, that was meant.
fn unescape_legacy(text: String) -> String {
    let bytes = text.as_bytes();
    let quotes = bytes.iter().filter(|b| **b == b'"').count();
    let escaped = bytes.windows(2).filter(|w| w == b"\\\"").count();
    if quotes == 0 || quotes != escaped {
        return text;
    }
    let quoted = format!("\"{text}\"");
    crate::cmd::arguments(&quoted).into_iter().next().unwrap_or(text)
}

/// One of PowerShell's own web commands, its parameters at the start of `text`, in curl's words.
pub(crate) fn web_command(text: &str) -> Words {
    let (tokens, end) = tokens(text);
    let mut words: Vec<String> = Vec::new();
    let mut follow = true;
    let (mut method, mut body) = (None, None);
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let parameter = match &token {
            Token::Word { text, quoted: false } if text.starts_with('-') => text[1..].to_ascii_lowercase(),
            // The URI is the first that stands without a name.
            Token::Word { text, .. } => {
                words.push(text.clone());
                continue;
            }
            Token::Table(_) => continue,
        };
        let (parameter, joined) = match parameter.split_once(':') {
            Some((name, _)) => {
                let value = if let Token::Word { text, .. } = &token {
                    text.split_once(':').map(|(_, v)| v.to_owned())
                } else {
                    None
                };
                (name.to_owned(), value)
            }
            None => (parameter, None),
        };
        let known = PARAMETERS.iter().find(|(name, _)| *name == parameter).or_else(|| {
            PARAMETERS.iter().find(|(name, _)| parameter.len() >= 2 && name.starts_with(parameter.as_str()))
        });
        let Some((name, takes)) = known else { continue };
        if !takes {
            if *name == "skipcertificatecheck" {
                words.push("--insecure".to_owned());
            }
            continue;
        }
        let value = match joined {
            Some(text) => Some(Token::Word { text, quoted: false }),
            None => tokens.next(),
        };
        let Some(value) = value else { break };
        match (*name, value) {
            ("headers", Token::Table(entries)) => {
                for (name, value) in entries {
                    words.push("--header".to_owned());
                    words.push(if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") });
                }
            }
            ("method" | "custommethod", Token::Word { text, .. }) => method = Some(text.to_ascii_uppercase()),
            ("body", value) => body = Some(value),
            ("maximumredirection", Token::Word { text, .. }) => {
                follow = text != "0";
                words.extend(["--max-redirs".to_owned(), text]);
            }
            ("uri", Token::Word { text, .. }) => words.push(text),
            (name, Token::Word { text, .. }) => {
                let option = match name {
                    "contenttype" => {
                        words.extend(["--header".to_owned(), format!("Content-Type: {text}")]);
                        continue;
                    }
                    "infile" => {
                        words.extend(["--data-binary".to_owned(), format!("@{text}")]);
                        continue;
                    }
                    "useragent" => "--user-agent",
                    "proxy" => "--proxy",
                    "timeoutsec" => "--max-time",
                    "outfile" => "--output",
                    "token" => "--oauth2-bearer",
                    _ => continue,
                };
                words.extend([option.to_owned(), text]);
            }
            _ => {}
        }
    }
    let sends_query = method.as_deref().is_none_or(|m| m == "GET" || m == "HEAD");
    match body {
        Some(Token::Table(entries)) => {
            if sends_query {
                words.push("--get".to_owned());
            }
            for (name, value) in entries {
                words.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
            }
        }
        Some(Token::Word { text, .. }) => words.extend(["--data-raw".to_owned(), text]),
        None => {}
    }
    match method.as_deref() {
        Some("HEAD") => words.push("--head".to_owned()),
        Some(method) => words.extend(["--request".to_owned(), method.to_owned()]),
        None => {}
    }
    if follow {
        words.push("--location".to_owned());
    }
    Words { words, end, ..Words::default() }
}

/// Parameters, lower-case, and whether they take a value.
const PARAMETERS: &[(&str, bool)] = &[
    ("uri", true),
    ("method", true),
    ("custommethod", true),
    ("headers", true),
    ("body", true),
    ("contenttype", true),
    ("useragent", true),
    ("proxy", true),
    ("timeoutsec", true),
    ("connectiontimeoutseconds", true),
    ("maximumredirection", true),
    ("infile", true),
    ("outfile", true),
    ("token", true),
    ("authentication", true),
    ("credential", true),
    ("websession", true),
    ("sessionvariable", true),
    ("certificate", true),
    ("certificatethumbprint", true),
    ("sslprotocol", true),
    ("httpversion", true),
    ("form", true),
    ("transferencoding", true),
    ("maximumretrycount", true),
    ("retryintervalsec", true),
    ("proxycredential", true),
    ("statuscodevariable", true),
    ("responseheadersvariable", true),
    ("erroraction", true),
    ("skipcertificatecheck", false),
    ("usebasicparsing", false),
    ("usedefaultcredentials", false),
    ("disablekeepalive", false),
    ("passthru", false),
    ("skiphttperrorcheck", false),
    ("skipheadervalidation", false),
    ("allowunencryptedauthentication", false),
    ("verbose", false),
    ("proxyusedefaultcredentials", false),
    ("noproxy", false),
    ("preserveauthorizationonredirect", false),
    ("followrellink", false),
];

fn tokens(text: &str) -> (Vec<Token>, usize) {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            ' ' | '\t' | '\r' => at += 1,
            '`' => {
                let rest = text[at + 1..].trim_start_matches([' ', '\t', '\r']);
                match rest.strip_prefix('\n') {
                    Some(rest) => at = text.len() - rest.len(),
                    None => {
                        let (token, next) = word(text, at);
                        at = next;
                        tokens.push(token);
                    }
                }
            }
            '\n' | ';' | '|' | ')' | '}' | '&' => break,
            '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            '>' => break,
            '@' if text[at + 1..].starts_with('{') => {
                let (entries, next) = table(text, at + 2);
                tokens.push(Token::Table(entries));
                at = next;
            }
            _ => {
                let (token, next) = word(text, at);
                at = next;
                tokens.push(token);
            }
        }
    }
    (tokens, at)
}

/// One word at `at`; always takes at least a character.
fn word(text: &str, mut at: usize) -> (Token, usize) {
    let mut out = String::new();
    let mut quoted = false;
    let from = at;
    while let Some(c) = text[at..].chars().next() {
        match c {
            ' ' | '\t' | '\r' | '\n' | ';' | '|' | '}' => break,
            ')' if at > from => break,
            '\'' | '"' => {
                quoted = true;
                at = string(text, at, &mut out);
            }
            '@' if at == from && here_string(text, at).is_some() => {
                let (inner, end) = here_string(text, at).unwrap_or_default();
                return (Token::Word { text: inner, quoted: true }, end);
            }
            // An expression is kept as written.
            '(' => {
                let end = balanced(text, at);
                out.push_str(&text[at..end]);
                at = end;
            }
            '`' => {
                at += 1;
                if let Some(next) = text[at..].chars().next() {
                    if next == '\n' || next == '\r' {
                        at -= 1;
                        if at == from {
                            at += 1;
                        }
                        break;
                    }
                    out.push(next);
                    at += next.len_utf8();
                }
            }
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    if at == from {
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    (Token::Word { text: out, quoted }, at.min(text.len()))
}

/// `@'` line feed … line feed `'@`, and the same with double quotes.
fn here_string(text: &str, at: usize) -> Option<(String, usize)> {
    let rest = text[at..].strip_prefix('@')?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let body = rest[1..].strip_prefix("\r\n").or_else(|| rest[1..].strip_prefix('\n'))?;
    let close = format!("\n{quote}@");
    let end = body.find(&close)?;
    let start = text.len() - body.len();
    Some((body[..end].trim_end_matches('\r').replace("\r\n", "\n"), start + end + close.len()))
}

/// A quoted string at `at`, its content pushed to `out`; returns the place behind it.
fn string(text: &str, at: usize, out: &mut String) -> usize {
    let quote = if text[at..].starts_with('"') { '"' } else { '\'' };
    let mut chars = text[at + 1..].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '`' if quote == '"' => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 'r')) => out.push('\r'),
                Some((_, 't')) => out.push('\t'),
                Some((_, 'a')) => out.push('\u{7}'),
                Some((_, 'b')) => out.push('\u{8}'),
                Some((_, 'e')) => out.push('\u{1b}'),
                Some((_, 'f')) => out.push('\u{c}'),
                Some((_, 'v')) => out.push('\u{b}'),
                Some((_, other)) => out.push(other),
                None => {}
            },
            // `\"` does not close: people write it for the program, whatever the shell thinks of it.
            '\\' if quote == '"' && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                out.push_str("\\\"");
                chars.next();
            }
            c if c == quote => {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                    out.push(quote);
                } else {
                    return at + 1 + i + 1;
                }
            }
            c => out.push(c),
        }
    }
    text.len()
}

/// The entries of `@{ … }` whose text begins at `at`, and the place behind it.
fn table(text: &str, mut at: usize) -> (Vec<(String, String)>, usize) {
    let mut entries = Vec::new();
    loop {
        let rest = text[at..].trim_start_matches([' ', '\t', '\r', '\n', ';', '`']);
        at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return (entries, at) };
        if first == '}' {
            return (entries, at + 1);
        }
        let mut key = String::new();
        if matches!(first, '\'' | '"') {
            at = string(text, at, &mut key);
        } else {
            let end = rest.find(['=', '}', '\n']).unwrap_or(rest.len());
            rest[..end].trim().clone_into(&mut key);
            at += end;
        }
        let rest = text[at..].trim_start_matches([' ', '\t']);
        at = text.len() - rest.len();
        if !rest.starts_with('=') {
            // Not an entry: on to the next separator.
            at += rest.find([';', '\n', '}']).unwrap_or(rest.len());
            continue;
        }
        at += 1;
        let value_at = text.len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        let mut value = String::new();
        at = value_at;
        while let Some(c) = text[at..].chars().next() {
            match c {
                ';' | '\n' | '}' => break,
                '\'' | '"' => at = string(text, at, &mut value),
                '(' => {
                    let end = balanced(text, at);
                    value.push_str(&text[at..end]);
                    at = end;
                }
                c => {
                    value.push(c);
                    at += c.len_utf8();
                }
            }
        }
        entries.push((key, value.trim_end_matches([' ', '\t', '\r']).to_owned()));
    }
}

/// One past the bracket that closes the one at `at`.
fn balanced(text: &str, at: usize) -> usize {
    let mut depth = 0usize;
    let mut quote = None;
    for (i, c) in text[at..].char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '{') => depth += 1,
            (None, ')' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + i + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
