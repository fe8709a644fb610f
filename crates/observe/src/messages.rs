//! What programs said in words: each message as a text, and the marks in it that have one documented
//! form (errno names, curl's exit codes, browsers' net errors, gRPC codes, AWS codes, JSON inside).
//!
//! What a person wrote is kept as a note and never read for facts.

use crate::roles::is_code;
use crate::sink::{Sink, cut};
use crate::{Place, fields, shape};
use firstfault_model::{Call, MessageKind, Span};
use memchr::memmem;

/// Longer messages are read only so far.
const LIMIT: usize = 16 * 1024;

const ERRNO: &[&str] = &[
    "ECONNREFUSED",
    "ECONNRESET",
    "ECONNABORTED",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "EHOSTDOWN",
    "ENETUNREACH",
    "ENETDOWN",
    "EPIPE",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EAI_NONAME",
    "EAI_NODATA",
    "EAI_FAIL",
    "EADDRINUSE",
    "EADDRNOTAVAIL",
    "EACCES",
    "EPERM",
    "EMFILE",
    "ENFILE",
    "ENOBUFS",
    "ENOMEM",
    "EPROTO",
    "ESOCKETTIMEDOUT",
    "EAFNOSUPPORT",
    "EISCONN",
    "ENOTCONN",
    "ENOTCONN",
    "ESHUTDOWN",
    "ECANCELED",
    "EINVAL",
    "ENOENT",
    "ENOSPC",
    "EBUSY",
    "ENETRESET",
    "ETIME",
    "EBADF",
    "ECONNRESETBYPEER",
];

pub(crate) fn read(call: &Call, out: &mut Sink) {
    let types = || {
        call.messages
            .iter()
            .filter(|m| m.kind == MessageKind::Exception)
            .filter_map(|m| Some((type_of(&m.text)?, m.span)))
    };
    if let Some((outermost, span)) = types().next() {
        out.first("exception.type", outermost, span);
    }
    if let Some((root, span)) = types().next_back() {
        out.first("exception.root", root, span);
    }
    let excepted = call.messages.iter().any(|m| m.kind == MessageKind::Exception);
    chain_length(call, out);
    for message in &call.messages {
        // Beside an exception, a library's chatter says what it did and not what failed.
        let chatter = excepted && message.kind != MessageKind::Exception && is_debug(&message.text);
        if message.kind == MessageKind::Note || chatter {
            out.text(Place::Note, message.text.as_str(), message.span, 0);
            continue;
        }
        let text = cut(&message.text, LIMIT);
        marks(out, text, message.span);
        // a body that a program printed: only where no response brought one
        if (!out.has("error.code") && !out.has("error.message") || message.kind == MessageKind::Exception)
            && memchr::memchr2(b'{', b'[', text.as_bytes()).is_some()
        {
            let status = call.status();
            // a tool's own line in a successful call may hold data, but no error
            if status.is_none_or(|status| status >= 400) {
                shape::read_embedded(out, text, message.span, status);
            }
        }
        if matches!(message.kind, MessageKind::Log | MessageKind::Output) && is_release(text) {
            out.first("change", cut(text, 200), message.span);
        }
        out.text(Place::Message, text, message.span, 0);
    }
}

/// How many certificates `openssl s_client` shows under "Certificate chain": ` 0 s:CN = …`, ` 1 s:…`.
fn chain_length(call: &Call, out: &mut Sink) {
    let number = |text: &str| {
        let (digits, rest) = text.trim_start().split_at_checked(1)?;
        (rest.starts_with(" s:")).then(|| digits.parse::<u32>().ok()).flatten()
    };
    let mut shown = call.messages.iter().filter_map(|m| Some((number(&m.text)?, m.span)));
    let Some((first, span)) = shown.next() else { return };
    let last = shown.map(|(n, _)| n).fold(first, u32::max);
    out.fact("tls.chain.length", &(last + 1).to_string(), span);
}

/// Whether a line that no reader knew is of the level debug or trace.
fn is_debug(text: &str) -> bool {
    let head = cut(text, 80);
    ["[DEBUG]", "[TRACE]", " DEBUG ", " TRACE ", "DEBUG:", "[debug]", "level=debug"]
        .iter()
        .any(|mark| head.contains(mark))
}

/// A line that tells of a release: what changed before calls began to fail.
fn is_release(text: &str) -> bool {
    let lower = cut(text, 300).to_ascii_lowercase();
    let failed = ["deploy failed", "deployment failed", "failed to deploy", "build failed"];
    let told = [
        "deploy ",
        "deployed",
        "deploy:",
        "deploying",
        "deployment of",
        "deployment successful",
        "deployment complete",
        "new release",
        "release v",
        "released v",
        "rolled out",
        "rolling update",
        "rollout",
        "upgraded to",
        "upgrade to version",
        "upgraded from",
        "promoted to production",
        "updated image",
        "new version",
    ];
    // A release has a name, a number or a time; a sentence about releases has none.
    let named = lower.bytes().any(|b| b.is_ascii_digit()) && !lower.contains(" not ") && !lower.contains("doesn't");
    named && told.iter().any(|words| lower.contains(words)) && !failed.iter().any(|words| lower.contains(words))
}

/// The type in front of an exception's words: `requests.exceptions.SSLError: …`.
fn type_of(text: &str) -> Option<&str> {
    let first = text.split(['\n', ' ']).next()?;
    let name = first.strip_suffix(':').or_else(|| (first.len() == text.trim_end().len()).then_some(first))?;
    let shaped = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'$' | b'\\'));
    let named = ["Error", "Exception", "Fault", "Failure", "Timeout", "Refused"].iter().any(|end| name.ends_with(end))
        || name.matches('.').count() > 1;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && shaped && named && name.len() <= 160).then_some(name)
}

fn marks(out: &mut Sink, text: &str, span: Span) {
    if let Some(code) = text.strip_prefix("curl: (").and_then(|rest| rest.split_once(')')).map(|(code, _)| code)
        && !code.is_empty()
        && code.bytes().all(|b| b.is_ascii_digit())
    {
        out.first("curl.exit", code, span);
    }
    // One pass over the words says which of the rarer forms are worth a search.
    let (mut coded_form, mut grpc_form) = (false, false);
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).take(2000) {
        let Some(first) = word.bytes().next().filter(u8::is_ascii_alphabetic) else { continue };
        match first {
            b'E' if ERRNO.contains(&word) => out.fact("errno", word, span),
            b'E' if word.starts_with("ERR_") && memmem::find(text.as_bytes(), b"net::").is_some() => {
                out.fact("net_error", word, span);
            }
            b'N' if word.starts_with("NS_ERROR_") => out.fact("net_error", word, span),
            _ => {}
        }
        match word {
            "occurred" | "Code" | "ErrorCode" | "api" => coded_form = true,
            "rpc" | "StatusCode" | "StatusRuntimeException" | "StatusException" => grpc_form = true,
            _ if first.is_ascii_uppercase() && fields::GRPC.contains(&word) => grpc_form = true,
            _ => {}
        }
    }
    if coded_form {
        // botocore: `An error occurred (ThrottlingException) when calling the X operation: …`
        coded(out, text, "An error occurred (", ")", span);
        // AWS SDK for Java 1: `(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: …)`
        coded(out, text, "Error Code: ", ";", span);
        // AWS SDK for Go 2: `api error AccessDenied: …`; Azure: `ErrorCode: AuthenticationFailed`
        coded(out, text, "api error ", ":", span);
        coded(out, text, "ErrorCode:", "\n", span);
    }
    if grpc_form {
        grpc(out, text, span);
    }
}

/// A code between two marks.
fn coded(out: &mut Sink, text: &str, before: &str, after: &str, span: Span) {
    let Some(at) = memmem::find(text.as_bytes(), before.as_bytes()) else { return };
    let rest = text[at + before.len()..].trim_start();
    let end = match rest.find(after) {
        Some(end) => end,
        None if after
            == "
" =>
        {
            rest.len()
        }
        None => return,
    };
    let code = rest[..end].split_whitespace().next().unwrap_or_default();
    if is_code(code) && code.len() > 2 && code.len() == rest[..end].trim().len() && code.parse::<u32>().is_err() {
        out.fact("error.code", code, span);
    }
}

/// `rpc error: code = Unavailable desc = …` (Go), `StatusCode.UNAVAILABLE` (Python),
/// `StatusRuntimeException: UNAVAILABLE: …` (Java), `14 UNAVAILABLE: …` (Node).
fn grpc(out: &mut Sink, text: &str, span: Span) {
    for (mark, needed) in [
        ("code = ", "rpc error"),
        ("StatusCode.", ""),
        ("StatusRuntimeException: ", ""),
        ("StatusException: ", ""),
        ("StatusCode=\"", ""),
    ] {
        let Some(at) = memmem::find(text.as_bytes(), mark.as_bytes()) else { continue };
        if !needed.is_empty() && memmem::find(text.as_bytes(), needed.as_bytes()).is_none() {
            continue;
        }
        let rest = &text[at + mark.len()..];
        let end = rest.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_')).unwrap_or(rest.len());
        add_grpc(out, &rest[..end], span);
    }
    let mut words = text.split([' ', '\n']);
    let mut before = words.next().unwrap_or_default();
    for word in words.take(60) {
        if let (Ok(number), Some(name)) = (before.parse::<usize>(), word.strip_suffix(':'))
            && fields::GRPC.get(number) == Some(&name)
        {
            add_grpc(out, name, span);
        }
        before = word;
    }
}

fn add_grpc(out: &mut Sink, word: &str, span: Span) {
    let fold = |text: &str| text.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase()).collect::<Vec<u8>>();
    let wanted = match word {
        "Canceled" => b"cancelled".to_vec(),
        other => fold(other),
    };
    if let Some(code) = fields::GRPC.iter().position(|name| fold(name) == wanted).filter(|code| *code > 0) {
        out.first("grpc.status", &code.to_string(), span);
        out.fact("error.code", fields::GRPC[code], span);
    }
}
