//! Calls judged with the API's own description at hand: what it says decides where the status fits, explains less where
//! it does not, is weighed against the answer's own complaint, and lets calls that fit it alone.

#![allow(clippy::unwrap_used)]

use firstfault_contract::{Baseline, Contract, Given, Source, check, facts, load};
use firstfault_engine::{Options, Witness, diagnose};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Bucket, Call, Diagnosis, Layer, Observations, Owner, Request};

const CRM: &str = include_str!("common/crm.yaml");

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("expected no reference, got {uri}"))
    }
}

#[derive(Debug)]
struct Described {
    contract: Contract,
    baseline: Baseline,
}

impl Witness for Described {
    fn observe(&self, call: &Call, observations: &mut Observations) {
        let held = check(&self.contract, call, None);
        facts::add(&held, &self.contract, call, observations);
        facts::add_baseline(&self.baseline.check(call), call, observations);
    }

    fn correct(&self, _call: &Call) -> Option<(Request, String)> {
        None
    }
}

/// The verdict on a text; `working` are texts of calls that worked.
fn judged_with(text: &str, working: &str) -> Diagnosis {
    let knowledge = Knowledge::builtin();
    let contract = load(Given { uri: "file:///crm.yaml", name: "crm.yaml", text: CRM }, &mut Nowhere).unwrap();
    let calls: Vec<Call> =
        working.split("\n====\n").flat_map(|text| firstfault_intake::read(text, None).calls).collect();
    let witness = Described { contract, baseline: Baseline::learn(calls.iter()) };
    let mut verdict = diagnose(text, Options { witness: Some(&witness), ..Options::default() }, &knowledge);
    assert!(!verdict.calls.is_empty(), "{text}: {:?}", verdict.unreadable);
    verdict.calls.swap_remove(verdict.first).diagnosis
}

fn judged(text: &str) -> Diagnosis {
    judged_with(text, "")
}

/// A POST of a ticket as an HTTP message, with the answer behind it; no answer where it is empty.
fn post(body: &str, answer: &str) -> String {
    sent("POST /v1/tickets", "Content-Type: application/json\nAuthorization: Bearer FAKEtoken\n", body, answer)
}

fn get(target: &str, answer: &str) -> String {
    sent(&format!("GET {target}"), "Accept: application/json\n", "", answer)
}

fn sent(line: &str, headers: &str, body: &str, answer: &str) -> String {
    format!("{line} HTTP/1.1\nHost: crm.example.com\nUser-Agent: curl/8.5.0\n{headers}\n{body}\n\n{answer}")
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\nContent-Type: application/json\nContent-Length: {}\n\n{body}\n", body.len())
}

const REFUSED: &str = r#"{"message":"Bad Request"}"#;

/// The verdict must name this cause as sure, and its summary all of these words.
#[track_caller]
fn names(text: &str, cause: &str, words: &[&str]) -> Diagnosis {
    let diagnosis = judged(text);
    assert!(diagnosis.failed, "{}", diagnosis.summary);
    assert_eq!(diagnosis.cause, cause, "{}\n{:#?}", diagnosis.summary, diagnosis.hypotheses);
    assert!(diagnosis.attributed, "{}: {}", diagnosis.probability, diagnosis.summary);
    for word in words {
        assert!(diagnosis.summary.contains(word), "{word} in: {}", diagnosis.summary);
    }
    diagnosis
}

#[track_caller]
fn passes(text: &str) -> Diagnosis {
    let diagnosis = judged(text);
    assert!(!diagnosis.failed, "{}\n{:#?}", diagnosis.summary, diagnosis.hypotheses);
    diagnosis
}

mod refused {
    use super::*;

    #[test]
    fn a_missing_field_is_named_where_the_answer_names_none() {
        let text = post(r#"{"subject":"x"}"#, &answer("400 Bad Request", REFUSED));
        let found = names(&text, "client.missing_field", &[]);
        assert_eq!(
            found.summary,
            "The POST request to the CRM ticket endpoint is returning 400 because the payload is missing the required \
             field caseType."
        );
        assert_eq!((found.bucket, found.owner, found.layer), (Bucket::Client, Owner::Caller, Some(Layer::Client)));
        assert!(found.probability > 0.9, "{}", found.probability);
        let evidence = &found.hypotheses[0].supports[0];
        assert!(evidence.fact.contains("crm.yaml#/"), "{}", evidence.fact);
    }

    #[test]
    fn fields_of_each_kind() {
        for (body, cause, words) in [
            (r#"{"subject":"x","caseType":"bug","priority":"5"}"#, "client.wrong_type", "priority"),
            (r#"{"subject":"x","caseType":"bug","urgent":"true"}"#, "client.wrong_type", "urgent"),
            (r#"{"subject":"x","caseType":"bug","customerID":"c1"}"#, "client.unknown_field", "customerId"),
            (r#"{"subject":"x","caseType":"bug","colour":"red"}"#, "client.unknown_field", "colour"),
            (r#"{"subject":"x","caseType":"bug","tags":"a"}"#, "client.wrong_structure", "tags"),
            (r#"{"subject":"x","caseType":"crash"}"#, "client.invalid_value", "caseType"),
            (r#"{"subject":"x","caseType":"bug","priority":9}"#, "client.invalid_value", "priority"),
            (r#"{"subject":"x","caseType":"bug","dueAt":"tomorrow"}"#, "client.invalid_value", "dueAt"),
            (r#"{"subject":"x","caseType":null}"#, "client.missing_field", "caseType"),
        ] {
            names(&post(body, &answer("422 Unprocessable Content", REFUSED)), cause, &[words]);
        }
    }

    #[test]
    fn two_faults_are_both_named() {
        let text = post(r#"{"caseType":"bug","priority":"5"}"#, &answer("400 Bad Request", REFUSED));
        let found = names(&text, "client.missing_field", &["subject", "besides", "priority"]);
        assert_eq!(found.hypotheses[1].cause, "client.wrong_type");
    }

    #[test]
    fn paths_and_methods() {
        let none = answer("404 Not Found", r#"{"message":"Not Found"}"#);
        names(&get("/v1/tikets?project=a", &none), "client.wrong_path", &["/tickets"]);
        names(&get("/tickets?project=a", &none), "client.wrong_path", &[]);
        let method = answer("405 Method Not Allowed", r#"{"message":"Method Not Allowed"}"#);
        names(&sent("PATCH /v1/tickets", "", "", &method), "client.wrong_method", &["PATCH"]);
    }

    #[test]
    fn parameters_and_headers() {
        let refused = answer("400 Bad Request", REFUSED);
        names(&get("/v1/tickets", &refused), "client.missing_parameter", &["project"]);
        names(&get("/v1/tickets?project=a&limit=ten", &refused), "client.invalid_parameter", &["limit"]);
        names(&sent("DELETE /v1/tickets/7", "", "", &refused), "client.missing_header", &["X-Tenant"]);
    }

    #[test]
    fn a_path_parameter_of_another_form_is_not_found() {
        let none = answer("404 Not Found", r#"{"message":"Not Found"}"#);
        names(&get("/v1/tickets/abc", &none), "client.invalid_parameter", &["id"]);
    }

    #[test]
    fn formats() {
        let body = r#"{"subject":"x","caseType":"bug"}"#;
        let refused = answer("415 Unsupported Media Type", r#"{"message":"no"}"#);
        let head = "Content-Type: text/plain\nAuthorization: Bearer FAKEtoken\n";
        names(&sent("POST /v1/tickets", head, body, &refused), "client.wrong_content_type", &[]);
        let text = post(r#"{"subject":"x","caseType":}"#, &answer("400 Bad Request", REFUSED));
        names(&text, "client.malformed_body", &[]);
    }

    #[test]
    fn credentials_and_scopes() {
        let body = r#"{"subject":"x","caseType":"bug"}"#;
        let json = "Content-Type: application/json\n";
        let refused = answer("401 Unauthorized", r#"{"message":"Unauthorized"}"#);
        let found = names(&sent("POST /v1/tickets", json, body, &refused), "auth.missing_credentials", &[]);
        assert_eq!(found.bucket, Bucket::Auth);
        let basic = format!("{json}Authorization: Basic dXNlcjpGQUtF\n");
        names(&sent("POST /v1/tickets", &basic, body, &refused), "auth.wrong_scheme", &[]);
        // {"scope":"tickets:read"}
        let token = format!(
            "{json}Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6InRpY2tldHM6cmVhZCJ9.FAKEsignature\n"
        );
        let forbidden = answer("403 Forbidden", r#"{"message":"Forbidden"}"#);
        names(&sent("POST /v1/tickets", &token, body, &forbidden), "auth.insufficient_scope", &["tickets:write"]);
    }
}

mod complaints {
    use super::*;

    fn complaint(kind: &str, field: &str, message: &str) -> String {
        let body = format!(r#"{{"detail":[{{"type":"{kind}","loc":["body","{field}"],"msg":"{message}"}}]}}"#);
        answer("422 Unprocessable Content", &body)
    }

    #[test]
    fn confirmed() {
        let text = post(
            r#"{"caseType":"bug","priority":"high"}"#,
            &complaint("int_parsing", "priority", "Input should be a valid integer"),
        );
        let found = names(&text, "client.wrong_type", &["priority"]);
        assert!(found.hypotheses[0].supports.iter().any(|e| e.rule.starts_with("contract.confirms")), "{found:#?}");
    }

    #[test]
    fn a_field_called_missing_that_is_there_under_a_near_name() {
        let text = post(r#"{"subject":"x","case_type":"bug"}"#, &complaint("missing", "caseType", "Field required"));
        names(&text, "client.unknown_field", &["case_type", "caseType"]);
    }

    #[test]
    fn contradicted_by_a_content_type() {
        let head = "Content-Type: application/x-www-form-urlencoded\nAuthorization: Bearer FAKEtoken\n";
        let body = r#"{"subject":"x","caseType":"bug"}"#;
        let text = sent("POST /v1/tickets", head, body, &complaint("missing", "caseType", "Field required"));
        names(&text, "client.wrong_content_type", &["caseType", "Content-Type"]);
    }

    #[test]
    fn contradicted_by_nothing_else() {
        let text = post(r#"{"subject":"x","caseType":"bug"}"#, &complaint("missing", "caseType", "Field required"));
        let found = judged(&text);
        assert!(found.failed);
        assert_ne!(found.cause, "client.missing_field", "{}", found.summary);
        assert!(found.summary.contains("caseType") && found.summary.contains("it is there"), "{}", found.summary);
    }

    #[test]
    fn a_field_that_only_the_server_demands() {
        let text = post(r#"{"subject":"x","caseType":"bug"}"#, &complaint("missing", "region", "Field required"));
        let words = ["requires the field region", "description does not"];
        let found = names(&text, "client.missing_field", &words);
        let because = |words: &str| found.hypotheses[0].supports.iter().any(|e| e.because.contains(words));
        assert!(because("description is wrong"), "{found:#?}");
    }

    #[test]
    fn a_value_that_only_the_server_refuses() {
        let text = post(
            r#"{"subject":"x","caseType":"bug","customerId":"c-1"}"#,
            &complaint("value_error", "customerId", "Value error, customerId is not a valid customer"),
        );
        names(&text, "client.invalid_value", &["customerId", "description allows"]);
    }

    #[test]
    fn a_field_that_the_server_does_not_know() {
        let text = post(
            r#"{"subject":"x","caseType":"bug","customerId":"c-1"}"#,
            &complaint("extra_forbidden", "customerId", "Extra inputs are not permitted"),
        );
        names(&text, "client.unknown_field", &["customerId", "description allows"]);
    }
}

mod healthy {
    use super::*;

    const TICKET: &str = r#"{"id":7,"subject":"x","state":"open"}"#;

    #[test]
    fn calls_that_fit_are_let_alone() {
        passes(&post(r#"{"subject":"x","caseType":"bug"}"#, &answer("201 Created", TICKET)));
        passes(&get("/v1/tickets/7", &answer("200 OK", TICKET)));
        passes(&get("/v1/tickets?project=a&limit=5", &answer("200 OK", &format!(r#"{{"items":[{TICKET}]}}"#))));
    }

    #[test]
    fn a_server_that_is_milder_than_its_description_did_not_fail() {
        passes(&post(r#"{"subject":"x","caseType":"bug","priority":"5"}"#, &answer("201 Created", TICKET)));
    }

    #[test]
    fn calls_of_other_apis_are_judged_as_without_a_description() {
        let text = "GET /v1/unknown HTTP/1.1\nHost: other.example.net\nAccept: */*\n\n\nHTTP/1.1 200 OK\n\
                    Content-Type: application/json\n\n{\"a\":1}\n";
        passes(text);
    }
}

mod before_the_call {
    use super::*;

    #[test]
    fn a_request_that_would_be_refused() {
        let text = "curl https://crm.example.com/v1/tickets -H 'Authorization: Bearer FAKEtoken' \
                    -H 'Content-Type: application/json' -d '{\"subject\":\"x\"}'";
        let found = names(text, "client.missing_field", &[]);
        assert_eq!(
            found.summary,
            "The POST request to the CRM ticket endpoint would be refused because the payload is missing the required \
             field caseType."
        );
        assert!(found.probability > 0.9, "{}", found.probability);
    }

    #[test]
    fn a_path_that_is_not_there() {
        names("curl 'https://crm.example.com/v1/tikets?project=a'", "client.wrong_path", &["/tickets"]);
    }

    #[test]
    fn a_request_that_fits() {
        let text = "curl https://crm.example.com/v1/tickets -H 'Authorization: Bearer FAKEtoken' \
                    -H 'Content-Type: application/json' -d '{\"subject\":\"x\",\"caseType\":\"bug\"}'";
        let found = passes(text);
        assert!(found.summary.contains("as its API's description says"), "{}", found.summary);
    }

    #[test]
    fn a_call_that_never_arrived_is_not_blamed_on_its_body() {
        let text = "$ curl https://crm.example.com/v1/tickets -H 'Content-Type: application/json' -d '{\"subject\":\"x\"}'\n\
                    curl: (7) Failed to connect to crm.example.com port 443 after 3 ms: Connection refused";
        let found = names(text, "network.connection_refused", &[]);
        assert_eq!(found.bucket, Bucket::Upstream);
    }
}

mod other_statuses {
    use super::*;

    const FITS: &str = r#"{"subject":"x","caseType":"bug"}"#;

    #[test]
    fn a_limit_is_a_limit_whatever_the_body_lacks() {
        let limit = "HTTP/1.1 429 Too Many Requests\nRetry-After: 30\nContent-Type: application/json\n\n{\"message\":\"Too many requests\"}\n";
        let found = names(&post(r#"{"subject":"x"}"#, limit), "rate_limit.request_rate", &[]);
        assert_eq!(found.bucket, Bucket::RateLimit);
    }

    #[test]
    fn a_request_that_fits_raises_the_server() {
        let found = names(
            &post(FITS, &answer("500 Internal Server Error", r#"{"message":"error"}"#)),
            "server.unhandled_exception",
            &[],
        );
        assert!(found.summary.contains("the request is as its API's description says"), "{}", found.summary);
        assert_eq!((found.bucket, found.owner), (Bucket::Server, Owner::Provider));
    }

    #[test]
    fn a_described_path_that_is_not_found_lacks_the_thing() {
        let none = answer("404 Not Found", r#"{"message":"Not Found"}"#);
        names(&get("/v1/tickets/7", &none), "client.resource_not_found", &[]);
    }

    #[test]
    fn a_described_method_that_is_refused_breaks_the_description() {
        let method = answer("405 Method Not Allowed", r#"{"message":"Method Not Allowed"}"#);
        names(&get("/v1/tickets?project=a", &method), "server.contract_violation", &["GET /tickets"]);
    }
}

mod answers {
    use super::*;

    #[test]
    fn drift_in_a_success_is_the_servers() {
        for (body, words) in [
            (r#"{"id":7,"state":"open"}"#, "subject"),
            (r#"{"id":"7","subject":"x","state":"open"}"#, "id"),
            (r#"{"id":7,"subject":null,"state":"open"}"#, "subject"),
            (r#"{"id":7,"subject":"x","state":"merged"}"#, "state"),
        ] {
            let text = get("/v1/tickets/7", &answer("200 OK", body));
            let found = names(&text, "server.contract_violation", &["breaks its contract", words]);
            assert_eq!((found.owner, found.layer), (Owner::Provider, Some(Layer::Backend)), "{body}");
        }
    }

    #[test]
    fn an_error_inside_a_success_is_read_as_one() {
        let body = r#"{"error":{"code":"invalid_token","message":"The access token expired"}}"#;
        let found = judged(&get("/v1/tickets/7", &answer("200 OK", body)));
        assert!(found.failed);
        assert_eq!(found.cause, "auth.expired_token", "{}", found.summary);
    }

    #[test]
    fn an_error_body_off_its_description_changes_nothing() {
        let text = post(r#"{"subject":"x"}"#, &answer("400 Bad Request", r#"{"code":17}"#));
        names(&text, "client.missing_field", &["caseType"]);
    }
}

mod inputs {
    use super::*;

    #[test]
    fn a_curl_transcript() {
        let text = "> POST /v1/tickets HTTP/1.1\n> Host: crm.example.com\n> Accept: */*\n\
                    > Authorization: Bearer FAKEtoken\n> Content-Type: application/json\n>\n\
                    {\"subject\":\"x\",\"caseType\":\"bug\",\"priority\":\"high\"}\n\
                    < HTTP/1.1 400 Bad Request\n< Content-Type: application/json\n<\n{\"message\":\"Bad Request\"}\n";
        names(text, "client.wrong_type", &["priority"]);
    }

    fn har(sent: &str, status: u16, got: &str) -> String {
        format!(
            r#"{{"log":{{"version":"1.2","creator":{{"name":"x","version":"1"}},"entries":[{{
            "startedDateTime":"2026-07-06T10:00:00.000Z","time":12,
            "request":{{"method":"POST","url":"https://crm.example.com/v1/tickets","httpVersion":"HTTP/1.1",
              "headers":[{{"name":"Host","value":"crm.example.com"}},{{"name":"Authorization","value":"Bearer FAKEtoken"}},
                {{"name":"Content-Type","value":"application/json"}}],
              "queryString":[],"cookies":[],"headersSize":-1,"bodySize":-1,
              "postData":{{"mimeType":"application/json","text":{sent:?}}}}},
            "response":{{"status":{status},"statusText":"","httpVersion":"HTTP/1.1",
              "headers":[{{"name":"Content-Type","value":"application/json"}}],"cookies":[],
              "content":{{"size":{size},"mimeType":"application/json","text":{got:?}}},
              "redirectURL":"","headersSize":-1,"bodySize":-1}},
            "cache":{{}},"timings":{{"send":0,"wait":10,"receive":2}}}}]}}}}"#,
            size = got.len()
        )
    }

    #[test]
    fn a_har() {
        names(&har(r#"{"subject":"x"}"#, 422, REFUSED), "client.missing_field", &["required field caseType"]);
        let text = har(r#"{"subject":"x","caseType":"bug"}"#, 201, r#"{"id":7,"subject":"x","state":"new"}"#);
        names(&text, "server.contract_violation", &["state"]);
        passes(&har(r#"{"subject":"x","caseType":"bug"}"#, 201, r#"{"id":7,"subject":"x","state":"open"}"#));
    }

    #[test]
    fn a_complaint_inside_a_success() {
        let body = r#"{"success":false,"error":{"message":"caseType is required"}}"#;
        names(&post(r#"{"subject":"x"}"#, &answer("200 OK", body)), "client.missing_field", &["caseType"]);
    }

    #[test]
    fn several_missing_fields_are_named_together() {
        let text = post("{}", &answer("400 Bad Request", REFUSED));
        let found = names(&text, "client.missing_field", &["the required fields", "subject", "caseType"]);
        assert!(!found.summary.contains("besides"), "{}", found.summary);
    }

    #[test]
    fn a_slash_too_many() {
        let none = answer("404 Not Found", r#"{"message":"Not Found"}"#);
        names(&get("/v1/tickets/?project=a", &none), "client.wrong_path", &["slash"]);
    }

    #[test]
    fn a_page_for_a_sign_in_is_no_drift() {
        let page = "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html><head><title>Sign in</title></head>\
                    <body><form action=\"/login\"><input type=\"password\"></form></body></html>\n";
        let found = judged(&get("/v1/tickets/7", page));
        assert!(found.failed);
        assert_ne!(found.cause, "server.contract_violation", "{}", found.summary);
    }
}

mod baselines {
    use super::*;

    /// Of an operation that the description does not have.
    fn order(body: &str, answer: &str) -> String {
        let head = "Content-Type: application/json\nAuthorization: Bearer FAKEtoken\n";
        sent("POST /v1/orders", head, body, answer).replace("crm.example.com", "shop.example.net")
    }

    fn working() -> String {
        let one = order(r#"{"sku":"a","amount":1}"#, &answer("201 Created", r#"{"id":"o1","total":9.5}"#));
        vec![one; 4].join("\n====\n")
    }

    #[test]
    fn a_field_that_all_working_requests_had() {
        let text = order(r#"{"sku":"a"}"#, &answer("400 Bad Request", REFUSED));
        let found = judged_with(&text, &working());
        assert_eq!(found.cause, "client.missing_field", "{}", found.summary);
        assert!(found.summary.contains("amount") && found.summary.contains("all 4 working calls"), "{}", found.summary);
        assert!(judged(&text).probability < found.probability);
    }

    #[test]
    fn an_answer_that_changed() {
        let text = order(r#"{"sku":"a","amount":1}"#, &answer("201 Created", r#"{"id":"o2","total":"9.50"}"#));
        assert!(!judged(&text).failed);
        let found = judged_with(&text, &working());
        assert!(found.failed && found.attributed);
        assert_eq!((found.cause.as_str(), found.owner), ("server.contract_violation", Owner::Provider));
        assert!(found.summary.contains("the answer changed: the field total is a string"), "{}", found.summary);
    }

    #[test]
    fn a_call_like_those_that_worked() {
        let text = order(r#"{"sku":"b","amount":3}"#, &answer("201 Created", r#"{"id":"o9","total":1}"#));
        assert!(!judged_with(&text, &working()).failed);
    }
}
