//! Error bodies as standards, vendors and frameworks document them, against the facts that they must make.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use firstfault_model::{Body, Call, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage};
use firstfault_model::{Observations, Place};
use firstfault_observe::{Clock, observe};

fn answer(status: u16, content_type: &str, body: &str) -> Observations {
    let mut call = Call::new(Origin::HttpMessage, Vantage::Client);
    let mut request = Request {
        method: Some("POST".into()),
        url: Url::parse("https://api.example.com/v1/things"),
        complete: true,
        ..Request::default()
    };
    request.headers.push("Accept", "application/json", Span::default());
    call.request = Some(request);
    let mut response = Response { status: Some(status), complete: true, ..Response::default() };
    if !content_type.is_empty() {
        response.headers.push("Content-Type", content_type, Span::default());
    }
    response.body = Some(Body::bounded(body, Span::new(10, 100, 100 + body.len())));
    call.response = Some(response);
    observe(&call, Clock::default())
}

/// What does not hold. Each expectation is `key=value`: some fact of that key has that value; `!key`: none is there.
fn wrong(status: u16, content_type: &str, body: &str, expected: &[&str]) -> Vec<String> {
    let seen = answer(status, content_type, body);
    let holds = |one: &str| match one.strip_prefix('!') {
        Some(key) => !seen.has(key),
        None => one.split_once('=').is_some_and(|(key, value)| seen.every(key).any(|fact| fact.value == value)),
    };
    let missed: Vec<&&str> = expected.iter().filter(|one| !holds(one)).collect();
    if missed.is_empty() {
        return Vec::new();
    }
    let facts = seen.facts.iter().filter(|f| !f.key.contains("header")).map(|f| format!("{}={}", f.key, f.value));
    vec![format!("{body}\n  misses {missed:?}\n  has {:?}", facts.collect::<Vec<_>>())]
}

/// Runs a table of samples and shows all that is wrong at once.
fn check(samples: &[(u16, &str, &str, &[&str])]) {
    let found: Vec<String> =
        samples.iter().flat_map(|(status, kind, body, expected)| wrong(*status, kind, body, expected)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

const JSON: &str = "application/json";

#[test]
fn documented_json_shapes() {
    let samples: &[(u16, &str, &[&str])] = &[
        // RFC 9457, section 3
        (
            403,
            r#"{"type":"https://example.com/probs/out-of-credit","title":"You do not have enough credit.","detail":"Your current balance is 30, but that costs 50.","instance":"/account/1"}"#,
            &[
                "error.shape=problem",
                "error.code=out-of-credit",
                "error.message=Your current balance is 30, but that costs 50.",
            ],
        ),
        // RFC 6749, section 5.2
        (
            400,
            r#"{"error":"invalid_grant","error_description":"Token has been revoked.","error_uri":"https://x.test/e"}"#,
            &["error.shape=oauth", "error.code=invalid_grant", "error.message=Token has been revoked."],
        ),
        // google.rpc.Status (AIP-193)
        (
            403,
            r#"{"error":{"code":403,"message":"API disabled","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED","domain":"googleapis.com"}]}}"#,
            &["error.shape=google-rpc", "error.code=SERVICE_DISABLED", "error.code=PERMISSION_DENIED"],
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"user.email","description":"Invalid value"}]}]}}"#,
            &["error.field=user.email", "validation.value=user.email"],
        ),
        (
            429,
            r#"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}"#,
            &["retry_after=34", "error.code=RESOURCE_EXHAUSTED"],
        ),
        // Google JSON API errors
        (
            403,
            r#"{"error":{"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded","message":"User Rate Limit Exceeded"}],"code":403,"message":"User Rate Limit Exceeded"}}"#,
            &["error.code=userRateLimitExceeded", "error.type=usageLimits"],
        ),
        // AWS JSON protocol
        (
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"Rate exceeded"}"#,
            &["error.shape=aws-json", "error.code=ProvisionedThroughputExceededException"],
        ),
        // GraphQL
        (
            200,
            r#"{"data":null,"errors":[{"message":"Not authorized","path":["me","email"],"extensions":{"code":"UNAUTHENTICATED"}}]}"#,
            &["soft_failure=errors_array", "error.shape=graphql", "error.code=UNAUTHENTICATED", "error.field=me.email"],
        ),
        // JSON-RPC 2.0
        (
            200,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params","data":"missing field `to`"}}"#,
            &["soft_failure=error_object", "error.shape=json-rpc", "error.code=-32602", "error.message=Invalid params"],
        ),
        // OData 4
        (
            400,
            r#"{"error":{"code":"0x80040203","message":"Bad","target":"name","innererror":{"message":"inner","type":"System.Exception"}}}"#,
            &[
                "error.shape=odata",
                "error.code=0x80040203",
                "error.message=Bad",
                "error.message=inner",
                "error.field=name",
            ],
        ),
        // OData 2
        (
            404,
            r#"{"error":{"code":"SY/530","message":{"lang":"en","value":"Resource not found"}}}"#,
            &["error.code=SY/530", "error.message=Resource not found"],
        ),
        // Facebook Graph
        (
            400,
            r#"{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"abc"}}"#,
            &[
                "error.shape=facebook",
                "error.code=190",
                "error.code=463",
                "error.code=OAuthException",
                "id.fbtrace-id=abc",
            ],
        ),
        // Slack, Telegram
        (
            200,
            r#"{"ok":false,"error":"invalid_auth"}"#,
            &["error.shape=slack", "error.code=invalid_auth", "soft_failure=ok_false"],
        ),
        (
            429,
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#,
            &["error.shape=telegram", "retry_after=5"],
        ),
        // Kubernetes
        (
            422,
            r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"x is invalid","reason":"Invalid","details":{"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.selector"}]},"code":422}"#,
            &[
                "error.shape=kubernetes",
                "error.code=Invalid",
                "error.code=FieldValueRequired",
                "validation.missing=spec.selector",
            ],
        ),
        // Elasticsearch
        (
            400,
            r#"{"error":{"root_cause":[{"type":"parsing_exception","reason":"Unknown key for a START_OBJECT"}],"type":"parsing_exception","reason":"Unknown key for a START_OBJECT"},"status":400}"#,
            &[
                "error.shape=elasticsearch",
                "error.code=parsing_exception",
                "error.message=Unknown key for a START_OBJECT",
            ],
        ),
        // FastAPI
        (
            422,
            r#"{"detail":[{"type":"missing","loc":["body","price"],"msg":"Field required","input":{}},{"type":"int_parsing","loc":["query","page"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"}]}"#,
            &["error.shape=fastapi", "validation.missing=price", "validation.type=page"],
        ),
        // Django REST framework
        (
            400,
            r#"{"name":["This field is required."],"age":["A valid integer is required."]}"#,
            &["error.shape=field-map", "validation.missing=name", "validation.type=age", "error.field=name"],
        ),
        (
            401,
            r#"{"detail":"Authentication credentials were not provided."}"#,
            &["error.shape=detail", "!validation.missing"],
        ),
        // Spring Boot
        (
            400,
            r#"{"timestamp":"2024-01-01T00:00:00Z","status":400,"error":"Bad Request","path":"/x","errors":[{"field":"email","defaultMessage":"must not be blank","code":"NotBlank"}]}"#,
            &["error.shape=spring", "validation.missing=email"],
        ),
        // ASP.NET Core
        (
            400,
            r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Name":["The Name field is required."]}}"#,
            &["error.shape=problem", "validation.missing=Name", "error.field=Name"],
        ),
        // Rails, Laravel
        (
            422,
            r#"{"errors":{"email":["can't be blank","is invalid"]}}"#,
            &["validation.missing=email", "validation.value=email"],
        ),
        (
            422,
            r#"{"message":"The given data was invalid.","errors":{"email":["The email field is required."]}}"#,
            &["error.shape=laravel", "validation.missing=email"],
        ),
        // Nest with class-validator
        (
            400,
            r#"{"statusCode":400,"message":["property foo should not exist","email must be an email"],"error":"Bad Request"}"#,
            &["error.shape=nest", "validation.unknown=foo", "validation.value=email"],
        ),
        // express-validator, JSON:API, ajv, Zod
        (
            400,
            r#"{"errors":[{"type":"field","msg":"Invalid value","path":"email","location":"body"}]}"#,
            &["error.shape=express-validator", "validation.value=email"],
        ),
        (
            422,
            r#"{"errors":[{"status":"422","source":{"pointer":"/data/attributes/firstName"},"title":"Invalid Attribute","detail":"First name must contain at least two characters."}]}"#,
            &["error.shape=json-api", "error.field=firstName"],
        ),
        (
            400,
            r#"{"errors":[{"instancePath":"","keyword":"required","params":{"missingProperty":"caseType"},"message":"must have required property 'caseType'"}]}"#,
            &["error.shape=ajv", "validation.missing=caseType"],
        ),
        (
            400,
            r#"{"issues":[{"code":"invalid_type","expected":"string","received":"undefined","path":["user","name"],"message":"Required"}],"name":"ZodError"}"#,
            &["error.shape=zod", "validation.missing=user.name"],
        ),
        // Salesforce, Stripe, OpenAI
        (
            400,
            r#"[{"message":"No such column","errorCode":"INVALID_FIELD"}]"#,
            &["error.shape=array", "error.code=INVALID_FIELD"],
        ),
        (
            402,
            r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds","param":"source","message":"Your card was declined."}}"#,
            &["error.code=card_declined", "error.code=insufficient_funds", "error.field=source"],
        ),
        (
            400,
            r#"{"error":{"message":"Missing required parameter: 'model'.","type":"invalid_request_error","param":"model","code":"missing_required_parameter"}}"#,
            &["validation.missing=model", "error.code=missing_required_parameter"],
        ),
        // an upstream's body inside a message
        (
            502,
            r#"{"message":"upstream said {\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}"}"#,
            &["error.code=rate_limit_exceeded"],
        ),
        (400, r#"{"error":"x"}"#, &["error.shape=error-string", "error.code=x"]),
        (
            404,
            r#"{"code":"NotFound","message":"no such thing"}"#,
            &["error.shape=flat", "error.code=NotFound", "error.message=no such thing"],
        ),
    ];
    check(&samples.iter().map(|(status, body, expected)| (*status, JSON, *body, *expected)).collect::<Vec<_>>());
}

#[test]
fn broken_and_escaped_json_is_still_read() {
    for (body, expected) in [
        (r"{'error': {'message': 'boom', 'code': 'rate_limit_exceeded'}}", &["error.code=rate_limit_exceeded"][..]),
        (r#"{"error"=>{"code"=>"expired_token", "message"=>"old"}}"#, &["error.code=expired_token"]),
        (
            r#"{\"error\":{\"code\":\"expired_token\",\"message\":\"old\"}}"#,
            &["error.code=expired_token", "!response.json_error"],
        ),
        (r#"{"error":{"code":"expired_token","message":"ol"#, &["error.code=expired_token", "error.message=ol"]),
        (
            "{\"error\": {\"code\": \"a_b\"\n \"message\": \"c\"}}",
            &["error.code=a_b", "response.json_error=line 1 column 25: expected a comma at the end of line 1"],
        ),
    ] {
        check(&[(400, JSON, body, expected)]);
    }
}

#[test]
fn pages_and_xml() {
    check(&[
        (
            502,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body></html>",
            &["error.shape=html-page", "gateway=nginx", "error.message=502 Bad Gateway", "response.kind=html"],
        ),
        (
            503,
            "text/html",
            "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>",
            &["gateway=haproxy"],
        ),
        (
            403,
            "text/html",
            "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission to access this server.<P>Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295&#46;a4e16ab</BODY></HTML>",
            &["gateway=akamai", "id.akamai-reference=18.2d351ab8.1557333295.a4e16ab"],
        ),
        (
            404,
            "text/html; charset=utf-8",
            "<!DOCTYPE html><html><head><title>Error</title></head><body><pre>Cannot GET /x</pre></body></html>",
            &["backend=express", "error.message=Cannot GET /x"],
        ),
        (403, "text/plain", "error code: 1020", &["cloudflare.code=1020", "gateway=cloudflare", "error.shape=text"]),
        (
            404,
            "application/xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message><RequestId>A1</RequestId></Error>",
            &["error.shape=aws-xml", "error.code=NoSuchBucket", "id.requestid=A1", "response.kind=xml"],
        ),
        (
            200,
            "application/xml",
            "<Error><Code>InternalError</Code><Message>try again</Message></Error>",
            &["soft_failure=error_object", "error.code=InternalError"],
        ),
        (
            403,
            "application/xml",
            "<Error><Code>RequestTimeTooSkewed</Code><Message>too large</Message><RequestTime>20240101T000000Z</RequestTime><ServerTime>2024-01-01T01:00:00Z</ServerTime></Error>",
            &["clock.skew=3600", "clock.skew.direction=behind"],
        ),
        (
            500,
            "text/xml",
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode><faultstring>Unmarshalling Error</faultstring></soap:Fault></soap:Body></soap:Envelope>",
            &["error.shape=soap-1.1", "error.code=Client", "error.message=Unmarshalling Error"],
        ),
        (
            200,
            "text/html",
            "<html><head><title>Sign in</title></head><body><form><input type=\"password\"></form></body></html>",
            &["soft_failure=html_for_json"],
        ),
        (
            200,
            "application/x-www-form-urlencoded",
            "error=bad_verification_code&error_description=The+code+passed+is+incorrect",
            &[
                "soft_failure=error_object",
                "error.code=bad_verification_code",
                "error.message=The code passed is incorrect",
            ],
        ),
        (200, "application/json", "", &["soft_failure=empty_body", "response.kind=empty"]),
    ]);
}

#[test]
fn successes_make_no_error_facts() {
    for body in [
        r#"{"id":1,"message":"hello","code":"AB"}"#,
        r#"{"items":[{"error":{"message":"x"}}]}"#,
        "[]",
        r#"{"errors":[],"data":{}}"#,
    ] {
        check(&[(
            200,
            JSON,
            body,
            &["!soft_failure", "!error.code", "!error.message", "!error.shape", "!response.json_error"],
        )]);
    }
}

#[test]
fn texts_carry_what_rules_search() {
    let seen = answer(
        500,
        JSON,
        r#"{"message":"{\"error\":\"inner \\u00e9\"}","page":"<html><body>No <b>route</b><script>x()</script></body></html>"}"#,
    );
    let nested: Vec<&str> =
        seen.texts.iter().filter(|t| t.place == Place::Body && t.depth == 1).map(|t| t.text.as_str()).collect();
    assert_eq!(nested, ["{\"error\":\"inner \\u00e9\"}", "No route"]);
    assert!(seen.texts.iter().any(|t| t.place == Place::Request && t.text == "POST /v1/things"));
}

#[test]
fn facts_stand_where_they_were_read() {
    let seen = answer(400, JSON, "{\n  \"error\": {\n    \"code\": \"expired_token\"\n  }\n}");
    let fact = seen.every("error.code").next().unwrap();
    assert_eq!((fact.span.line, fact.span.start), (12, 127));
}

#[test]
fn grpc_trailers_and_messages() {
    let mut call = Call::default();
    let mut response = Response { status: Some(200), body: Some(Body::default()), ..Response::default() };
    response.trailers.push("grpc-status", "14", Span::default());
    response.trailers.push("grpc-message", "no%20healthy%20upstream", Span::default());
    call.response = Some(response);
    let seen = observe(&call, Clock::default());
    assert_eq!(
        (seen.value("grpc.status"), seen.value("error.code"), seen.value("error.message"), seen.value("soft_failure")),
        (Some("14"), Some("UNAVAILABLE"), Some("no healthy upstream"), Some("status_field"))
    );
    for (text, key, value) in [
        ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "grpc.status", "4"),
        ("Error: 14 UNAVAILABLE: No connection established", "grpc.status", "14"),
        ("io.grpc.StatusRuntimeException: PERMISSION_DENIED: no", "grpc.status", "7"),
        (
            "botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling the X operation: Rate exceeded",
            "error.code",
            "ThrottlingException",
        ),
        (
            "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: A)",
            "error.code",
            "AccessDenied",
        ),
        ("Error: connect ECONNREFUSED 127.0.0.1:80", "errno", "ECONNREFUSED"),
        ("GET https://x.test/ net::ERR_CERT_DATE_INVALID", "net_error", "ERR_CERT_DATE_INVALID"),
        ("curl: (60) SSL certificate problem", "curl.exit", "60"),
        (
            "openai.RateLimitError: Error code: 429 - {'error': {'message': 'slow', 'code': 'insufficient_quota', 'param': None}}",
            "error.code",
            "insufficient_quota",
        ),
    ] {
        let call = Call {
            messages: vec![Message { kind: MessageKind::Exception, text: text.into(), span: Span::default() }],
            ..Call::default()
        };
        assert_eq!(observe(&call, Clock::default()).value(key), Some(value), "{text}");
    }
}

#[test]
fn nothing_secret_becomes_a_fact() {
    let mut call = Call::default();
    let mut request = Request {
        url: Url::parse("https://u:s3cretpw@api.example.com/x?api_key=s3cretquery"),
        complete: true,
        ..Request::default()
    };
    for (name, value) in [
        ("Authorization", "Bearer s3crettoken"),
        ("X-Api-Key", "s3cretkey"),
        ("Cookie", "sid=s3cretcookie"),
        ("Proxy-Authorization", "Basic s3cret"),
        ("X-Vault-Token", "s3cret"),
    ] {
        request.headers.push(name, value, Span::default());
    }
    call.request = Some(request);
    let seen = observe(&call, Clock::default());
    for fact in &seen.facts {
        assert!(!fact.value.contains("s3cret"), "{fact:?}");
    }
}

#[test]
fn hostile_calls_are_bounded() {
    for body in [
        "{\"error\":".repeat(20_000),
        "{\"errors\":[\"".to_owned() + &"x is required\",\"".repeat(16_000),
        "<".repeat(200_000),
        "\"".repeat(200_000),
        "{'".repeat(90_000),
        "\\\"".repeat(90_000),
        "{\\\"".repeat(60_000),
        "[[[[{\"a\":".repeat(9_000),
        "é".repeat(100_000),
        "eyJ".repeat(80_000),
    ] {
        for content_type in [JSON, "text/html", "application/xml", ""] {
            let seen = answer(400, content_type, &body);
            assert!(seen.facts.len() <= 400 && seen.texts.len() <= 64);
        }
        let message = Message { kind: MessageKind::Exception, text: body.clone(), span: Span::default() };
        let _ = observe(&Call { messages: vec![message; 4], ..Call::default() }, Clock::default());
    }
}

#[test]
fn absences_need_a_whole_head() {
    for complete in [true, false] {
        let call = Call { request: Some(Request { complete, ..Request::default() }), ..Call::default() };
        let seen = observe(&call, Clock::default());
        for key in [
            "absent.request.header.authorization",
            "absent.request.header.content-type",
            "absent.request.body",
            "credential.scheme",
        ] {
            assert_eq!(seen.has(key), complete, "{key}");
        }
    }
}

#[test]
fn complaints_about_the_caller_name_no_field() {
    check(&[
        (401, JSON, r#"{"message":"Token is required"}"#, &["!validation.missing"]),
        (403, JSON, r#"{"message":"Subscription is required"}"#, &["!validation.missing"]),
        (400, JSON, r#"{"message":"caseType is required"}"#, &["validation.missing=caseType"]),
        (400, "text/plain", "Missing required parameter: q", &["validation.missing=q"]),
    ]);
}

#[test]
fn every_cut_of_a_body_is_survived() {
    for body in [
        r#"{"error":{"errors":[{"reason":"é","message":"Unknown name \"é\": Cannot find field."}],"code":403},"x":"{\"a\":1}"}"#,
        "<?xml version='1.0'?><s:Envelope><s:Fault><faultcode a='é'>é</faultcode><![CDATA[é]]></s:Fault></s:Envelope>",
        "<html><head><title>é &eacute; &#233;</title></head><body><h1>Error 1020</h1>Reference #1.é HTTP Error 502.3</body></html>",
        "error=é&error_description=%C3%A9+x",
    ] {
        for end in (0..=body.len()).filter(|end| body.is_char_boundary(*end)) {
            for content_type in [JSON, "", "application/x-www-form-urlencoded"] {
                let _ = answer(400, content_type, &body[..end]);
            }
            let message = Message { kind: MessageKind::Exception, text: body[..end].into(), span: Span::default() };
            let _ = observe(&Call { messages: vec![message], ..Call::default() }, Clock::default());
        }
    }
}
