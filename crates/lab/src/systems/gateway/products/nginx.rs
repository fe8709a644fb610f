//! nginx: its error pages (`ngx_http_special_response.c`), its error log, its access log with upstream times.

use super::without;
use crate::Reply;
use crate::systems::gateway::trouble::{Rule, Told, Trouble};

pub(super) const SERVER: &str = "nginx/1.27.2";

pub(super) fn title(status: u16) -> String {
    let words = match status {
        301 => "Moved Permanently",
        200 => "OK",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Large",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        504 => "Gateway Time-out",
        _ => "Internal Server Error",
    };
    format!("{status} {words}")
}

pub(super) fn html(title: &str, heading: &str, more: Option<&str>) -> String {
    let more = more.map(|more| format!("<center>{more}</center>\r\n")).unwrap_or_default();
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{heading}</h1></center>\r\n{more}\
         <hr><center>{SERVER}</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn status(trouble: &Trouble) -> u16 {
    match trouble {
        Trouble::NoRoute => 404,
        Trouble::Method(_) => 405,
        Trouble::UriTooLong => 414,
        Trouble::HeadTooLarge => 400,
        Trouble::BodyTooLarge => 413,
        Trouble::Waf(_) | Trouble::Origin => 403,
        Trouble::Quota(spent) => spent.status.unwrap_or(503),
        // What `limit_req_status` and `limit_conn_status` are by default.
        Trouble::Concurrency { .. } | Trouble::Maintenance => 503,
        Trouble::Timeout | Trouble::ConnectTimeout => 504,
        Trouble::NoHealthyBackend
        | Trouble::CircuitOpen
        | Trouble::Refused
        | Trouble::Tls(_)
        | Trouble::Dns(_)
        | Trouble::Reset
        | Trouble::Closed
        | Trouble::Malformed => 502,
    }
}

pub(super) fn page(trouble: &Trouble) -> Reply {
    if *trouble == Trouble::Maintenance {
        // An operator's own page, which `error_page 503` names.
        let html = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Scheduled maintenance</title></head>\n\
                    <body>\n<h1>We&rsquo;ll be back soon</h1>\n<p>The service is down for scheduled maintenance.</p>\n</body>\n</html>\n";
        return Reply::new(503, "text/html", html).with("Server", SERVER).with("Retry-After", "1800");
    }
    let status = status(trouble);
    let title = title(status);
    let body = match trouble {
        Trouble::HeadTooLarge => {
            let words = "Request Header Or Cookie Too Large";
            html(&format!("400 {words}"), &title, Some(words))
        }
        _ => html(&title, &title, None),
    };
    let reply = Reply::new(status, "text/html", body).with("Server", SERVER);
    let ends = matches!(trouble, Trouble::HeadTooLarge | Trouble::UriTooLong | Trouble::BodyTooLarge);
    reply.with("Connection", if ends { "close" } else { "keep-alive" })
}

pub(super) fn passed(reply: Reply) -> Reply {
    without(reply, &["server", "connection"]).with("Server", SERVER)
}

/// Error log, then access log. Kong is built on it, and logs through it.
pub(super) fn lines(told: &Told<'_>, zone: &str) -> Vec<String> {
    let mut lines: Vec<String> = error(told, zone).into_iter().collect();
    let (method_line, seconds) = (told.line(), told.seconds());
    let behind = told.upstream.is_some();
    let upstream = told.upstream_or("-");
    let connected = !matches!(told.trouble, Some(Trouble::Refused | Trouble::ConnectTimeout | Trouble::Tls(_)));
    let (connect, header) = match (behind, connected, told.upstream_status) {
        (true, true, Some(_)) => ("0.000".to_owned(), seconds.clone()),
        (true, true, None) => ("0.000".to_owned(), "-".to_owned()),
        _ => ("-".to_owned(), "-".to_owned()),
    };
    let times = if behind { seconds.clone() } else { "-".to_owned() };
    let status = match (behind, told.upstream_status) {
        (true, Some(status)) => status.to_string(),
        (true, None) => told.status.to_string(),
        _ => "-".to_owned(),
    };
    lines.push(format!(
        "{} - - [{}] \"{method_line}\" {} {} \"-\" \"{}\" rt={seconds} uct=\"{connect}\" uht=\"{header}\" urt=\"{times}\" \
         ua=\"{upstream}\" us=\"{status}\" request_id={}",
        told.client(),
        told.begun.common(),
        told.status,
        told.bytes,
        told.agent(),
        told.id,
    ));
    lines
}

fn error(told: &Told<'_>, zone: &str) -> Option<String> {
    let (level, what) = match told.trouble? {
        Trouble::Refused => {
            ("error", "connect() failed (111: Connection refused) while connecting to upstream".to_owned())
        }
        Trouble::ConnectTimeout => {
            ("error", "upstream timed out (110: Connection timed out) while connecting to upstream".to_owned())
        }
        Trouble::Timeout => (
            "error",
            "upstream timed out (110: Connection timed out) while reading response header from upstream".to_owned(),
        ),
        Trouble::Reset => (
            "error",
            "recv() failed (104: Connection reset by peer) while reading response header from upstream".to_owned(),
        ),
        Trouble::Closed => {
            ("error", "upstream prematurely closed connection while reading response header from upstream".to_owned())
        }
        Trouble::Malformed => {
            ("error", "upstream sent no valid HTTP/1.0 header while reading response header from upstream".to_owned())
        }
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => {
            ("error", "no live upstreams while connecting to upstream".to_owned())
        }
        Trouble::Tls(_) => (
            "error",
            "upstream SSL certificate verify error: (18:self-signed certificate) while SSL handshaking to upstream"
                .to_owned(),
        ),
        Trouble::Dns(name) => ("error", format!("{name} could not be resolved (3: Host not found)")),
        Trouble::BodyTooLarge => {
            ("error", format!("client intended to send too large body: {} bytes", told.asked.body.len()))
        }
        Trouble::UriTooLong => ("info", "client sent too long URI while reading client request line".to_owned()),
        Trouble::HeadTooLarge => {
            ("info", "client sent too long header line while reading client request headers".to_owned())
        }
        Trouble::Quota(_) => ("error", "limiting requests, excess: 10.640 by zone \"perkey\"".to_owned()),
        Trouble::Concurrency { .. } => ("error", "limiting connections by zone \"perkey\"".to_owned()),
        Trouble::Waf(rule) => {
            let (id, what) = match rule {
                Rule::UserAgent => ("913100", "Found User-Agent associated with security scanner"),
                Rule::Pattern => ("942100", "SQL Injection Attack Detected via libinjection"),
            };
            let what = format!(
                "[client {}] ModSecurity: Access denied with code 403 (phase 2). [id \"{id}\"] [msg \"{what}\"] [uri \"{}\"]",
                told.client(),
                told.asked.path,
            );
            ("error", what)
        }
        Trouble::NoRoute => (
            "error",
            format!("open() \"/usr/share/nginx/html{}\" failed (2: No such file or directory)", told.asked.path),
        ),
        Trouble::Method(_) | Trouble::Maintenance | Trouble::Origin => return None,
    };
    let upstream =
        told.upstream.map(|at| format!(", upstream: \"http://{at}{}\"", told.upstream_target)).unwrap_or_default();
    let server = if zone == "kong" { "kong" } else { "api.example.com" };
    Some(format!(
        "{} [{level}] 29#29: *117 {what}, client: {}, server: {server}, request: \"{}\"{upstream}, host: \"{}\"",
        told.begun.plus(told.elapsed / 1000).nginx(),
        told.client(),
        told.line(),
        told.host(),
    ))
}
