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

/// Marks inside single quotes become `'"$NAME"'`.
fn with_variables(command: &str, mark: &str, names: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = command;
    // How the quotes that are open were opened: `'` or `$'`.
    let mut open: Option<bool> = None;
    while let Some(c) = rest.chars().next() {
        if let Some((name, taken)) = marked(rest, mark, names) {
            match open {
                None => out.push_str(&format!("\"${name}\"")),
                Some(escapes) => {
                    out.push_str(&format!("'\"${name}\""));
                    out.push_str(if escapes { "$'" } else { "'" });
                }
            }
            rest = &rest[taken..];
            // Nothing is left between the new quotes.
            if open.is_some() && rest.starts_with('\'') {
                let empty = if open == Some(true) { 2 } else { 1 };
                out.truncate(out.len() - empty);
                rest = &rest[1..];
                open = None;
            }
            continue;
        }
        match (c, open) {
            ('\\', Some(true)) => {
                let taken = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
                out.push_str(&rest[..taken]);
                rest = &rest[taken..];
                continue;
            }
            ('\'', Some(_)) => open = None,
            ('\'', None) => open = Some(out.ends_with('$')),
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

fn marked<'n>(rest: &str, mark: &str, names: &[&'n str]) -> Option<(&'n str, usize)> {
    let number = rest.strip_prefix(mark)?.strip_prefix('_')?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let name = names.get(number[..digits].parse::<usize>().ok()?)?;
    number[digits..].starts_with('_').then_some((*name, mark.len() + digits + 2))
}
