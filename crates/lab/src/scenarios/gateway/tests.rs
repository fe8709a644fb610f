//! What users see in each scenario of gateways.

use super::super::tests::{Shown, check, run};

const SHOWN: &[Shown] = &[
    ("gateway-timeout-haproxy", 504, &["The server didn't respond in time."]),
    ("gateway-timeout-kong", 504, &["The upstream server is timing out", "X-Kong-Request-Id"]),
    (
        "gateway-timeout-proxy-status",
        504,
        &["upstream request timeout", "Proxy-Status: edge-fra1; error=http_response_timeout"],
    ),
    ("backend-refused-envoy", 503, &["delayed connect error: Connection refused", "server: envoy"]),
    ("backend-refused-nginx", 502, &["<h1>502 Bad Gateway</h1>", "connect() failed (111: Connection refused)"]),
    ("backend-refused-haproxy", 503, &["No server is available", " SC-- "]),
    ("backend-refused-cloudflare", 521, &["error code: 521", "CF-RAY"]),
    ("backend-refused-after-retries", 503, &["UF,URX", "outbound|8080||orders"]),
    ("backend-resets-nginx", 502, &["recv() failed (104: Connection reset by peer)"]),
    ("backend-closes-envoy", 503, &["reset reason: connection termination", "server: istio-envoy"]),
    ("backend-no-http-kong", 502, &["An invalid response was received from the upstream server"]),
    ("backend-closes-alb", 502, &["Server: awselb/2.0", "502 Bad Gateway"]),
    ("no-healthy-backend-envoy", 503, &["no healthy upstream"]),
    ("no-healthy-backend-alb", 503, &["Server: awselb/2.0", "503 Service Temporarily Unavailable"]),
    ("no-healthy-backend-nginx", 502, &["no live upstreams"]),
    ("circuit-open-spring", 503, &["Service Unavailable", "requestId", "CircuitBreaker 'orders' is OPEN"]),
    ("backend-certificate-apache", 500, &["Error during SSL Handshake with remote server"]),
    ("backend-certificate-cloudflare", 526, &["error code: 526"]),
    ("backend-certificate-envoy", 503, &["CERTIFICATE_VERIFY_FAILED"]),
    ("backend-name-kong", 503, &["name resolution failed"]),
    ("backend-name-cloudflare", 530, &["error code: 1016"]),
    ("backend-name-nginx", 502, &["orders.internal could not be resolved (3: Host not found)"]),
    ("maintenance-nginx", 503, &["scheduled maintenance", "Retry-After: 1800"]),
    ("maintenance-alb", 503, &["Down for scheduled maintenance"]),
    ("dependency-down", 502, &["payment provider is not available"]),
    ("dependency-slow", 504, &["carrier service did not answer", "x-envoy-upstream-service-time"]),
    ("control-gateway", 200, &["ord_1001", "x-envoy-upstream-service-time"]),
    ("rate-kong", 429, &["API rate limit exceeded", "X-RateLimit-Remaining-Minute: 0", "Retry-After: 4"]),
    ("rate-x-ratelimit", 429, &["rate_limited", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1"]),
    ("rate-structured-fields", 429, &["local_rate_limited", "RateLimit: \"default\";r=0;t=2"]),
    ("rate-early-draft", 429, &["RateLimit-Policy: 600;w=3600", "RateLimit-Remaining: 0"]),
    ("rate-nginx-as-503", 503, &["limiting requests, excess"]),
    ("rate-nginx-bare", 429, &["429 Too Many Requests", "nginx"]),
    ("rate-cloudflare", 429, &["error code: 1015", "Retry-After: "]),
    ("quota-day", 429, &["Daily quota of 1000 requests exhausted", " GMT"]),
    ("quota-api-gateway", 429, &["Limit Exceeded", "LimitExceededException"]),
    ("quota-kong-day", 429, &["X-RateLimit-Remaining-Day: 0"]),
    ("concurrency-kong", 429, &["Too many concurrent requests"]),
    ("concurrency-nginx", 503, &["limiting connections by zone"]),
    ("abuse-secondary-limit", 403, &["secondary rate limit", "Retry-After"]),
    ("cost-limit", 429, &["Query cost limit exceeded"]),
    ("retry-storm", 429, &["API rate limit exceeded", "request_id=3f1c9a7e5b2d4c6f8a0b1c2d3e4f5a6b"]),
    ("body-too-large-nginx", 413, &["413 Request Entity Too Large"]),
    ("body-too-large-api-gateway", 413, &["Request Too Long"]),
    ("headers-too-large-nginx", 400, &["Request Header Or Cookie Too Large"]),
    ("headers-too-large-envoy", 431, &["server: envoy"]),
    ("uri-too-long-apache", 414, &["capacity"]),
    ("control-rate-near-limit", 200, &["X-RateLimit-Remaining-Minute: 79"]),
    ("waf-agent-cloudflare", 403, &["error code: 1010"]),
    ("waf-agent-alb", 403, &["403 Forbidden", "awselb/2.0"]),
    ("waf-body-cloudflare", 403, &["Sorry, you have been blocked"]),
    ("waf-query-apache", 403, &["You don't have permission", "ModSecurity: Access denied"]),
    ("no-route-kong", 404, &["no Route matched with those values"]),
    ("no-route-istio", 404, &["server: istio-envoy"]),
    ("prefix-cut-twice", 404, &["Cannot GET /orders"]),
    ("method-blocked-apache", 405, &["Allow: GET, POST", "The requested method DELETE is not allowed"]),
    ("method-blocked-api-gateway", 403, &["Missing Authentication Token"]),
    ("redirect-post-becomes-get", 404, &["Cannot GET /v1/imports"]),
    ("redirect-drops-credential", 401, &["No authorization token was found"]),
    ("gateway-strips-authorization", 401, &["No authorization token was found"]),
    ("gateway-strips-bare", 401, &["\"authorization\":\"-\""]),
    ("preflight-without-origin", 200, &["blocked by CORS policy", "Access-Control-Allow-Methods"]),
    ("preflight-refused-api-gateway", 403, &["Missing Authentication Token", "blocked by CORS policy"]),
    ("cache-keeps-an-error", 503, &["Cache-Status: haproxy; hit", "orders database is restarting", "Age: 1"]),
    ("cache-keeps-a-404", 404, &["CF-Cache-Status: HIT", "ord_1003 not found"]),
    ("control-preflight", 200, &["Access-Control-Allow-Origin: https://app.example.com"]),
];

#[test]
fn symptoms_are_as_told() {
    run(check(SHOWN));
}

#[test]
fn every_scenario_is_shown() {
    let told: Vec<&str> = super::all().iter().map(|scenario| scenario.name).collect();
    let shown = SHOWN.iter().map(|(name, ..)| *name);
    // The full half minute is tested with a shorter clock, beside the gateway.
    let shown: Vec<&str> = std::iter::once("gateway-timeout-nginx").chain(shown).collect();
    assert_eq!(told, shown);
}
