//! A curl command with variables for what is secret.

use super::{Piece, Secrets, Text};
use crate::oracle::Candidate;
use firstfault_curl::{Shell, export};
use firstfault_model::Url;

/// The command for a POSIX shell, as lines. A body that is no text cannot be written as an argument and is replaced
/// by what of it is text.
#[must_use]
pub fn curl(candidate: &Candidate, secrets: &Secrets) -> Vec<String> {
    let mut request = candidate.request.clone();
    // A mark that nothing else contains: it needs no quoting, and what it stands for is put in afterwards.
    let mut mark = String::from("FIRSTFAULT");
    let wire = format!("{request:?}");
    while wire.contains(&mark) {
        mark.push('X');
    }
    let names: Vec<&str> = secrets.iter().map(|secret| secret.variable.as_str()).collect();
    let marked = |text: Text| -> String {
        text.into_iter()
            .map(|piece| match piece {
                Piece::Plain(plain) => plain,
                Piece::Variable(name) => {
                    let number = names.iter().position(|n| *n == name).unwrap_or_default();
                    format!("{mark}_{number}_")
                }
            })
            .collect()
    };
    for field in &mut request.headers.0 {
        field.value = marked(secrets.text(&field.value));
    }
    let Url { query, userinfo, path, .. } = &mut request.url;
    *query = query.take().map(|query| marked(secrets.text(&query)));
    *userinfo = userinfo.take().map(|userinfo| marked(secrets.text(&userinfo)));
    *path = marked(secrets.text(path));
    if let Some(bytes) = &candidate.body {
        let text = marked(secrets.text(&String::from_utf8_lossy(bytes)));
        let mut body = request.body.take().unwrap_or_default();
        body.size = text.len();
        body.text = text;
        request.body = Some(body);
    }
    let command = export(&request, Shell::Posix).join("\n");
    with_variables(&command, &mark, &names).split('\n').map(str::to_owned).collect()
}

/// Marks become variables: a quoted word that holds one is written in double quotes, `"X-API-Key: $API_KEY"`. In `$'…'`,
/// which double quotes cannot say, the quotes are left for it: `'"$API_KEY"$'`.
fn with_variables(command: &str, mark: &str, names: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = command;
    while let Some(open) = rest.find('\'') {
        let escapes = rest[..open].ends_with('$');
        let inner = &rest[open + 1..];
        let end = closing(inner, escapes);
        let (said, after) = (&inner[..end], &inner[(end + 1).min(inner.len())..]);
        if !said.contains(mark) {
            out.push_str(&rest[..open]);
            out.push('\'');
            out.push_str(&inner[..(end + 1).min(inner.len())]);
        } else if escapes || said.contains('!') {
            // An exclamation mark in double quotes is history to an interactive shell.
            out.push_str(&rest[..open]);
            let reopen = if escapes { "$'" } else { "'" };
            out.push('\'');
            out.push_str(&replaced(said, mark, names, &|name| format!("'\"${name}\"{reopen}"), &|c, out| out.push(c)));
            out.push('\'');
        } else {
            out.push_str(&rest[..open]);
            out.push('"');
            out.push_str(&replaced(said, mark, names, &|name| format!("${{{name}}}"), &|c, out| {
                if matches!(c, '"' | '\\' | '$' | '`') {
                    out.push('\\');
                }
                out.push(c);
            }));
            out.push('"');
        }
        rest = after;
    }
    out.push_str(rest);
    braces_where_needed(&out, names)
}

/// `${API_KEY}` is `$API_KEY` where the name ends there anyway.
fn braces_where_needed(text: &str, names: &[&str]) -> String {
    let mut out = text.to_owned();
    for name in names {
        for end in ["\"", "&", " ", ":", ";", ","] {
            out = out.replace(&format!("${{{name}}}{end}"), &format!("${name}{end}"));
        }
    }
    out
}

/// Where the quotes end.
fn closing(inner: &str, escapes: bool) -> usize {
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return at,
            '\\' if escapes => {
                chars.next();
            }
            _ => {}
        }
    }
    inner.len()
}

fn replaced(
    said: &str,
    mark: &str,
    names: &[&str],
    variable: &dyn Fn(&str) -> String,
    plain: &dyn Fn(char, &mut String),
) -> String {
    let mut out = String::new();
    let mut rest = said;
    while let Some(c) = rest.chars().next() {
        if let Some((name, taken)) = marked(rest, mark, names) {
            out.push_str(&variable(name));
            rest = &rest[taken..];
        } else {
            plain(c, &mut out);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn marked<'n>(rest: &str, mark: &str, names: &[&'n str]) -> Option<(&'n str, usize)> {
    let number = rest.strip_prefix(mark)?.strip_prefix('_')?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let name = names.get(number[..digits].parse::<usize>().ok()?)?;
    number[digits..].starts_with('_').then_some((*name, mark.len() + digits + 2))
}
