//! Commands and pasted calls become the request that curl would send, or a word about why not.

use super::*;
use crate::ProxyChoice;

fn parsed(words: &[&str]) -> Result<Target, Vec<String>> {
    in_environment(words, &[])
}

fn in_environment(words: &[&str], variables: &[(&str, &str)]) -> Result<Target, Vec<String>> {
    let arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let transfers = firstfault_curl::parse(&arguments, &firstfault_curl::NoFiles).transfers;
    let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    Target::from_transfer(&transfers[0], &variable)
}

fn fields(target: &Target) -> Vec<String> {
    target.headers.0.iter().map(|f| format!("{}: {}", f.name, f.value)).collect()
}

#[test]
fn fields_stand_as_curl_writes_them() {
    let plain = parsed(&["https://h.example/x"]).unwrap();
    assert_eq!(fields(&plain), ["User-Agent: curl/8", "Accept: */*"]);
    let full =
        parsed(&["-u", "me:pw", "-A", "own/1", "-H", "X-B: c", "--compressed", "-d", "a=b", "http://h.example/"]);
    let full = full.unwrap();
    assert_eq!(full.method, "POST");
    assert_eq!(full.body.as_deref(), Some(&b"a=b"[..]));
    assert_eq!(
        fields(&full),
        [
            "Authorization: Basic bWU6cHc=",
            "User-Agent: own/1",
            "Accept: */*",
            "Accept-Encoding: deflate, gzip",
            "X-B: c",
            "Content-Type: application/x-www-form-urlencoded"
        ]
    );
    let bare = parsed(&["-H", "User-Agent:", "-H", "Accept:", "-H", "Host:", "http://h.example/"]).unwrap();
    assert_eq!((fields(&bare).len(), bare.without_host), (0, true));
    let binary = firstfault_curl::parse(
        &["--data-binary".to_owned(), "@f".to_owned(), "http://h/".to_owned()],
        &Known(vec![0, 0xff, b'\n']),
    );
    let target = Target::from_transfer(&binary.transfers[0], &|_| None).unwrap();
    assert_eq!(target.body, Some(vec![0, 0xff, b'\n']), "the bytes, not their text");
}

struct Known(Vec<u8>);

impl firstfault_curl::Files for Known {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

#[test]
fn the_way_follows_the_options() {
    let words = [
        "-k",
        "--cacert",
        "ca.pem",
        "--cert",
        "me.pem",
        "--key",
        "me.key",
        "-4",
        "--http1.0",
        "--tlsv1.2",
        "--tls-max",
        "1.3",
        "-m",
        "2.5",
        "--connect-timeout",
        "9",
        "-L",
        "--max-redirs",
        "3",
        "--location-trusted",
        "-X",
        "POST",
        "--dns-servers",
        "127.0.0.1:5353,10.0.0.1",
        "--resolve",
        "h.example:443:10.1.1.1,[::1]",
        "--connect-to",
        "::other.example:8443",
        "https://h.example/",
    ];
    let connect = parsed(&words).unwrap().connect;
    assert_eq!(
        (connect.insecure, connect.family, connect.http, connect.http_1_0),
        (true, Family::V4, Versions::Http1, true)
    );
    assert_eq!(connect.roots, [PathBuf::from("ca.pem")]);
    assert_eq!(connect.identity, Some((PathBuf::from("me.pem"), PathBuf::from("me.key"))));
    assert_eq!(connect.tls, (Some(0x0303), Some(0x0304)));
    assert_eq!((connect.max_time, connect.connect_timeout), (Duration::from_millis(2500), Duration::from_millis(2500)));
    assert_eq!((connect.follow, connect.trust_redirects, connect.sticky_method), (Some(3), true, true));
    assert_eq!(connect.resolver, Some("127.0.0.1:5353".parse().unwrap()));
    let entry = |a: &str, p: u16, b: &str, q: u16| ((a.to_owned(), p), (b.to_owned(), q));
    let expected = [
        entry("h.example", 443, "10.1.1.1", 443),
        entry("h.example", 443, "::1", 443),
        entry("", 0, "other.example", 8443),
    ];
    assert_eq!(connect.elsewhere, expected);
    assert_eq!(parsed(&["--http2-prior-knowledge", "http://h.example/"]).unwrap().connect.http, Versions::Http2);
}

#[test]
fn what_cannot_be_done_is_said() {
    for (words, said) in [
        (&["--unix-socket", "/s", "http://h/"][..], "--unix-socket"),
        (&["-d", "@missing.json", "http://h/"], "missing.json"),
        (&["-n", "http://h/"], "netrc"),
        (&["--tls-max", "1.1", "https://h/"], "--tls-max 1.1"),
        (&["--resolve", "h:443:name", "https://h/"], "--resolve"),
        (&["-m", "soon", "https://h/"], "--max-time"),
        (&["ftp://h/"], "ftp"),
        (&["https://api.*.example/"], "name of a host"),
        (&["https://bücher.example/"], "xn--"),
        (&["--cert", "me.pem:secret", "https://h/"], "passphrase"),
        (&["-x", "http://p:1", "-U", "me", "http://h/"], "password"),
    ] {
        let problems = parsed(words).unwrap_err().join("; ");
        assert!(problems.contains(said), "{words:?}: {problems}");
        assert!(!problems.contains("secret"));
    }
    // What was never filled in is not refused: that it is no name is the finding.
    assert_eq!(parsed(&["-g", "https://${HOST}/"]).unwrap().url.host.as_deref(), Some("${host}"));
    let noted = parsed(&["--limit-rate", "1k", "--retry", "3", "-s", "http://h/"]).unwrap().notes;
    assert_eq!(noted, ["--limit-rate with its value is not honoured"]);
}

#[test]
fn the_proxy_is_chosen_with_its_credential_and_never_shown() {
    let target = parsed(&["-x", "http://proxy.example:3128", "-U", "me:p@ss", "http://h.example/"]).unwrap();
    let ProxyChoice::Via { host, port, credential, .. } = &target.connect.proxy else { panic!("expected a proxy") };
    assert_eq!((host.as_str(), *port), ("proxy.example", 3128));
    assert!(credential.is_some());
    let settings = format!("{:?}", target.connect.proxy_settings.unwrap());
    assert!(!settings.contains("ss"), "{settings}");
}

#[test]
fn a_pasted_request_is_sent_again_without_its_connection() {
    let mut request = Request { method: Some("POST".to_owned()), url: Url::parse("/v1/x?y=1"), ..Request::default() };
    for (name, value) in [
        ("Host", "h.example:8080"),
        ("Connection", "keep-alive, X-Hop"),
        ("X-Hop", "1"),
        ("Content-Length", "999"),
        (":method", "POST"),
        ("Transfer-Encoding", "chunked"),
        ("X-Kept", "2"),
    ] {
        request.headers.push(name, value, Span::default());
    }
    request.body = Some(firstfault_model::Body::bounded("hello", Span::default()));
    let target = Target::from_request(&request, &|_| None).unwrap();
    assert_eq!(target.url.to_string(), "http://h.example:8080/v1/x?y=1");
    assert_eq!(fields(&target), ["X-Kept: 2"]);
    assert_eq!(target.body.as_deref(), Some(&b"hello"[..]));
    assert!(target.notes[0].contains("scheme"));
    request.body.as_mut().unwrap().truncated = true;
    let unsendable = |request: &Request| Target::from_request(request, &|_| None).unwrap().unsendable.unwrap();
    assert!(unsendable(&request).contains("bytes of its body are in the evidence"));
    request.body = None;
    assert!(unsendable(&request).contains("its body is not in the evidence"));
    assert!(!Target::from_request(&Request::default(), &|_| None).unwrap_err().is_empty());
}
