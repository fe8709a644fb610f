//! Apache httpd with `mod_proxy`: its error documents, its AH-numbered error log, the combined log.

use crate::Reply;
use crate::systems::gateway::trouble::{Rule, Told, Trouble};

pub(super) const SERVER: &str = "Apache/2.4.62 (Debian)";

fn document(status: u16, title: &str, words: &str, told: &Told<'_>) -> Reply {
    let (host, port) = told.host().rsplit_once(':').unwrap_or((told.host(), "80"));
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
    let port: String = port.chars().filter(char::is_ascii_digit).collect();
    let html = format!(
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {title}</title>\n</head><body>\n\
         <h1>{title}</h1>\n{words}\n<hr>\n<address>{SERVER} Server at {host} Port {port}</address>\n</body></html>\n"
    );
    Reply::new(status, "text/html; charset=iso-8859-1", html).with("Server", SERVER)
}

/// `ap_proxyerror`.
fn proxy_error(status: u16, reason: &str, told: &Told<'_>) -> Reply {
    let words = format!(
        "<p>The proxy server received an invalid\r\nresponse from an upstream server.<br />\r\n\
         The proxy server could not handle the request<p>Reason: <strong>{reason}</strong></p></p>"
    );
    document(status, "Proxy Error", &words, told)
}

pub(super) fn page(trouble: &Trouble, told: &Told<'_>) -> Reply {
    const UNABLE: &str = "<p>The server is temporarily unable to service your\nrequest due to maintenance downtime or capacity\n\
                          problems. Please try again later.</p>";
    let not_understood =
        |why: &str| format!("<p>Your browser sent a request that this server could not understand.<br />\n{why}</p>");
    match trouble {
        Trouble::NoRoute => document(404, "Not Found", "<p>The requested URL was not found on this server.</p>", told),
        Trouble::Method(allow) => {
            let method: String = told.asked.method.chars().filter(char::is_ascii_alphabetic).collect();
            let words = format!("<p>The requested method {method} is not allowed for this URL.</p>");
            document(405, "Method Not Allowed", &words, told).with("Allow", allow.clone())
        }
        Trouble::UriTooLong => {
            let words = "<p>The requested URL's length exceeds the capacity\nlimit for this server.<br />\n</p>";
            document(414, "Request-URI Too Long", words, told)
        }
        Trouble::HeadTooLarge => {
            let words = not_understood("Size of a request header field exceeds server limit.<br />\n");
            document(400, "Bad Request", &words, told)
        }
        Trouble::BodyTooLarge => {
            let words = "The requested resource does not allow request data with POST requests, or the amount of data provided in\n\
                         the request exceeds the capacity limit.";
            document(413, "Request Entity Too Large", words, told)
        }
        Trouble::Waf(_) | Trouble::Origin => {
            document(403, "Forbidden", "<p>You don't have permission to access this resource.</p>", told)
        }
        Trouble::Quota(_) => document(
            429,
            "Too Many Requests",
            "<p>The user has sent too many requests\nin a given amount of time.</p>",
            told,
        ),
        Trouble::Timeout => document(
            504,
            "Gateway Timeout",
            "<p>The gateway did not receive a timely response\nfrom the upstream server or application.</p>",
            told,
        ),
        Trouble::Tls(_) => proxy_error(500, "Error during SSL Handshake with remote server", told),
        Trouble::Dns(name) => proxy_error(502, &format!("DNS lookup failure for: {name}"), told),
        Trouble::Reset | Trouble::Closed | Trouble::Malformed => {
            proxy_error(502, "Error reading from remote server", told)
        }
        Trouble::Concurrency { .. }
        | Trouble::Maintenance
        | Trouble::NoHealthyBackend
        | Trouble::CircuitOpen
        | Trouble::Refused
        | Trouble::ConnectTimeout => document(503, "Service Unavailable", UNABLE, told),
    }
}

pub(super) fn lines(told: &Told<'_>) -> Vec<String> {
    let upstream = told.upstream_or("-");
    let client = told.client_with_port();
    let asked = format!("[client {client}]");
    let address = told.upstream.map_or_else(String::new, |upstream| upstream.ip().to_string());
    let error = match told.trouble {
        Some(Trouble::Refused) => Some((
            "proxy:error",
            format!("(111)Connection refused: AH00957: http: attempt to connect to {upstream} ({address}) failed"),
        )),
        Some(Trouble::ConnectTimeout) => Some((
            "proxy:error",
            format!(
                "(70007)The timeout specified has expired: AH00957: http: attempt to connect to {upstream} ({address}) failed"
            ),
        )),
        Some(Trouble::Timeout) => Some((
            "proxy_http:error",
            format!(
                "(70007)The timeout specified has expired: {asked} AH01102: error reading status line from remote server {upstream}"
            ),
        )),
        Some(Trouble::Reset) => Some((
            "proxy_http:error",
            format!(
                "(104)Connection reset by peer: {asked} AH01102: error reading status line from remote server {upstream}"
            ),
        )),
        Some(Trouble::Closed | Trouble::Malformed) => Some((
            "proxy_http:error",
            format!(
                "(20014)Internal error (specific information not available): {asked} AH01102: error reading status line from remote server {upstream}"
            ),
        )),
        Some(Trouble::Tls(_)) => Some((
            "proxy:error",
            format!("{asked} AH00898: Error during SSL Handshake with remote server returned by {}", told.asked.path),
        )),
        Some(Trouble::Dns(name)) => Some((
            "proxy:error",
            format!("{asked} AH00898: DNS lookup failure for: {name} returned by {}", told.asked.path),
        )),
        Some(Trouble::NoHealthyBackend | Trouble::CircuitOpen) => Some((
            "proxy_balancer:error",
            format!("{asked} AH01167: balancer://orders: All workers are in error state for route ((null))"),
        )),
        Some(Trouble::Waf(rule)) => {
            let (id, what) = match rule {
                Rule::UserAgent => ("913100", "Found User-Agent associated with security scanner"),
                Rule::Pattern => ("942100", "SQL Injection Attack Detected via libinjection"),
            };
            let uri = &told.asked.path;
            Some((
                "security2:error",
                format!(
                    "{asked} ModSecurity: Access denied with code 403 (phase 2). [id \"{id}\"] [msg \"{what}\"] [severity \"CRITICAL\"] [uri \"{uri}\"] [unique_id \"{}\"]",
                    told.id
                ),
            ))
        }
        _ => None,
    };
    let error = error.map(|(module, what)| format!("[{}] [{module}] [pid 12:tid 139] {what}", told.begun.apache()));
    let access = format!(
        "{} - - [{}] \"{}\" {} {} \"-\" \"{}\" {} {}",
        told.client(),
        told.begun.common(),
        told.line(),
        told.status,
        told.bytes,
        told.agent(),
        told.elapsed * 1000,
        told.id,
    );
    error.into_iter().chain([access]).collect()
}
