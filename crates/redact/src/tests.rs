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
    check("authorization: Basic dXNlcjpwYXNz", "authorization: Basic ‹basic:a1›");
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
    check("Cookie: session=abc123xyz; theme=dark", "Cookie: session=‹cookie:a1›; theme=dark");
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

#[test]
fn every_structure_gives_its_secret_away() {
    for (text, expected) in [
        // Headers, in every way they are quoted.
        ("> Authorization: Custom s3cr3t-value-1", "> Authorization: Custom ‹token:a1›"),
        (
            "\"GET / HTTP/1.1\\r\\nAuthorization: Bearer abc123def456\\r\\nHost: x\"",
            "\"GET / HTTP/1.1\\r\\nAuthorization: Bearer ‹token:a1›\\r\\nHost: x\"",
        ),
        (
            "map[Authorization:[Bearer abc123def456] Accept:[*/*]]",
            "map[Authorization:[Bearer ‹token:a1›] Accept:[*/*]]",
        ),
        ("{'Authorization': 'Bearer abc123def456'}", "{'Authorization': 'Bearer ‹token:a1›'}"),
        (
            "headers: {\"Authorization\" => \"Bearer abc123def456\"}",
            "headers: {\"Authorization\" => \"Bearer ‹token:a1›\"}",
        ),
        (
            "Authorization: Digest username=\"bob\", realm=\"api\", nonce=\"n0nce123\", response=\"6629fae4\"",
            "Authorization: Digest username=\"bob\", realm=\"api\", nonce=\"‹token:a1›\", response=\"‹token:a2›\"",
        ),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20250506/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027",
            "Authorization: AWS4-HMAC-SHA256 Credential=‹key:a1›/20250506/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=‹signature:a1›",
        ),
        ("Stripe-Signature: t=1706000000,v1=5257a869e7ec", "Stripe-Signature: t=1706000000,v1=‹signature:a1›"),
        (
            "Set-Cookie: sid=s3cr3tvalue; Path=/; HttpOnly; SameSite=Lax",
            "Set-Cookie: sid=‹cookie:a1›; Path=/; HttpOnly; SameSite=Lax",
        ),
        // Pairs of names and values.
        ("{\"name\":\"X-Api-Key\",\"value\":\"k-12345-abcdef\"}", "{\"name\":\"X-Api-Key\",\"value\":\"‹key:a1›\"}"),
        ("{\"value\":\"k-12345-abcdef\",\"name\":\"X-Api-Key\"}", "{\"value\":\"‹key:a1›\",\"name\":\"X-Api-Key\"}"),
        ("- name: DB_PASSWORD\n  value: hunter2", "- name: DB_PASSWORD\n  value: ‹password:a1›"),
        // JSON in strings, numbers, lists.
        (r#"{"body":"{\"password\":\"hunter2\",\"n\":1}"}"#, r#"{"body":"{\"password\":\"‹password:a1›\",\"n\":1}"}"#),
        (r#""{\\\"password\\\":\\\"hunter2\\\"}""#, r#""{\\\"password\\\":\\\"‹password:a1›\\\"}""#),
        (r#"{"cvv": 123, "n": 4}"#, r#"{"cvv": "‹secret:a1›", "n": 4}"#),
        (r#"{"tokens":["abc123def","ghi456jkl"]}"#, r#"{"tokens":["‹token:a1›","‹token:a2›"]}"#),
        (r#"{"password":"correct horse battery staple"}"#, r#"{"password":"‹password:a1›"}"#),
        // Forms, multipart, XML, SQL, files of settings.
        (
            "grant_type=password&username=bob&password=pa%24%24+word&scope=a",
            "grant_type=password&username=bob&password=‹password:a1›&scope=a",
        ),
        (
            "Content-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--x--",
            "Content-Disposition: form-data; name=\"password\"\r\n\r\n‹password:a1›\r\n--x--",
        ),
        (
            "<wsse:Password Type=\"x#PasswordText\">hunter2</wsse:Password>",
            "<wsse:Password Type=\"x#PasswordText\">‹password:a1›</wsse:Password>",
        ),
        ("<add key=\"ApiKey\" value=\"k-12345-abcdef\"/>", "<add key=\"ApiKey\" value=\"‹key:a1›\"/>"),
        (
            "Server=db;User Id=sa;Password=pa$$w0rd;Encrypt=true",
            "Server=db;User Id=sa;Password=‹password:a1›;Encrypt=true",
        ),
        (
            "machine api.example.com login bob password hunter2",
            "machine api.example.com login bob password ‹password:a1›",
        ),
        ("export APP_SECRET='s3cr3t value'", "export APP_SECRET='‹secret:a1›'"),
        (
            "postgres://app:p@ss/w0rd@db:5432/x?sslmode=require",
            "postgres://app:‹password:a1›@db:5432/x?sslmode=require",
        ),
        (
            "next=https%3A%2F%2Fa.example%2F%3Faccess_token%3Dabc123def456%26x%3D1",
            "next=https%3A%2F%2Fa.example%2F%3Faccess_token%3D‹token:a1›%26x%3D1",
        ),
        ("mycli --api-token abc123def456 --region eu", "mycli --api-token ‹token:a1› --region eu"),
        // Paths.
        (
            "POST https://hooks.slack.com/services/T0001/B0002/abcDEF123456ghiJKL789mno",
            "POST https://hooks.slack.com/services/T0001/B0002/‹token:a1›",
        ),
        ("GET /reset-password/Zx9Kq2Lm8Rt4Vb7Nc1Pd HTTP/1.1", "GET /reset-password/‹token:a1› HTTP/1.1"),
        // Words.
        ("Incorrect API key provided: 9f8E7d6C5b4A3928.", "Incorrect API key provided: ‹key:a1›."),
        ("User 'bob' with password 'hunter2' refused", "User 'bob' with password '‹password:a1›' refused"),
        // A key, also where it was cut.
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef==\n-----END RSA PRIVATE KEY-----\nnext",
            "‹private-key:a1›\nnext",
        ),
        (
            r#"{"private_key":"-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\n"}"#,
            r#"{"private_key":"‹key:a1›\n"}"#,
        ),
    ] {
        check(text, expected);
    }
}

#[test]
fn white_space_in_a_credential_stays_visible() {
    check("Authorization: Bearer abc123def456  ", "Authorization: Bearer ‹token:a1›␠␠");
    check(r#"{"api_key":"k-12345-abcdef\n"}"#, r#"{"api_key":"‹key:a1›\n"}"#);
    check("curl -H \"X-Api-Key: k-12345-abcdef\n\" x", "curl -H \"X-Api-Key: ‹key:a1›\n\" x");
    let mut redactor = Redactor::new();
    assert_eq!(redactor.header("Authorization", "Bearer abc123def456\n"), "Bearer ‹token:a1›␊");
    assert_eq!(redactor.header("X-Api-Key", "k-12345-\r\nabcdef9"), "‹key:a1›␍␊‹key:a2›");
}

#[test]
fn what_correlates_and_what_is_said_about_secrets_stays() {
    for text in [
        "Idempotency-Key: 8f14e45f-ceea-467f-9c2a-1f6d9c1a2b3c",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "integrity sha512-9f8e7d6C5b4A3928abcDEF/ghiJKL+123456==",
        "image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "{\"errors\":{\"password\":[\"must be at least 8 characters\"]}}",
        "{\"error\":\"invalid_client\",\"token_type\":\"bearer\",\"expires_in\":3600}",
        "Postman-Token: d00167ff-9b1c-4c3a-8d2e-0a1b2c3d4e5f",
        "GET /v1/payment_intents/pi_3MtwBwLkdIwHu7ix28a3tqPa HTTP/1.1",
        "the key 'customer_id' is missing",
        "Authorization: Bearer <token>",
        "password=$DB_PASSWORD token={{token}} key=${KEY}",
        "2025-05-06T09:58:12Z token refreshed for user 42",
        "x-amz-id-2: zRby//9f8e7d6C5b4A3928abcDEFghiJKL123456=",
        "SignatureDoesNotMatch: The request signature we calculated does not match",
        "Expected a key of 32 bytes, got 16",
    ] {
        check(text, text);
    }
}

#[test]
fn personal_data_goes_where_it_is_asked_for() {
    let text = "mail ann@acme.example or +49 30 1234567, card 4242 4242 4242 4242, GB82 WEST 1234 5698 7654 32, from 203.0.113.7 and 2001:db8::7:42, {\"first_name\":\"Ann\",\"city\":\"Oslo\"}, order 1234567890123456, at 127.0.0.1:8080";
    let mut redactor = Redactor::with(Policy { personal: true, ..Policy::default() });
    assert_eq!(
        redactor.text(text),
        "mail ‹email:a1› or ‹phone:a1›, card ‹card:a1›, ‹iban:a1›, from ‹ip:a1› and ‹ip:a2›, {\"first_name\":\"‹person:a1›\",\"city\":\"‹person:a2›\"}, order 1234567890123456, at 127.0.0.1:8080"
    );
    check(text, text);
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFubkBhY21lLmV4YW1wbGUiLCJleHAiOjF9.c2lnbmF0dXJl";
    let redacted = redactor.text(jwt);
    let claims = redacted.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    assert_eq!(
        claims.and_then(|bytes| String::from_utf8(bytes).ok()).as_deref(),
        Some("{\"email\":\"‹email:a1›\",\"exp\":1}"),
        "the same address, the same placeholder"
    );
}

#[test]
fn exceptions_are_the_policys() {
    let policy = Policy {
        allow: vec!["demo-key-12345".into(), "X-Session-Hint".into()],
        deny: vec!["partner-code".into(), "Project Nightingale".into()],
        ..Policy::default()
    };
    let mut redactor = Redactor::with(policy);
    assert_eq!(
        redactor.text("api_key=demo-key-12345 partner_code=77x19 for Project Nightingale"),
        "api_key=demo-key-12345 partner_code=‹secret:a1› for ‹secret:a2›"
    );
}

#[test]
fn placeholders_of_earlier_texts_keep_their_numbers() {
    let mut first = Redactor::new();
    first.seed([7; 16], []);
    assert_eq!(first.text("password=hunter2"), "password=‹password:a1›");
    let mut second = Redactor::new();
    second.seed([7; 16], first.placeholders());
    assert_eq!(second.text("password=other99 password=hunter2"), "password=‹password:a2› password=‹password:a1›");
    assert_eq!(Redactor::new().text("‹token:a1› token=abc123def456"), "‹token:a1› token=‹token:a2›");
}

#[test]
fn what_leaked_is_found_in_every_form() {
    let mut redactor = Redactor::new();
    redactor.remember("s3cr3t/value+1", Kind::Secret);
    for text in
        ["x s3cr3t/value+1 y", "x s3cr3t%2Fvalue%2B1", "{\"a\":\"czNjcjN0L3ZhbHVlKzE=\"}", "YQpzM2NyM3QvdmFsdWUrMQ=="]
    {
        assert!(!redactor.leaks(text).is_empty(), "{text}");
    }
    assert!(!redactor.leaks("password=hunter2").is_empty());
    let shown = redactor.text("Authorization: Bearer s3cr3t/value+1 \npassword=hunter2");
    assert_eq!(redactor.leaks(&shown), [], "{shown}");
}

#[test]
fn hostile_text_costs_little_and_harms_nothing() {
    for piece in [
        "password=",
        "\"token\":\"",
        "eyJ",
        "s.",
        "Bearer ",
        "‹token:",
        "-----BEGIN PRIVATE KEY-----",
        "https://a:",
        "=",
        "<password>",
        "\\",
        "name=\"password\" value=",
        "%3D",
        "+ASt",
        "key: ",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let mut redactor = Redactor::with(Policy { personal: true, ..Policy::default() });
        let once = redactor.text(&text);
        assert!(once.len() <= text.len() * 3, "{piece}");
    }
    let mixed = "пароль=секрет password=секретное‹слово token=\u{1f600}abc123def";
    assert!(!Redactor::new().text(mixed).contains("секретное"));
}

#[test]
fn the_log_says_what_where_and_by_which_rule() {
    let mut redactor = Redactor::new();
    let _ = redactor.text("one\n  password=hunter2 password=hunter2\n");
    let _ = redactor.text("Authorization: Bearer abc123def456\n");
    let listed: Vec<_> =
        redactor.log().listed().iter().map(|r| (r.placeholder.as_str(), r.line, r.column, r.count)).collect();
    assert_eq!(listed, [("‹password:a1›", 2, 12, 2), ("‹token:a1›", 3, 23, 1)]);
    assert_eq!(redactor.log().total(), 3);
    assert_eq!(redactor.log().rules().get("name.secret"), Some(&2));
}

#[test]
fn a_quote_inside_does_not_end_the_secret() {
    let lines = [
        ("PASSWORD 'DH2S;''a<&[YwwH' VALID", "PASSWORD '‹password:a1›' VALID"),
        ("CREATE USER x IDENTIFIED BY 'DH2S]''<;{YwwH'", "CREATE USER x IDENTIFIED BY '‹password:a1›'"),
        ("password: 'DH2S''abc1YwwH', x", "password: '‹password:a1›', x"),
        (r"curl -u 'svc:wwmq1,'\''<><{}eF0n' https://a.example/", "curl -u 'svc:‹password:a1›' https://a.example/"),
        (
            "?f=%7B%22password%22%3A%22XA%5C%22%27%28xJ6Q%22%7D&page=1",
            "?f=%7B%22password%22%3A%22‹password:a1›%22%7D&page=1",
        ),
        // The quotes of an empty string and of two neighbours are none inside.
        ("password='' user='x'", "password='' user='x'"),
        ("password='abc12345' '' 'x'", "password='‹password:a1›' '' 'x'"),
    ];
    for (text, expected) in lines {
        assert_eq!(Redactor::new().text(text), expected);
    }
}

#[test]
fn a_password_with_an_equals_sign_is_no_parameter() {
    for (text, expected) in [
        (r#"{"db_passwords":["apP=MFTHix6-~F"]}"#, r#"{"db_passwords":["‹password:a1›"]}"#),
        ("Ocp-Apim-Subscription-Key: T=5.f=QvMYBCTe", "Ocp-Apim-Subscription-Key: ‹key:a1›"),
        ("['Password', 'FxytlpAmrv7j', 'Host']", "['Password', '‹password:a1›', 'Host']"),
    ] {
        assert_eq!(Redactor::new().text(text), expected);
    }
}

#[test]
fn weak_passwords_are_passwords() {
    for password in ["not-a-real-one", "secret", "password", "my_secret_password", "letmein", "swordfish", "no-way"] {
        let text = format!("{{\"password\":\"{password}\"}}");
        check(&text, "{\"password\":\"‹password:a1›\"}");
    }
    for word in ["required", "too_short", "PasswordExpired", "invalid", "[FILTERED]", "********"] {
        let text = format!("{{\"password\":\"{word}\"}}");
        check(&text, &text);
    }
}

#[test]
fn passwords_of_commands_go() {
    for (text, expected) in [
        ("redis-cli -h db -a hunter22 PING", "redis-cli -h db -a ‹password:a1› PING"),
        ("mysql -u root -pTopSecret1 orders", "mysql -u root -p‹password:a1› orders"),
        ("sshpass -p 'ssh-pw-1' ssh host", "sshpass -p '‹password:a1›' ssh host"),
        ("docker login -p d0ckerPW -u bob", "docker login -p ‹password:a1› -u bob"),
        ("docker run -p 8080:80 nginx", "docker run -p 8080:80 nginx"),
        ("mkdir -p /srv/data && ls -a dir", "mkdir -p /srv/data && ls -a dir"),
        (
            "GET /k?X-Amz-Credential=AKIAQ3EGRIT7FAKE1234%2F20250506%2Feu-west-1&X-Amz-Date=20250506T000000Z",
            "GET /k?X-Amz-Credential=‹key:a1›%2F20250506%2Feu-west-1&X-Amz-Date=20250506T000000Z",
        ),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_programs_print_and_people_write() {
    for (text, expected) in [
        ("requests.get(url, auth=('bob', 'pyPass99'))", "requests.get(url, auth=('bob', '‹password:a1›'))"),
        ("new NetworkCredential(\"bob\", \"Pa55w0rd!x\");", "new NetworkCredential(\"bob\", \"‹password:a1›\");"),
        ("jdbc:oracle:thin:scott/tiger99@//db:1521/x", "jdbc:oracle:thin:scott/‹password:a1›@//db:1521/x"),
        ("KeyError: 'Invalid API key: ak_77aabbcc1122334455'", "KeyError: 'Invalid API key: ‹key:a1›'"),
        (
            "cookies = Jar[Cookie(version=0, name='sessionid', value='ck1234abcdef')]",
            "cookies = Jar[Cookie(version=0, name='sessionid', value='‹cookie:a1›')]",
        ),
        (
            "[Authorization:\"Bearer abc123def456\", Accept:\"*/*\"]",
            "[Authorization:\"Bearer ‹token:a1›\", Accept:\"*/*\"]",
        ),
        ("[{\"authorization\", \"Bearer abc123def456\"}]", "[{\"authorization\", \"Bearer ‹token:a1›\"}]"),
        ("join(\"a\", \"b\") and auth(\"user\", \"role\", 3)", "join(\"a\", \"b\") and auth(\"user\", \"role\", 3)"),
    ] {
        check(text, expected);
    }
}
