//! Facts in curl's `*` lines: connection, proxy and TLS.
//!
//! This file refuses to know HTTP; it reads one line of words at a time.

use firstfault_model::{Call, Span};

/// What a line means for the course of the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning<'t> {
    /// Words that are worth keeping.
    Words,
    /// Chatter that is not worth keeping.
    Boring,
    /// A connection is being begun.
    Begins,
    /// The next request goes to this URL.
    Reissued(&'t str),
    /// The method changes: from (where it is said) and to.
    Switched(Option<&'t str>, &'t str),
    /// A pseudo-header or field of an HTTP/2 or HTTP/3 request.
    Field(&'t str, &'t str),
    /// A tunnel through a proxy is asked for, to this authority.
    Tunnel(&'t str),
    /// TCP came up: host, address, port.
    Connected(&'t str, &'t str, &'t str),
    /// One address did not answer.
    AddressFailed,
    /// TLS came up.
    Secured,
}

/// Reads one line, marks facts on the call and says what it means.
pub(super) fn read<'t>(words: &'t str, call: &mut Call, span: Span) -> Meaning<'t> {
    if let Some(rest) = words.strip_prefix("Trying ") {
        // Old versions put the outcome on the same line.
        let (rest, joined) = rest.strip_suffix("... connected").map_or((rest, false), |rest| (rest, true));
        let address = rest.trim_end_matches(['.', ' ']).trim_start_matches('[');
        if joined {
            once(call, "connected", "true", span);
            once(call, "address", host_of(address), span);
        }
        if call.attribute("address").is_none() && !address.contains(' ') {
            once(call, "address.tried", host_of(address), span);
        }
        return Meaning::Begins;
    }
    if let Some(rest) = words.strip_prefix("About to connect() to ") {
        if let Some(proxy) = rest.strip_prefix("proxy ") {
            let mut parts = proxy.split_whitespace();
            let host = parts.next().unwrap_or_default();
            let port = parts.nth(1).unwrap_or_default();
            once(call, "proxy.host", &join(host, port), span);
        }
        return Meaning::Begins;
    }
    if let Some(connected) = connected(words) {
        return connected;
    }
    if words.starts_with("Re-using existing") || words.starts_with("Reusing existing") {
        once(call, "connected", "true", span);
        return Meaning::Begins;
    }
    if let Some(rest) = words.strip_prefix("Uses proxy env variable ") {
        if let Some((name, value)) = rest.split_once(" == ")
            && !name.eq_ignore_ascii_case("no_proxy")
        {
            once(call, "proxy.uses", value.trim_matches('\''), span);
        }
        return Meaning::Words;
    }
    if let Some(rest) = words.strip_prefix("Issue another request to this URL: ") {
        return Meaning::Reissued(rest.trim().trim_matches(['\'', '"']));
    }
    if let Some(switched) = switched(words) {
        return switched;
    }
    if let Some(rest) = words.strip_prefix("Establish HTTP proxy tunnel to ") {
        return Meaning::Tunnel(rest.trim());
    }
    if let Some((name, value)) = http2_field(words) {
        return Meaning::Field(name, value);
    }
    if words.starts_with("connect to ") && words.contains(" failed")
        || words.starts_with("Immediate connect fail")
        || words == "Connection failed"
    {
        return Meaning::AddressFailed;
    }
    if let Some(meaning) = tls(words, call, span) {
        return meaning;
    }
    duration(words, call);
    if words.starts_with("Host ") && words.ends_with(" was resolved.")
        || words.starts_with("Rebuilt URL to")
        || words.starts_with("processing:")
    {
        return Meaning::Begins;
    }
    let opened = words.starts_with("[HTTP/") && words.contains(" OPENED stream for ");
    if opened || BORING.iter().any(|boring| words.starts_with(boring)) { Meaning::Boring } else { Meaning::Words }
}

/// `tls.verify` and `tls.alert` in the words of an error, which repeats what a `*` line said.
pub(super) fn read_failure(words: &str, call: &mut Call, span: Span) {
    tls(words, call, span);
    duration(words, call);
}

/// Marks a fact that is only true once.
pub(super) fn once(call: &mut Call, name: &str, value: &str, span: Span) {
    if call.attribute(name).is_none() {
        call.mark(name, value, span);
    }
}

/// Lines that repeat on every call and say nothing of a failure.
const BORING: &[&str] = &[
    "TCP_NODELAY",
    "ALPN",
    "NPN",
    "IPv4:",
    "IPv6:",
    "Hostname ",
    "Added ",
    "CAfile:",
    "CApath:",
    "CApath ",
    "CAfile ",
    "Cipher selection",
    "successfully set certificate",
    "Server certificate:",
    "Mark bundle",
    "Found bundle",
    "Connection state changed",
    "Copying HTTP/2 data",
    "Using Stream ID",
    "Using HTTP2",
    "using HTTP/",
    "Using HTTP/",
    "Expire in",
    "STATE:",
    "Curl_",
    "multi_done",
    "old SSL session",
    "Initializing NSS",
    "Connection #",
    "Closing connection",
    "Certificate level",
    "subjectAltName",
    "Server auth using",
    "allocate connect buffer",
    "Server certificate",
    "public key",
    "start date:",
    "expire date:",
    "subject:",
    "issuer:",
    "common name:",
    "version:",
    "CONNECT phase completed",
    "Proxy replied OK",
    "Proxy replied 200",
    "Connection cache",
    "upload completely sent off",
    "We are completely uploaded",
    "Request completely sent off",
    "TLS Unknown",
    "error setting certificate verify locations, continuing",
];

/// `Connected to host (address) port N (#0)`, also as `Established connection to host (address port N)`.
fn connected(words: &str) -> Option<Meaning<'_>> {
    let rest = words.strip_prefix("Connected to ").or_else(|| words.strip_prefix("Established connection to "))?;
    let (host, rest) = rest.split_once(" (")?;
    let (address, after) = rest.split_once(')')?;
    let (address, port) = match address.split_once(" port ") {
        Some((address, port)) => (address, port),
        None => (address, after.trim_start().strip_prefix("port ").unwrap_or_default()),
    };
    let port = port.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    Some(Meaning::Connected(host, address, port))
}

/// `Switch from POST to GET`, `Switch to GET because of 301 response`, `Method changed from POST to GET`.
fn switched(words: &str) -> Option<Meaning<'_>> {
    if !words.starts_with("Switch ") && !words.starts_with("Switched ") && !words.starts_with("Method changed") {
        return None;
    }
    let (before, after) = words.split_once(" to ")?;
    let to = after.split_whitespace().next()?;
    let from = before.split_once("from ").and_then(|(_, from)| from.split_whitespace().next());
    to.bytes().all(|b| b.is_ascii_uppercase()).then_some(Meaning::Switched(from, to))
}

/// `[HTTP/2] [1] [:method: GET]`, `h2h3 [:path: /x]`, `h2 [user-agent: curl/8]`.
fn http2_field(words: &str) -> Option<(&str, &str)> {
    let rest = ["[HTTP/2] ", "[HTTP/3] ", "h2h3 ", "h2 ", "h3 "].iter().find_map(|mark| words.strip_prefix(mark))?;
    let rest = match rest.strip_prefix('[').and_then(|r| r.split_once("] ")) {
        Some((stream, rest)) if stream.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => rest,
    };
    let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
    crate::http_message::fields::field(inner)
}

fn tls<'t>(words: &'t str, call: &mut Call, span: Span) -> Option<Meaning<'t>> {
    if let Some(rest) = words.strip_prefix("SSL connection using ") {
        once(call, "tls.version", rest.split([' ', ',']).next().unwrap_or_default(), span);
        return Some(Meaning::Secured);
    }
    if words.contains(", TLS alert, ") || words.contains(", TLS alert (") {
        return Some(if alert_line(words, call, span) { Meaning::Words } else { Meaning::Boring });
    }
    if words.contains("TLS handshake")
        || words.contains("TLS change cipher")
        || words.contains("TLS app data")
        || words.contains("TLS header")
    {
        if words.contains("Request CERT") || words.contains("CERT REQUEST") || words.contains("Request cert") {
            once(call, "tls.client_certificate_requested", "true", span);
        }
        return Some(Meaning::Boring);
    }
    for (label, name) in [
        ("subject: ", "tls.subject"),
        ("issuer: ", "tls.issuer"),
        ("expire date: ", "tls.expire"),
        ("start date: ", "tls.start"),
    ] {
        if let Some(value) = words.strip_prefix(label) {
            once(call, name, value, span);
            return Some(Meaning::Boring);
        }
    }
    if words.starts_with("SSL certificate verify ok") {
        once(call, "tls.verified", "true", span);
        return Some(Meaning::Boring);
    }
    for label in [
        "SSL certificate problem: ",
        "SSL certificate problem, verify that the CA cert is OK. Details: ",
        "SSL certificate verify result: ",
        "server certificate verification failed. ",
    ] {
        if let Some((_, problem)) = words.split_once(label) {
            // With -k curl goes on: what it would have refused is told, and is no failure.
            if let Some((problem, _)) = problem.split_once(", continuing anyway") {
                once(call, "tls.ignored", problem, span);
                return Some(Meaning::Boring);
            }
            once(call, "tls.verify", problem.trim_end_matches('.'), span);
            return Some(Meaning::Words);
        }
    }
    if let Some(rest) = words.strip_prefix("SSL: ")
        && (rest.contains("does not match target host name")
            || rest.contains("no alternative certificate subject name"))
    {
        once(call, "tls.verify", rest, span);
        return Some(Meaning::Words);
    }
    if let Some(rest) = words.strip_prefix("schannel: ") {
        let fault = ["failed", "error", "SEC_E_", "CRYPT_E_", "CERT_E_", "CERT_TRUST_", "rejected", "closed abruptly"]
            .iter()
            .any(|word| rest.contains(word));
        if ["SEC_E_UNTRUSTED_ROOT", "SEC_E_WRONG_PRINCIPAL", "SEC_E_CERT_EXPIRED", "CERT_TRUST_", "CRYPT_E_", "CERT_E_"]
            .iter()
            .any(|code| rest.contains(code))
        {
            once(call, "tls.verify", rest, span);
        }
        return Some(if fault { Meaning::Words } else { Meaning::Boring });
    }
    if let Some(number) =
        words.split_once("SSL alert number ").map(|(_, n)| n.bytes().take_while(u8::is_ascii_digit).count())
    {
        let digits = words.split_once("SSL alert number ").map(|(_, n)| &n[..number]).unwrap_or_default();
        once(call, "tls.alert", digits, span);
    } else if words.contains("alert ")
        && (words.contains("SSL") || words.contains("tls"))
        && let Some(number) = alert_named(words)
    {
        once(call, "tls.alert", &number.to_string(), span);
    }
    None
}

/// `TLSv1.2 (IN), TLS alert, handshake failure (552):` – the number is the level and the description of
/// RFC 8446 section 6 in two bytes. Closing (0) is no fault. Old versions of curl name another message and
/// give only the level: those say nothing.
fn alert_line(words: &str, call: &mut Call, span: Span) -> bool {
    let number = words
        .rsplit_once('(')
        .and_then(|(_, tail)| tail.split_once(')'))
        .and_then(|(digits, _)| digits.parse::<u32>().ok())
        .filter(|number| *number >= 256)
        .map(|number| number & 0xff)
        .or_else(|| alert_named(words));
    let Some(number) = number.filter(|number| *number != 0) else { return false };
    once(call, "tls.alert", &number.to_string(), span);
    once(call, "tls.alert_by", if words.contains("(OUT)") { "client" } else { "server" }, span);
    true
}

/// The number of an alert by its name (RFC 8446 section 6.2, names as OpenSSL prints them).
fn alert_named(words: &str) -> Option<u32> {
    const NAMES: &[(&str, u32)] = &[
        ("unexpected message", 10),
        ("bad record mac", 20),
        ("record overflow", 22),
        ("handshake failure", 40),
        ("bad certificate", 42),
        ("unsupported certificate", 43),
        ("certificate revoked", 44),
        ("certificate expired", 45),
        ("certificate unknown", 46),
        ("illegal parameter", 47),
        ("unknown ca", 48),
        ("access denied", 49),
        ("decode error", 50),
        ("decrypt error", 51),
        ("protocol version", 70),
        ("insufficient security", 71),
        ("internal error", 80),
        ("inappropriate fallback", 86),
        ("user canceled", 90),
        ("missing extension", 109),
        ("unsupported extension", 110),
        ("unrecognized name", 112),
        ("bad certificate status response", 113),
        ("unknown psk identity", 115),
        ("certificate required", 116),
        ("no application protocol", 120),
    ];
    let (_, rest) = words.split_once("alert ").or_else(|| words.split_once("alert, "))?;
    let rest = rest.trim_start_matches(['(', ' ']);
    NAMES
        .iter()
        .find(|(name, _)| crate::http_message::start_line::starts_with_ignore_case(rest, name))
        .map(|(_, number)| *number)
}

/// `Operation timed out after 30001 milliseconds`, `Failed to connect to h port 443 after 21042 ms`.
fn duration(words: &str, call: &mut Call) {
    let total = words.split(" after ").skip(1).find_map(|rest| {
        let (number, unit) = rest.split_once(' ')?;
        (unit.starts_with("ms") || unit.starts_with("milliseconds")).then(|| number.parse::<f64>().ok()).flatten()
    });
    if let Some(total) = total.filter(|t| t.is_finite()) {
        call.timings.total = Some(total);
    }
}

fn host_of(address: &str) -> &str {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    if !port.is_empty()
        && port.bytes().all(|b| b.is_ascii_digit())
        && (address.matches(':').count() == 1 || host.ends_with(']'))
    {
        host.trim_end_matches(']')
    } else {
        address.trim_end_matches(']')
    }
}

fn join(host: &str, port: &str) -> String {
    if port.is_empty() { host.to_owned() } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts() {
        for (words, name, value) in [
            ("SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384", "tls.version", Some("TLSv1.3")),
            ("TLSv1.2 (IN), TLS alert, handshake failure (552):", "tls.alert", Some("40")),
            ("TLSv1.3 (OUT), TLS alert, unknown CA (560):", "tls.alert", Some("48")),
            ("TLSv1.2 (OUT), TLS alert, close notify (256):", "tls.alert", None),
            ("SSLv3, TLS alert, Server hello (2):", "tls.alert", None),
            ("error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure", "tls.alert", Some("40")),
            ("TLSv1.3 (IN), TLS handshake, Request CERT (13):", "tls.client_certificate_requested", Some("true")),
            ("SSL certificate problem: certificate has expired", "tls.verify", Some("certificate has expired")),
            (
                "SSL certificate verify result: unable to get local issuer certificate (20), continuing anyway.",
                "tls.ignored",
                Some("unable to get local issuer certificate (20)"),
            ),
            ("SSL certificate verify ok.", "tls.verify", None),
            ("subject: CN=a.example", "tls.subject", Some("CN=a.example")),
            (
                "Uses proxy env variable https_proxy == 'http://proxy.example:3128'",
                "proxy.uses",
                Some("http://proxy.example:3128"),
            ),
            ("Uses proxy env variable no_proxy == 'localhost'", "proxy.uses", None),
            ("About to connect() to proxy proxy.example port 8080 (#0)", "proxy.host", Some("proxy.example:8080")),
        ] {
            let mut call = Call::default();
            read(words, &mut call, Span::default());
            assert_eq!(call.attribute(name), value, "{words}");
        }
    }

    #[test]
    fn meanings() {
        for (words, expected) in [
            ("Connected to h.example (192.0.2.1) port 443 (#0)", Meaning::Connected("h.example", "192.0.2.1", "443")),
            (
                "Established connection to h.example (192.0.2.1 port 443) from 10.0.0.1 port 50000",
                Meaning::Connected("h.example", "192.0.2.1", "443"),
            ),
            ("Switch from POST to GET", Meaning::Switched(Some("POST"), "GET")),
            ("Switch to GET because of 301 response", Meaning::Switched(None, "GET")),
            ("[HTTP/2] [1] [:method: GET]", Meaning::Field(":method", "GET")),
            ("h2h3 [:path: /x]", Meaning::Field(":path", "/x")),
            ("Issue another request to this URL: 'https://h/'", Meaning::Reissued("https://h/")),
            ("connect to ::1 port 80 failed: Connection refused", Meaning::AddressFailed),
            ("Could not resolve host: x", Meaning::Words),
            ("schannel: sending initial handshake data", Meaning::Boring),
        ] {
            assert_eq!(read(words, &mut Call::default(), Span::default()), expected, "{words}");
        }
        let mut call = Call::default();
        read("Operation timed out after 30001 milliseconds with 0 bytes received", &mut call, Span::default());
        assert_eq!(call.timings.total, Some(30001.0));
    }
}
