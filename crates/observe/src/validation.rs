//! Complaints about fields: which field, and whether it is missing, unknown, of the wrong type or of
//! a value that is not accepted.
//!
//! The wordings are those that validators print: Bean Validation, class-validator, pydantic, Django
//! REST framework, marshmallow, ajv, Joi, Zod, yup, Rails, Laravel, ASP.NET, Jackson, Newtonsoft,
//! System.Text.Json, serde, Go, google.rpc, GraphQL, botocore, OpenAI, Stripe. It refuses to know
//! statuses and causes.

use crate::json::{Node, parse};
use crate::sink::{Sink, cut};
use crate::wordings::Kind::{self, Missing, Type, Unknown, Value};
use crate::wordings::Named::{After, Before, No};
use crate::wordings::{WORDINGS, kind_of_code};
use firstfault_model::{Call, Span};

/// Reads one complaint: its field where known, its words, its code.
pub(crate) fn complaint(out: &mut Sink, field: Option<&str>, message: &str, code: Option<&str>, span: Span) {
    let wording = wording_of(message);
    let by_words = wording.as_ref().map(|w| w.kind);
    let kind = match (code.and_then(kind_of_code), by_words) {
        // `invalid_type` with "received undefined", `invalid` with "required": the words are nearer
        (Some(Type | Value), Some(Missing)) => Missing,
        (Some(kind), _) => kind,
        (None, Some(kind)) => kind,
        (None, None) => return,
    };
    let named = wording.and_then(|w| w.field).filter(|_| !speaks_of_credentials(message));
    let chosen = match (field, named) {
        // ajv and JSON Schema give the object's path as field and name the property in the words
        (Some(path), Some(name))
            if matches!(kind, Missing | Unknown) && !path.ends_with(name) && message.contains("propert") =>
        {
            Some(name)
        }
        (Some(path), _) => Some(path),
        (None, name) => name,
    };
    let Some(name) = chosen.filter(|name| !name.is_empty() && !is_credential(name) && !is_media_type(name)) else {
        return;
    };
    let key = match kind {
        Missing => "validation.missing",
        Unknown => "validation.unknown",
        Type => "validation.type",
        Value => "validation.value",
    };
    out.fact(key, name, span);
    if field.is_none() {
        out.fact("error.field", name, span);
    }
}

/// "Content-Type: application/json is required" names no field of the payload.
/// A field whose value is refused and that the JSON body does not have at all, nor the query: many validators call a
/// missing value an invalid one.
pub(crate) fn of_what_was_not_sent(call: &Call, out: &mut Sink) {
    let Some(request) = &call.request else { return };
    let Some(body) = request.body.as_ref().filter(|body| !body.truncated && body.size <= body.text.len()) else {
        return;
    };
    let refused: Vec<(String, Span)> = out.facts_of("validation.value").map(|f| (f.value.clone(), f.span)).collect();
    if refused.is_empty() {
        return;
    }
    let parsed = parse(&body.text);
    let Some(root) = parsed.root.filter(|root| parsed.fault.is_none() && !root.members().is_empty()) else { return };
    for (path, span) in refused {
        let name = path
            .rsplit(['.', '/', '[', ']', '\'', '"'])
            .find(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()));
        let Some(name) = name else { continue };
        let in_target = [request.url.query.as_deref().unwrap_or_default(), &request.url.path].concat().contains(name);
        if !in_target && !has_member(&root, name) {
            out.fact("validation.absent", name, span);
        }
    }
}

/// Whether a member of this name is anywhere in it.
fn has_member(node: &Node<'_>, name: &str) -> bool {
    node.members().iter().any(|(key, value)| key.eq_ignore_ascii_case(name) || has_member(value, name))
        || node.items().iter().any(|item| has_member(item, name))
}

fn is_media_type(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "content-type"
        || lower
            .split_once('/')
            .is_some_and(|(kind, _)| matches!(kind, "application" | "text" | "multipart" | "image" | "audio" | "video"))
}

/// Complaints about who the caller is are no complaints about fields.
fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "authentic",
        "authoriz",
        "authoris",
        "credential",
        "api key",
        "apikey",
        "api_key",
        "api-key",
        "access_token",
        "access token",
        "login",
        "bearer",
        "permission",
        "scope",
        "signature",
        "subscription",
        "payment",
        "billing",
        "upgrade",
        "csrf",
        "session",
        "tls",
        "ssl",
        "https",
        "certificate",
        "x-api",
    ]
    .iter()
    .any(|word| name.contains(word))
        || matches!(
            name.as_str(),
            "auth"
                | "token"
                | "key"
                | "jwt"
                | "cookie"
                | "access"
                | "approval"
                | "verification"
                | "license"
                | "action"
                | "it"
                | "request"
        )
}

/// "API key is missing" names no field `API`.
fn speaks_of_credentials(message: &str) -> bool {
    let lower = cut(message, 120).to_ascii_lowercase();
    [
        "api key",
        "access token",
        "auth token",
        "authenticat",
        "credential",
        "bearer token",
        "api token",
        "authorization header",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

struct Wording<'a> {
    kind: Kind,
    field: Option<&'a str>,
}

fn wording_of(message: &str) -> Option<Wording<'_>> {
    let message = cut(message, 600);
    if message.len() < 5 {
        return None;
    }
    let lower = message.to_ascii_lowercase();
    let hints = hints(&lower);
    if hints == 0 {
        return match lower.trim() {
            "required" => Some(Wording { kind: Missing, field: None }),
            _ => None,
        };
    }
    for (hint, phrase, kind, named) in WORDINGS {
        if hints & bit(hint) == 0 {
            continue;
        }
        let Some(at) = memchr::memmem::find(lower.as_bytes(), phrase.as_bytes()) else { continue };
        let end = at + phrase.len();
        let field = match named {
            Before => name_before(message, if phrase.starts_with('"') { at + 1 } else { at }),
            After => name_after(message, end).or_else(|| name_before(message, at)),
            No => quoted(message),
        };
        return Some(Wording { kind: *kind, field });
    }
    match lower.trim() {
        "required" | "required." => Some(Wording { kind: Missing, field: None }),
        _ => None,
    }
}

/// One bit per first letter and length class: cheap, and enough to skip most of the table.
fn bit(word: &str) -> u64 {
    let first = u64::from(word.as_bytes().first().copied().unwrap_or_default() & 31);
    let last = u64::from(word.as_bytes().last().copied().unwrap_or_default());
    1 << ((first * 7 + last * 3 + word.len() as u64) & 63)
}

fn hints(lower: &str) -> u64 {
    lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() > 2).fold(0, |bits, word| bits | bit(word))
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'/' | b'@')
        || byte >= 0x80
}

/// The last word before `at`, past words such as "field"; quotes are taken off.
fn name_before(message: &str, at: usize) -> Option<&str> {
    let mut rest = message.get(..at)?;
    let mut weak = None;
    for _ in 0..5 {
        rest = rest.trim_end_matches([' ', ':', ',']);
        if let Some(quote) = rest.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`' | '”' | '’')) {
            let open = match quote {
                '”' => '“',
                '’' => '‘',
                other => other,
            };
            let inside = &rest[..rest.len() - quote.len_utf8()];
            let start = inside.rfind(open)? + open.len_utf8();
            return Some(inside[start..].trim().trim_start_matches('$'))
                .filter(|name| !name.is_empty() && name.len() <= 80);
        }
        if rest.ends_with(')') {
            rest = rest.rsplit_once('(')?.0;
            continue;
        }
        let start = rest.bytes().rposition(|b| !is_name_byte(b)).map_or(0, |at| at + 1);
        let word = rest.get(start..)?;
        if word.is_empty() {
            break;
        }
        let filler = is_filler(word);
        if filler && weak.is_some() {
            break;
        }
        if filler || is_weak(word) {
            if !filler {
                weak = weak.or(Some(word));
            }
            rest = &rest[..start];
            continue;
        }
        return Some(word.trim_matches(['.', '/']));
    }
    weak
}

/// The first name after `at`, past words such as "field" and marks such as `:`.
fn name_after(message: &str, at: usize) -> Option<&str> {
    let mut rest = message.get(at..)?;
    if rest.starts_with(|c: char| c.is_ascii_lowercase()) {
        // a plural, or a longer word
        rest = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
    }
    if let Some(plural) = rest.strip_prefix("(s)") {
        rest = plural;
    }
    let mut crossed = false;
    let mut weak = None;
    for _ in 0..6 {
        let before = rest;
        rest = rest.trim_start_matches([' ', ':', '(', '[', '\n', '=']);
        crossed |= before[..before.len() - rest.len()].contains([':', '(', '=']);
        let Some(first) = rest.chars().next() else { break };
        if matches!(first, '"' | '\'' | '`' | '“' | '‘' | '<') {
            let close = match first {
                '“' => '”',
                '‘' => '’',
                '<' => '>',
                other => other,
            };
            let inside = &rest[first.len_utf8()..];
            let end = inside.find(close)?;
            return Some(inside[..end].trim().trim_start_matches('$'))
                .filter(|name| !name.is_empty() && name.len() <= 80);
        }
        let end = rest.bytes().position(|b| !is_name_byte(b)).unwrap_or(rest.len());
        let word = rest.get(..end)?;
        if word.is_empty() || word.starts_with('.') {
            break;
        }
        if is_filler(word) || (is_weak(word) && !crossed) {
            if is_weak(word) {
                weak = weak.or(Some(word));
            }
            rest = &rest[end..];
            continue;
        }
        // an unquoted word is a name only where it looks like one or a colon announces it
        let looks = crossed
            || word.contains(['_', '.', '-'])
            || word.bytes().skip(1).any(|b| b.is_ascii_uppercase())
            || rest[end..].trim_start_matches('.').trim().is_empty()
            || rest[end..].starts_with(" is ")
            || rest[end..].starts_with(", ");
        return looks.then(|| word.trim_matches(['.', '/', ']'])).filter(|w| !w.is_empty());
    }
    weak
}

/// The only quoted name of a message.
fn quoted(message: &str) -> Option<&str> {
    for (marker, skip) in [(" at path \"", 10), (" path: $.", 9), ("chain: ", 7)] {
        let lower = message.to_ascii_lowercase();
        if let Some(at) = lower.find(marker) {
            let rest = message.get(at + skip..)?;
            let end = rest.bytes().position(|b| !is_name_byte(b)).unwrap_or(rest.len());
            return rest.get(..end).map(|n| n.trim_end_matches('.')).filter(|n| !n.is_empty());
        }
    }
    // Jackson's reference chain: `["field"]`
    if let Some(at) = message.rfind("[\"") {
        let rest = &message[at + 2..];
        return rest
            .find("\"]")
            .map(|end| &rest[..end])
            .filter(|name| !name.is_empty() && name.len() <= 80 && !name.contains(' '));
    }
    None
}

/// Words around a name that are none themselves.
fn is_filler(word: &str) -> bool {
    [
        "the",
        "a",
        "an",
        "field",
        "fields",
        "parameter",
        "parameters",
        "property",
        "properties",
        "argument",
        "arguments",
        "attribute",
        "of",
        "for",
        "in",
        "at",
        "request",
        "named",
        "with",
        "and",
        "param",
        "params",
        "was",
        "were",
        "to",
        "your",
        "following",
        "one",
        "or",
        "more",
        "found",
        "supplied",
        "is",
        "not",
        "are",
        "must",
        "should",
        "has",
        "on",
        "it",
        "this",
        "that",
        "which",
        "no",
    ]
    .iter()
    .any(|filler| filler.eq_ignore_ascii_case(word))
}

/// Words that go with a name, and may be the name where no other is there.
fn is_weak(word: &str) -> bool {
    [
        "name", "value", "key", "header", "path", "query", "body", "member", "column", "option", "input", "element",
        "string", "variable", "method", "type", "form", "data",
    ]
    .iter()
    .any(|weak| weak.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages as the validators of the named libraries print them.
    #[test]
    fn wordings_name_the_kind_and_the_field() {
        for (message, key, name) in [
            ("The name field is required.", "missing", "name"), // Laravel, ASP.NET
            ("\"username\" is required", "missing", "username"), // Joi
            ("'email' is a required property", "missing", "email"), // jsonschema
            ("must have required property 'caseType'", "missing", "caseType"), // ajv
            ("Missing required parameter: 'model'.", "missing", "model"), // OpenAI
            ("Missing required param: amount.", "missing", "amount"), // Stripe
            ("Required request parameter 'id' for method parameter type Long is not present", "missing", "id"), // Spring
            ("param is missing or the value is empty: user", "missing", "user"),                                // Rails
            ("missing field `price` at line 1 column 20", "missing", "price"),                                  // serde
            ("Path `title` is required.", "missing", "title"), // Mongoose
            ("email can't be blank", "missing", "email"),      // Rails
            ("firstName must not be null", "missing", "firstName"), // Bean Validation
            ("password should not be empty", "missing", "password"), // class-validator
            ("Variable \"$id\" of required type \"ID!\" was not provided.", "missing", "id"), // GraphQL
            ("Invalid JSON payload received. Unknown name \"foo\" at 'bar': Cannot find field.", "unknown", "foo"), // google.rpc
            ("json: unknown field \"emial\"", "unknown", "emial"), // Go
            ("Unrecognized field \"nmae\" (class com.x.Y), not marked as ignorable", "unknown", "nmae"), // Jackson
            ("Unrecognized request argument supplied: functions_call", "unknown", "functions_call"), // OpenAI
            ("Additional properties are not allowed ('x' was unexpected)", "unknown", "x"), // jsonschema
            ("property age should not exist", "unknown", "age"),   // class-validator
            ("\"foo\" is not allowed", "unknown", "foo"),          // Joi
            ("Received unknown parameter: cutomer", "unknown", "cutomer"), // Stripe
            ("Could not find member 'Foo' on object of type 'Bar'.", "unknown", "Foo"), // Newtonsoft
            ("json: cannot unmarshal string into Go struct field Order.amount of type int", "type", "Order.amount"),
            ("age must be an integer", "type", "age"),
            ("'12' is not of type 'integer'", "type", "12"),
            ("Cast to Number failed for value \"x\" at path \"age\"", "type", "age"), // Mongoose
            ("\"status\" must be one of [open, closed]", "value", "status"),          // Joi
            ("Invalid value for 'size': expected one of", "value", "size"),
            ("email must be an email", "value", "email"),
            ("The selected country is invalid.", "value", "country"), // Laravel
            ("Authentication is required", "", ""),
            ("API key is missing", "", ""),
            ("Not found", "", ""),
        ] {
            let mut out = Sink::default();
            complaint(&mut out, None, message, None, Span::default());
            if key.is_empty() {
                assert!(!out.has("error.field"), "{message}: {out:?}");
            } else {
                assert_eq!(out.value(&format!("validation.{key}")), Some(name), "{message}: {out:?}");
            }
        }
    }

    #[test]
    fn codes_decide_where_words_do_not() {
        for (field, message, code, key) in [
            ("name", "Field required", "missing", "validation.missing"), // pydantic 2
            (
                "age",
                "Input should be a valid integer, unable to parse string as an integer",
                "int_parsing",
                "validation.type",
            ),
            ("x", "Extra inputs are not permitted", "extra_forbidden", "validation.unknown"),
            ("x", "Required", "invalid_type", "validation.missing"), // Zod 3
            ("x", "Invalid input: expected string, received undefined", "invalid_type", "validation.missing"), // Zod 4
            ("spec.x", "Required value", "FieldValueRequired", "validation.missing"), // Kubernetes
        ] {
            let mut out = Sink::default();
            complaint(&mut out, Some(field), message, Some(code), Span::default());
            assert_eq!(out.value(key), Some(field), "{message}: {out:?}");
        }
    }
}
