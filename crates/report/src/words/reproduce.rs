//! The call as a curl command whose secrets are shell variables.

use crate::safe::clean;
use firstfault_curl::{Shell, export};
use firstfault_model::{Body, Call};

/// A larger body is sent from a file.
const INLINE_BODY: usize = 4096;

/// How to make the call again.
pub struct Reproduction {
    /// The command, line by line, for a POSIX shell.
    pub lines: Vec<String>,
    /// Variables to set first, and the placeholders that stand for them elsewhere.
    pub variables: Vec<(String, String)>,
    /// What was assumed or left out.
    pub notes: Vec<String>,
}

/// The command for a redacted call; `None` when its host was not seen.
pub fn reproduction(call: &Call) -> Option<Reproduction> {
    let mut request = call.request.clone()?;
    request.url.host.as_ref()?;
    let mut notes = Vec::new();
    if request.url.scheme.is_none() {
        request.url.scheme = Some("https".to_owned());
        notes.push("The scheme was not seen; https is assumed.".to_owned());
    }
    if request.method.is_none() {
        notes.push("The method was not seen.".to_owned());
    }
    if !request.complete {
        notes.push("The request was not seen whole: fields may be missing.".to_owned());
    }
    // curl writes these itself; after redaction the old ones would be wrong.
    let announced = request.headers.first("content-length").is_some_and(|length| length.trim() != "0");
    request
        .headers
        .0
        .retain(|h| !["content-length", "transfer-encoding"].iter().any(|name| h.name.eq_ignore_ascii_case(name)));
    if announced && request.body.is_none() {
        notes.push("The request had a body that the evidence does not show.".to_owned());
    }
    if let Some(body) = &mut request.body
        && (body.truncated || body.text.len() > INLINE_BODY)
    {
        notes.push(format!("Put the body ({} bytes) into body.txt first.", body.size.max(body.text.len())));
        // `export` writes a body that begins so with an option of its own; below it becomes a file again.
        *body = Body::bounded("@body.txt", body.span);
    }
    let mut variables = Vec::new();
    let text = with_variables(&export(&request, Shell::Posix).join("\n"), &mut variables);
    let text = text.replacen("curl", "curl -sS -i", 1).replace("--data-raw '@body.txt'", "--data-binary @body.txt");
    Some(Reproduction { lines: text.lines().map(clean).collect(), variables, notes })
}

/// A command with each placeholder replaced by a variable that stands outside the quotes.
fn with_variables(command: &str, variables: &mut Vec<(String, String)>) -> String {
    #[derive(Clone, Copy, PartialEq)]
    enum Quote {
        No,
        Single,
        Ansi,
    }
    let mut out = String::with_capacity(command.len());
    let mut quote = Quote::No;
    let mut rest = command;
    while let Some(c) = rest.chars().next() {
        if let Some((placeholder, name)) = placeholder(rest) {
            if !variables.iter().any(|(known, _)| *known == name) {
                variables.push((name.clone(), placeholder.to_owned()));
            }
            out.push_str(&match quote {
                Quote::No => format!("\"${name}\""),
                Quote::Single => format!("'\"${name}\"'"),
                Quote::Ansi => format!("'\"${name}\"$'"),
            });
            rest = &rest[placeholder.len()..];
            // Nothing is left to quote where the argument ends.
            let ends = |tail: &str| tail.is_empty() || tail.starts_with([' ', '\n']);
            let open = match quote {
                Quote::No => "",
                Quote::Single => "'",
                Quote::Ansi => "$'",
            };
            if let Some(tail) = rest.strip_prefix('\'').filter(|tail| quote != Quote::No && ends(tail)) {
                out.truncate(out.len() - open.len());
                quote = Quote::No;
                rest = tail;
            }
            continue;
        }
        let mut taken = c.len_utf8();
        match (quote, c) {
            (Quote::No, '\'') if out.ends_with('$') => quote = Quote::Ansi,
            (Quote::No, '\'') => quote = Quote::Single,
            (Quote::Single | Quote::Ansi, '\'') => quote = Quote::No,
            (Quote::Ansi, '\\') => taken += rest[taken..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// `‹token:a1›` at the start of `text`, and the variable for it: `TOKEN_A1`. What only looks like one stays as it is.
fn placeholder(text: &str) -> Option<(&str, String)> {
    let inner = text.strip_prefix('‹')?;
    let end = inner.find('›').filter(|end| *end <= 60)?;
    let (kind, number) = inner[..end].split_once(':')?;
    let letters =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_- ".contains(&b));
    let numbered =
        number.ends_with(|c: char| c.is_ascii_digit()) && number.starts_with(|c: char| c.is_ascii_alphabetic());
    if !letters(kind) || !letters(number) || !numbered || !kind.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = format!("{kind}_{number}").to_ascii_uppercase().replace(['-', ' '], "_");
    Some((&text[..'‹'.len_utf8() + end + '›'.len_utf8()], name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_variables_outside_of_quotes() {
        let mut variables = Vec::new();
        let command = "curl 'https://a.example/?k=‹key:a1›' -H $'X: it\\'s ‹key:a1›' -H 'Y: ‹not one› ‹PATH:›'";
        assert_eq!(
            with_variables(command, &mut variables),
            "curl 'https://a.example/?k='\"$KEY_A1\" -H $'X: it\\'s '\"$KEY_A1\" -H 'Y: ‹not one› ‹PATH:›'"
        );
        assert_eq!(variables, [("KEY_A1".to_owned(), "‹key:a1›".to_owned())]);
    }
}
