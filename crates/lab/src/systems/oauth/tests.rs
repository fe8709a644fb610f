//! The flows from end to end, over a socket.

use super::*;
use crate::Ports;
use crate::systems::fetch::{self, Way};
use std::time::Duration;

const CALLBACK: &str = "http%3A%2F%2F127.0.0.1%3A8080%2Fcallback";
/// Verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn call(oauth: &OAuth, method: &str, target: &str, form: &str) -> (u16, String, Value) {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let way = Way::plain(oauth.place(), Duration::from_secs(10));
    let reply = fetch::ask(&way, request.as_bytes(), false).await.unwrap();
    let location = reply.headers.iter().find(|(name, _)| name == "Location").map(|(_, value)| value.clone());
    (reply.status, location.unwrap_or_default(), serde_json::from_slice(&reply.body).unwrap_or_default())
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

async fn code(oauth: &OAuth, client: &str) -> String {
    let target = format!(
        "/authorize?response_type=code&client_id={client}&redirect_uri={CALLBACK}&scope=orders:read&state=xyz\
         &login_hint=ana&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let (status, location, _) = call(oauth, "GET", &target, "").await;
    assert_eq!(status, 302);
    assert!(location.contains("state=xyz"));
    location.rsplit_once("code=").unwrap().1.to_owned()
}

#[test]
fn a_code_is_redeemed_once_and_its_refresh_token_rotates() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let oauth = OAuth::start(&world).await.unwrap();
        let code = code(&oauth, "orders-web").await;
        assert!(world.writes().is_empty(), "asking for a code changes nothing");
        let redeem = |verifier: &str, redirect: &str| {
            format!(
                "grant_type=authorization_code&client_id=orders-web&code={code}&redirect_uri={redirect}&code_verifier={verifier}"
            )
        };
        let (status, _, body) = call(&oauth, "POST", "/token", &redeem("wrong", CALLBACK)).await;
        assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
        let (status, _, body) = call(&oauth, "POST", "/token", &redeem(VERIFIER, "http%3A%2F%2Fother")).await;
        assert_eq!((status, body["error_description"].as_str()), (400, Some("Incorrect redirect_uri")));
        let (status, _, first) = call(&oauth, "POST", "/token", &redeem(VERIFIER, CALLBACK)).await;
        assert_eq!((status, first["token_type"].as_str()), (200, Some("Bearer")), "{first}");
        let refresh = |token: &Value| {
            format!("grant_type=refresh_token&client_id=orders-web&refresh_token={}", token.as_str().unwrap())
        };
        let (status, _, second) = call(&oauth, "POST", "/token", &refresh(&first["refresh_token"])).await;
        assert_eq!(status, 200, "{second}");
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        assert_eq!(world.writes().len(), 2);
        let (status, _, body) = call(&oauth, "POST", "/token", &refresh(&first["refresh_token"])).await;
        assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "spent tokens are refused");
        let (status, ..) = call(&oauth, "POST", "/token", &refresh(&second["refresh_token"])).await;
        assert_eq!(status, 400, "and take the whole family with them");
        let (_, _, body) = call(&oauth, "POST", "/token", &redeem(VERIFIER, CALLBACK)).await;
        assert_eq!(body["error_description"], "Code not valid");
    });
}

#[test]
fn tokens_are_issued_introspected_revoked_and_verified_by_the_published_keys() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let oauth = OAuth::start(&world).await.unwrap();
        let form = "grant_type=client_credentials&client_id=orders-service&client_secret=orders-service-secret\
                    &scope=orders:read&resource=https%3A%2F%2Fbilling.example.com";
        let (status, _, body) = call(&oauth, "POST", "/token", form).await;
        assert_eq!(status, 200, "{body}");
        let text = body["access_token"].as_str().unwrap();
        let (_, _, metadata) = call(&oauth, "GET", "/.well-known/oauth-authorization-server", "").await;
        assert_eq!(metadata["issuer"], oauth.url());
        let (_, _, set) = call(&oauth, "GET", "/.well-known/jwks.json", "").await;
        let token = Token::read(text).unwrap();
        assert!(PublicKey::of_set(&set).iter().any(|key| key.kid == token.kid() && token.verifies(key)));
        assert_eq!((token.audiences(), token.text("scope")), (vec![OTHER_AUDIENCE], "orders:read"));
        let who = "client_id=orders-api&client_secret=orders-api-secret";
        let ask = format!("{who}&token={text}");
        let (_, _, body) = call(&oauth, "POST", "/introspect", &ask).await;
        assert_eq!((body["active"].clone(), body["client_id"].as_str()), (json!(true), Some("orders-service")));
        let (status, ..) = call(&oauth, "POST", "/introspect", &format!("token={text}")).await;
        assert_eq!(status, 401, "not everyone may ask");
        let (status, ..) = call(&oauth, "POST", "/revoke", &ask).await;
        assert_eq!(status, 200);
        let (_, _, body) = call(&oauth, "POST", "/introspect", &ask).await;
        assert_eq!(body, json!({"active": false}));
        assert_eq!(world.writes().len(), 2, "issuing and revoking, and nothing else: {:?}", world.writes());
        let log = world.logged("oauth").join("\n");
        assert!(log.contains("type=\"CLIENT_LOGIN\"") && !log.contains("orders-service-secret") && !log.contains(text));
    });
}

#[test]
fn errors_are_those_of_the_standard() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let oauth = OAuth::start(&world).await.unwrap();
        let service = "client_id=orders-service&client_secret=orders-service-secret";
        for (form, status, error) in [
            ("", 400, "invalid_request"),
            ("grant_type=client_credentials&client_id=nobody&client_secret=x", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=orders-service", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=orders-web", 400, "unauthorized_client"),
            (&format!("grant_type=password&{service}"), 400, "unsupported_grant_type"),
            (&format!("grant_type=client_credentials&scope=admin&{service}"), 400, "invalid_scope"),
            (&format!("grant_type=client_credentials&resource=urn:x&{service}"), 400, "invalid_target"),
            ("grant_type=refresh_token&client_id=orders-web&refresh_token=x", 400, "invalid_grant"),
        ] {
            let (got, _, body) = call(&oauth, "POST", "/token", form).await;
            assert_eq!((got, body["error"].as_str()), (status, Some(error)), "{form}");
            assert!(body["error_description"].is_string());
        }
        assert!(world.writes().is_empty());
        oauth.set(Controls { terse: true, ..Controls::default() });
        let (_, _, body) = call(&oauth, "POST", "/token", "").await;
        assert_eq!(body, json!({"error": "invalid_request"}));
        let (status, ..) = call(&oauth, "GET", "/token", "").await;
        assert_eq!(status, 405);
    });
}
