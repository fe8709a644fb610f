#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop

use super::*;
use firstfault_model::Url;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SECRET: &str = "s3cret/pass";

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

fn chosen(url: &str, flag: Option<&str>, noproxy: Option<&str>, variables: &[(&str, &str)]) -> ProxyChoice {
    choose(&Url::parse(url), flag, noproxy, &|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

fn via(choice: &ProxyChoice) -> Option<(String, &str)> {
    match choice {
        ProxyChoice::Direct { .. } => None,
        ProxyChoice::Via { scheme, host, port, why, .. } => Some((format!("{scheme}://{}", place(host, *port)), why)),
    }
}

fn why(choice: &ProxyChoice) -> &str {
    match choice {
        ProxyChoice::Direct { why } | ProxyChoice::Via { why, .. } => why,
    }
}

#[test]
fn the_flag_comes_before_the_environment() {
    let set = [("https_proxy", "http://a:3128"), ("ALL_PROXY", "socks5h://b:1081"), ("HTTP_PROXY", "http://c:1")];
    let url = "https://api.example.com/";
    assert_eq!(via(&chosen(url, None, None, &set)), Some(("http://a:3128".into(), "https_proxy")));
    assert_eq!(via(&chosen(url, Some("d"), None, &set)), Some(("http://d:1080".into(), "-x")));
    assert_eq!(via(&chosen(url, Some(""), None, &set)), None);
    assert_eq!(via(&chosen("http://h/", None, None, &set)), Some(("socks5h://b:1081".into(), "ALL_PROXY")));
    let upper = chosen("http://h/", None, None, &[("HTTP_PROXY", "http://c:1")]);
    assert!(via(&upper).is_none() && why(&upper).contains("HTTP_PROXY"), "{upper:?}");
    let upper = [("HTTPS_PROXY", "https://c"), ("https_proxy", "")];
    assert_eq!(via(&chosen(url, None, None, &upper)), Some(("https://c:443".into(), "HTTPS_PROXY")));
    assert_eq!(why(&chosen(url, None, None, &[])), "no proxy is set");
    assert_eq!(via(&chosen(url, Some("socks5://[::1]:9"), None, &[])), Some(("socks5://[::1]:9".into(), "-x")));
}

#[test]
fn exceptions_match_as_curl_does() {
    let excepted =
        |host: &str, list: &str| via(&chosen(&format!("http://{host}/"), Some("p:1"), Some(list), &[])).is_none();
    for (host, list, expected) in [
        ("example.com", "example.com", true),
        ("api.example.com", "example.com", true),
        ("api.example.com", ".example.com", true),
        ("example.com", ".example.com", true),
        ("notexample.com", "example.com", false),
        ("example.com", "api.example.com", false),
        ("API.example.com.", "other.org, Example.COM", true),
        ("x.org", "*", true),
        ("x.org", "a,*", false),
        ("x.org", "", false),
        ("10.1.2.3", "10.0.0.0/8", true),
        ("11.1.2.3", "10.0.0.0/8", false),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "2.3", false),
        ("10.1.2.3", "0.0.0.0/0", true),
        ("10.1.2.3", "10.0.0.0/99", false),
        ("[fd00::1]", "fd00::/8", true),
        ("[fd00::1]", "[fd00::1]", true),
        ("[fd00::1]", "fe80::/10", false),
        ("localhost", "localhost,127.0.0.1", true),
    ] {
        assert_eq!(excepted(host, list), expected, "{host} in {list}");
    }
    let set = [("no_proxy", "example.com"), ("NO_PROXY", "other.org")];
    let direct = chosen("http://example.com/", Some("p:1"), None, &set);
    assert_eq!(why(&direct), "no_proxy has example.com, so -x is not used");
    assert!(
        via(&chosen("http://example.com/", Some("p:1"), Some(""), &set)).is_some(),
        "--noproxy \"\" replaces no_proxy"
    );
    assert!(via(&chosen("http://other.org/", Some("p:1"), None, &set)).is_some(), "lower case first");
}

#[test]
fn a_credential_is_kept_and_never_told() {
    for value in
        ["http://user:s3cret%2Fpass@proxy:3128", "http://user:s3cret/pass@proxy:3128/", "user:s3cret/pass@proxy:3128"]
    {
        let choice = chosen("https://h/", None, None, &[("https_proxy", value)]);
        let ProxyChoice::Via { credential, .. } = &choice else { panic!("{choice:?}") };
        assert_eq!(credential.as_deref(), Some("user:s3cret/pass"), "{value}");
        assert_eq!(via(&choice), Some(("http://proxy:3128".into(), "https_proxy")), "{value}");
        assert!(!format!("{:?}", marks(&choice)).contains("s3cret"));
    }
    let lost = chosen("https://h/", Some("http://user:s3cret"), None, &[]);
    assert!(!format!("{lost:?}").contains("s3cret"), "{lost:?}");
}

/// A proxy that hears one request, gives one answer and ends so.
enum End {
    Close,
    Reset,
    Hold,
}

async fn proxy(answer: &'static [u8], end: End) -> (std::net::SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).await.unwrap();
        heard.truncate(length);
        stream.write_all(answer).await.unwrap();
        match end {
            End::Close => {}
            End::Reset => socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap(),
            End::Hold => std::future::pending().await,
        }
        heard
    });
    (address, heard)
}

fn used(scheme: &str, address: std::net::SocketAddr, credential: Option<&str>) -> ProxyChoice {
    ProxyChoice::Via {
        scheme: scheme.to_owned(),
        host: address.ip().to_string(),
        port: address.port(),
        credential: credential.map(str::to_owned),
        why: "-x".to_owned(),
    }
}

async fn asked(answer: &'static [u8], end: End, credential: Option<&str>, milliseconds: u64) -> Tunnel {
    let (address, _heard) = proxy(answer, end).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let limits = Connect { connect_timeout: Duration::from_millis(milliseconds), ..Connect::default() };
    tunnel(stream, &used("http", address, credential), "api.example.com", 443, &limits).await
}

fn value<'a>(tunnel: &'a Tunnel, name: &str) -> Option<&'a str> {
    tunnel.marks.iter().find(|(mark, _)| mark == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_tunnel_opens_and_its_first_bytes_stay_in_it() {
    run(async {
        let answer = b"HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nfirst";
        let (address, heard) = proxy(answer, End::Close).await;
        let stream = TcpStream::connect(address).await.unwrap();
        let credential = format!("user:{SECRET}");
        let choice = used("http", address, Some(&credential));
        let mut open = tunnel(stream, &choice, "api.example.com", 443, &Connect::default()).await;
        assert_eq!(
            (value(&open, "probe.proxy.connect"), value(&open, "http.connect_status")),
            (Some("ok"), Some("200"))
        );
        let mut rest = String::new();
        open.stream.as_mut().unwrap().read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "first");
        let heard = String::from_utf8(heard.await.unwrap()).unwrap();
        assert!(heard.starts_with("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n"), "{heard}");
        assert!(heard.contains("Proxy-Authorization: Basic dXNlcjpzM2NyZXQvcGFzcw==\r\n"), "{heard}");
        assert!(!format!("{open:?}").contains("s3cret") && !format!("{open:?}").contains("dXNlcjpz"));
    });
}

#[test]
fn refusals_keep_their_status_and_body() {
    run(async {
        let wants = asked(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 4\r\n\r\nnope and more",
            End::Hold, None, 8000,
        )
        .await;
        assert_eq!(
            (value(&wants, "probe.proxy.connect"), value(&wants, "http.connect_status")),
            (Some("407"), Some("407"))
        );
        assert_eq!(value(&wants, "probe.proxy.schemes"), Some("basic, negotiate"));
        assert_eq!(wants.failure.as_ref().map(|f| (f.phase, f.wrong)), Some((Phase::Proxy, Wrong::Denied)));
        assert_eq!(wants.response.as_ref().and_then(|r| r.body.as_ref()).map(|b| b.text.as_str()), Some("nope"));
        assert!(wants.stream.is_none());

        let page = asked(
            b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n7;x=y\r\nblocked\r\n0\r\n\r\n",
            End::Hold, None, 8000,
        )
        .await;
        assert_eq!(
            (value(&page, "probe.proxy.connect"), value(&page, "probe.proxy.page")),
            (Some("403"), Some("html"))
        );
        assert_eq!(page.response.unwrap().body.unwrap().text, "<html>blocked");

        for status in ["502", "503", "504"] {
            let bytes = format!("HTTP/1.1 {status} \x1b[31mBad\r\n\r\n").leak().as_bytes();
            let failed = asked(bytes, End::Close, None, 8000).await;
            // A control character makes the line invalid for the parser; the status must never be guessed.
            assert!(
                matches!(value(&failed, "probe.proxy.connect"), Some(word) if word == status || word == "nonsense")
            );
            assert!(!failed.step.says.contains('\u{1b}'));
        }
        let failed = asked(b"HTTP/1.1 502 Bad Gateway\r\n\r\nno way", End::Close, None, 8000).await;
        assert_eq!(value(&failed, "probe.proxy.connect"), Some("502"));
        assert_eq!(failed.response.unwrap().body.unwrap().text, "no way");
    });
}

#[test]
fn what_is_no_answer_is_told_apart() {
    run(async {
        for (answer, end, limit, word, wrong) in [
            (b"".as_slice(), End::Hold, 200, "timeout", Wrong::Timeout),
            (b"", End::Close, 8000, "closed", Wrong::Closed),
            (b"HTTP/1.1 20", End::Close, 8000, "closed", Wrong::Closed),
            (b"", End::Reset, 8000, "reset", Wrong::Reset),
            (b"SSH-2.0-OpenSSH_9.6\r\n", End::Hold, 8000, "nonsense", Wrong::Protocol),
            (b"\x15\x03\x01\x00\x02\x02\x16", End::Close, 8000, "nonsense", Wrong::Protocol),
            (b"HTTP/1.1 abc\r\n\r\n", End::Close, 8000, "nonsense", Wrong::Protocol),
        ] {
            let tunnel = asked(answer, end, Some("user:s3cret"), limit).await;
            assert_eq!(value(&tunnel, "probe.proxy.connect"), Some(word), "{answer:?}");
            assert_eq!(tunnel.failure.as_ref().map(|f| f.wrong), Some(wrong), "{answer:?}");
            assert!(!format!("{tunnel:?}").contains("s3cret"));
        }
    });
}

/// A SOCKS 5 server that answers as told and gives back the request for the target.
async fn socks(
    method: u8,
    verdict: u8,
    reply: u8,
    credential: Option<&str>,
    scheme: &str,
    host: &str,
) -> (Tunnel, Vec<u8>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 2];
        stream.read_exact(&mut head).await.unwrap();
        let mut methods = vec![0; usize::from(head[1])];
        stream.read_exact(&mut methods).await.unwrap();
        stream.write_all(&[5, method]).await.unwrap();
        if method == 2 {
            let mut message = [0; 256];
            let length = stream.read(&mut message).await.unwrap();
            assert_eq!(&message[..length], b"\x01\x04user\x0bs3cret/pass");
            stream.write_all(&[1, verdict]).await.unwrap();
        }
        let mut request = vec![0; 256];
        let length = stream.read(&mut request).await.unwrap_or(0);
        request.truncate(length);
        let _ = stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0, b'!']).await;
        request
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let tunnel = tunnel(stream, &used(scheme, address, credential), host, 443, &Connect::default()).await;
    (tunnel, served.await.unwrap())
}

#[test]
fn socks_speaks_names_addresses_and_passwords() {
    run(async {
        let credential = format!("user:{SECRET}");
        let (mut open, request) = socks(2, 0, 0, Some(&credential), "socks5h", "api.example.com").await;
        assert_eq!(value(&open, "probe.proxy.connect"), Some("ok"));
        assert_eq!(request, b"\x05\x01\x00\x03\x0fapi.example.com\x01\xbb");
        assert_eq!(open.stream.as_mut().unwrap().read_u8().await.unwrap(), b'!', "the tunnel begins behind the reply");
        let (_, request) = socks(0, 0, 0, None, "socks5", "127.0.0.1").await;
        assert_eq!(request, b"\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb");
        let (_, request) = socks(0, 0, 0, None, "socks5", "localhost").await;
        assert!(matches!(request.get(3), Some(1 | 4)), "socks5 looks the name up here: {request:?}");
        for (reply, word) in
            [(1, "general_failure"), (2, "not_allowed"), (4, "target_unreachable"), (5, "target_refused")]
        {
            let (failed, _) = socks(0, 0, reply, None, "socks5h", "h").await;
            assert_eq!(value(&failed, "probe.proxy.connect"), Some(word));
        }
        let (wants, _) = socks(0xff, 0, 0, None, "socks5h", "h").await;
        assert_eq!(value(&wants, "probe.proxy.connect"), Some("auth_required"));
        let (wrong, _) = socks(2, 1, 0, Some(&credential), "socks5h", "h").await;
        assert_eq!(value(&wrong, "probe.proxy.connect"), Some("auth_failed"));
        assert!(!format!("{wrong:?}").contains("s3cret"));
        for scheme in ["socks4", "https"] {
            let (address, _heard) = proxy(b"", End::Close).await;
            let stream = TcpStream::connect(address).await.unwrap();
            let unknown = tunnel(stream, &used(scheme, address, None), "h", 443, &Connect::default()).await;
            assert_eq!(value(&unknown, "probe.proxy.connect"), Some("unsupported"), "{scheme}");
        }
    });
}
