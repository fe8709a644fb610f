//! No credential of a probed call shows in anything that is printed: every format, --verbose, --dry-run, complaints; also
//! when the server or the proxy says it again.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test ends at the first surprise")]

mod common;
mod live;

use common::{Ran, scratch};
use firstfault_lab::{Asked, Reply};
use live::{probe, probe_in, server};
use serde_json::json as value;

/// Secrets of different kinds, none of which is a word.
const PROXY: &str = "Pr0xy-q7Lk3vW9zT1mXe";
const BEARER: &str = "tok4Hd82kQpL0sVn6Yb3Rw";
const KEY: &str = "kx91Zt5mGf7Jc2Ae8Uo4Nd";
const PASSWORD: &str = "b4s1cW8hR3eYq6Pj2LfTz";
const COOKIE: &str = "s3ssM5nV9tKd1Xg7Bq4Ca";
const QUERY: &str = "q9eR2yUw6Ih8Po3LsDk5F";
const SECRET: &str = "c1ientZ7xTv4Gm9Hw2Jn6";
const ALL: [&str; 7] = [PROXY, BEARER, KEY, PASSWORD, COOKIE, QUERY, SECRET];

/// Twelve characters in a row of a secret, plain or in any alignment of base64, are a leak.
fn leaks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for secret in ALL {
        for begin in 0..=secret.len() - 12 {
            let part = &secret[begin..begin + 12];
            if text.contains(part) {
                found.push(format!("{secret}: {part}"));
            }
        }
        // Nine bytes from a multiple of three give twelve characters that stand in every base64 of it with that alignment.
        for begin in 0..=secret.len() - 9 {
            let coded = base64(&secret.as_bytes()[begin..begin + 9]);
            if text.contains(&coded) {
                found.push(format!("{secret}: base64 {coded}"));
            }
        }
    }
    found
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks_exact(3) {
        let number = three.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        out.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[number >> shift & 63])));
    }
    out
}

fn clean(what: &str, ran: &Ran) {
    let found = leaks(&format!("{}\n{}", ran.stdout, ran.stderr));
    assert!(found.is_empty(), "{what}: {found:?}\n{}{}", ran.stdout, ran.stderr);
    assert_ne!(ran.code, Some(101), "{what}: {}", ran.stderr);
}

/// A server that says everything again that it was told.
fn echo(status: u16) -> impl Fn(&Asked) -> Reply {
    move |asked| {
        let fields: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        Reply::json(
            status,
            &value!({"error": "invalid_request", "headers": fields, "query": asked.query, "body": body}),
        )
        .with("X-Echo", asked.header("authorization").unwrap_or_default())
    }
}

#[test]
fn the_watch_sees_what_is_there() {
    assert_eq!(base64(b"firstfaul"), "Zmlyc3RmYXVs");
    for secret in ALL {
        assert!(!leaks(&format!("x {secret} y")).is_empty());
        assert!(!leaks(&format!("Basic {}", base64(format!("user:{secret}xx").as_bytes()))).is_empty(), "{secret}");
    }
    assert!(leaks("nothing of the kind").is_empty());
}

#[test]
fn no_credential_shows_in_any_format() {
    let (at, heard) = server(echo(401));
    let (proxy, through) = server(echo(407));
    let place = at.is;
    let bearer = format!("Authorization: Bearer {BEARER}");
    let key = format!("X-API-Key: {KEY}");
    let cookie = format!("session={COOKIE}");
    let basic = format!("ada:{PASSWORD}");
    let url = format!("http://{place}/v1/me?api_key={QUERY}&page=2");
    let inside = format!("http://ada:{PASSWORD}@{place}/v1/me");
    let form = format!("grant_type=client_credentials&client_id=app&client_secret={SECRET}");
    let upstream = format!("http://ada:{PROXY}@{}", proxy.is);
    let user = format!("ada:{PROXY}");
    let bare = format!("http://{}", proxy.is);
    let calls: Vec<Vec<&str>> = vec![
        vec!["-H", &bearer, "-H", &key, "-b", &cookie, &url],
        vec!["-u", &basic, &url],
        vec![&inside],
        vec!["-d", &form, &url],
        vec!["-x", &upstream, "-H", &bearer, &url],
        vec!["-x", &bare, "-U", &user, &url],
        vec!["-x", &upstream, "https://localhost:1/v1/me"],
        vec!["-H", "Content-Type: application/json", "-d", "{\"password\":\"b4s1cW8hR3eYq6Pj2LfTz\"}", &url],
    ];
    let ways: [&[&str]; 8] = [
        &[],
        &["-v"],
        &["--format", "json"],
        &["--format", "md"],
        &["--format", "html"],
        &["--format", "html", "-v"],
        &["--dry-run"],
        &["--confirm", "--allow-side-effects"],
    ];
    for call in &calls {
        for way in ways {
            let options: Vec<&str> = way.iter().copied().chain(["--max-requests", "6"]).collect();
            clean(&format!("{way:?} {}", call[0]), &probe(&options, call));
        }
    }
    let told = heard.all().iter().any(|(_, asked)| asked.headers.iter().any(|(_, value)| value.contains(BEARER)));
    assert!(told && !through.all().is_empty(), "the server was told the secrets, and says them again");
    let variables = [("https_proxy".to_owned(), upstream.clone()), ("http_proxy".to_owned(), upstream.clone())];
    for way in ways {
        for url in [&url, "https://localhost:1/v1/me"] {
            clean(&format!("environment {way:?}"), &probe_in(way, &[url], &variables));
        }
    }
}

#[test]
fn what_was_pasted_keeps_its_secrets_too() {
    let (at, _) = server(echo(403));
    let pasted = format!(
        "> GET /v1/me?api_key={QUERY} HTTP/1.1\n> Host: {}\n> Authorization: Bearer {BEARER}\n> Cookie: session={COOKIE}\n>\n< \
         HTTP/1.1 403 Forbidden\n< Content-Type: application/json\n<\n{{\"error\":\"no access\",\"token\":\"{BEARER}\"}}\n",
        at.is
    );
    let file = scratch("probe-leaks.txt", &pasted);
    for way in [
        &["--from", &file][..],
        &["--from", &file, "-v"],
        &["--from", &file, "--format", "json"],
        &["--from", &file, "--dry-run"],
    ] {
        clean(&format!("{way:?}"), &probe::<&str>(way, &[]));
    }
}

#[test]
fn complaints_hold_no_credential() {
    let url = format!("http://ada:{PASSWORD}@[::bad/?api_key={QUERY}");
    let bearer = format!("Authorization: Bearer {BEARER}\nX-Broken: {KEY}");
    let proxy = format!("gopher://ada:{PROXY}@127.0.0.1:1");
    let closed = format!("http://ada:{PROXY}@127.0.0.1:1");
    let calls: Vec<Vec<&str>> = vec![
        vec![&url],
        vec!["-H", &bearer, "http://127.0.0.1:1/"],
        vec!["-x", &proxy, "http://127.0.0.1:1/"],
        vec!["-x", &closed, "http://127.0.0.1:1/"],
        vec!["-x", &closed, "https://127.0.0.1:1/"],
        vec!["-u", "ada:b4s1cW8hR3eYq6Pj2LfTz"],
        vec!["--no-such-option", "ada:b4s1cW8hR3eYq6Pj2LfTz", "http://127.0.0.1:1/"],
        vec!["--cert", "/no/such/file:c1ientZ7xTv4Gm9Hw2Jn6", "https://127.0.0.1:1/"],
    ];
    for call in &calls {
        for way in [&[][..], &["--format", "json"], &["--dry-run"], &["-v"]] {
            clean(&format!("{way:?} {}", call[0]), &probe(way, call));
        }
    }
}
