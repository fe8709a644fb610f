//! Lines of many dialects → rows.

use crate::{Attribute, Batch, Calls, Layout, Part, Settings, merge};

/// Reads a text as one input.
pub(crate) fn read(text: &[u8]) -> Calls {
    let layout = Layout::learn(text, "logs/calls.ndjson", &Settings::default());
    let mut batch = Batch::default();
    layout.read(text, Part::default(), &mut batch);
    merge(vec![batch])
}

fn value(calls: &Calls, attribute: Attribute, row: usize) -> String {
    calls.dimension(attribute).map_or_else(String::new, |d| d.values[d.codes.get(row) as usize].clone())
}

/// The row as `status latency attempt` and the dimensions that are there.
pub(crate) fn shown(calls: &Calls, row: usize) -> String {
    let mut out = format!("{} {:.1} {}", calls.status[row], calls.latency[row], calls.attempt[row]);
    for dimension in &calls.dimensions {
        let value = &dimension.values[dimension.codes.get(row) as usize];
        if !value.is_empty() {
            out.push_str(&format!(" {}={value}", dimension.name));
        }
    }
    out
}

#[test]
fn five_dialects_give_right_rows() {
    for (line, expected) in [
        (
            r#"{"ts": "2027-01-05T04:17:05.002Z", "level": "info", "method": "GET", "path": "/v1/orders/38507", "status": 404, "latency_ms": 16.9, "tenant": "stark", "role": "service", "api_key": "key_sta_0", "region": "us-east-1", "client_version": "web/8.14.0", "release": "2026.20.5", "host": "api-4", "user": "u2271", "upstream": "orders-db", "request_id": "2c109a955081", "attempt": 1, "error_code": "NOT_FOUND", "message": "customer not found"}"#,
            "404 16.9 1 service=calls method=GET route=/v1/orders/{id} upstream=orders-db tenant=stark role=service user=u2271 api_key=key_sta_0 region=us-east-1 host=api-4 client=web client_version=web/8.14.0 release=2026.20.5",
        ),
        (
            r#"{"timestamp": "2027-02-16T13:35:47.632Z", "severity_text": "INFO", "body": "no bearer token", "trace_id": "befec96d6724befec96d672400000000", "attributes": {"http.request.method": "POST", "url.path": "/v1/alerts/17", "http.route": "/v1/alerts/{id}", "http.response.status_code": 401, "http.server.request.duration": 0.0577, "error.type": "missing_token", "tenant.id": "initech", "user.roles": "agent", "api_key.id": "key_ini_0", "user_agent.original": "soar/4.0", "peer.service": "alerts", "http.request.resend_count": 2}, "resource": {"service.name": "api", "service.version": "2026.25.4", "cloud.region": "ap-south-1", "host.name": "api-2"}}"#,
            "401 57.7 3 service=api method=POST route=/v1/alerts/{id} upstream=alerts tenant=initech role=agent api_key=key_ini_0 region=ap-south-1 host=api-2 client=soar client_version=soar/4.0 release=2026.25.4",
        ),
        (
            r#"time=2026-11-03T20:18:59.502Z lvl=error method=GET path=/v1/tickets/27654 status=401 duration=18.9ms tenant=globex role=agent api_key=key_glo_2 region=us-west-2 client_version=ios/5.2.0 release=2026.15.2 host=api-4 upstream=crm request_id=e48478dcb74f attempt=1 err=expired_token msg="token expired""#,
            "401 18.9 1 service=calls method=GET route=/v1/tickets/{id} upstream=crm tenant=globex role=agent api_key=key_glo_2 region=us-west-2 host=api-4 client=ios client_version=ios/5.2.0 release=2026.15.2",
        ),
        (
            r#"{"time_iso8601": "2026-10-06T13:33:07.723Z", "remote_addr": "10.0.14.7", "request_method": "GET", "request_uri": "/v1/customers/67888", "status": "422", "request_time": "0.057", "upstream_addr": "crm", "upstream_status": "422", "upstream_response_time": "0.057", "http_user_agent": "ios/5.2.0", "http_x_tenant": "hooli", "http_x_api_key_id": "key_hoo_1", "http_x_role": "agent", "region": "eu-west-1", "release": "2026.30.5", "request_id": "30ff2936e2df", "hostname": "api-5", "upstream_http_x_error_code": "VALIDATION_FAILED", "error": "email is invalid"}"#,
            "422 57.0 0 service=calls method=GET route=/v1/customers/{id} upstream=crm upstream_status=422 tenant=hooli role=agent api_key=key_hoo_1 client_ip=10.0.14.7 region=eu-west-1 host=api-5 client=ios client_version=ios/5.2.0 release=2026.30.5",
        ),
        (
            r#"{"start_time": "2027-02-27T06:44:28.434Z", "method": "GET", "path": "/v1/alerts", "protocol": "HTTP/2", "response_code": 504, "response_flags": "UT", "response_code_details": "upstream alerts timed out after 30000 ms", "duration": 31052, "upstream_cluster": "alerts", "user_agent": "web/8.14.0", "x_tenant": "acme", "x_role": "agent", "x_api_key_id": "key_acm_0", "region": "eu-west-1", "x_release": "2026.8.2", "request_id": "e0231847ae07", "pod": "api-3", "x_envoy_attempt_count": 1, "error_code": "UPSTREAM_TIMEOUT", "error_message": "upstream alerts timed out after 30000 ms"}"#,
            "504 31052.0 1 service=calls method=GET route=/v1/alerts upstream=alerts tenant=acme role=agent api_key=key_acm_0 region=eu-west-1 host=api-3 client=web client_version=web/8.14.0 release=2026.8.2",
        ),
    ] {
        let calls = read(line.as_bytes());
        assert_eq!(calls.rows, 1, "{line}");
        assert_eq!(shown(&calls, 0), expected);
        assert!(calls.time[0] > 1_790_000_000_000 && calls.shapes[0].suspect);
        assert_eq!(calls.shapes[0].sample, line);
        assert_eq!(calls.shapes[0].line, 1);
        assert!(!calls.request.is_empty() || !calls.trace.is_empty());
    }
}

#[test]
fn what_is_cut_or_no_line_is_counted() {
    let calls =
        read(b"{\"status\": 200, \"path\": \"/a\"}\r\n\n{\"status\": 500, \"pa\n{\"status\": 503, \"path\": \"/b\"}");
    let input = &calls.inputs[0];
    assert_eq!((input.lines, input.read, input.aside, input.unreadable), (4, 2, 1, 1));
    assert_eq!(input.examples, [(3, "{\"status\": 500, \"pa".to_owned())]);
    assert_eq!(calls.status, [200, 503]);
    assert_eq!(value(&calls, Attribute::Route, 1), "/b");
}

#[test]
fn forms_may_be_mixed_in_one_input() {
    let access = r#"203.0.113.9 - bob [20/Nov/2026:10:21:07 +0000] "GET /v1/a HTTP/1.1" 502 157 "-" "curl/8.4.0""#;
    let json = r#"{"ts":"2026-11-20T10:21:08Z","status":503,"method":"GET","path":"/v1/b","tenant":"acme"}"#;
    let logfmt = "ts=2026-11-20T10:21:09Z status=504 method=GET path=/v1/c tenant=globex";
    for (most, others) in [(access, [json, logfmt]), (json, [access, logfmt]), (logfmt, [access, json])] {
        let lines = [most, most, most, others[0], most, most, others[1], most];
        let calls = read(lines.join("\n").as_bytes());
        assert_eq!(calls.rows, 8, "{most}: {:?}", calls.inputs);
        let mut routes: Vec<String> = (0..8).map(|row| value(&calls, Attribute::Route, row)).collect();
        routes.sort();
        routes.dedup();
        assert_eq!(routes, ["/v1/a", "/v1/b", "/v1/c"], "{most}");
        assert!(calls.time.iter().all(|t| (1_795_169_000_000..1_795_170_100_000).contains(t)), "{:?}", calls.time);
        let tenants = calls.dimension(Attribute::Tenant).unwrap();
        assert_eq!(tenants.values, ["", "acme", "globex"], "{most}");
    }
}

#[test]
fn what_the_user_maps_counts_most() {
    let settings = Settings {
        map: vec![
            ("cust".to_owned(), Attribute::Tenant),
            ("code".to_owned(), Attribute::Status),
            ("t_us".to_owned(), Attribute::Latency),
        ],
        ..Settings::default()
    };
    let text = br#"{"tenant":"x","data":{"cust":"acme"},"status":"done","code":"504","t_us":2500,"duration":99}"#;
    let layout = Layout::learn(text, "a.log", &settings);
    let mut batch = Batch::default();
    layout.read(text, Part::default(), &mut batch);
    let calls = merge(vec![batch]);
    assert_eq!(shown(&calls, 0), "504 2.5 0 service=a tenant=acme");
}
