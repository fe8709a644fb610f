//! A curl command, a pasted call or a URL → the request to send and the way to it.
//!
//! What of a command cannot be honoured is refused or noted, in words, never left out in silence.

use crate::http::end_to_end;
use crate::target::{Connect, Family, ProxySettings, Target, Versions};
use firstfault_curl::Transfer;
use firstfault_model::{Headers, Request, Span, Url};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// curl's own `User-Agent`, without a version that we cannot know.
const CURL: &str = "curl/8";
/// From this size on curl asks for `100 Continue` (`EXPECT_100_THRESHOLD`).
const EXPECT_FROM: usize = 1 << 20;
/// curl's own limit of redirects.
const REDIRECTS: u32 = 50;

/// Options that neither change the request on the wire nor the way, or that the request has already in it.
const DONE: &[&str] = &[
    "anyauth",
    "basic",
    "buffer",
    "clobber",
    "compressed",
    "config",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cacert",
    "cert",
    "create-dirs",
    "create-file-mode",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "disable",
    "dns-servers",
    "dump-header",
    "expect100-timeout",
    "fail",
    "fail-early",
    "fail-with-body",
    "follow",
    "form",
    "form-escape",
    "form-string",
    "get",
    "globoff",
    "happy-eyeballs-timeout-ms",
    "head",
    "header",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "include",
    "insecure",
    "ipv4",
    "ipv6",
    "json",
    "keepalive",
    "keepalive-cnt",
    "keepalive-time",
    "key",
    "location",
    "location-trusted",
    "max-redirs",
    "max-time",
    "no-buffer",
    "no-keepalive",
    "no-progress-meter",
    "noproxy",
    "oauth2-bearer",
    "out-null",
    "output",
    "output-dir",
    "parallel",
    "parallel-immediate",
    "parallel-max",
    "path-as-is",
    "progress-bar",
    "progress-meter",
    "proto-default",
    "proxy",
    "proxy-basic",
    "proxy-user",
    "range",
    "raw",
    "referer",
    "remote-header-name",
    "remote-name",
    "remote-name-all",
    "remote-time",
    "remove-on-error",
    "request",
    "request-target",
    "resolve",
    "sessionid",
    "show-error",
    "silent",
    "skip-existing",
    "socks5",
    "socks5-hostname",
    "stderr",
    "styled-output",
    "suppress-connect-headers",
    "tcp-nodelay",
    "time-cond",
    "tls-max",
    "tlsv1",
    "tlsv1.0",
    "tlsv1.1",
    "tlsv1.2",
    "tlsv1.3",
    "trace",
    "trace-ascii",
    "trace-config",
    "trace-ids",
    "trace-time",
    "upload-file",
    "url",
    "url-query",
    "user",
    "user-agent",
    "verbose",
    "write-out",
    "xattr",
    "proxytunnel",
    "aws-sigv4",
];
/// Options without which the request would be another one, or go elsewhere.
const REFUSED: &[(&str, &str)] = &[
    ("unix-socket", "the probe connects by TCP, not to a socket of this machine"),
    ("abstract-unix-socket", "the probe connects by TCP, not to a socket of this machine"),
    ("netrc", "the credentials of a netrc file are not read"),
    ("netrc-file", "the credentials of a netrc file are not read"),
    ("interface", "connections leave by the interface that the system chooses"),
    ("preproxy", "only one proxy is passed"),
    ("proxy-header", "no own fields are sent to a proxy"),
    ("proxy1.0", "proxies are asked by HTTP/1.1"),
    ("socks4", "proxies are asked by HTTP or SOCKS 5"),
    ("socks4a", "proxies are asked by HTTP or SOCKS 5"),
    ("continue-at", "downloads are not continued"),
    ("cert-type", "certificates are read as PEM"),
    ("key-type", "keys are read as PEM"),
    ("pass", "keys with a passphrase are not opened"),
    ("engine", "keys are read from files"),
    ("capath", "roots are read from one file (--cacert)"),
    ("doh-url", "names are asked by DNS, not by HTTPS"),
    ("haproxy-protocol", "no line of the PROXY protocol is sent"),
    ("haproxy-clientip", "no line of the PROXY protocol is sent"),
    ("proxy-ntlm", "proxies get Basic credentials"),
    ("proxy-negotiate", "proxies get Basic credentials"),
    ("proxy-digest", "proxies get Basic credentials"),
    ("digest", "the answer to a Digest challenge is not worked out"),
    ("ntlm", "NTLM is not spoken"),
    ("negotiate", "Kerberos is not spoken"),
];

impl Target {
    /// A GET of a URL, as `curl URL` sends it.
    ///
    /// # Errors
    /// When it is no URL with a host, in words.
    pub fn from_url(url: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let transfers = firstfault_curl::parse(&[url.to_owned()], &firstfault_curl::NoFiles).transfers;
        match transfers.first() {
            Some(transfer) => Self::from_transfer(transfer, environment),
            None => Err(vec![format!("expected a URL, found {url:?}")]),
        }
    }

    /// What curl sends for one URL of a command. `environment` knows the variables that name proxies.
    ///
    /// # Errors
    /// With everything for which the probe would send another request than curl, or send it elsewhere, in words.
    pub fn from_transfer(
        transfer: &Transfer,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut notes = transfer.problems.clone();
        for name in &transfer.unread {
            problems.push(format!("expected the file {name} that the request is made of, it was not read"));
        }
        for (option, value) in &transfer.options {
            let name = option.as_str();
            if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
                problems.push(format!("--{name} cannot be honoured: {why}"));
            } else if name.starts_with("http3") {
                notes.push(format!("--{name}: HTTP/3 is not spoken, the request goes by HTTP/2 or HTTP/1.1"));
            } else if !DONE.contains(&name) && !name.starts_with("no-") && !name.starts_with("retry") {
                let with = value.as_ref().map_or("", |_| " with its value");
                notes.push(format!("--{name}{with} is not honoured"));
            }
        }
        let mut target = Self {
            method: transfer.request.method.clone().unwrap_or_else(|| "GET".to_owned()),
            url: transfer.request.url.clone(),
            ..Self::default()
        };
        check(&target.url, &mut problems);
        target.connect = connect(transfer, &target.url, &mut problems, &mut notes);
        target.body = transfer.bytes.clone();
        if target.body.is_none() && transfer.request.body.is_some() && transfer.unread.is_empty() {
            problems.push("expected the bytes of the body, they are not known".to_owned());
        }
        target.fields_of(transfer);
        let settings = proxies(transfer, environment);
        target.connect.proxy = settings.choose(&target.url);
        target.connect.proxy_settings = Some(settings);
        if let Some(userinfo) = transfer.option("proxy-user")
            && !userinfo.contains(':')
        {
            problems.push("expected user:password behind --proxy-user, found no password: curl asks for it".to_owned());
        }
        target.notes = notes;
        if problems.is_empty() { Ok(target) } else { Err(problems) }
    }

    /// The fields as curl writes them: those that it makes of its options stand before those that were given.
    fn fields_of(&mut self, transfer: &Transfer) {
        let given = |name: &str| transfer.request.headers.field(name).is_some();
        let removed = |name: &str| {
            transfer.options.iter().filter(|(option, _)| option == "header").any(|(_, value)| {
                let value = value.as_deref().unwrap_or_default();
                value.split_once(':').is_some_and(|(n, v)| n.trim().eq_ignore_ascii_case(name) && v.trim().is_empty())
            })
        };
        let typed = |name: &str| {
            transfer.options.iter().filter(|(option, _)| option == "header").any(|(_, value)| {
                let name_of = value.as_deref().unwrap_or_default().split([':', ';']).next().unwrap_or_default();
                name_of.trim().eq_ignore_ascii_case(name)
            })
        };
        let place = Span::default();
        let mut fields = Headers::default();
        let mut rest = transfer.request.headers.clone();
        for name in ["Authorization", "Range", "User-Agent"] {
            if name == "User-Agent" && !given(name) && !removed(name) && transfer.option("user-agent") != Some("") {
                fields.push(name, CURL, place);
            }
            if !typed(name) {
                let (made, left) = rest.0.into_iter().partition(|field| field.name.eq_ignore_ascii_case(name));
                rest.0 = left;
                fields.0.extend::<Vec<_>>(made);
            }
        }
        if !given("accept") && !removed("accept") {
            fields.push("Accept", "*/*", place);
        }
        if self.connect.compressed && !given("accept-encoding") && !removed("accept-encoding") {
            fields.push("Accept-Encoding", "deflate, gzip", place);
        }
        fields.0.append(&mut rest.0);
        let large = self.body.as_ref().is_some_and(|body| body.len() > EXPECT_FROM);
        if large && !given("expect") && !removed("expect") && !self.connect.http_1_0 {
            fields.push("Expect", "100-continue", place);
        }
        self.without_host = removed("host");
        self.headers = fields;
    }

    /// A call from a HAR, a transcript or a paste. Fields of one connection and those of HTTP/2's control data are left out,
    /// and the length of the body is counted anew.
    ///
    /// # Errors
    /// When it does not say where it goes, in words. One that is not whole enough to be sent again is `unsendable`: the way
    /// to its server, and its neighbours, can be asked all the same.
    pub fn from_request(request: &Request, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut target = Self { url: request.url.clone(), ..Self::default() };
        target.in_part = !request.complete && request.headers.0.is_empty();
        let pseudo = |name: &str| request.headers.0.iter().find(|f| f.name == name).map(|f| f.value.clone());
        if target.url.host.is_none() {
            let host = request.headers.first("host").map(str::to_owned).or_else(|| pseudo(":authority"));
            if let Some(host) = host {
                let place = Url::parse(&format!("http://{host}/"));
                (target.url.host, target.url.port) = (place.host, place.port);
            }
        }
        if target.url.scheme.is_none() {
            target.url.scheme = pseudo(":scheme");
        }
        if target.url.scheme.is_none() && target.url.host.is_some() {
            let guess = if matches!(target.url.port, None | Some(443 | 8443)) { "https" } else { "http" };
            target.notes.push(format!("the scheme is not in the evidence: {guess} is taken"));
            target.url.scheme = Some(guess.to_owned());
        }
        if target.url.path.is_empty() {
            "/".clone_into(&mut target.url.path);
        }
        check(&target.url, &mut problems);
        match request.method.clone().or_else(|| pseudo(":method")) {
            Some(method) => target.method = method,
            None => {
                "GET".clone_into(&mut target.method);
                target.unsendable = Some("its method is not in the evidence".to_owned());
            }
        }
        target.headers = end_to_end(&request.headers);
        target
            .headers
            .0
            .retain(|field| !["content-length", "expect"].contains(&field.name.to_ascii_lowercase().as_str()));
        let usual = target.host_field();
        target.headers.0.retain(|field| !field.name.eq_ignore_ascii_case("host") || field.value != usual);
        match &request.body {
            Some(body) if body.truncated || body.size > body.text.len() => {
                target.unsendable = Some(format!(
                    "only {} of the {} bytes of its body are in the evidence",
                    body.text.len(),
                    body.size
                ));
            }
            Some(body) if body.text.contains('\u{fffd}') => {
                target.unsendable = Some("its body has bytes that are not in the evidence".to_owned());
            }
            Some(body) if !body.text.is_empty() => target.body = Some(body.text.clone().into_bytes()),
            _ => {
                let length = request.headers.first("content-length").map(str::trim);
                if length.is_some_and(|length| length != "0") {
                    target.unsendable = Some("its body is not in the evidence".to_owned());
                }
            }
        }
        if request.version.as_deref().is_some_and(|version| version.starts_with("HTTP/1")) {
            target.connect.http = Versions::Http1;
        }
        let settings = ProxySettings { environment: variables(environment), ..ProxySettings::default() };
        target.connect.proxy = settings.choose(&target.url);
        target.connect.proxy_settings = Some(settings);
        if problems.is_empty() { Ok(target) } else { Err(problems) }
    }
}

fn check(url: &Url, problems: &mut Vec<String>) {
    match url.scheme.as_deref() {
        Some("http" | "https") => {}
        Some(other) => problems.push(format!("expected a URL of http or https, found {other}")),
        None => problems.push("expected a URL with a scheme, found none".to_owned()),
    }
    match url.host.as_deref() {
        None | Some("") => problems.push("expected a URL with a host, found none".to_owned()),
        // A variable that was never filled in is found on the way, as by every client: it is no name.
        Some(host) if host.contains([' ', '%', '*']) => {
            problems.push(format!("expected the name of a host, found {host:?}"));
        }
        Some(host) if !host.is_ascii() => {
            problems.push(format!("expected a host in ASCII (xn--…), found {host:?}"));
        }
        Some(_) => {}
    }
}

/// The variables that curl reads. It takes `HTTP_PROXY` in capitals from nobody, since a server may set it.
fn variables(environment: &dyn Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), environment(name)?)))
        .collect()
}

fn proxies(transfer: &Transfer, environment: &dyn Fn(&str) -> Option<String>) -> ProxySettings {
    let explicit =
        transfer.option("proxy").or_else(|| transfer.option("socks5")).or(transfer.option("socks5-hostname"));
    let flag = match (&transfer.proxy, explicit) {
        (Some(proxy), _) => Some(proxy.clone()),
        // `-x ""` is a word too: no proxy, whatever the environment says.
        (None, Some("")) => Some(String::new()),
        (None, _) => None,
    };
    let mut settings = ProxySettings {
        flag,
        noproxy: transfer.option("noproxy").map(str::to_owned),
        environment: variables(environment),
    };
    if let Some(user) = transfer.option("proxy-user") {
        let with = |proxy: &str| {
            let (scheme, rest) = proxy.split_once("://").map_or(("http", proxy), |(s, r)| (s, r));
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            format!("{scheme}://{}:{}@{place}", escape(name), escape(password))
        };
        settings.flag = settings.flag.map(|flag| if flag.is_empty() { flag } else { with(&flag) });
        for (name, value) in &mut settings.environment {
            if !name.eq_ignore_ascii_case("no_proxy") && !value.is_empty() {
                *value = with(value);
            }
        }
    }
    settings
}

/// Everything but letters and digits by its number, for the user information of a URL.
fn escape(text: &str) -> String {
    let escaped = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(escaped).collect()
}

fn connect(transfer: &Transfer, url: &Url, problems: &mut Vec<String>, notes: &mut Vec<String>) -> Connect {
    let is = |name: &str| transfer.option(name).is_some();
    let mut connect = Connect {
        insecure: transfer.insecure,
        compressed: transfer.options.iter().rev().find_map(|(n, _)| match n.as_str() {
            "compressed" => Some(true),
            "no-compressed" => Some(false),
            _ => None,
        }) == Some(true),
        trust_redirects: is("location-trusted"),
        sticky_method: is("request") && !is("follow"),
        ..Connect::default()
    };
    connect.roots = transfer.option("cacert").map(PathBuf::from).into_iter().collect();
    connect.identity = identity(transfer, problems);
    last(transfer, connect.family, &[("ipv4", Family::V4), ("ipv6", Family::V6)], |family| connect.family = family);
    let versions = [
        ("http1.0", (Versions::Http1, true)),
        ("http1.1", (Versions::Http1, false)),
        ("http2", (Versions::Best, false)),
        ("http2-prior-knowledge", (Versions::Http2, false)),
    ];
    last(transfer, (Versions::Best, false), &versions, |(http, old)| (connect.http, connect.http_1_0) = (http, old));
    if url.scheme.as_deref() == Some("http") && is("http2") {
        notes.push("--http2 without TLS: no upgrade is asked for, the request goes by HTTP/1.1".to_owned());
    }
    let lowest =
        [("tlsv1", 0x0301), ("tlsv1.0", 0x0301), ("tlsv1.1", 0x0302), ("tlsv1.2", 0x0303), ("tlsv1.3", 0x0304)];
    last(transfer, 0, &lowest, |version| connect.tls.0 = (version > 0).then_some(version));
    match transfer.option("tls-max") {
        None | Some("default") => {}
        Some("1.3") => connect.tls.1 = Some(0x0304),
        Some("1.2") => connect.tls.1 = Some(0x0303),
        Some(other) => problems.push(format!("--tls-max {other} cannot be honoured: TLS 1.2 and 1.3 are spoken")),
    }
    if let Some(seconds) = number(transfer, "connect-timeout", problems) {
        connect.connect_timeout = seconds;
    }
    if let Some(seconds) = number(transfer, "max-time", problems) {
        connect.max_time = seconds;
        connect.connect_timeout = connect.connect_timeout.min(seconds);
    }
    if transfer.follow {
        connect.follow = match transfer.option("max-redirs").map(str::parse::<i64>) {
            None => Some(REDIRECTS),
            Some(Ok(most)) => Some(u32::try_from(most).unwrap_or(REDIRECTS).min(REDIRECTS)),
            Some(Err(_)) => {
                problems.push("expected a number behind --max-redirs, found something else".to_owned());
                Some(REDIRECTS)
            }
        };
    }
    if let Some(servers) = transfer.option("dns-servers") {
        let first = servers.split(',').next().unwrap_or_default().trim();
        let server = first.parse().or_else(|_| first.parse().map(|ip| SocketAddr::new(ip, 53)));
        match server {
            Ok(server) => connect.resolver = Some(server),
            Err(_) => problems.push(format!("expected an address behind --dns-servers, found {first:?}")),
        }
    }
    for (name, value) in &transfer.options {
        let value = value.as_deref().unwrap_or_default();
        let entries = match name.as_str() {
            "resolve" => resolve(value),
            "connect-to" => connect_to(value),
            _ => continue,
        };
        match entries {
            Some(entries) => connect.elsewhere.extend(entries),
            None => problems.push(format!("expected --{name} to name hosts, ports and addresses, found {value:?}")),
        }
    }
    connect
}

/// Gives the last of some options that exclude each other.
fn last<V: Copy>(transfer: &Transfer, otherwise: V, words: &[(&str, V)], mut set: impl FnMut(V)) {
    let found = transfer.options.iter().rev().find_map(|(n, _)| words.iter().find(|(w, _)| w == n).map(|(_, v)| *v));
    set(found.unwrap_or(otherwise));
}

fn number(transfer: &Transfer, name: &str, problems: &mut Vec<String>) -> Option<Duration> {
    let text = transfer.option(name)?;
    match text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        // 0 is curl's word for no limit, which the default of the probe stands for.
        Some(seconds) => (!seconds.is_zero()).then(|| seconds.min(Duration::from_secs(3600))),
        None => {
            problems.push(format!("expected seconds behind --{name}, found {text:?}"));
            None
        }
    }
}

fn identity(transfer: &Transfer, problems: &mut Vec<String>) -> Option<(PathBuf, PathBuf)> {
    let certificate = transfer.option("cert")?;
    // `file:passphrase`, but `C:\…` is a file.
    if let Some((file, passphrase)) = certificate.rsplit_once(':')
        && file.len() > 1
        && !passphrase.contains(['/', '\\'])
    {
        problems.push("--cert with a passphrase cannot be honoured: keys with a passphrase are not opened".to_owned());
        return None;
    }
    let key = transfer.option("key").unwrap_or(certificate);
    Some((PathBuf::from(certificate), PathBuf::from(key)))
}

type Elsewhere = ((String, u16), (String, u16));

/// `[+]host:port:address[,address]…`
fn resolve(text: &str) -> Option<Vec<Elsewhere>> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text.starts_with('-') {
        // Takes an entry out of curl's cache, which is empty here.
        return Some(Vec::new());
    }
    let (host, rest) = part(text)?;
    let (port, addresses) = rest.split_once(':')?;
    let port: u16 = port.parse().ok()?;
    addresses
        .split(',')
        .map(|address| {
            let address = address.trim().trim_start_matches('[').trim_end_matches(']');
            let ip: std::net::IpAddr = address.parse().ok()?;
            Some(((host.to_ascii_lowercase(), port), (ip.to_string(), port)))
        })
        .collect()
}

/// `host:port:host:port`, each of which may be empty.
fn connect_to(text: &str) -> Option<Vec<Elsewhere>> {
    let port = |text: &str| if text.is_empty() { Some(0) } else { text.parse().ok() };
    let (from, rest) = part(text)?;
    let (from_port, rest) = rest.split_once(':')?;
    let (to, to_port) = part(rest)?;
    Some(vec![((from.to_ascii_lowercase(), port(from_port)?), (to.to_ascii_lowercase(), port(to_port)?))])
}

/// A host up to the next colon; IPv6 stands in brackets.
fn part(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            Some((host, rest.strip_prefix(':')?))
        }
        None => text.split_once(':'),
    }
}

#[cfg(test)]
mod tests;
