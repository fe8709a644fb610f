//! Words that announce a fact: `Errno 111`, `host='x'`, `alert number 40`, `x509: …`, `code = Unavailable`,
//! `cURL error 28`. Each looks only at what stands beside it. It refuses to know messages as a whole.

use super::codes;
use super::fill::{mark, mark_code, set_host, set_status};
use super::text::{after, clip, is_word, number, quoted, run, starts_ci, tail};
use firstfault_model::{Call, Span};

/// Looks at one word of a message with what stands before and after it.
pub(super) fn word(call: &mut Call, span: Span, word: &str, before: &str, rest: &str, tunnel: &mut bool) {
    match word {
        "Errno" | "errno" | "error" | "WinError" | "SocketException" | "Errno2" => {
            error_number(call, span, word, before, rest)
        }
        // Rust: `Os { code: 111, kind: ConnectionRefused, … }`
        "Os" => {
            if let Some((code, _)) = rest.strip_prefix(" { code: ").and_then(number) {
                errno(call, span, code);
            }
        }
        "error_code" | "errcode" => plain_code(call, span, rest),
        "cURL" | "curl" | "Curl" | "pycurl" | "CURLE" | "libcurl" => curl(call, span, rest),
        "NSURLErrorDomain" | "kCFErrorDomainCFNetwork" => {
            let value = rest.trim_start_matches([' ', ',', '"']);
            let value = ["Code=", "error ", "code: ", "Code: ", "code=", "Code ", "error code "]
                .iter()
                .find_map(|p| value.strip_prefix(p));
            if let Some((code, _)) = value.and_then(|v| number(v.trim_start_matches(' '))) {
                mark(call, "nsurl.code", &code.to_string(), span);
            }
        }
        "host" | "hostname" | "host_name" => named_host(call, span, rest),
        "port" => {
            // `Failed to connect to api.example.com port 443`, `(port 8080)`
            if let Some((port, _)) = rest.strip_prefix([' ', '=']).and_then(number) {
                let prior = tail(before, 300).trim_end_matches([' ', '(', ',']);
                let host = prior.rsplit([' ', '/']).next().unwrap_or_default().trim_matches(['"', '\'', '[', ']']);
                if let (Ok(port), true) =
                    (u16::try_from(port), host.contains('.') || host == "localhost" || host.contains(':'))
                {
                    set_host(call, host.trim_start_matches("host="), Some(port), span);
                }
            }
        }
        "connect"
        | "connecting"
        | "Connect"
        | "lookup"
        | "dial"
        | "resolve"
        | "getaddrinfo"
        | "UnknownHostException"
        | "resolving"
        | "Connection"
        | "connection"
        | "known"
        | "NoHttpResponseException" => address(call, span, word, before, rest),
        "tunneling" | "tunnel" | "Tunnel" | "CONNECT" | "proxyconnect" => {
            let near = clip(rest, 120);
            *tunnel |= word == "proxyconnect"
                || ["socket", "failed", "through", "request to proxy", "407"].iter().any(|w| near.contains(w));
        }
        "alert" | "ALERT" | "Alert" => alert(call, span, rest),
        // Go: `remote error: tls: bad certificate`
        "tls" if before.ends_with("remote error: ") => alert(call, span, rest),
        "certificate"
        | "Certificate"
        | "x509"
        | "PKIX"
        | "SSL"
        | "altnames"
        | "RemoteCertificateNameMismatch"
        | "RemoteCertificateChainErrors"
        | "RemoteCertificateNotAvailable"
        | "subject"
        | "name" => verify(call, span, word, rest),
        "StatusCode"
        | "StatusRuntimeException"
        | "StatusException"
        | "grpc_status"
        | "status"
        | "desc"
        | "grpc"
        | "GRPC" => grpc(call, span, word, before, rest),
        "timed" | "timeout" | "elapsing" | "after" | "within" => elapsed(call, word, before, rest),
        "occurred" => {
            // botocore: `An error occurred (AccessDenied) when calling the PutObject operation: …`
            if let Some((code, rest)) = rest.strip_prefix(" (").and_then(|r| r.split_once(')')) {
                mark_code(call, code, span);
                if let Some(name) = rest.strip_prefix(" when calling the ").and_then(|r| r.split_once(" operation")) {
                    mark(call, "operation", name.0, span);
                }
            }
        }
        "operation" => {
            // AWS SDK for Go v2: `operation error S3: PutObject, https response error StatusCode: 403`
            if let Some(name) = rest.strip_prefix(" error ") {
                let name = clip(name, 120).split([',', '\n']).next().unwrap_or_default();
                mark(call, "operation", name.split_once(": ").map_or(name, |(_, op)| op), span);
            }
        }
        "api" => {
            if let Some((code, _)) = rest.strip_prefix(" error ").and_then(|r| r.split_once(':')) {
                mark_code(call, code, span);
            }
        }
        "Code" | "ErrorCode" | "errorCode" | "CODE" => error_code(call, span, word, before, rest),
        "RequestID" | "RequestId" | "requestId" | "request_id" | "RequestID_" => request_id(call, span, rest),
        "Request" | "request" => {
            if let Some(rest) =
                rest.strip_prefix(" ID").or_else(|| rest.strip_prefix(" id")).or_else(|| rest.strip_prefix("-ID"))
            {
                request_id(call, span, rest);
            }
        }
        "Reason" => {
            if let Some((code, _)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
                mark_code(call, code, span);
            }
        }
        "reason" => {
            // googleapiclient: `Details: "[{'message': …, 'reason': 'quotaExceeded'}]"`
            if let Some((code, _)) = rest.strip_prefix("': ").and_then(quoted) {
                mark_code(call, code, span);
            }
        }
        "message" => {
            // aiohttp: `503, message='Service Unavailable', url=URL('https://…')`
            if let (Some((reason, _)), Some(status)) = (rest.strip_prefix('=').and_then(quoted), call.status()) {
                set_status(call, status, Some(reason), span);
            }
        }
        _ => {
            // `ConnectionResetError(104, 'Connection reset by peer')`, `OSError(24, …)`
            if word.ends_with("Error") {
                if let Some((code, rest)) = rest.strip_prefix('(').and_then(number)
                    && (rest.starts_with(", '") || rest.starts_with(", \""))
                {
                    // elasticsearch: `BadRequestError(400, 'media_type_header_exception', '…')`
                    match u16::try_from(code) {
                        Ok(status) if (400..600).contains(&status) => {
                            set_status(call, status, None, span);
                            if let Some((code, _)) = quoted(&rest[2..]) {
                                mark_code(call, code, span);
                            }
                        }
                        _ => errno(call, span, code),
                    }
                }
            } else if let Some(code) = word.strip_prefix("AADSTS") {
                if !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()) {
                    mark_code(call, word, span);
                }
            } else if let Some((_, name)) = word.split_once("_ALERT_") {
                // `[SSL: TLSV1_ALERT_PROTOCOL_VERSION]`
                alert(call, span, name);
            }
        }
    }
}

fn errno(call: &mut Call, span: Span, code: i64) {
    if let Some(name) = codes::errno_name(code) {
        mark(call, "errno", name, span);
    }
}

/// `error=PublicAccessNotPermitted`, `error=invalid_token`.
fn plain_code(call: &mut Call, span: Span, rest: &str) {
    let Some(value) = rest.strip_prefix('=') else { return };
    let (code, _) = run(value.trim_start_matches(['"', '\'']), |c| is_word(c) || matches!(c, '.' | '-'));
    if code.len() > 3 && code.bytes().any(|b| b.is_ascii_uppercase() || b == b'_') {
        mark_code(call, code.trim_end_matches('.'), span);
    }
}

fn error_number(call: &mut Call, span: Span, word: &str, before: &str, rest: &str) {
    if word == "error" && rest.starts_with('=') {
        return plain_code(call, span, rest);
    }
    let value = match word {
        "Errno" | "errno" | "WinError" => rest.trim_start_matches([' ', ':', '=', '\'', '"']),
        "SocketException" => match rest.strip_prefix(" (").or_else(|| rest.strip_prefix(": (")) {
            Some(value) => value,
            None => return,
        },
        // `os error 104`; Go and others write `error: 110`, which says nothing
        _ if before.ends_with("os ") || before.ends_with("socket ") => rest.trim_start_matches([' ', ':']),
        _ => return,
    };
    if let Some((code, after)) = number(value)
        && !after.starts_with(is_word)
        && code != 0
    {
        errno(call, span, code);
    }
}

/// `cURL error 28: …`, `curl: (60) …`, `Curl error (7)`, `pycurl.error: (28, '…')`.
fn curl(call: &mut Call, span: Span, rest: &str) {
    let mut value = rest.trim_start_matches(['.', ' ', ':', '_']);
    for filler in ["error code", "error number", "error", "errno", "returned"] {
        value = value.strip_prefix(filler).unwrap_or(value).trim_start_matches([' ', ':', '(', '#', '=']);
    }
    if let Some((code, after)) = number(value)
        && (1..100).contains(&code)
        && after.starts_with([':', ')', ',', ' '])
    {
        mark(call, "curl.exit", &code.to_string(), span);
    }
}

/// `host='x', port=443` (urllib3), `host: 'x'` and `hostname: 'x'` (Node).
fn named_host(call: &mut Call, span: Span, rest: &str) {
    let Some(value) = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": ")) else { return };
    let Some((host, after_host)) = quoted(value) else { return };
    let port =
        after(clip(after_host, 40), "port").and_then(|p| number(p.trim_start_matches(['=', ':', ' ']))).map(|(p, _)| p);
    let port = port.and_then(|p| u16::try_from(p).ok());
    match host_port(host) {
        Some((host, own)) => set_host(call, host, own.or(port), span),
        None if !host.contains('/') => set_host(call, host, port, span),
        None => {}
    }
}

/// Splits `api.example.com:443`, `[::1]:80`, `10.0.0.1:443` from the words after it.
fn host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let text = text.trim_start_matches([' ', '/', '\'', '"', '[', '<', '(', '`']);
    let (token, _) =
        run(clip(text, 300), |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | ']' | '%'));
    let token = token.trim_end_matches(['.', ':', '-']);
    let (host, port) = match token.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse().ok()),
        _ => (token, None),
    };
    let host = host.trim_end_matches(']');
    let hex = host.contains(':') && host.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'%'));
    let named = host == "localhost"
        || port.is_some() && !host.contains(':')
        || host.contains('.') && host.bytes().any(|b| b.is_ascii_alphanumeric());
    (!host.is_empty() && (hex || named)).then_some((host, port))
}

/// Addresses after the words that connections and name look-ups fail with.
fn address(call: &mut Call, span: Span, word: &str, before: &str, rest: &str) {
    let place = match word {
        "lookup" => rest,
        // Go: `dial tcp 10.0.0.1:443: connect: …`
        "dial" => match rest.strip_prefix(" tcp").or_else(|| rest.strip_prefix(" udp")) {
            Some(place) if place.starts_with(' ') && !place.starts_with(" lookup") => place,
            _ => return,
        },
        // `Could not resolve host: x`, `Failed to resolve 'x'`
        "resolve" | "resolving" => {
            let rest = rest.trim_start();
            let rest = ["hostname", "host", "address", "name", "DNS name"]
                .iter()
                .find_map(|p| rest.strip_prefix(p))
                .unwrap_or(rest);
            rest.trim_start_matches([':', ' '])
        }
        "getaddrinfo" => {
            let (code, after) = run(rest.trim_start(), is_word);
            if codes::is_errno(code) { after } else { return }
        }
        "UnknownHostException" => {
            let place = rest.trim_start_matches(':').trim_start();
            let (name, _) = run(place, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            if !name.is_empty() && !name.eq_ignore_ascii_case("failed") {
                set_host(call, name, None, span);
            }
            return;
        }
        // `msa.example:443 failed to respond`
        "NoHttpResponseException" => rest.trim_start_matches(':'),
        // .NET: `No such host is known. (api.example.com:443)`
        "known" if before.ends_with("host is ") => match rest.trim_start_matches('.').strip_prefix(" (") {
            Some(place) => place,
            None => return,
        },
        "connect" | "connecting" | "Connect" => match rest.strip_prefix(" to ") {
            Some(place) => place.trim_start_matches("host ").trim_start_matches("server "),
            // Node's `connect ECONNREFUSED 127.0.0.1:80` is read at the errno.
            None => return,
        },
        "Connection" | "connection" => match rest.strip_prefix(" to ") {
            Some(place) => place,
            None => return,
        },
        _ => return,
    };
    if let Some((host, port)) = host_port(place)
        && !host.starts_with("http")
    {
        set_host(call, host, port, span);
    }
}

/// Node: `connect ECONNREFUSED 127.0.0.1:80`, `getaddrinfo ENOTFOUND api.example.com`.
pub(super) fn address_after_errno(call: &mut Call, span: Span, word: &str, before: &str, rest: &str) {
    let spoken = before.ends_with("connect ") || before.ends_with("getaddrinfo ") || before.ends_with("queryA ");
    if !spoken {
        return;
    }
    let place = rest.trim_start();
    let (name, _) = run(place, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '['));
    if let Some((host, port)) = host_port(place) {
        set_host(call, host, port, span);
    } else if matches!(word, "ENOTFOUND" | "EAI_AGAIN") && !name.is_empty() {
        set_host(call, name, None, span);
    }
}

/// `alert number 40`, `tlsv1 alert protocol version`, `fatal alert: handshake_failure`, `TLSV1_ALERT_…`.
fn alert(call: &mut Call, span: Span, rest: &str) {
    let value = rest.trim_start_matches([' ', ':', '=', '_']);
    if let Some((code, _)) = value.strip_prefix("number ").and_then(number) {
        // The number is exact; it replaces a name read before it.
        call.attributes.retain(|a| a.name != "tls.alert");
        mark(call, "tls.alert", &code.to_string(), span);
    } else if let Some(code) = codes::tls_alert(value) {
        mark(call, "tls.alert", &code.to_string(), span);
    }
}

/// What a verifier said about the certificate, in its own words.
fn verify(call: &mut Call, span: Span, word: &str, rest: &str) {
    if call.attribute("tls.verify").is_some() {
        return;
    }
    let said = match word {
        // Go
        "x509" => rest.strip_prefix(": "),
        // Java
        "PKIX" => {
            let inner = clip(rest, 400);
            Some(
                after(inner, "unable to find valid certification path")
                    .map_or("path building failed", |_| "unable to find valid certification path to requested target"),
            )
        }
        "altnames" => Some("hostname mismatch"),
        "subject"
            if rest.starts_with(" alternative ") && ["found", "match"].iter().any(|w| clip(rest, 200).contains(w)) =>
        {
            Some("hostname mismatch")
        }
        "name" if rest.starts_with(" matching ") && clip(rest, 300).contains(" found") => Some("hostname mismatch"),
        "SSL" if rest.starts_with(" certificate problem: ") => after(rest, "problem: "),
        _ if word.starts_with("RemoteCertificate") => Some(word),
        // OpenSSL in Python and Ruby, then rustls' `invalid peer certificate: UnknownIssuer`
        "certificate" | "Certificate" => {
            [" verify failed: ", " verify failed ("].iter().find_map(|p| rest.strip_prefix(p)).or_else(|| {
                rest.strip_prefix(": ")
                    .filter(|r| r.starts_with(|c: char| c.is_ascii_uppercase()) || r.starts_with("certificate"))
            })
        }
        _ => None,
    };
    if let Some(said) = said {
        let line = said.split('\n').next().unwrap_or_default();
        let end = [" (_ssl", "'", "\"", ") (", ")", ". ", "; ", " (see"]
            .iter()
            .filter_map(|stop| line.find(stop))
            .min()
            .unwrap_or(line.len());
        mark(call, "tls.verify", line[..end].trim_end_matches(['.', ' ', ',']), span);
    }
}

/// gRPC statuses in the spelling of every client library.
fn grpc(call: &mut Call, span: Span, word: &str, before: &str, rest: &str) {
    let name = match word {
        // Python `StatusCode.UNAVAILABLE`; .NET `Status(StatusCode="Unavailable", …)`, which may also be a number of HTTP
        "StatusCode" => match rest.strip_prefix('.').or_else(|| rest.strip_prefix("=\"")) {
            Some(name) => name,
            None => return,
        },
        // grpc-java
        "StatusRuntimeException" | "StatusException" => match rest.strip_prefix(": ") {
            Some(name) => name,
            None => return,
        },
        // grpc-go: `rpc error: code = Unavailable desc = …`
        "desc" if rest.starts_with(" =") => match tail(before, 60).rsplit_once("code = ") {
            Some((_, name)) => name,
            None => return,
        },
        // C core: `grpc_status:14`
        "grpc_status" => {
            if let Some((code, _)) = number(rest.trim_start_matches([':', '"', '=', ' '])) {
                mark(call, "grpc.status", &code.to_string(), span);
            }
            return;
        }
        // tonic: `status: Unavailable, message: "…"`
        "status" => match rest.strip_prefix(": ") {
            Some(name) if clip(name, 60).contains(", message: ") => name,
            _ => return,
        },
        "GRPC" => match rest.strip_prefix("::") {
            Some(name) => name,
            None => return,
        },
        _ => match rest.strip_prefix("-status") {
            Some(value) => {
                if let Some((code, _)) = number(value.trim_start_matches([':', '"', '=', ' '])) {
                    mark(call, "grpc.status", &code.to_string(), span);
                }
                return;
            }
            None => return,
        },
    };
    let (name, _) = run(name.trim_start_matches("StatusCode."), is_word);
    if let Some(code) = codes::grpc_number(name) {
        mark(call, "grpc.status", &code.to_string(), span);
    }
}

/// How long a call waited before it was given up, in milliseconds, where a message says so.
fn elapsed(call: &mut Call, word: &str, before: &str, rest: &str) {
    let (value, unit_before) = match word {
        "timed" => match rest.strip_prefix(" out after ") {
            Some(value) => (value, ""),
            None => return,
        },
        // axios `timeout of 5000ms exceeded`; urllib3 `(read timeout=30)` in seconds
        "timeout" => match (rest.strip_prefix(" of "), rest.strip_prefix('=')) {
            (Some(value), _) => (value, ""),
            (_, Some(value)) => (value, "s"),
            _ => return,
        },
        "after" if before.ends_with(") ") || before.ends_with("exceeded ") => (rest.trim_start(), ""),
        // .NET `HttpClient.Timeout of 100 seconds elapsing`
        "elapsing" => {
            let prior = tail(before, 40).trim_end();
            let Some((_, value)) = prior.rsplit_once("of ") else { return };
            return total(call, value, "");
        }
        _ => return,
    };
    total(call, value, unit_before);
}

fn total(call: &mut Call, value: &str, unit: &str) {
    let (digits, rest) = run(value, |c| c.is_ascii_digit() || c == '.');
    let Ok(amount) = digits.trim_end_matches('.').parse::<f64>() else { return };
    let rest = rest.trim_start();
    let scale = if starts_ci(rest, "ms") || starts_ci(rest, "milli") {
        1.0
    } else if unit == "s" || starts_ci(rest, "s") {
        1000.0
    } else if starts_ci(rest, "min") {
        60_000.0
    } else {
        return;
    };
    if call.timings.total.is_none() && amount.is_finite() && amount > 0.0 {
        call.timings.total = Some(amount * scale);
    }
}

/// `Error Code: AccessDenied;` `ErrorCode=X,` `ERROR CODE: X` `ErrorCode: X`.
fn error_code(call: &mut Call, span: Span, word: &str, before: &str, rest: &str) {
    let named = match word {
        "ErrorCode" | "errorCode" => true,
        "Code" | "CODE" => {
            before.ends_with("Error ") || before.ends_with("ERROR ") || before.ends_with('\n') || before.is_empty()
        }
        _ => false,
    };
    let Some(value) = rest.strip_prefix(':').or_else(|| rest.strip_prefix('=')) else { return };
    if !named {
        return;
    }
    let (code, _) = run(value.trim_start_matches([' ', '"', '\'']), |c| is_word(c) || matches!(c, '.' | '-'));
    if !code.is_empty() {
        mark_code(call, code.trim_end_matches('.'), span);
    }
}

fn request_id(call: &mut Call, span: Span, rest: &str) {
    let Some(value) = rest.trim_start_matches(['"', '\'']).strip_prefix([':', '=']) else { return };
    let (id, _) =
        run(value.trim_start_matches([' ', '"', '\'']), |c| is_word(c) || matches!(c, '-' | '.' | '/' | '+' | '='));
    if id.len() >= 6 {
        mark(call, "request_id", id.trim_end_matches(['.', '=']), span);
    }
}
