//! Nasty strings in every language, and secrets that must not stand in any.

use super::*;
use firstfault_model::{Request, Span};

const NASTY: &str =
    "it's \"quoted\" \\ back */ ${HOME} {{x}} `tick` #no\n\r\t\u{1}\u{202e}ünï €😀 %41 $(id) ''' \"\"\" \\u0041";

fn nasty() -> Candidate {
    let mut request = Request { method: Some("POST".to_owned()), ..Request::default() };
    request.url = Url::parse("https://api.example.com/v1/a{b}?q=it's&key=s3cr3t-value&x=%20\"");
    request.headers.push("X-API-Key", "s3cr3t-value", Span::default());
    request.headers.push("Authorization", "Bearer abc.def", Span::default());
    request.headers.push("X-Odd", NASTY.replace(['\n', '\r'], " "), Span::default());
    Candidate::new(request, Some(format!("{{\"a\":\"{NASTY}\",\"k\":\"s3cr3t-value\"}}").into_bytes()))
}

fn secrets() -> Secrets {
    Secrets::of(&nasty(), &|name, _| ["X-API-Key", "Authorization"].contains(&name))
}

#[test]
fn no_output_has_a_secret_and_each_names_its_variables() {
    let (candidate, secrets) = (nasty(), secrets());
    let outputs = [
        curl(&candidate, &secrets).join("\n"),
        hurl(&candidate, Some(400), &secrets),
        rust(&candidate, Some(400), &secrets),
        pytest(&candidate, Some(400), &secrets),
        junit(&candidate, Some(400), &secrets),
    ];
    for output in outputs {
        assert!(!output.contains("s3cr3t"), "{output}");
        assert!(!output.contains("abc.def"), "{output}");
        assert!(output.contains("API_KEY"), "{output}");
        assert!(output.contains("API_TOKEN"), "{output}");
        assert!(output.contains("*/"), "{output}");
        assert!(!output.contains('\u{202e}') || output.starts_with("curl"), "{output}");
    }
}

#[test]
fn a_shell_would_read_the_command_back() {
    let (candidate, secrets) = (nasty(), secrets());
    let command = curl(&candidate, &secrets).join("\n");
    // The variables stand in double quotes of their own; with the values in their place it is the request again.
    let filled = secrets.iter().fold(command, |command, secret| {
        command
            .replace(&format!("${{{}}}", secret.variable), &secret.value)
            .replace(&format!("${}", secret.variable), &secret.value)
    });
    let read = firstfault_curl::request_from_command(&filled).unwrap();
    assert_eq!(read.url.target(), candidate.request.url.target());
    assert_eq!(read.headers.first("x-api-key"), Some("s3cr3t-value"));
    assert_eq!(read.headers.first("authorization"), Some("Bearer abc.def"));
    assert_eq!(read.headers.first("x-odd"), candidate.request.headers.first("x-odd"));
    assert_eq!(read.body.unwrap().text.as_bytes(), candidate.body.unwrap());
}

/// Reads a literal with the escapes that the three languages share or have of their own.
fn read(literal: &str) -> String {
    let inner: Vec<char> = literal.strip_prefix('"').unwrap().strip_suffix('"').unwrap().chars().collect();
    let mut units: Vec<u16> = Vec::new();
    let mut at = 0;
    let number = |from: usize, to: usize, radix: u32| {
        u32::from_str_radix(&inner[from..to].iter().collect::<String>(), radix).unwrap()
    };
    while at < inner.len() {
        let c = inner[at];
        assert!(c != '"' && !c.is_control(), "{c:?} stands bare in {literal}");
        let (value, taken) = match (c, inner.get(at + 1)) {
            ('\\', Some('n')) => (10, 2),
            ('\\', Some('r')) => (13, 2),
            ('\\', Some('t')) => (9, 2),
            ('\\', Some('u')) if inner[at + 2] == '{' => {
                let end = (at..).find(|i| inner[*i] == '}').unwrap();
                (number(at + 3, end, 16), end + 1 - at)
            }
            ('\\', Some('u')) => (number(at + 2, at + 6, 16), 6),
            ('\\', Some('U')) => (number(at + 2, at + 10, 16), 10),
            ('\\', Some(digit)) if digit.is_ascii_digit() => (number(at + 1, at + 4, 8), 4),
            ('\\', Some(other)) => (u32::from(*other), 2),
            (c, _) => (u32::from(c), 1),
        };
        match char::from_u32(value) {
            Some(c) => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            None => units.push(u16::try_from(value).unwrap()),
        }
        at += taken;
    }
    String::from_utf16(&units).unwrap()
}

#[test]
fn literals_say_what_the_text_said() {
    for text in [NASTY, "", "\\", "\"", "\\u000a", "a\u{0}b", "\u{e0041}", "*/", "${x}", "\n", "😀"] {
        for literal in [literal::rust(text), literal::python(text), literal::java(text)] {
            assert_eq!(read(&literal), text, "{literal}");
        }
        assert!(literal::java(text).is_ascii());
        // Hurl's own escapes are numbers only, and nothing of a variable or comment is left.
        let hurl = literal::hurl(text);
        assert_eq!(read(&format!("\"{}\"", hurl.replace('"', "\\u{22}"))), text, "{hurl}");
        assert!(!hurl.contains("{{") && !hurl.contains('#') && !hurl.contains('`'), "{hurl}");
    }
}

#[test]
fn java_sees_no_line_end_before_it_looks_for_strings() {
    assert_eq!(literal::java("a\n\r\u{b}"), r#""a\n\r\013""#);
}

#[test]
fn a_hurl_file_is_what_hurl_reads() {
    let mut request = Request { method: Some("POST".to_owned()), ..Request::default() };
    request.url = Url::parse("https://api.example.com/v1/tickets?page=2");
    request.headers.push("Authorization", "Bearer abc.def", Span::default());
    request.headers.push("Content-Type", "application/json", Span::default());
    let candidate = Candidate::new(request, Some(br#"{"case_type":"billing"}"#.to_vec()));
    let secrets = Secrets::by_name(&candidate);
    assert_eq!(
        hurl(&candidate, Some(400), &secrets),
        "# hurl --variable API_TOKEN=\"$API_TOKEN\" FILE\n\
         POST https://api.example.com/v1/tickets?page=2\n\
         Authorization: Bearer {{API_TOKEN}}\n\
         Content-Type: application/json\n\
         `{\"case_type\":\"billing\"}`\n\
         HTTP 400\n"
    );
    let bytes = Candidate { body: Some(vec![0xff, 0]), ..candidate };
    assert!(hurl(&bytes, None, &secrets).ends_with("hex,ff00;\nHTTP *\n"));
}

#[test]
fn variables_are_named_after_what_they_hold() {
    let mut secrets = Secrets::new();
    for (value, name) in [("v1", "X-API-Key"), ("v2", "x-api-key"), ("v3", "PATH"), ("v4", "2fa"), ("v5", "é")] {
        secrets.add(value, name);
    }
    let mut names: Vec<&str> = secrets.iter().map(|secret| secret.variable.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["API_KEY", "API_KEY_2", "SECRET", "SECRET_2FA", "SECRET_PATH"]);
}
