//! call.har: the call as HAR 1.2, for the tools that read it. What was not measured is -1, and nothing is invented.

use firstfault_model::rfc3339;
use firstfault_model::{Call, Headers, Url};
use serde_json::{Map, Value, json};

/// The archive of a redacted call; `None` when it is not known that an HTTP request was sent, or where to.
#[must_use]
pub fn har(call: &Call, version: &str, headline: &str) -> Option<String> {
    let request = call.request.as_ref()?;
    request.url.host.as_ref()?;
    let timings = &call.timings;
    let ms = |phase: Option<f64>| phase.filter(|ms| ms.is_finite() && *ms >= 0.0).map_or(json!(-1), |ms| json!(ms));
    // HAR counts TLS into connect; we do not.
    let connect = timings.connect.map(|connect| connect + timings.tls.unwrap_or(0.0));
    let mut entry = Map::new();
    let started = call.started.map(rfc3339).filter(|t| !t.is_empty());
    entry.insert("startedDateTime".to_owned(), json!(started.as_deref().unwrap_or("1970-01-01T00:00:00Z")));
    entry.insert("time".to_owned(), ms(timings.total));
    let body = request.body.as_ref().filter(|b| !b.text.is_empty());
    let mut sent = json!({
        "method": request.method.as_deref().unwrap_or(""),
        "url": whole(&request.url),
        "httpVersion": request.version.as_deref().unwrap_or(""),
        "cookies": [],
        "headers": fields(&request.headers),
        "queryString": query(&request.url),
        "headersSize": -1,
        "bodySize": request.body.as_ref().map_or(-1, |b| i64::try_from(b.size).unwrap_or(-1)),
    });
    if let (Some(body), Some(sent)) = (body, sent.as_object_mut()) {
        let kind = request.headers.first("content-type").unwrap_or("");
        sent.insert("postData".to_owned(), json!({ "mimeType": kind, "text": body.text }));
    }
    entry.insert("request".to_owned(), sent);
    let answer = call.response.as_ref();
    let none = Headers::default();
    let headers = answer.map_or(&none, |r| &r.headers);
    let body = answer.and_then(|r| r.body.as_ref());
    let mut content = json!({
        "size": body.map_or(-1, |b| i64::try_from(b.size).unwrap_or(-1)),
        "mimeType": headers.first("content-type").unwrap_or(""),
    });
    if let (Some(body), Some(content)) = (body.filter(|b| !b.text.is_empty()), content.as_object_mut()) {
        content.insert("text".to_owned(), json!(body.text));
        if body.truncated {
            content.insert("comment".to_owned(), json!("cut"));
        }
    }
    entry.insert(
        "response".to_owned(),
        json!({
            // 0 is what browsers write when no answer came.
            "status": answer.and_then(|r| r.status).unwrap_or(0),
            "statusText": answer.and_then(|r| r.reason.as_deref()).unwrap_or(""),
            "httpVersion": answer.and_then(|r| r.version.as_deref()).unwrap_or(""),
            "cookies": [],
            "headers": fields(headers),
            "content": content,
            "redirectURL": headers.first("location").unwrap_or(""),
            "headersSize": -1,
            "bodySize": -1,
        }),
    );
    entry.insert("cache".to_owned(), json!({}));
    entry.insert(
        "timings".to_owned(),
        json!({
            "blocked": -1,
            "dns": ms(timings.dns),
            "connect": ms(connect),
            "ssl": ms(timings.tls),
            "send": ms(timings.send),
            "wait": ms(timings.wait),
            "receive": ms(timings.receive),
        }),
    );
    let address = call.attribute("address").filter(|a| a.parse::<std::net::IpAddr>().is_ok());
    if let Some(address) = address {
        entry.insert("serverIPAddress".to_owned(), json!(address));
    }
    if started.is_none() {
        entry.insert("comment".to_owned(), json!("the evidence does not say when it was; secrets are replaced"));
    } else {
        entry.insert("comment".to_owned(), json!("secrets are replaced"));
    }
    let log = json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "firstfault", "version": version },
            "entries": [Value::Object(entry)],
            "comment": headline,
        }
    });
    serde_json::to_string_pretty(&log).ok().map(|text| crate::escape::json(&text) + "\n")
}

/// HAR asks for an absolute URL without fragment; which scheme it was is not always seen.
fn whole(url: &Url) -> String {
    let url = Url { fragment: None, ..url.clone() };
    if url.scheme.is_some() { url.to_string() } else { format!("//{url}") }
}

fn fields(headers: &Headers) -> Vec<Value> {
    headers.0.iter().map(|h| json!({ "name": h.name, "value": h.value })).collect()
}

fn query(url: &Url) -> Vec<Value> {
    let pairs = url.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).take(200);
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}
