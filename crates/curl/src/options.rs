//! The options that curl knows (`curl --help all` of 7.88, with those that 8.x added), and how a word is looked up.
//!
//! This file refuses to know what an option does.

/// An option: its long name, its letter (or a blank) and whether it takes a value.
#[derive(Debug)]
pub(crate) struct Kind {
    pub long: &'static str,
    pub takes_value: bool,
}

/// What a long word names.
#[derive(Debug)]
pub(crate) enum Found {
    /// The option; true when `no-` stands before it, or `expand-`.
    One(&'static Kind, Prefix),
    /// Not curl's.
    Unknown,
    /// Short for more than one.
    Ambiguous,
}

/// What stands before an option's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    None,
    /// `--no-`
    No,
    /// `--expand-`
    Expand,
}

/// Looks up a long option without its dashes; curl takes any unambiguous beginning.
pub(crate) fn long(word: &str) -> Found {
    match find(word) {
        Found::Unknown => {}
        found => return found,
    }
    if let Some(rest) = word.strip_prefix("no-")
        && let Found::One(kind, _) = find(rest)
        && !kind.takes_value
    {
        return Found::One(kind, Prefix::No);
    }
    if let Some(rest) = word.strip_prefix("expand-")
        && let Found::One(kind, _) = find(rest)
        && kind.takes_value
    {
        return Found::One(kind, Prefix::Expand);
    }
    Found::Unknown
}

fn find(word: &str) -> Found {
    if let Some((kind, _)) = OPTIONS.iter().find(|(kind, _)| kind.long == word) {
        return Found::One(kind, Prefix::None);
    }
    let mut beginning = OPTIONS.iter().filter(|(kind, _)| word.len() > 1 && kind.long.starts_with(word));
    match (beginning.next(), beginning.next()) {
        (Some((kind, _)), None) => Found::One(kind, Prefix::None),
        (Some(_), Some(_)) => Found::Ambiguous,
        (None, _) => Found::Unknown,
    }
}

/// Looks up a letter.
pub(crate) fn short(letter: char) -> Option<&'static Kind> {
    OPTIONS.iter().find(|(_, short)| *short == letter && letter != ' ').map(|(kind, _)| kind)
}

const fn value(long: &'static str, short: char) -> (Kind, char) {
    (Kind { long, takes_value: true }, short)
}

const fn switch(long: &'static str, short: char) -> (Kind, char) {
    (Kind { long, takes_value: false }, short)
}

#[rustfmt::skip]
static OPTIONS: &[(Kind, char)] = &[
    value("abstract-unix-socket", ' '), switch("alpn", ' '), value("alt-svc", ' '), switch("anyauth", ' '),
    switch("append", 'a'), value("aws-sigv4", ' '), switch("basic", ' '), switch("buffer", 'N'),
    switch("ca-native", ' '), value("cacert", ' '), value("capath", ' '), value("cert", 'E'),
    switch("cert-status", ' '), value("cert-type", ' '), value("ciphers", ' '), switch("clobber", ' '),
    switch("compressed", ' '), switch("compressed-ssh", ' '), value("config", 'K'), value("connect-timeout", ' '),
    value("connect-to", ' '), value("continue-at", 'C'), value("cookie", 'b'), value("cookie-jar", 'c'),
    switch("create-dirs", ' '), value("create-file-mode", ' '), switch("crlf", ' '), value("crlfile", ' '),
    value("curves", ' '), value("data", 'd'), value("data-ascii", ' '), value("data-binary", ' '),
    value("data-raw", ' '), value("data-urlencode", ' '), value("delegation", ' '), switch("digest", ' '),
    switch("disable", 'q'), switch("disable-eprt", ' '), switch("disable-epsv", ' '),
    switch("disallow-username-in-url", ' '), value("dns-interface", ' '), value("dns-ipv4-addr", ' '),
    value("dns-ipv6-addr", ' '), value("dns-servers", ' '), switch("doh-cert-status", ' '),
    switch("doh-insecure", ' '), value("doh-url", ' '), value("dump-ca-embed", ' '), value("dump-header", 'D'),
    value("ech", ' '), value("egd-file", ' '), value("engine", ' '), value("etag-compare", ' '),
    value("etag-save", ' '), value("expect100-timeout", ' '), switch("fail", 'f'), switch("fail-early", ' '),
    switch("fail-with-body", ' '), switch("false-start", ' '), switch("follow", ' '), value("form", 'F'),
    switch("form-escape", ' '), value("form-string", ' '), value("ftp-account", ' '),
    value("ftp-alternative-to-user", ' '), switch("ftp-create-dirs", ' '), value("ftp-method", ' '),
    switch("ftp-pasv", ' '), value("ftp-port", 'P'), switch("ftp-pret", ' '), switch("ftp-skip-pasv-ip", ' '),
    switch("ftp-ssl", ' '), switch("ftp-ssl-ccc", ' '), value("ftp-ssl-ccc-mode", ' '),
    switch("ftp-ssl-control", ' '), switch("ftp-ssl-reqd", ' '), switch("get", 'G'), switch("globoff", 'g'),
    value("happy-eyeballs-timeout-ms", ' '), value("haproxy-clientip", ' '), switch("haproxy-protocol", ' '),
    switch("head", 'I'), value("header", 'H'), value("help", 'h'), value("hostpubmd5", ' '),
    value("hostpubsha256", ' '), value("hsts", ' '), switch("http0.9", ' '), switch("http1.0", '0'),
    switch("http1.1", ' '), switch("http2", ' '), switch("http2-prior-knowledge", ' '), switch("http3", ' '),
    switch("http3-only", ' '), switch("ignore-content-length", ' '), switch("include", 'i'), switch("insecure", 'k'),
    value("interface", ' '), value("ip-tos", ' '), value("ipfs-gateway", ' '), switch("ipv4", '4'),
    switch("ipv6", '6'), value("json", ' '), switch("junk-session-cookies", 'j'), switch("keepalive", ' '),
    value("keepalive-cnt", ' '), value("keepalive-time", ' '), value("key", ' '), value("key-type", ' '),
    value("knownhosts", ' '), value("krb", ' '), value("libcurl", ' '), value("limit-rate", ' '),
    switch("list-only", 'l'), value("local-port", ' '), switch("location", 'L'), switch("location-trusted", ' '),
    value("login-options", ' '), value("mail-auth", ' '), value("mail-from", ' '), value("mail-rcpt", ' '),
    switch("mail-rcpt-allowfails", ' '), switch("manual", 'M'), value("max-filesize", ' '), value("max-redirs", ' '),
    value("max-time", 'm'), switch("metalink", ' '), switch("mptcp", ' '), switch("negotiate", ' '),
    switch("netrc", 'n'), value("netrc-file", ' '), switch("netrc-optional", ' '), switch("next", ':'),
    value("noproxy", ' '), switch("npn", ' '), switch("ntlm", ' '), switch("ntlm-wb", ' '),
    value("oauth2-bearer", ' '), switch("out-null", ' '), value("output", 'o'), value("output-dir", ' '),
    switch("parallel", 'Z'), switch("parallel-immediate", ' '), value("parallel-max", ' '),
    value("parallel-max-host", ' '), value("pass", ' '), switch("path-as-is", ' '), value("pinnedpubkey", ' '),
    switch("post301", ' '), switch("post302", ' '), switch("post303", ' '), value("preproxy", ' '),
    switch("progress-bar", '#'), switch("progress-meter", ' '), value("proto", ' '), value("proto-default", ' '),
    value("proto-redir", ' '), value("proxy", 'x'), switch("proxy-anyauth", ' '), switch("proxy-basic", ' '),
    switch("proxy-ca-native", ' '), value("proxy-cacert", ' '), value("proxy-capath", ' '), value("proxy-cert", ' '),
    value("proxy-cert-type", ' '), value("proxy-ciphers", ' '), value("proxy-crlfile", ' '),
    switch("proxy-digest", ' '), value("proxy-header", ' '), switch("proxy-http2", ' '),
    switch("proxy-insecure", ' '), value("proxy-key", ' '), value("proxy-key-type", ' '),
    switch("proxy-negotiate", ' '), switch("proxy-ntlm", ' '), value("proxy-pass", ' '),
    value("proxy-pinnedpubkey", ' '), value("proxy-service-name", ' '), switch("proxy-ssl-allow-beast", ' '),
    switch("proxy-ssl-auto-client-cert", ' '), value("proxy-tls13-ciphers", ' '), value("proxy-tlsauthtype", ' '),
    value("proxy-tlspassword", ' '), value("proxy-tlsuser", ' '), switch("proxy-tlsv1", ' '),
    value("proxy-user", 'U'), value("proxy1.0", ' '), switch("proxytunnel", 'p'), value("pubkey", ' '),
    value("quote", 'Q'), value("random-file", ' '), value("range", 'r'), value("rate", ' '), switch("raw", ' '),
    value("referer", 'e'), switch("remote-header-name", 'J'), switch("remote-name", 'O'),
    switch("remote-name-all", ' '), switch("remote-time", 'R'), switch("remove-on-error", ' '), value("request", 'X'),
    value("request-target", ' '), value("resolve", ' '), value("retry", ' '), switch("retry-all-errors", ' '),
    switch("retry-connrefused", ' '), value("retry-delay", ' '), value("retry-max-time", ' '),
    value("sasl-authzid", ' '), switch("sasl-ir", ' '), value("service-name", ' '), switch("sessionid", ' '),
    switch("show-error", 'S'), value("sigalgs", ' '), switch("silent", 's'),
    switch("skip-existing", ' '), value("socks4", ' '), value("socks4a", ' '), value("socks5", ' '),
    switch("socks5-basic", ' '), switch("socks5-gssapi", ' '), switch("socks5-gssapi-nec", ' '),
    value("socks5-gssapi-service", ' '), value("socks5-hostname", ' '), value("speed-limit", 'Y'),
    value("speed-time", 'y'), switch("ssl", ' '), switch("ssl-allow-beast", ' '), switch("ssl-auto-client-cert", ' '),
    switch("ssl-no-revoke", ' '), switch("ssl-reqd", ' '), switch("ssl-revoke-best-effort", ' '),
    switch("sslv2", '2'), switch("sslv3", '3'), value("stderr", ' '), switch("styled-output", ' '),
    switch("suppress-connect-headers", ' '), switch("tcp-fastopen", ' '), switch("tcp-nodelay", ' '),
    value("telnet-option", 't'), value("tftp-blksize", ' '), switch("tftp-no-options", ' '), value("time-cond", 'z'),
    switch("tls-earlydata", ' '), value("tls-max", ' '), value("tls13-ciphers", ' '), value("tlsauthtype", ' '),
    value("tlspassword", ' '), value("tlsuser", ' '), switch("tlsv1", '1'), switch("tlsv1.0", ' '),
    switch("tlsv1.1", ' '), switch("tlsv1.2", ' '), switch("tlsv1.3", ' '), switch("tr-encoding", ' '),
    value("trace", ' '), value("trace-ascii", ' '), value("trace-config", ' '), switch("trace-ids", ' '),
    switch("trace-time", ' '), value("unix-socket", ' '), value("upload-file", 'T'), value("upload-flags", ' '),
    value("url", ' '), value("url-query", ' '), switch("use-ascii", 'B'), value("user", 'u'),
    value("user-agent", 'A'), value("variable", ' '), switch("verbose", 'v'), switch("version", 'V'),
    value("vlan-priority", ' '), value("write-out", 'w'), switch("xattr", ' '),
];
