//! Ordinary text in which nothing is secret, and the values in it that a reader needs. The kinds are those of
//! bench/canaries/benign.py.

use super::Chance;
use super::write::base64;

/// A piece of text and the values that have to stay.
pub struct Record {
    pub text: String,
    pub values: Vec<String>,
}

/// So many rounds of every form.
pub fn records(rounds: usize) -> Vec<Record> {
    let mut chance = Chance::new("benign");
    let forms = [access_log, logfmt, json_log, npm_lock, cargo_lock, requirements, git_log, headers, refusal, objects]
        .into_iter()
        .chain([cloud_ids, paging, image, settings, metrics, trace]);
    let forms: Vec<fn(&mut Chance) -> Record> = forms.collect();
    let mut records = Vec::new();
    for _ in 0..rounds {
        records.extend(forms.iter().map(|form| form(&mut chance)));
        records.extend((0..PROSE.len()).map(prose));
    }
    for record in &records {
        for value in &record.values {
            assert!(record.text.contains(value.as_str()), "{value} stands not in {}", record.text);
        }
    }
    records
}

/// Fills the marks `{}` of a text, in order; each filling has to stay.
fn filled(text: &str, values: &[String]) -> Record {
    let mut parts = text.split("{}");
    let mut out = parts.next().unwrap().to_owned();
    assert_eq!(text.matches("{}").count(), values.len(), "{text}");
    for (value, part) in values.iter().zip(parts) {
        out += value;
        out += part;
    }
    Record { text: out, values: values.to_vec() }
}

impl Chance {
    fn hex(&mut self, count: usize) -> String {
        self.of("0123456789abcdef", count)
    }

    fn alnum(&mut self, count: usize) -> String {
        self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", count)
    }

    fn base64(&mut self, count: usize) -> String {
        let raw: Vec<u8> = (0..count).map(|_| self.bits().to_le_bytes()[0]).collect();
        base64(&raw)
    }

    fn noun(&mut self) -> String {
        self.pick(&["order", "customer", "invoice", "payment", "refund", "session", "basket", "shipment", "webhook"])
            .to_owned()
    }

    fn number(&mut self, top: usize) -> String {
        (self.below(top) + 1).to_string()
    }

    fn version(&mut self) -> String {
        format!("{}.{}.{}", self.below(12), self.below(40), self.below(20))
    }
}

fn access_log(m: &mut Chance) -> Record {
    let path = format!("/v1/{}s/{}?page={}&sort={}", m.noun(), m.number(1_000_000), m.number(40), m.noun());
    let text = "203.0.113.7 - - [06/May/2026:09:12:44 +0000] \"GET {} HTTP/1.1\" 502 {} \"-\" \"okhttp/4.12.0\" rid={} rt=0.041";
    filled(text, &[path, m.number(90_000), m.hex(32)])
}

fn logfmt(m: &mut Chance) -> Record {
    let text = "time=2026-05-06T09:12:44.113Z level=info msg=\"request done\" request_id={} trace_id={} span_id={} pod={} user_id={}";
    let pod = format!("{}-{}-x7k2p", m.noun(), m.hex(10));
    filled(text, &[m.uuid(), m.hex(32), m.hex(16), pod, m.number(1_000_000)])
}

fn json_log(m: &mut Chance) -> Record {
    let text = r#"{"@timestamp":"2026-05-06T09:12:44Z","trace.id":"{}","http.request.id":"{}","container.id":"{}","correlationId":"{}","idempotency_key":"{}","partition_key":"{}#{}"}"#;
    filled(text, &[m.hex(32), m.uuid(), m.hex(64), m.uuid(), m.uuid(), m.noun(), m.number(1_000_000)])
}

fn npm_lock(m: &mut Chance) -> Record {
    let name = format!("{}-{}", m.noun(), m.noun());
    let archive = format!("https://registry.npmjs.org/{name}/-/{name}-{}.tgz", m.version());
    filled(
        "\"node_modules/{}\": {\n  \"version\": \"{}\",\n  \"resolved\": \"{}\",\n  \"integrity\": \"{}\"\n}",
        &[name, m.version(), archive, format!("sha512-{}", m.base64(64))],
    )
}

fn cargo_lock(m: &mut Chance) -> Record {
    let text = "[[package]]\nname = \"{}\"\nversion = \"{}\"\nsource = \"{}\"\nchecksum = \"{}\"";
    let source = "registry+https://github.com/rust-lang/crates.io-index".to_owned();
    filled(text, &[m.noun(), m.version(), source, m.hex(64)])
}

fn requirements(m: &mut Chance) -> Record {
    let text = "{}=={} \\\n    --hash=sha256:{} \\\n    --hash=sha256:{}\ngithub.com/example/orders v1.4.2 h1:{}";
    filled(text, &[m.noun(), m.version(), m.hex(64), m.hex(64), m.base64(32)])
}

fn git_log(m: &mut Chance) -> Record {
    let text = "commit {}\nindex {}..{} 100644\n    Rotate the signing key, refresh tokens earlier ({})";
    filled(text, &[m.hex(40), m.hex(10), m.hex(10), m.hex(12)])
}

fn headers(m: &mut Chance) -> Record {
    let text = "HTTP/1.1 401 Unauthorized\nx-request-id: {}\ntraceparent: {}\nx-amzn-trace-id: {}\netag: {}\ncf-ray: {}\nx-ratelimit-remaining: {}\nWWW-Authenticate: Bearer realm=\"{}\", error=\"{}\"";
    let values = [
        m.uuid(),
        format!("00-{}-{}-01", m.hex(32), m.hex(16)),
        format!("Root=1-{}-{}", m.hex(8), m.hex(24)),
        format!("\"{}\"", m.hex(32)),
        format!("{}-FRA", m.hex(16)),
        m.number(5_000),
        m.noun(),
        "invalid_token".to_owned(),
    ];
    filled(text, &values)
}

fn refusal(m: &mut Chance) -> Record {
    let errors = [
        "token_expired\",\"message\":\"The access token expired\",\"param\":\"token",
        "invalid_api_key\",\"message\":\"Incorrect API key provided\",\"param\":\"api_key",
        "password_required\",\"message\":\"password: this field is required\",\"param\":\"password",
        "wrong_scheme\",\"message\":\"expected 'Authorization: Bearer <token>'\",\"param\":\"authorization",
        "mfa_required\",\"message\":\"otp: this field is required\",\"param\":\"otp",
    ];
    let error = m.pick(&errors).to_owned();
    let text = r#"{"error":{"code":"{}","type":"{}","request_id":"{}"},"token_type":"{}","expires_in":{}}"#;
    let kind = "authentication_error".to_owned();
    filled(text, &[error, kind, m.uuid(), "bearer".to_owned(), m.number(3_600)])
}

fn objects(m: &mut Chance) -> Record {
    let text =
        r#"{"id":"{}","customer":"{}","request":"{}","event":"{}","account":"{}","price":"{}","livemode":false}"#;
    let values = [("pi", 24), ("cus", 14), ("req", 14), ("evt", 24), ("acct", 16), ("price", 24)]
        .map(|(of, count)| format!("{of}_{}", m.alnum(count)));
    filled(text, &values)
}

fn cloud_ids(m: &mut Chance) -> Record {
    let text =
        "User: {} is not authorized on {} (Status Code: 403, Request ID: {})\nobject {}\ninstance {} {}\nresource {}";
    let values = [
        format!("arn:aws:iam::123456789012:role/{}-{}", m.noun(), m.noun()),
        format!("arn:aws:lambda:eu-west-1:123456789012:function:{}", m.noun()),
        m.uuid(),
        format!("s3://{}-logs/2026/05/06/{}.gz", m.noun(), m.uuid()),
        format!("i-0{}", m.hex(16)),
        format!("subnet-{}", m.hex(17)),
        format!("/subscriptions/{}/resourceGroups/{}", m.uuid(), m.noun()),
    ];
    filled(text, &values)
}

fn paging(m: &mut Chance) -> Record {
    let ulid = format!("01{}", m.of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24));
    let text = r#"{"items":[{"id":"{}","sort_key":"{}"}],"next_page_token":"{}","has_more":true,"usage":{"prompt_tokens":{},"total_tokens":{}}}"#;
    filled(text, &[ulid, m.number(1_000_000), m.base64(18), m.number(9_000), m.number(9_999)])
}

fn image(m: &mut Chance) -> Record {
    let text = "  image: {}\n  uid: {}\n  env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: {}\n        key: {}\n  serviceAccountName: {}";
    let image = format!("registry.example.com/{}@sha256:{}", m.noun(), m.hex(64));
    filled(text, &[image, m.uuid(), format!("{}-db", m.noun()), m.noun(), m.noun()])
}

fn settings(m: &mut Chance) -> Record {
    let text = "token_ttl_minutes: {}\ntoken_url: {}\njwt_algorithm: {}\nssl_key_file: {}\nprimary_key: {}\npassword_min_length: {}\nsecret_store: {}\nsession_timeout: {}";
    let values = [
        m.number(90),
        "https://auth.example.org/token".to_owned(),
        m.pick(&["RS256", "HS512"]).to_owned(),
        format!("/etc/{}/tls.key", m.noun()),
        format!("{}_id", m.noun()),
        m.number(20),
        "vault".to_owned(),
        "30m".to_owned(),
    ];
    filled(text, &values)
}

fn metrics(m: &mut Chance) -> Record {
    let text = "http_requests_total{handler=\"/{}\",code=\"502\"} {} # {trace_id=\"{}\"} 0.41\nauth_token_refresh_total{result=\"ok\"} {}";
    filled(text, &[m.noun(), m.number(1_000_000), m.hex(16), m.number(900)])
}

fn trace(m: &mut Chance) -> Record {
    let text = "BadCredentialsException: Bad credentials\n\tat com.example.{}.TokenService.refreshAccessToken(TokenService.java:{})\n\tat com.example.SecretKeyProvider.lookupKey(SecretKeyProvider.java:{})\nduring handling of session=<Session id={} at 0x7f{}>";
    filled(text, &[m.noun(), m.number(900), m.number(90), m.number(1_000_000), m.hex(10)])
}

/// Words about secrets, and what stands for one.
const PROSE: &[(&str, &[&str])] = &[
    (
        "Replace <token> by your personal access token: `git clone https://<user>:<token>@git.example.com/a.git`",
        &["<token>", "https://<user>:<token>@git.example.com/a.git"],
    ),
    ("Set the header `Authorization: Bearer ${TOKEN}`; the token comes from the login.", &["${TOKEN}"]),
    (
        "curl -H \"Authorization: Bearer $ACCESS_TOKEN\" -H 'X-Api-Key: YOUR_API_KEY' https://api.example.com/v1/me",
        &["$ACCESS_TOKEN", "YOUR_API_KEY", "https://api.example.com/v1/me"],
    ),
    (
        "client_secret: {{ client_secret }}\napi_key: ${{ secrets.API_KEY }}\npassword: %{password}",
        &["{{ client_secret }}", "${{ secrets.API_KEY }}", "%{password}"],
    ),
    (
        "The password: at least 12 characters. The token: valid for an hour. The key: rotates monthly.",
        &["at least 12 characters", "valid for an hour", "rotates monthly"],
    ),
    (
        "Basic authentication is refused since March; bearer tokens are required.",
        &["Basic authentication", "bearer tokens"],
    ),
    (
        "const token = await getToken(clientId); const password = process.env.DB_PASSWORD;",
        &["getToken(clientId)", "process.env.DB_PASSWORD"],
    ),
    ("secret=\nAPI_KEY=\npassword=null\ntoken: undefined", &["null", "undefined"]),
    (
        "X-Api-Key: <redacted>\nAuthorization: Bearer [REDACTED]\npassword=********",
        &["<redacted>", "[REDACTED]", "********"],
    ),
];

fn prose(number: usize) -> Record {
    let (text, values) = PROSE[number];
    Record { text: text.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect() }
}
