//! Success statuses with a failure inside. Careful rather than keen: a member counts only at the top
//! of the body or inside a known envelope, and only where it holds something.
//!
//! It refuses to know vendors; packs can say more.

use crate::json::{Members, Node, Value, same};
use crate::page;
use crate::response::is_json_type;
use crate::roles::is_empty_word;
use crate::sink::{Sink, Source};
use firstfault_model::{Call, Response};

/// Members that wrap an answer and carry its outcome.
const ENVELOPES: &[&str] =
    &["response", "result", "meta", "status", "header", "responsestatus", "data", "head", "statusinfo"];

/// What kind of failure a JSON body of a 2xx tells, if any.
pub(crate) fn judge(call: &Call, response: &Response, root: &Node<'_>) -> Option<&'static str> {
    let status = response.status.unwrap_or(200);
    let method = call.request.as_ref().and_then(|r| r.method.as_deref()).unwrap_or_default();
    let path = call.request.as_ref().map_or("", |r| r.url.path.as_str());
    if matches!(status, 204 | 205) || method.eq_ignore_ascii_case("HEAD") {
        return None;
    }
    let Value::Object(members) = &root.value else {
        // Salesforce and others answer `[{"errorCode": …, "message": …}]`; batches mix outcomes
        let items = root.items();
        let failed = items
            .iter()
            .take(50)
            .filter(|item| item.get("errorcode").is_some_and(truthy) || is_error_object(item.get("error")))
            .count();
        return match failed {
            0 => None,
            _ if failed == items.len() && items.len() == 1 => Some("error_object"),
            _ if reads(method) => None,
            _ => Some("partial"),
        };
    };
    if is_resource(root, method) || lists_errors(path) {
        return None;
    }
    if answers_in_part(root) {
        return Some("partial");
    }
    partial(root, status).or_else(|| envelope(members, 0)).or_else(|| no_id(response, status, root))
}

/// A body that describes a thing which may itself have failed (a job, a deployment): the call succeeded.
fn is_resource(root: &Node<'_>, method: &str) -> bool {
    if root.get("jsonrpc").is_some() || root.get("ok").is_some() || root.get("success").is_some() {
        return false;
    }
    let named = root.get("id").is_some()
        || root.get("uuid").is_some()
        || root.get("metadata").is_some_and(|m| !m.members().is_empty())
        || root.get("arn").is_some();
    let told = root.members().iter().any(|(key, _)| {
        let key = key.to_ascii_lowercase();
        key.starts_with("create")
            || key.starts_with("update")
            || key.starts_with("finish")
            || key.starts_with("start")
            || key.starts_with("complete")
            || matches!(key.as_str(), "object" | "kind" | "state" | "url" | "name")
    });
    named && told && (reads(method) || root.get("object").is_some() || !is_error_object(root.get("error")))
}

fn reads(method: &str) -> bool {
    method.eq_ignore_ascii_case("GET") || method.is_empty()
}

/// Paths whose answers are about errors: logs, events, issues.
fn lists_errors(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["error", "log", "event", "issue", "failure", "incident", "alert"]
        .iter()
        .any(|word| last.starts_with(word) || last.ends_with(&format!("{word}s")))
}

/// Bulk answers: some of it failed.
fn partial(root: &Node<'_>, status: u16) -> Option<&'static str> {
    let positive = |name: &str| root.get(name).and_then(Node::number).is_some_and(|count| count > 0.0);
    let filled = |name: &str| root.get(name).is_some_and(|node| !node.items().is_empty() || !node.members().is_empty());
    let bulk = matches!(root.get("errors").map(|n| &n.value), Some(Value::Bool(true))) && root.get("items").is_some();
    let counted = positive("failedrecordcount")
        || positive("failedputcount")
        || positive("failedentrycount")
        || positive("failedcount")
        || positive("failurecount")
        || positive("numfailed")
        || positive("errorcount")
        || positive("failed")
            && (root.get("succeeded").is_some()
                || root.get("successful").is_some()
                || root.get("success").is_some()
                || root.get("total").is_some()
                || root.get("processed").is_some()
                || root.get("results").is_some());
    let shards = root
        .get("shards")
        .and_then(|shards| shards.get("failed"))
        .and_then(Node::number)
        .is_some_and(|failed| failed > 0.0);
    let listed = filled("unprocesseditems")
        || filled("unprocessedkeys")
        || filled("failedrecords")
        || filled("failedentries")
        || filled("partialfailureerror")
        || filled("batchitemfailures")
        || filled("failed")
            && (root.get("successful").is_some() || root.get("succeeded").is_some() || root.get("success").is_some())
        || filled("failures")
            && (root.get("successes").is_some() || root.get("success").is_some_and(|n| n.number().is_some()))
        || filled("rejected") && root.get("accepted").is_some()
        || filled("errors") && (filled("deleted") || filled("created") || filled("updated"));
    let positive_pair = (positive("failure") || positive("failed") || positive("numerrors") || positive("errorcount"))
        && ["success", "created", "succeeded", "updated", "imported"]
            .iter()
            .any(|name| root.get(name).is_some_and(|n| n.number().is_some()));
    let told = root.get("status").and_then(Node::text).is_some_and(|s| s.to_ascii_lowercase().starts_with("partial"));
    let batch = root.get("responses").is_some_and(|list| has_failed_item(list, 0));
    let multi = status == 207 && has_failed_item(root, 0);
    (bulk || counted || shards || listed || multi || positive_pair || told || batch || fewer_done(root))
        .then_some("partial")
}

/// GraphQL (section 7.1): errors beside data of which a part is there.
fn answers_in_part(root: &Node<'_>) -> bool {
    let failed = root.get("errors").is_some_and(|errors| errors.items().iter().any(|e| e.get("message").is_some()));
    failed && root.get("data").is_some_and(|data| data.members().iter().any(|(_, node)| truthy(node)))
}

/// `{"requested_count": 58, "saved_count": 31}`: fewer were done than were asked for.
fn fewer_done(root: &Node<'_>) -> bool {
    let count = |words: &[&str]| {
        root.members().iter().find_map(|(key, node)| {
            let key = key.to_ascii_lowercase();
            words.iter().any(|word| key.starts_with(word)).then(|| node.number()).flatten()
        })
    };
    let asked = count(&["requested", "submitted", "attempted", "expected"]);
    let done = count(&[
        "saved",
        "succeeded",
        "success_count",
        "successcount",
        "imported",
        "created",
        "inserted",
        "updated",
        "processed",
        "accepted",
        "sent",
    ]);
    matches!((asked, done), (Some(asked), Some(done)) if done < asked)
}

/// Whether an item of a multi-status answer says 4xx or 5xx.
fn has_failed_item(node: &Node<'_>, depth: u32) -> bool {
    if depth > 4 {
        return false;
    }
    match &node.value {
        Value::Array(items) => items.iter().take(200).any(|item| has_failed_item(item, depth + 1)),
        Value::Object(members) => members.iter().take(60).any(|(key, value)| {
            let code = (same(key, "status") || same(key, "statuscode") || same(key, "code") || same(key, "httpcode"))
                && value.number().is_some_and(|code| (400.0..600.0).contains(&code));
            code || (same(key, "error") && is_error_object(Some(value))) || has_failed_item(value, depth + 1)
        }),
        _ => false,
    }
}

/// The outcome that an object states about the call.
fn envelope(members: &Members<'_>, depth: u32) -> Option<&'static str> {
    let get = |name: &str| members.iter().find(|(key, _)| same(key, name)).map(|(_, node)| node);
    let is_false = |name: &str| get(name).is_some_and(falsy_word);
    let is_true = |name: &str| get(name).is_some_and(|node| matches!(node.value, Value::Bool(true)));
    // a batch whose parts are told apart has its own place
    if ["ok", "success", "succeeded", "issuccess", "successful", "issuccessful", "successfull"]
        .iter()
        .any(|name| is_false(name))
    {
        return Some("ok_false");
    }
    if ["iserror", "haserror", "haserrors", "errorflag", "failed"].iter().any(|name| is_true(name)) && depth == 0 {
        return Some("ok_false");
    }
    if let Some(errors) = get("errors")
        && (matches!(&errors.value, Value::Array(items) if items.iter().any(truthy))
            || matches!(&errors.value, Value::Object(map) if map.iter().any(|(_, node)| truthy(node))))
    {
        return Some("errors_array");
    }
    if is_error_object(get("error")) || get("error").is_some_and(|e| matches!(e.value, Value::Bool(true))) {
        return Some("error_object");
    }
    if get("error").and_then(Node::number).is_some_and(|code| code != 0.0)
        && get("message").or(get("msg")).or(get("errormessage")).is_some()
    {
        return Some("error_object");
    }
    if get("fault").is_some_and(|fault| !fault.members().is_empty()) {
        return Some("error_object");
    }
    if error_words(members)
        && !["data", "result", "results", "items", "list"].iter().any(|name| get(name).is_some_and(truthy))
    {
        return Some("error_object");
    }
    if get("errormessage").is_some_and(truthy)
        && (get("errortype").is_some()
            || get("stacktrace").is_some()
            || get("status").is_some()
            || get("errorcode").is_some())
    {
        let good = get("errorcode").is_some_and(|code| !truthy(code)) || get("status").is_some_and(good_word);
        if !good {
            return Some("error_object");
        }
    }
    if members.iter().any(|(key, node)| {
        key == "__type" && node.text().is_some_and(|text| text.ends_with("Exception") || text.ends_with("Error"))
    }) {
        return Some("error_object");
    }
    if ["errorcode", "errcode", "errorno"]
        .iter()
        .any(|name| get(name).is_some_and(|code| truthy(code) && !good_word(code)))
    {
        return Some("error_object");
    }
    if status_says(members, &get) {
        return Some("status_field");
    }
    if depth == 0 {
        for (key, node) in members {
            let wraps = ENVELOPES.iter().any(|name| same(key, name)) || key.to_ascii_lowercase().ends_with("meta");
            if wraps && !node.members().is_empty() {
                // `data` may be a resource with a status of its own: only its plain error counts
                let inner = if same(key, "data") { None } else { envelope(node.members(), 1) };
                if inner.is_some() {
                    return inner;
                }
            }
        }
    }
    None
}

/// `error_text`, `errorDescription`: a member for the words of an error, with words in it.
fn error_words(members: &Members<'_>) -> bool {
    members.iter().any(|(key, node)| {
        let key = key.to_ascii_lowercase();
        let named = key.starts_with("error")
            && ["text", "description", "desc", "reason", "detail", "details"].iter().any(|end| key.ends_with(end));
        let said = node
            .text()
            .is_some_and(|text| text.split_whitespace().count() > 1 && !is_empty_word(&text.to_ascii_lowercase()));
        named && said && !good_word(node)
    })
}

/// Members that state the outcome as a word or a number.
fn status_says<'n, 'a: 'n>(members: &'n Members<'a>, get: &dyn Fn(&str) -> Option<&'n Node<'a>>) -> bool {
    let words = || {
        [
            "message",
            "msg",
            "error",
            "errormessage",
            "errmsg",
            "detail",
            "description",
            "errormsg",
            "retmsg",
            "reason",
            "statusmessage",
            "errors",
            "resultmsg",
        ]
        .iter()
        .any(|name| get(name).is_some_and(truthy))
    };
    // Etherscan and its kin: `{"status":"0","message":"NOTOK","result":"Max rate limit reached"}`
    let refused = get("message").is_some_and(|n| {
        n.text()
            .is_some_and(|t| matches!(t.to_ascii_lowercase().as_str(), "notok" | "nok" | "not ok" | "error" | "failed"))
    });
    if get("status").is_some_and(|n| matches!(n.value, Value::Bool(false))) && words() {
        return true;
    }
    if refused && get("status").is_some_and(|n| n.scalar() == Some("0") || falsy_word(n)) {
        return true;
    }
    for (key, node) in members {
        let outcome = same(key, "status")
            || same(key, "result")
            || same(key, "stat")
            || same(key, "returncode")
            || same(key, "resultcode")
            || same(key, "outcome")
            || same(key, "type")
            || same(key, "responsecode");
        if outcome && let Some(text) = node.text() {
            let folded = text.trim().to_ascii_lowercase();
            let bad = matches!(
                folded.as_str(),
                "error" | "fail" | "failed" | "failure" | "err" | "nok" | "denied" | "unauthorized" | "forbidden"
            );
            let coded = text.len() > 5
                && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
                && ["DENIED", "INVALID", "OVER_", "ERROR", "EXCEEDED", "UNAUTHORIZED", "FORBIDDEN", "FAIL"]
                    .iter()
                    .any(|word| text.contains(word));
            // `type` alone is no outcome, but Anthropic's `type: error` comes with the error itself
            let certain = if same(key, "type") {
                get("error").is_some_and(|e| !e.members().is_empty())
            } else {
                words() || coded || members.len() <= 2
            };
            if (bad || coded && !same(key, "type")) && certain {
                return true;
            }
        }
        let numbered = same(key, "status")
            || same(key, "statuscode")
            || same(key, "code")
            || same(key, "httpstatus")
            || same(key, "responsecode")
            || same(key, "httpcode");
        if numbered && node.number().is_some_and(|code| (400.0..600.0).contains(&code)) && words() {
            return true;
        }
        // `{"code": 40001, "msg": "…"}`: a number that is no success, words, and nothing delivered
        let coded = same(key, "code")
            || same(key, "retcode")
            || same(key, "ret")
            || same(key, "errno")
            || same(key, "resultcode")
            || same(key, "returncode");
        if coded {
            let bad = node.number().is_some_and(|code| code != 0.0 && code != 1.0 && !(200.0..300.0).contains(&code));
            let delivered =
                ["data", "result", "results", "items", "list"].iter().any(|name| get(name).is_some_and(truthy));
            let praised = ["message", "msg", "retmsg", "errmsg"].iter().any(|name| get(name).is_some_and(good_word));
            let spoken = ["msg", "message", "retmsg", "errmsg", "errormsg"]
                .iter()
                .any(|name| get(name).is_some_and(|n| n.text().is_some_and(|t| !t.is_empty())));
            if bad && spoken && !delivered && !praised {
                return true;
            }
        }
    }
    false
}

/// An error that says something: a filled object, or words.
fn is_error_object(node: Option<&Node<'_>>) -> bool {
    match node.map(|node| &node.value) {
        Some(Value::Object(members)) => {
            members.iter().any(|(key, value)| truthy(value) && !(same(key, "code") && good_word(value)))
        }
        Some(Value::String(text)) => {
            let lower = text.trim().to_ascii_lowercase();
            let nothing = matches!(lower.as_str(), "" | "0" | "no" | "no error" | "n/a" | "-");
            let said = !is_empty_word(&lower) || matches!(lower.as_str(), "error" | "failed" | "failure" | "true");
            !nothing && said
        }
        Some(Value::Array(items)) => items.iter().any(truthy),
        _ => false,
    }
}

fn truthy(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(text) => text.parse::<f64>().is_ok_and(|number| number != 0.0),
        Value::String(text) => !matches!(text.trim(), "" | "0" | "null" | "none" | "None" | "false"),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn falsy_word(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Bool(value) => !*value,
        Value::Number(text) => *text == "0",
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

/// `ok`, `success`, `0`, `200`.
fn good_word(node: &Node<'_>) -> bool {
    node.scalar().is_some_and(|text| {
        let lower = text.trim().to_ascii_lowercase();
        matches!(
            lower.as_str(),
            "ok" | "0"
                | "00"
                | "000"
                | "0000"
                | "00000"
                | "200"
                | "success"
                | "succeeded"
                | "successful"
                | "completed"
                | "done"
                | "true"
                | "none"
                | "no error"
                | "request successful."
                | "operation successful"
        ) || lower.starts_with("success")
            || lower.contains("successfully")
    })
}

/// A creation that names nothing created.
fn no_id(response: &Response, status: u16, root: &Node<'_>) -> Option<&'static str> {
    if status != 201
        || response.headers.field("location").is_some()
        || response.headers.field("content-location").is_some()
        || !response.complete
    {
        return None;
    }
    (!has_id(root, 0)).then_some("no_id")
}

fn has_id(node: &Node<'_>, depth: u32) -> bool {
    depth < 3
        && (node.members().iter().any(|(key, value)| is_id(key) && truthy(value) || has_id(value, depth + 1))
            || node.items().iter().take(5).any(|item| has_id(item, depth + 1) || item.scalar().is_some()))
}

fn is_id(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    lower == "id"
        || lower == "_id"
        || lower.ends_with("_id")
        || key.ends_with("Id")
        || key.ends_with("ID")
        || lower.ends_with("uuid")
        || lower.ends_with("guid")
        || lower.ends_with("_sid")
        || matches!(
            lower.as_str(),
            "sid"
                | "key"
                | "href"
                | "url"
                | "self"
                | "arn"
                | "slug"
                | "name"
                | "token"
                | "number"
                | "reference"
                | "uri"
                | "code"
                | "handle"
                | "links"
                | "_links"
                | "@id"
                | "@odata.id"
                | "metadata"
                | "sha"
                | "gid"
                | "urn"
                | "ref"
                | "rev"
                | "hash"
                | "access_token"
        )
}

/// A page where JSON was asked for. True when the fact was made.
pub(crate) fn html_for_json(call: &Call, response: &Response, out: &mut Sink, source: Source<'_>) -> bool {
    if !response.status.is_some_and(|s| (200..300).contains(&s)) {
        return false;
    }
    let Some(request) = &call.request else { return false };
    let accept = request.headers.first("accept").unwrap_or_default();
    let path = request.url.path.to_ascii_lowercase();
    let host = request.url.host.as_deref().unwrap_or_default();
    let accepts_html = accept.contains("text/html");
    let asked = accept.contains("json") && !accepts_html;
    let api = path.ends_with(".json")
        || path.starts_with("/api/")
        || path.contains("/api/v")
        || path.starts_with("/v1/")
        || path.starts_with("/v2/")
        || path.contains("/graphql")
        || path.starts_with("/rest/")
        || host.starts_with("api.")
        || host.starts_with("api-")
        || host.contains(".api.")
        || host.contains("-api.");
    let sent_json = request.headers.first("content-type").is_some_and(is_json_type);
    let wanted = asked || (api || sent_json) && !accepts_html;
    // An explicit wish for JSON that is answered by any page has failed; otherwise the page must look like a door.
    let failed = asked
        && (page::is_interactive(source.text)
            || response.headers.first("content-type").is_none_or(|t| t.starts_with("text/html")))
        || wanted && page::is_interactive(source.text);
    if failed {
        out.fact("soft_failure", "html_for_json", source.whole());
        if let Some(address) = page::refresh(source.text) {
            let there = firstfault_model::Url::parse(&address).host;
            let here = call.request.as_ref().and_then(|r| r.url.host.clone());
            if there.is_some() && here.is_some() && there != here {
                out.fact("page.refresh_to_other_host", &there.unwrap_or_default(), source.whole());
            }
            // A portal keeps the address that was wanted, to go back to it after the sign-in.
            let wanted =
                here.is_some_and(|host| address.split_once('?').is_some_and(|(_, query)| query.contains(&host)));
            if wanted {
                out.fact("page.refresh_returns_here", "true", source.whole());
            }
        }
    }
    failed
}

/// A 2xx without a body where one was promised.
pub(crate) fn without_body(call: &Call, response: &Response, out: &mut Sink) {
    let headers = &response.headers;
    if headers.first("x-amz-function-error").is_some() && response.status.is_some_and(|s| s < 300) {
        out.fact("soft_failure", "error_object", response.span);
        return;
    }
    if headers
        .field("grpc-status")
        .or(response.trailers.field("grpc-status"))
        .is_some_and(|status| status.value.trim() != "0")
        && response.status == Some(200)
    {
        out.fact("soft_failure", "status_field", response.span);
        return;
    }
    let method = call.request.as_ref().and_then(|r| r.method.as_deref()).unwrap_or("GET");
    if !matches!(response.status, Some(200 | 201))
        || method.eq_ignore_ascii_case("HEAD")
        || method.eq_ignore_ascii_case("OPTIONS")
    {
        return;
    }
    // a body that was merely not shown is no empty body
    let known_empty = headers.first("content-length").map(str::trim) == Some("0")
        || response.body.as_ref().is_some_and(|b| b.size == 0)
            && response.complete
            && headers.field("content-length").is_none();
    let promised = headers.first("content-type").is_some_and(is_json_type);
    let asked = (method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("POST"))
        && call.request.as_ref().and_then(|r| r.headers.first("accept")).is_some_and(|accept| accept.contains("json"));
    // A 201 may say all in Location; one that declares JSON and sends none breaks its own word.
    let located = response.status == Some(201) && headers.field("location").is_some();
    if known_empty && !located && (promised || asked) {
        out.fact("soft_failure", "empty_body", response.span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Request, Url};

    fn judged(method: &str, url: &str, status: u16, body: &str) -> Option<&'static str> {
        let call = Call {
            request: Some(Request { method: Some(method.into()), url: Url::parse(url), ..Request::default() }),
            ..Call::default()
        };
        let response = Response { status: Some(status), complete: true, ..Response::default() };
        judge(&call, &response, crate::json::parse(body).root.as_ref()?)
    }

    #[test]
    fn failures_inside_a_success_are_seen() {
        for (body, kind) in [
            (r#"{"ok":false,"error":"invalid_auth"}"#, "ok_false"), // Slack
            (r#"{"errors":[{"message":"x"}],"data":null}"#, "errors_array"), // GraphQL
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}"#, "error_object"),
            (r#"{"error_message":"You must enable Billing","results":[],"status":"REQUEST_DENIED"}"#, "error_object"), // Google Maps
            (r#"{"errcode":40001,"errmsg":"invalid credential"}"#, "error_object"), // WeChat
            (r#"{"success":false,"error":{"code":101}}"#, "ok_false"),
            (r#"{"status":"error","message":"no"}"#, "status_field"),
            (r#"{"retCode":10001,"retMsg":"params error","result":{}}"#, "status_field"), // Bybit
            (r#"{"stat":"fail","code":100,"message":"Invalid API Key"}"#, "status_field"), // Flickr
            (r#"{"meta":{"code":400,"error_type":"x","message":"bad"}}"#, "status_field"),
            (r#"{"status":{"error_code":1001,"error_message":"This API Key is invalid."}}"#, "error_object"), // CoinMarketCap
            (r#"{"Response":"False","Error":"Invalid API key!"}"#, "error_object"),                           // OMDb
            (r#"{"errorMessage":"x","errorType":"TypeError","trace":[]}"#, "error_object"), // AWS Lambda
            (r#"{"took":30,"errors":true,"items":[{"index":{"status":429}}]}"#, "partial"), // Elasticsearch bulk
            (r#"{"FailedRecordCount":1,"Records":[]}"#, "partial"),                         // Kinesis
            (r#"{"UnprocessedItems":{"t":[{}]}}"#, "partial"),                              // DynamoDB
            (r#"{"Successful":[],"Failed":[{"Id":"1"}]}"#, "partial"),                      // SQS
        ] {
            assert_eq!(judged("POST", "https://api.example.com/v1/x", 200, body), Some(kind), "{body}");
        }
        assert_eq!(judged("POST", "/x", 201, r#"{"status":"created"}"#), Some("no_id"));
        assert_eq!(judged("POST", "/x", 207, r#"{"responses":[{"status":200},{"status":404}]}"#), Some("partial"));
    }

    #[test]
    fn successes_are_left_alone() {
        for body in [
            "[]",
            "{}",
            r#"{"errors":[]}"#,
            r#"{"error":null}"#,
            r#"{"error":false}"#,
            r#"{"error":""}"#,
            r#"{"error":0}"#,
            r#"{"success":true}"#,
            r#"{"warnings":["x"]}"#,
            r#"{"message":"error"}"#,
            r#"{"items":[{"status":"error","error":{"message":"x"}}]}"#,
            r#"{"id":"dep_1","object":"deployment","status":"error","error":{"message":"build failed"}}"#,
            r#"{"code":0,"msg":"ok","data":[]}"#,
            r#"{"code":200,"message":"success"}"#,
            r#"{"code":"SUCCESS","message":"x"}"#,
            r#"{"status":"ok","results":[]}"#,
            r#"{"status":"ZERO_RESULTS","results":[]}"#,
            r#"{"status":{"error_code":0,"error_message":null},"data":{}}"#,
            r#"{"title":"Error handling in Rust","body":"an error is a value"}"#,
            r#"{"Successful":[{"Id":"1"}],"Failed":[]}"#,
            r#"{"UnprocessedItems":{}}"#,
            r#"{"took":3,"errors":false,"items":[]}"#,
            r#"{"_shards":{"total":1,"failed":0},"hits":{}}"#,
            r#"{"country":"x","code":404,"name":"y"}"#,
            r#"{"errcode":0,"errmsg":"ok"}"#,
            r#"{"failed":0,"total":5}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"{"type":"error_log","items":[]}"#,
        ] {
            assert_eq!(judged("GET", "https://api.example.com/v1/x", 200, body), None, "{body}");
        }
        assert_eq!(judged("GET", "/v1/errors", 200, r#"{"errors":[{"message":"x"}]}"#), None);
        assert_eq!(judged("POST", "/x", 201, r#"{"data":{"orderId":"7"}}"#), None);
        assert_eq!(judged("POST", "/x", 207, r#"{"responses":[{"status":200}]}"#), None);
    }
}
