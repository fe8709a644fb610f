"""Ordinary text in which nothing is secret, and the values in it that a reader needs.

    python3 bench/canaries/benign.py VALUES [SEED]

prints JSON lines {"form", "text", "values"} until at least VALUES values are in them. The same seed gives the same bytes.
"""

import base64
import json
import random
import sys
import uuid

WORDS = ("order customer invoice address status created updated amount currency total pending shipped quantity price reference description "
         "warehouse region payment refund account profile session catalog basket shipment carrier label webhook event delivery retry").split()
HOSTS = ("api.example.com", "orders.internal", "auth.example.org", "cdn.example.net", "payments.example.com")
NAMES = ("ada", "grace", "linus", "barbara", "edsger", "frances")


class Maker:
    """Values that pass for real ones."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def hex(self, count):
        return "".join(self.rng.choices("0123456789abcdef", k=count))

    def alnum(self, count):
        return "".join(self.rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=count))

    def base64(self, count):
        return base64.b64encode(self.rng.randbytes(count)).decode()

    def uuid(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def ulid(self):
        return "01" + "".join(self.rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24))

    def word(self):
        return self.rng.choice(WORDS)

    def number(self, top=10**6):
        return str(self.rng.randrange(1, top))

    def time(self):
        r = self.rng.randrange
        return f"2026-{r(1, 13):02}-{r(1, 29):02}T{r(24):02}:{r(60):02}:{r(60):02}.{r(1000):03}Z"

    def ip(self):
        return ".".join(str(self.rng.randrange(1, 255)) for _ in range(4))

    def version(self):
        return f"{self.rng.randrange(12)}.{self.rng.randrange(40)}.{self.rng.randrange(20)}"

    def pick(self, *of):
        return self.rng.choice(of)


def access_log(m):
    ip, path, size, agent = m.ip(), f"/v1/{m.word()}s/{m.number()}?page={m.number(40)}&sort={m.word()}", m.number(90000), m.pick("Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "okhttp/4.12.0", "curl/8.7.1")
    request = m.hex(32)
    return f'{ip} - - [06/May/2026:09:12:44 +0000] "{m.pick("GET", "POST")} {path} HTTP/1.1" {m.pick("200", "404", "502")} {size} "-" "{agent}" rid={request} rt=0.041', [ip, path, size, agent, request]


def load_balancer_log(m):
    trace, target, name = f"Root=1-{m.hex(8)}-{m.hex(24)}", f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{m.word()}/{m.hex(16)}", f"app/{m.word()}/{m.hex(16)}"
    return f'https {m.time()} {name} {m.ip()}:4711 10.0.1.5:8080 0.001 0.023 0.000 200 200 34 366 "GET https://{m.pick(*HOSTS)}:443/ HTTP/2.0" "curl/8.7.1" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 {target} "{trace}"', [trace, target, name, "ECDHE-RSA-AES128-GCM-SHA256"]


def logfmt(m):
    values = [m.time(), m.uuid(), m.hex(32), m.hex(16), f"/v1/{m.word()}s", m.number(), f"{m.word()}-{m.hex(10)}-{m.alnum(5).lower()}"]
    return f'time={values[0]} level=info msg="request done" request_id={values[1]} trace_id={values[2]} span_id={values[3]} path={values[4]} user_id={values[5]} pod={values[6]} duration_ms={m.number(900)}', values


def json_log(m):
    record = {"@timestamp": m.time(), "log.level": "info", "message": f"{m.word()} {m.number()} was {m.word()}", "trace.id": m.hex(32), "transaction.id": m.hex(16), "service.name": f"{m.word()}s",
              "http.request.id": m.uuid(), "container.id": m.hex(64), "event.duration": int(m.number(10**8)), "correlationId": m.uuid(), "idempotency_key": m.uuid(), "partition_key": f"{m.word()}#{m.number()}"}
    return json.dumps(record), [str(v) for v in record.values()]


def npm_lock(m):
    name, version, integrity = f"@{m.word()}/{m.word()}-{m.word()}", m.version(), "sha512-" + m.base64(64)
    resolved = f"https://registry.npmjs.org/{name}/-/{name.split('/')[1]}-{version}.tgz"
    return json.dumps({f"node_modules/{name}": {"version": version, "resolved": resolved, "integrity": integrity, "engines": {"node": ">=18"}}}, indent=2), [name, version, resolved, integrity]


def cargo_lock(m):
    name, version, checksum = f"{m.word()}-{m.word()}", m.version(), m.hex(64)
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{checksum}"', [name, version, checksum, "registry+https://github.com/rust-lang/crates.io-index"]


def poetry_lock(m):
    name, version, hashes = m.word(), m.version(), ["sha256:" + m.hex(64) for _ in range(3)]
    files = "\n".join(f'    {{file = "{name}-{version}-py3-none-any.whl", hash = "{h}"}},' for h in hashes)
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\nfiles = [\n{files}\n]', [name, version, *hashes]


def yarn_lock(m):
    name, version, fragment, integrity = m.word(), m.version(), m.hex(40), "sha512-" + m.base64(64)
    return f'"{name}@^{version}":\n  version "{version}"\n  resolved "https://registry.yarnpkg.com/{name}/-/{name}-{version}.tgz#{fragment}"\n  integrity {integrity}\n  checksum: 10c0/{m.hex(128)}', [name, version, fragment, integrity]


def go_sum(m):
    module, h1, h2 = f"github.com/{m.word()}/{m.word()}", f"h1:{m.base64(32)}", f"h1:{m.base64(32)}"
    return f"{module} v{m.version()} {h1}\n{module} v{m.version()}/go.mod {h2}", [module, h1, h2]


def requirements(m):
    name, hashes = m.word(), [m.hex(64) for _ in range(2)]
    return f"{name}=={m.version()} \\\n    --hash=sha256:{hashes[0]} \\\n    --hash=sha256:{hashes[1]}", [name, *hashes]


def docker(m):
    digest, image, container = f"sha256:{m.hex(64)}", f"registry.example.com/{m.word()}/{m.word()}:{m.version()}", m.hex(12)
    return f"{container}   {image}   \"/bin/serve\"   2 hours ago   Up 2 hours\nDigest: {digest}\nStatus: Downloaded newer image for {image}@{digest}", [digest, image, container]


def git_log(m):
    commit, parent, short = m.hex(40), m.hex(40), m.hex(7)
    return f"commit {commit}\nMerge: {short} {parent[:7]}\nAuthor: {m.pick(*NAMES)}\nDate:   Wed May 6 09:12:44 2026 +0000\n\n    Retry the {m.word()} when the token has expired\n\nindex {short}..{parent[:7]} 100644", [commit, short, "Retry the", "when the token has expired"]


def headers(m):
    values = [m.uuid(), f"00-{m.hex(32)}-{m.hex(16)}-01", f'W/"{m.hex(32)}"', m.hex(16) + "-FRA", m.alnum(56) + "==", f"Root=1-{m.hex(8)}-{m.hex(24)}", f'"{m.hex(32)}-{m.number(40)}"']
    return (f"HTTP/1.1 401 Unauthorized\nDate: Wed, 06 May 2026 09:12:44 GMT\nContent-Type: application/json; charset=utf-8\nx-request-id: {values[0]}\ntraceparent: {values[1]}\nETag: {values[2]}\ncf-ray: {values[3]}\n"
            f"x-amz-id-2: {values[4]}\nX-Amzn-Trace-Id: {values[5]}\nIf-None-Match: {values[6]}\nWWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The access token expired\"\n"
            "Strict-Transport-Security: max-age=31536000; includeSubDomains\nVary: Authorization, Cookie"), values + ["invalid_token", "The access token expired", "max-age=31536000; includeSubDomains", "Authorization, Cookie"]


def error_body(m):
    what, said = m.rng.choice([
        ("invalid_token", "The access token is expired, revoked, malformed or invalid"), ("password_too_short", "the password is too short: expected at least 12 characters"),
        ("api_key_missing", "No API key was found in the request: set the header X-Api-Key"), ("token_expired", "Token expired 3600 seconds ago"), ("invalid_client", "client_secret does not match the client_id"),
        ("csrf_mismatch", "CSRF token mismatch"), ("signature_invalid", "The request signature we calculated does not match the signature you provided"), ("secret_not_found", "secret projects/7/secrets/db-password not found"),
        ("unsupported_grant", "grant_type=password is not enabled for this client"), ("key_disabled", "The key is disabled: ask an administrator for a new key"), ("session_expired", "Your session has expired, sign in again"),
        ("authorization_header", "Authorization header requires 'Credential' parameter"), ("wrong_scheme", "expected 'Authorization: Bearer <token>'"), ("mfa_required", "otp: this field is required"),
    ])
    request = m.uuid()
    return json.dumps({"error": {"code": what, "message": said, "type": "authentication_error", "param": m.pick("password", "token", "api_key", "secret"), "request_id": request}, "token_type": "bearer", "expires_in": 3600}), [what, said, request, "authentication_error", "bearer"]


def oauth_metadata(m):
    issuer = f"https://login.example.com/{m.uuid()}"
    body = {"issuer": issuer, "token_endpoint": f"{issuer}/oauth2/v2.0/token", "jwks_uri": f"{issuer}/discovery/keys", "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"], "scopes_supported": ["openid", "offline_access"]}
    return json.dumps(body, indent=1), [issuer, body["token_endpoint"], body["jwks_uri"], "client_secret_post", "private_key_jwt", "client_secret_basic", "RS256", "S256", "offline_access"]


def jwks(m):
    key = {"kty": "RSA", "use": "sig", "kid": m.hex(40), "alg": "RS256", "n": m.base64(256).rstrip("=").replace("+", "-").replace("/", "_"), "e": "AQAB", "x5t": m.alnum(27)}
    return json.dumps({"keys": [key]}), [key["kid"], key["n"], key["x5t"], "RS256", "AQAB"]


def stripe_objects(m):
    values = [f"pi_{m.alnum(24)}", f"cus_{m.alnum(14)}", f"req_{m.alnum(14)}", f"evt_{m.alnum(24)}", f"acct_{m.alnum(16)}", f"price_{m.alnum(24)}", f"ch_{m.alnum(24)}"]
    body = dict(zip(("id", "customer", "request", "event", "account", "price", "latest_charge"), values))
    return json.dumps({"object": "payment_intent", "amount": int(m.number()), "currency": "eur", **body, "livemode": False}), values


def cloud_ids(m):
    values = [f"arn:aws:iam::{m.rng.randrange(10**11, 10**12)}:role/{m.word()}-{m.word()}", f"arn:aws:lambda:eu-west-1:123456789012:function:{m.word()}", f"s3://{m.word()}-prod-logs/{m.word()}/2026/05/06/{m.uuid()}.gz",
              m.uuid(), f"i-0{m.hex(16)}", f"vpc-{m.hex(17)}", f"subnet-{m.hex(17)}", f"projects/{m.word()}-prod/locations/europe-west1/keyRings/main/cryptoKeys/{m.word()}", f"/subscriptions/{m.uuid()}/resourceGroups/{m.word()}/providers/Microsoft.Web/sites/{m.word()}"]
    return f"AccessDeniedException: User: {values[0]} is not authorized to perform: lambda:InvokeFunction on {values[1]} (Service: Lambda, Status Code: 403, Request ID: {values[3]})\nobject {values[2]}\ninstance {values[4]} {values[5]} {values[6]}\nkey {values[7]}\nresource {values[8]}", values


def manifest(m):
    name, image, key = f"{m.word()}s", f"registry.example.com/{m.word()}@sha256:{m.hex(64)}", m.word()
    return (f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  uid: {m.uuid()}\n  resourceVersion: \"{m.number()}\"\nspec:\n  template:\n    spec:\n      serviceAccountName: {name}\n      automountServiceAccountToken: false\n"
            f"      containers:\n      - image: {image}\n        env:\n        - name: DB_PASSWORD\n          valueFrom:\n            secretKeyRef:\n              name: {name}-db\n              key: {key}\n        - name: TOKEN_URL\n          value: https://{m.pick(*HOSTS)}/oauth/token\n"
            f"      volumes:\n      - name: tls\n        secret:\n          secretName: {name}-tls\n      imagePullSecrets:\n      - name: {name}-pull"), [name, image, f"{name}-db", f"{name}-tls", f"{name}-pull", "false", f"secretName: {name}-tls"]


def openapi(m):
    path = f"/v1/{m.word()}s/{{{m.word()}Id}}"
    return (f"paths:\n  {path}:\n    post:\n      operationId: create{m.word().capitalize()}\n      security:\n      - apiKey: []\n      - bearerAuth: []\n      parameters:\n      - name: X-Api-Key\n        in: header\n        required: true\n        schema: {{type: string}}\n"
            "components:\n  securitySchemes:\n    apiKey:\n      type: apiKey\n      name: X-Api-Key\n      in: header\n    bearerAuth:\n      type: http\n      scheme: bearer\n      bearerFormat: JWT\n  schemas:\n    Login:\n      properties:\n        password:\n          type: string\n          format: password\n          minLength: 12\n"
            "        token:\n          type: string\n          description: token that the sign-in returned"), [path, "type: string", "format: password", "bearerFormat: JWT", "scheme: bearer", "type: apiKey", "token that the sign-in returned"]


def prose(m):
    text, kept = m.rng.choice([
        ("Set the header `Authorization: Bearer ${TOKEN}`; the token comes from `https://login.example.com/oauth/token`.", ["${TOKEN}", "https://login.example.com/oauth/token"]),
        ("curl -H \"Authorization: Bearer $ACCESS_TOKEN\" -H 'X-Api-Key: YOUR_API_KEY' https://api.example.com/v1/me", ["$ACCESS_TOKEN", "YOUR_API_KEY", "https://api.example.com/v1/me"]),
        ("Replace <token> by your personal access token: `git clone https://<user>:<token>@git.example.com/a.git`", ["<token>", "<user>"]),
        ("client_secret: {{ client_secret }}\napi_key: ${{ secrets.API_KEY }}\npassword: %{password}", ["{{ client_secret }}", "${{ secrets.API_KEY }}", "%{password}"]),
        ("The password: at least 12 characters, a digit and a symbol. The token: valid for an hour. The key: rotates monthly.", ["at least 12 characters", "valid for an hour", "rotates monthly"]),
        ("Basic authentication is refused since March; bearer tokens are required. Token refresh happens every 15 minutes.", ["Basic authentication", "bearer tokens", "Token refresh"]),
        ("const token = await getToken(clientId); headers.Authorization = `Bearer ${token}`; const password = process.env.DB_PASSWORD;", ["getToken(clientId)", "Bearer ${token}", "process.env.DB_PASSWORD"]),
        ("export API_TOKEN=\"$(vault kv get -field=token secret/orders)\"\nexport PASSWORD_FILE=/run/secrets/db_password", ["secret/orders", "/run/secrets/db_password"]),
        ("def sign_in(username: str, password: str, token: Optional[str] = None) -> Session: ...", ["username: str", "password: str", "Optional[str]"]),
        ("assert response.json()[\"token\"] == expected_token, \"token changed\"", ["expected_token", "token changed"]),
        ("if (!apiKey) throw new Error('api key missing'); // never log apiKey", ["api key missing", "never log apiKey"]),
        ("secret=\nAPI_KEY=\npassword=null\ntoken: undefined\nclient_secret=changeme-not-set", ["null", "undefined"]),
        ("X-Api-Key: <redacted>\nAuthorization: Bearer [REDACTED]\nCookie: ***\npassword=********", ["<redacted>", "[REDACTED]", "********"]),
        ("| name | type | description |\n|---|---|---|\n| password | string | the new password |\n| token | string | one-time token from the e-mail |", ["the new password", "one-time token from the e-mail"]),
    ])
    return text, kept


def stack_trace(m):
    cls = f"com.example.{m.word()}s.{m.word().capitalize()}TokenService"
    return (f"org.springframework.security.authentication.BadCredentialsException: Bad credentials\n\tat {cls}.refreshAccessToken({m.word().capitalize()}TokenService.java:{m.number(900)})\n\tat {cls}$$EnhancerBySpringCGLIB$${m.hex(8)}.refreshAccessToken(<generated>)\n"
            f"\tat com.example.SecretKeyProvider.lookupKey(SecretKeyProvider.java:{m.number(90)})\nCaused by: java.util.concurrent.TimeoutException: key={m.word()}-{m.number()} not answered in 30000 ms\n\t... 27 more"), [cls, "Bad credentials", "SecretKeyProvider.lookupKey", "org.springframework.security.authentication.BadCredentialsException", "not answered in 30000 ms"]


def python_trace(m):
    key = f"{m.word()}_{m.word()}"
    return f"Traceback (most recent call last):\n  File \"/srv/app/{m.word()}/tokens.py\", line {m.number(900)}, in refresh_token\n    token = payload['{key}']['access_token']\nKeyError: 'access_token'\nduring handling of key={key} session=<Session id={m.number()} at 0x7f{m.hex(10)}>", [key, "KeyError: 'access_token'", "refresh_token"]


def sql(m):
    values = [m.uuid(), m.number(), m.word(), m.hex(40)]
    return f"SELECT o.id, o.token_count, u.password_changed_at FROM {values[2]}s o JOIN users u ON u.id = o.user_id WHERE o.public_id = '{values[0]}' AND o.version = {values[1]} AND o.content_sha1 = '{values[3]}' ORDER BY o.primary_key LIMIT 50;\nERROR: duplicate key value violates unique constraint \"{values[2]}s_pkey\"\nDETAIL: Key (id)=({values[1]}) already exists.", values + [f"({values[1]})", f"{values[2]}s_pkey"]


def page(m):
    image, nonce, colour = m.base64(90), m.hex(6), f"#{m.hex(6)}"
    return f"<!doctype html><link rel=\"stylesheet\" href=\"/assets/app.{m.hex(8)}.css\" integrity=\"sha384-{m.base64(48)}\" crossorigin=\"anonymous\"><style>.{m.word()}-{nonce}{{color:{colour};background:url(data:image/png;base64,{image})}}</style><label for=\"password\">Password</label><input id=\"password\" type=\"password\" name=\"password\" autocomplete=\"current-password\" placeholder=\"Your password\">", [image, colour, "current-password", "Your password", f"{nonce}"]


def usage(m):
    body = {"id": f"chatcmpl-{m.alnum(29)}", "object": "chat.completion", "created": 1746522764, "model": "gpt-4o-2024-08-06", "system_fingerprint": f"fp_{m.hex(10)}", "usage": {"prompt_tokens": int(m.number(9000)), "completion_tokens": int(m.number(900)), "total_tokens": int(m.number(9999))}, "max_tokens": 4096}
    return json.dumps(body), [body["id"], body["model"], body["system_fingerprint"], str(body["usage"]["prompt_tokens"]), str(body["usage"]["total_tokens"]), "4096"]


def paging(m):
    cursor, after = m.base64(18), m.ulid()
    text = json.dumps({"items": [{"id": after, "key": f"{m.word()}/{m.number()}", "sort_key": m.number()}], "next_page_token": cursor, "continuationToken": cursor, "has_more": True})
    return text, [after, cursor]


def proxy_log(m):
    values = [f"{m.word()}~{m.ip()}", m.pick("SH--", "sC--", "cD--", "----"), f"{m.word()}_backend/{m.word()}-{m.number(9)}", f"/{m.word()}/{m.number()}"]
    return f"May  6 09:12:44 lb haproxy[31]: {m.ip()}:51234 [06/May/2026:09:12:44.113] {values[0]} {values[2]} 0/0/1/41/42 502 157 - - {values[1]} 12/12/3/1/0 0/0 {{{m.pick(*HOSTS)}|{m.uuid()}}} \"GET {values[3]} HTTP/1.1\"", values


def envoy_log(m):
    request, cluster = m.uuid(), f"outbound|8080||{m.word()}s.prod.svc.cluster.local"
    return f'[{m.time()}] "POST /v1/{m.word()}s HTTP/2" 503 UF upstream_reset_before_response_started{{connection_failure}} - "-" 0 145 12 - "-" "okhttp/4.12.0" "{request}" "{m.pick(*HOSTS)}" "10.0.3.4:8080" {cluster}', [request, cluster, "UF", "okhttp/4.12.0"]


def kafka(m):
    values = [f"{m.word()}-events-v2", m.number(64), m.number(10**9), f"consumer-{m.word()}-1-{m.uuid()}"]
    return f"[Consumer clientId={values[3]}, groupId={m.word()}] Resetting offset for partition {values[0]}-{values[1]} to position FetchPosition{{offset={values[2]}, key=null}}, sasl.mechanism=SCRAM-SHA-512, security.protocol=SASL_SSL", values + ["SCRAM-SHA-512", "SASL_SSL"]


def tls(m):
    values = [":".join(m.hex(2).upper() for _ in range(20)), m.hex(36), f"CN={m.pick(*HOSTS)}"]
    return f"* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519 / RSASSA-PSS\n*  subject: {values[2]}\n*  issuer: C=US; O=Let's Encrypt; CN=R11\n*  fingerprint: {values[0]}\n*  serial: {values[1]}\n*  public key type RSA (2048/112 Bits/secBits)", values + ["TLS_AES_256_GCM_SHA384"]


def certificate(m):
    body = m.base64(700)
    lines = "\n".join(body[at:at + 64] for at in range(0, len(body), 64))
    dashes = "-" * 5
    return f"{dashes}BEGIN CERTIFICATE{dashes}\n{lines}\n{dashes}END CERTIFICATE{dashes}\n{dashes}BEGIN PUBLIC KEY{dashes}\n{m.base64(48)}\n{dashes}END PUBLIC KEY{dashes}", [body[:64], body[64:128], body[128:192]]


def webhook(m):
    body = {"id": m.uuid(), "event": f"{m.word()}.created", "delivery": m.uuid(), "hook_id": int(m.number(10**9)), "data": {"sku": f"{m.word()[:3].upper()}-{m.number()}", "code": f"{m.word().upper()}_{m.word().upper()}", "hash": m.hex(40), "digest": f"sha256={m.hex(64)}", "gtin": m.number(10**13)}, "node_id": m.base64(20)}
    return json.dumps(body), [body["id"], body["event"], body["delivery"], str(body["hook_id"]), body["data"]["sku"], body["data"]["code"], body["data"]["digest"], body["data"]["gtin"], body["node_id"]]


def settings(m):
    values = [m.number(90), f"https://{m.pick(*HOSTS)}/token", m.pick("RS256", "HS512"), m.pick("true", "false"), f"/etc/{m.word()}/tls.key", f"{m.word()}_id"]
    return f"token_ttl_minutes: {values[0]}\ntoken_url: {values[1]}\njwt_algorithm: {values[2]}\nrequire_password: {values[3]}\nssl_key_file: {values[4]}\nprimary_key: {values[5]}\npassword_min_length: 12\nmax_tokens: 2048\nsecret_store: vault\nauth_type: oauth2\nsession_timeout: 30m\ncookie_domain: .example.com\nkey_prefix: orders:", values + ["12", "2048", "vault", "oauth2", "30m", ".example.com", "orders:"]


def urls(m):
    values = [f"https://{m.pick(*HOSTS)}/v1/{m.word()}s/{m.uuid()}?include={m.word()}&fields={m.word()}", f"https://{m.pick(*HOSTS)}/assets/{m.hex(20)}.js", f"https://github.com/{m.word()}/{m.word()}/commit/{m.hex(40)}", f"https://example.atlassian.net/browse/{m.word()[:3].upper()}-{m.number(9000)}", f"https://{m.pick(*HOSTS)}/v1/users/{m.number()}/tokens?state=active&code=404"]
    return "GET " + " 502\nGET ".join(values) + " 502", values


def metrics(m):
    values = [m.word(), m.number(), m.hex(16)]
    return f'http_requests_total{{handler="/{values[0]}",code="502",method="get"}} {values[1]} # {{trace_id="{values[2]}"}} 0.41\nauth_token_refresh_total{{result="ok"}} {m.number(900)}\npassword_reset_requests_total {m.number(90)}', values + ['code="502"']


FORMS = [access_log, load_balancer_log, logfmt, json_log, npm_lock, cargo_lock, poetry_lock, yarn_lock, go_sum, requirements, docker, git_log, headers, error_body, oauth_metadata, jwks, stripe_objects, cloud_ids, manifest, openapi, prose,
         stack_trace, python_trace, sql, page, usage, paging, proxy_log, envoy_log, kafka, tls, certificate, webhook, settings, urls, metrics]


def records(seed, least):
    maker, count = Maker(seed), 0
    while count < least:
        for form in FORMS:
            text, values = form(maker)
            missing = [value for value in values if value not in text]
            assert not missing, (form.__name__, missing)
            count += len(values)
            yield {"form": form.__name__, "text": text, "values": values}


def main():
    least, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, int(sys.argv[2]) if len(sys.argv) > 2 else 7
    for record in records(seed, least):
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
