//! What a real bash makes of exported commands, where one is installed.

#![allow(clippy::unwrap_used)]

use firstfault_curl::{NoFiles, Shell, export, parse, split};
use firstfault_model::{Body, Request, Span, Url};
use std::process::Command;

/// Arguments of `curl` as bash cuts them: a function of that name prints them, each ended by NUL.
fn bash(command: &str) -> Option<Vec<String>> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}\n");
    let output =
        Command::new("bash").args(["--norc", "--noprofile", "-c", &script]).env("LC_ALL", "C.UTF-8").output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.strip_suffix('\0').unwrap_or(&text).split('\0').map(str::to_owned).collect())
}

#[test]
fn bash_gives_curl_the_same_bytes() {
    if bash("curl x").is_none_or(|a| a != ["x"]) {
        return;
    }
    let nasty = "it's \"q\" \\ \\n $HOME $(id) `id` ${x} !! # ; & | < > * ? [a] {b,c} ~ é 😀";
    for body in [
        nasty.to_owned(),
        format!("{nasty}\n\ttab\r\n\u{1b}[0m\u{7f}"),
        "@file".to_owned(),
        String::new(),
        "{\n  \"a\": 1\n}\n".to_owned(),
        "'".repeat(9),
        "\\'".repeat(5),
    ] {
        let mut request = Request {
            method: Some("POST".to_owned()),
            url: Url::parse("https://h.example/a'b?x=$y&z={1..3}"),
            ..Request::default()
        };
        request.headers.push("X-A", nasty, Span::default());
        request.headers.push("X-Empty", "", Span::default());
        request.headers.push("Content-Type", "a/b", Span::default());
        request.body = Some(Body::bounded(&body, Span::default()));
        let text = export(&request, Shell::Posix).join("\n");
        let arguments = bash(&text).unwrap();
        assert_eq!(split(&text)[0].arguments, arguments, "{text}");
        assert_eq!(parse(&arguments, &NoFiles).transfers[0].request, request, "{text}");
    }
}

#[test]
fn bash_and_this_crate_cut_words_alike() {
    if bash("curl x").is_none_or(|a| a != ["x"]) {
        return;
    }
    for command in [
        "curl -s a'b'\"c\"\\d e",
        "curl -s \"a\\b\\\"\\$\\\\\\`\" 'a\\b'",
        "curl -s $'\\a\\b\\e\\f\\n\\r\\t\\v\\\\\\'\\\"\\?\\101\\x41\\u00e9\\U0001F600\\cA\\q'",
        "curl -s a \\\n  b\\\nc # no\n",
        "curl -s '' \"\" x",
        "curl -s a > /dev/stdout b 2>&1 c",
        "curl -s a#b 'c;d' e\\;f",
        "curl -s \"$(cat <<'EOF'\n{\"a\": \"it's\"}\n\nEOF\n)\" z",
        "curl -s \"a\nb\" 'c\nd'",
    ] {
        assert_eq!(split(command)[0].arguments, bash(command).unwrap(), "{command}");
    }
}
