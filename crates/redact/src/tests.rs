//! What goes and what stays, as a table of texts before and after.

use super::*;
use firstfault_model::{Origin, Request, Span, Vantage};

fn check(text: &str, expected: &str) {
    let mut redactor = Redactor::new();
    let once = redactor.text(text);
    assert_eq!(once, expected);
    assert_eq!(redactor.text(&once), once, "a placeholder is not a secret");
}

#[test]
fn secrets_go_and_what_helps_stays() {
    check("Authorization: Bearer abcDEF123456ghi", "Authorization: Bearer ‹token:a1›");
    check("authorization: Basic dXNlcjpwYXNz", "authorization: Basic ‹token:a1›");
    check("curl -H 'X-Api-Key: k-12345-abcdef' https://a.example/", "curl -H 'X-Api-Key: ‹key:a1›' https://a.example/");
    check(r#"{"client_secret":"s3cr3t!","grant":"x"}"#, r#"{"client_secret":"‹secret:a1›","grant":"x"}"#);
    check(
        "https://user:hunter2@a.example/x?api_key=abc123def&page=2",
        "https://user:‹password:a1›@a.example/x?api_key=‹key:a1›&page=2",
    );
    check("token ghp_abcdefghijklmnopqrstuvwxyz0123456789 seen", "token ‹token:a1› seen");
    check(
        "curl -u bob:hunter2 --proxy-user 'p:secret' x",
        "curl -u bob:‹password:a1› --proxy-user 'p:‹password:a2›' x",
    );
    check("https://hunter2@a.example/", "https://‹password:a1›@a.example/");
    check("password=hunter2 and password=hunter2", "password=‹password:a1› and password=‹password:a1›");
    check(
        "https://api.telegram.org/bot123456789:AAFakeFakeFakeFakeFakeFakeFakeFake0/sendMessage",
        "https://api.telegram.org/bot123456789:‹token:a1›/sendMessage",
    );
    check("Cookie: session=abc; theme=dark", "Cookie: ‹cookie:a1›");
    check(
        "net/http: invalid header field value \"NRAK-FAKEFAKEFAKEFAKEFAKE\\n\" for key Api-Key",
        "net/http: invalid header field value \"‹key:a1›\\n\" for key Api-Key",
    );
}

#[test]
fn a_jwt_keeps_its_claims() {
    check(
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.‹signature:a1›",
    );
}

#[test]
fn words_ids_and_placeholders_for_people_stay() {
    for text in [
        "x-request-id: 7b0c7c2e-8a55-4f0e-9d57-0a1b2c3d4e5f",
        "etag: \"99ed160b320d4daa29fcd6097de8cdfa\"",
        "the token expired, get a new token: see the docs",
        "\"error\":\"invalid_token\",\"code\":\"token_expired\"",
        "Authorization: Bearer ${TOKEN}",
        "www-authenticate: Bearer realm=\"api\", error=\"invalid_token\"",
        "secret not found",
        "NSURLErrorDomain Code=-1001 timed out",
        "password: required",
    ] {
        check(text, text);
    }
}

#[test]
fn what_a_call_carries_is_replaced_wherever_it_is_quoted() {
    let mut call = Call::new(Origin::HttpMessage, Vantage::Client);
    let mut request = Request::default();
    request.headers.push("Authorization", "Bearer plain-looking-word", Span::default());
    call.request = Some(request);
    let mut redactor = Redactor::new();
    redactor.learn(&call);
    assert_eq!(redactor.text("the key plain-looking-word is unknown"), "the key ‹token:a1› is unknown");
}
