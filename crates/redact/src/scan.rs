//! One pass over text: token shapes, JWTs, PEM blocks, userinfo in URLs, and assignments to secret names.

use crate::names::{is_dummy, is_loose_name, is_secret_name};
use crate::{CLOSE, OPEN, Redactor, shapes};

/// Replaces what looks like a secret.
pub fn scan(text: &str, redactor: &mut Redactor) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        // What is replaced already stays.
        if rest.starts_with(OPEN) {
            let end = rest.find(CLOSE).map_or(rest.len(), |i| i + CLOSE.len_utf8());
            out.push_str(&rest[..end]);
            at += end;
            continue;
        }
        if rest.starts_with("-----BEGIN ") && rest.get(..60.min(rest.len())).is_some_and(|h| h.contains("PRIVATE KEY"))
        {
            let end = rest
                .find("-----END ")
                .and_then(|i| rest[i + 9..].find("-----").map(|j| i + 9 + j + 5))
                .unwrap_or(rest.len());
            out.push_str(&redactor.placeholder(&rest[..end], "private-key"));
            at += end;
            continue;
        }
        if rest.starts_with('-')
            && !out.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
            && let Some(taken) = curl_option(rest, redactor, &mut out)
        {
            at += taken;
            continue;
        }
        let starts_word = is_token_start(rest) && !out.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if !starts_word {
            let c = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..c]);
            at += c;
            continue;
        }
        let word_len = rest.find(|c: char| !is_token_char(c)).unwrap_or(rest.len());
        let word = &rest[..word_len];
        if let Some(taken) = token(word, redactor, &mut out)
            .or_else(|| assignment(rest, word, redactor, &mut out))
            .or_else(|| userinfo(rest, word, redactor, &mut out))
        {
            at += taken;
            continue;
        }
        // The name alone is copied; what follows may be a token of its own.
        let name =
            word.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(word_len).max(1);
        out.push_str(&rest[..name]);
        at += name;
    }
    out
}

/// `-u user:password` and its kin: the user stays, the password goes.
fn curl_option(rest: &str, redactor: &mut Redactor, out: &mut String) -> Option<usize> {
    const PAIRS: &[&str] = &["--proxy-user ", "--user ", "-u ", "-U ", "-u", "-U"];
    const WHOLE: &[&str] = &["--oauth2-bearer ", "--pass ", "--proxy-pass ", "--tlspassword "];
    let option = PAIRS.iter().chain(WHOLE).find(|option| rest.starts_with(**option))?;
    let value = &rest[option.len()..];
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let start = quote.map_or(0, char::len_utf8);
    let end = match quote {
        Some(quote) => value[start..].find(quote).map_or(value.len(), |i| start + i),
        None => value.find(char::is_whitespace).unwrap_or(value.len()),
    };
    let value = &value[start..end];
    let (user, secret) = match value.split_once(':') {
        Some((user, password)) if PAIRS.contains(option) => (user.len() + 1, password),
        _ if WHOLE.contains(option) => (0, value),
        _ => return None,
    };
    if secret.is_empty() || secret.contains(OPEN) || is_dummy(secret) || value.contains("//") {
        return None;
    }
    out.push_str(&rest[..option.len() + start + user]);
    out.push_str(&redactor.placeholder(secret, "password"));
    Some(option.len() + end)
}

fn is_token_start(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '+' | '/' | '=' | '~')
}

/// A token by its own shape.
fn token(word: &str, redactor: &mut Redactor, out: &mut String) -> Option<usize> {
    let bare = word.trim_end_matches(['.', ':', '/', '=']);
    let slashless = bare.find(['/', '+']).map_or(bare, |i| &bare[..i]);
    if let Some(signature) = shapes::jwt_signature(slashless) {
        out.push_str(&slashless[..signature]);
        out.push_str(&redactor.placeholder(&slashless[signature..], "signature"));
        return Some(slashless.len());
    }
    let kind = shapes::known(slashless)?;
    if let Some(id) = slashless.strip_prefix("bot").and_then(|b| b.split_once(':')).map(|(id, _)| id.len() + 4) {
        out.push_str(&slashless[..id]);
        out.push_str(&redactor.placeholder(&slashless[id..], kind));
    } else {
        out.push_str(&redactor.placeholder(slashless, kind));
    }
    Some(slashless.len())
}

/// `name=value`, `name: value`, `"name":"value"`, `name => 'value'`, with a scheme word kept before the credential.
fn assignment(rest: &str, word: &str, redactor: &mut Redactor, out: &mut String) -> Option<usize> {
    let name_len =
        word.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(word.len());
    let name = word[..name_len].rsplit('.').next().unwrap_or_default();
    if name_len == 0 {
        return None;
    }
    let scheme_only = ["bearer", "basic"].iter().any(|s| name.eq_ignore_ascii_case(s));
    // Most words are assigned nothing, and that is quicker to see than what their name means.
    let after = &rest[name_len..];
    let (gap, quote) = if scheme_only { (after.strip_prefix(' ').map(|_| 1)?, None) } else { operator(after)? };
    if !scheme_only && !is_secret_name(name) {
        return None;
    }
    let mut value_at = name_len + gap;
    let mut value = &rest[value_at..];
    // Keep the scheme of an Authorization value.
    for scheme in [
        "Bearer ",
        "Basic ",
        "Token ",
        "token ",
        "bearer ",
        "basic ",
        "ApiKey ",
        "Digest ",
        "AWS4-HMAC-SHA256 ",
        "DPoP ",
        "Negotiate ",
    ] {
        if let Some(stripped) = value.strip_prefix(scheme) {
            value_at += scheme.len();
            value = stripped;
            break;
        }
    }
    let wide = name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie");
    let end = match quote {
        Some(quote) => value.find(quote).unwrap_or(value.len()),
        None if wide => value.find(['\n', '\r', '"', '\'']).unwrap_or(value.len()),
        None => value
            .find(|c: char| {
                c.is_whitespace()
                    || matches!(c, ',' | ';' | '&' | '"' | '\'' | '`' | ')' | ']' | '}' | '<' | '>' | '\\' | '|')
            })
            .unwrap_or(value.len()),
    };
    let secret = &value[..end];
    let loose = is_loose_name(name) && !wide && quote.is_none() && gap != 1 || scheme_only;
    // Words of a sentence ("token: expired", "bearer realm") are no secrets: those hold digits or are long.
    let sentence = secret.contains(' ') && !wide
        || loose && !(secret.len() >= 8 && secret.bytes().any(|b| b.is_ascii_digit()) || secret.len() >= 24);
    let code =
        is_loose_name(name) && quote.is_some() && !(secret.len() >= 16 && secret.bytes().any(|b| b.is_ascii_digit()));
    // `Code=-1001`, `key=id`: short values of names that are rarely secret are not.
    let too_short = is_loose_name(name) && secret.len() < 8;
    if secret.len() < 3 || too_short || is_dummy(secret) || secret.contains(OPEN) || sentence || code {
        return None;
    }
    let kind = kind_of(name);
    out.push_str(&rest[..value_at]);
    if let Some(signature) = shapes::jwt_signature(secret) {
        out.push_str(&secret[..signature]);
        out.push_str(&redactor.placeholder(&secret[signature..], "signature"));
    } else {
        out.push_str(&redactor.placeholder(secret, kind));
    }
    Some(value_at + end)
}

fn kind_of(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    if name.contains("pass") || name.contains("pwd") {
        "password"
    } else if name.contains("cookie") || name.contains("session") {
        "cookie"
    } else if name.contains("secret") {
        "secret"
    } else if name.contains("sig") {
        "signature"
    } else if name.contains("basic") {
        "basic"
    } else if name.contains("key") {
        "key"
    } else {
        "token"
    }
}

/// What stands between a name and its value: how many bytes, and the quote that the value is in.
fn operator(after: &str) -> Option<(usize, Option<char>)> {
    let mut chars = after.char_indices().peekable();
    let mut seen = false;
    while let Some(&(i, c)) = chars.peek() {
        match c {
            '=' | ':' => seen = true,
            '>' if seen => {}
            ' ' | '\\' => {}
            '"' | '\'' if seen => return Some((i + 1, Some(c))).filter(|_| i < 12),
            '"' | '\'' | ']' => {}
            _ => return (seen && i < 12).then_some((i, None)),
        }
        if i >= 12 {
            return None;
        }
        chars.next();
    }
    None
}

/// `scheme://user:password@host`: the password goes, the rest stays.
fn userinfo(rest: &str, word: &str, redactor: &mut Redactor, out: &mut String) -> Option<usize> {
    let scheme = word.find("://")?;
    let authority = &rest[scheme + 3..];
    let end = authority
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '?'))
        .unwrap_or(authority.len());
    let (user, at) = authority[..end].rfind('@').map(|at| (&authority[..at], at))?;
    let (name, password) = user.split_once(':').unwrap_or(("", user));
    if password.is_empty() || user.contains(OPEN) {
        return None;
    }
    out.push_str(&rest[..scheme + 3]);
    if !name.is_empty() {
        out.push_str(name);
        out.push(':');
    }
    out.push_str(&redactor.placeholder(password, "password"));
    Some(scheme + 3 + at)
}
