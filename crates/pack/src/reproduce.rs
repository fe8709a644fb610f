//! reproduce.sh: the failing call, and a corrected or working one, as curl commands with variables for secrets.
//!
//! It does nothing unless it is told which call to send: a script that fires when somebody opens it is no evidence.

use crate::escape::is_hostile;
use firstfault_curl::{Shell, export};
use firstfault_model::Request;
use firstfault_report::one_line;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One call of the script.
#[derive(Clone, Debug)]
pub struct Variant {
    /// How it is asked for.
    pub name: &'static str,
    /// What it is, for people.
    pub about: String,
    /// The redacted request.
    pub request: Request,
}

/// The script; `None` when the address of the failing call is not known.
#[must_use]
pub fn script(variants: &[Variant], headline: &str) -> Option<String> {
    let failing = variants.first()?;
    if !variants.iter().all(|v| may_be_sent(&v.request)) {
        return None;
    }
    let assumed = failing.request.url.scheme.is_none();
    let mut variables = BTreeMap::new();
    let commands: Vec<String> = variants.iter().map(|v| command(&v.request, &mut variables)).collect();
    let mut out = String::from("#!/usr/bin/env bash\n");
    let _ = writeln!(out, "# {}", one_line(headline, 200));
    let _ = writeln!(out, "# Nothing is sent without a word for it. Read what you send, then:");
    for variant in variants {
        let _ = writeln!(out, "#   bash reproduce.sh {:<10} {}", variant.name, one_line(&variant.about, 120));
    }
    let method = failing.request.method.as_deref().unwrap_or("GET");
    if !matches!(method, "GET" | "HEAD" | "OPTIONS") {
        let _ = writeln!(out, "# {} may change something. Send it where that is allowed.", one_line(method, 20));
    }
    if assumed {
        let _ = writeln!(out, "# The evidence does not show http or https; https is assumed.");
    }
    if !failing.request.complete {
        let _ = writeln!(out, "# The request was not seen whole: fields or the body may be missing.");
    }
    if !variables.is_empty() {
        let _ = writeln!(out, "# Secrets were replaced. Set these first; the same name is the same secret:");
        for (name, placeholder) in &variables {
            let _ = writeln!(out, "#   export {name}   in the evidence {placeholder}");
        }
    }
    let names: Vec<&str> = variants.iter().map(|v| v.name).collect();
    out.push_str("set -eu\n");
    if !variables.is_empty() {
        out.push_str(NEEDS);
    }
    out.push_str("case \"${1:-}\" in\n");
    for (variant, command) in variants.iter().zip(&commands) {
        let _ = writeln!(out, "{})", variant.name);
        let needed: Vec<&str> = variables.keys().map(String::as_str).filter(|name| uses(command, name)).collect();
        if !needed.is_empty() {
            let _ = writeln!(out, "  needs {}", needed.join(" "));
        }
        let _ = writeln!(out, "{command}\n  ;;");
    }
    let _ = writeln!(out, "*)\n  echo \"usage: bash reproduce.sh {}\" >&2\n  exit 2\n  ;;\nesac", names.join("|"));
    Some(out)
}

/// Stops before anything is sent when a variable is not set.
const NEEDS: &str = "needs() {
  for name in \"$@\"; do
    [ -n \"${!name:-}\" ] || { echo \"$name is not set: it stands for what was replaced\" >&2; exit 2; }
  done
}
";

/// True for a command that has the variable.
fn uses(command: &str, name: &str) -> bool {
    let mut rest = command;
    while let Some(at) = rest.find(&format!("${name}")) {
        rest = &rest[at + 1 + name.len()..];
        if !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return true;
        }
    }
    false
}

/// True for a web address that curl takes for one: no other protocol, no option, no file.
fn may_be_sent(request: &Request) -> bool {
    let url = &request.url;
    url.scheme.as_deref().is_none_or(|s| matches!(s, "http" | "https"))
        && url.host.as_deref().is_some_and(|h| !h.starts_with(['-', '@']))
        && url.userinfo.as_deref().is_none_or(|u| !u.starts_with(['-', '@']))
}

/// True for the name of a field (RFC 9110 token). `-H @name` would read a file.
fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// The curl command of a request, indented, its placeholders turned into variables.
fn command(request: &Request, variables: &mut BTreeMap<String, String>) -> String {
    let mut request = request.clone();
    // Without a scheme curl would send everything in the clear.
    request.url.scheme.get_or_insert_with(|| "https".to_owned());
    // curl writes these itself.
    request.headers.0.retain(|h| {
        is_field_name(&h.name)
            && !["content-length", "transfer-encoding", "connection"].iter().any(|n| h.name.eq_ignore_ascii_case(n))
    });
    let text = export(&request, Shell::Posix).join("\n");
    let text = text.strip_prefix("curl").map_or_else(|| text.clone(), |rest| format!("curl -sS -v{rest}"));
    format!("  {}", with_variables(&text, variables))
}

/// A command in which placeholders are variables. A quoted part that holds one is written in double quotes,
/// `"Bearer $TOKEN_A1"`.
fn with_variables(command: &str, variables: &mut BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(command.len() + 64);
    let mut rest = command;
    while let Some(open) = rest.find('\'') {
        let escaped = rest[..open].ends_with('$');
        let Some((said, taken)) = quoted(&rest[open + 1..], escaped) else { break };
        let raw = &rest[..open + 1 + taken];
        let lead = &rest[..open - usize::from(escaped)];
        let hidden = |c: char| c != '\n' && c != '\t' && is_hostile(c);
        let with_mark = said.contains('‹').then(|| double_quoted(&said, variables)).flatten();
        match with_mark {
            Some(text) if !text.contains(|c: char| c.is_control() && hidden(c)) => {
                out.push_str(lead);
                out.extend(text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }));
            }
            // What turns the direction of text is written by its number, so that a reader sees it.
            _ if !said.contains('\u{0}') && said.contains(hidden) => {
                out.push_str(lead);
                out.push_str(&numbered(&said));
            }
            _ => out.extend(raw.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c })),
        }
        rest = &rest[raw.len()..];
    }
    out + rest
}

/// Text in `$'…'` with what cannot be seen as its number.
fn numbered(text: &str) -> String {
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\\' | '\'' => out.extend(['\\', c]),
            c if is_hostile(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "'"
}

/// What a quoted part says, and how many bytes it takes with its closing quote. `text` begins after the opening one.
fn quoted(text: &str, escaped: bool) -> Option<(String, usize)> {
    let mut said = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((said, at + 1)),
            '\\' if escaped => match chars.next()?.1 {
                'n' => said.push('\n'),
                't' => said.push('\t'),
                c @ ('\'' | '\\') => said.push(c),
                // Any other escape stands for a control character, which double quotes cannot show.
                _ => said.push('\u{0}'),
            },
            c => said.push(c),
        }
    }
    None
}

/// Text in double quotes with its placeholders as variables; `None` when it has no placeholder of ours. A token whose
/// signature was replaced becomes one variable as a whole: its claims without the signature open nothing.
fn double_quoted(text: &str, variables: &mut BTreeMap<String, String>) -> Option<String> {
    let mut out = String::from("\"");
    let mut found = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if let Some((mut name, mark)) = placeholder(&text[at..]) {
            if name.starts_with("SIGNATURE")
                && let Some(start) = token_before(&out)
            {
                out.truncate(start);
                name = name.replacen("SIGNATURE", "SIGNED_TOKEN", 1);
            }
            let _ = write!(out, "${name}");
            at += mark.len();
            if text[at..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                // What follows would be taken for a part of the name.
                out.push_str("\"\"");
            }
            variables.insert(name, mark.to_owned());
            found = true;
            continue;
        }
        if matches!(c, '"' | '$' | '`' | '\\') {
            out.push('\\');
        }
        out.push(c);
        at += c.len_utf8();
    }
    found.then(|| out + "\"")
}

/// `‹token:a1›` at the start of text: the name of its variable, and the placeholder. Evidence may hold the marks itself,
/// so only what the redactor writes is taken.
fn placeholder(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('‹')?;
    let end = inner.find('›').filter(|end| *end <= 40)?;
    let (kind, number) = inner[..end].split_once(':')?;
    let plain = |s: &str, hyphen: bool| {
        !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || hyphen && b == b'-')
    };
    if !plain(kind, true) || !plain(number, false) || !kind.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let name = format!("{kind}_{number}").replace('-', "_").to_ascii_uppercase();
    Some((name, &text[..'‹'.len_utf8() + end + '›'.len_utf8()]))
}

/// Where a JWT begins that `text` ends with, `eyJ….….`.
fn token_before(text: &str) -> Option<usize> {
    let start = text.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))? + 1;
    text[start..].starts_with("eyJ").then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Body, Span, Url};

    fn request(auth: &str, body: Option<&str>) -> Request {
        let mut request =
            Request { method: Some("POST".to_owned()), url: Url::parse("https://a.example/x"), ..Request::default() };
        request.headers.push("Authorization", auth, Span::default());
        request.body = body.map(|text| Body::bounded(text, Span::default()));
        request
    }

    fn made(request: Request) -> String {
        script(&[Variant { name: "failing", about: "as sent".to_owned(), request }], "POST").unwrap()
    }

    #[test]
    fn placeholders_become_variables() {
        let script = made(request("Bearer ‹token:a1›", Some("{\"k\":\"it's ‹key:b2›\"}")));
        assert!(script.contains(r#"-H "Authorization: Bearer $TOKEN_A1""#), "{script}");
        assert!(script.contains(r#"-d "{\"k\":\"it's $KEY_B2\"}""#), "{script}");
        let glued = made(request("‹token:a1›x‹token:a1›_", None));
        assert!(glued.contains(r#""Authorization: $TOKEN_A1""x$TOKEN_A1""_""#), "{glued}");
        assert!(glued.contains("  needs TOKEN_A1\n"), "{glued}");
        let jwt = made(request("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.‹signature:a1›", None));
        assert!(jwt.contains(r#""Authorization: Bearer $SIGNED_TOKEN_A1""#), "{jwt}");
    }

    #[test]
    fn evidence_runs_nothing() {
        for hostile in [
            "‹$(id)›",
            "‹a:b c›",
            "'; id; '",
            "`id`",
            "$(id)",
            "\n; id",
            "‹token:a1›'; id #",
            "‹token:a1›\"; id; $(id) `id` \\",
        ] {
            let script = made(request(hostile, Some(hostile)));
            let dir = std::env::temp_dir().join(format!("firstfault-reproduce-{}", std::process::id()));
            std::fs::write(&dir, &script).unwrap();
            // curl is replaced by a program that prints its arguments, one a line and escaped.
            let run = std::process::Command::new("bash")
                .args(["-c", "curl() { printf '%q\\n' \"$@\"; }; id() { echo PWNED; }; export -f curl id; exec bash \"$0\" failing"])
                .arg(&dir)
                .env("TOKEN_A1", "T")
                .output()
                .unwrap();
            std::fs::remove_file(&dir).unwrap();
            let said = String::from_utf8_lossy(&run.stdout).into_owned();
            assert!(run.status.success(), "{hostile}: {}\n{script}", String::from_utf8_lossy(&run.stderr));
            assert!(!said.lines().any(|line| line == "PWNED"), "{hostile}: {said}");
        }
        assert!(made(request("x", None)).contains("# POST may change something"));
        let mut reads_a_file = request("x", None);
        reads_a_file.headers.push("@/etc/passwd", "", Span::default());
        assert!(!made(reads_a_file).contains("passwd"));
        for url in ["file://host/etc/passwd", "gopher://host/x", "-ofile.example/x"] {
            let request = Request { url: Url::parse(url), ..request("x", None) };
            assert_eq!(script(&[Variant { name: "failing", about: String::new(), request }], ""), None, "{url}");
        }
    }
}
