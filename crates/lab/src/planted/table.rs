//! The planted faults themselves.

use super::condition::Condition::{
    self, Above, AnyParameter, Contains, Header, InOneItem, Is, IsText, LargeBody, LongHeader, LongList, LongParameter,
    LongText, Parameter, ParametersReversed, Reversed, There, Twice, WideCharacter,
};
use super::{Part, Planted, Refusal, bodies};
use crate::Asked;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const TICKET: &[&str] = &["/customerId", "/subject"];
const ORDER: &[&str] = &["/currency"];
const NOTHING: &[&str] = &[];

/// An answer that says nothing.
const BAD_REQUEST: Refusal = Refusal::Json(400, r#"{"message":"Bad Request"}"#);
const CRASH: Refusal = Refusal::Json(500, r#"{"statusCode":500,"error":"Internal Server Error"}"#);
const UNPROCESSABLE: Refusal = Refusal::Json(422, r#"{"error":"Unprocessable Content"}"#);
const BLOCKED: Refusal = Refusal::Page(
    403,
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
);

const fn invalid(text: &'static str) -> Refusal {
    Refusal::Envelope(400, "VALIDATION_FAILED", text)
}

fn header(name: &str) -> Part {
    Part::Header(name.to_owned())
}

fn parameter(name: &str) -> Part {
    Part::Parameter(name.to_owned())
}

fn field(pointer: &str) -> Part {
    Part::Field(pointer.to_owned())
}

fn at_least(of: Part, size: usize) -> Part {
    Part::AtLeast(Box::new(of), size)
}

/// A fault that is being planted.
struct Plot(Planted);

fn plot(name: &'static str, request: Asked, required: &'static [&'static str]) -> Plot {
    Plot(Planted {
        name,
        request,
        minimal: Vec::new(),
        names: false,
        rate: 1.0,
        conditions: Vec::new(),
        required,
        refusal: BAD_REQUEST,
        tries: Arc::default(),
    })
}

impl Plot {
    fn header(mut self, name: &str, value: &str) -> Self {
        let headers = &mut self.0.request.headers;
        headers.retain(|(known, _)| known != name);
        headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn parameter(mut self, name: &str, value: &str) -> Self {
        let old = std::mem::take(&mut self.0.request.query);
        let others = old.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
        let pairs: Vec<_> = others.map(str::to_owned).chain([format!("{name}={value}")]).collect();
        self.0.request.query = pairs.join("&");
        self
    }

    fn set(mut self, pointer: &str, value: Value) -> Self {
        let mut body = self.0.request.json().unwrap_or_default();
        place(&mut body, pointer.trim_start_matches('/'), value);
        self.0.request.body = body.to_string().into_bytes();
        self
    }

    /// When it fails, and by which parts.
    fn fails(mut self, conditions: impl Into<Vec<Condition>>, parts: impl Into<Vec<Part>>) -> Self {
        let parts: Vec<Part> = parts.into();
        let of_body = |part: &Part| match part {
            Part::AtLeast(of, _) => matches!(**of, Part::Field(_)),
            part => matches!(part, Part::Field(_)),
        };
        let mut minimal = vec![header("Authorization")];
        if !self.0.required.is_empty() || parts.iter().any(of_body) {
            minimal.push(header("Content-Type"));
        }
        minimal.extend(parts);
        for pointer in self.0.required {
            if !minimal.contains(&field(pointer)) {
                minimal.push(field(pointer));
            }
        }
        self.0.minimal = minimal;
        self.0.conditions = conditions.into();
        self
    }

    /// At this rate alone.
    fn sometimes(mut self, rate: f64) -> Self {
        self.0.rate = rate;
        self
    }

    /// With an answer that names a part.
    fn names(mut self, refusal: Refusal) -> Planted {
        self.0.names = true;
        self.0.refusal = refusal;
        self.0
    }

    /// With an answer that names none.
    fn hides(mut self, refusal: Refusal) -> Planted {
        self.0.refusal = refusal;
        self.0
    }
}

/// Puts a value where a pointer without its first slash leads, and makes the objects on the way.
fn place(into: &mut Value, pointer: &str, value: Value) {
    let (step, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    let next = match (into, step.parse::<usize>()) {
        (Value::Array(items), Ok(n)) => {
            while items.len() <= n {
                items.push(Value::Null);
            }
            &mut items[n]
        }
        (into, _) => {
            if !into.is_object() {
                *into = Map::new().into();
            }
            &mut into[step]
        }
    };
    if rest.is_empty() { *next = value } else { place(next, rest, value) }
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Planted> {
    [of_tickets(), of_orders(), of_imports(), of_searches(), at_a_rate()].concat()
}

fn of_tickets() -> Vec<Planted> {
    let on = |name| plot(name, bodies::ticket(), TICKET);
    let note = |name| plot(name, bodies::note(), NOTHING);
    let words = |count: usize| "lorem ipsum ".repeat(count / 12 + 1).chars().take(count).collect::<String>();
    vec![
        on("unknown-field-named")
            .set("/custom/utmCampaign", json!("s26"))
            .fails([There("/custom/utmCampaign")], [field("/custom/utmCampaign")])
            .names(invalid("{at} is not a known field")),
        on("enum-named")
            .set("/priority", json!("critical"))
            .fails([Is("/priority", json!("critical"))], [field("/priority")])
            .names(invalid("priority must be one of: low, normal, high, urgent")),
        on("enum-hidden")
            .set("/priority", json!("critical"))
            .fails([Is("/priority", json!("critical"))], [field("/priority")])
            .hides(BAD_REQUEST),
        on("deep-null-crashes")
            .set("/contact/address/city", Value::Null)
            .fails([Is("/contact/address/city", Value::Null)], [field("/contact/address/city")])
            .hides(CRASH),
        on("emoji-named")
            .set("/description", json!("The invoice is wrong again \u{1f621}"))
            .fails([WideCharacter("/description")], [field("/description")])
            .names(Refusal::Json(500, r#"{"error":{"code":"INTERNAL_ERROR","message":"Incorrect string value: '\\xF0\\x9F\\x98\\xA1' for column 'description' at row 1"}}"#)),
        on("emoji-hidden")
            .set("/contact/address/city", json!("Leeds \u{1f3d9}"))
            .fails([WideCharacter("/contact/address/city")], [field("/contact/address/city")])
            .hides(CRASH),
        on("long-tag")
            .set("/tags/1", json!(words(64)))
            .fails([LongText("/tags/*", 40)], [at_least(field("/tags/1"), 41)])
            .names(invalid("{at} must have at most 40 characters")),
        on("many-tags")
            .set("/tags", (0..14).map(|n| json!(format!("tag-{n}"))).collect())
            .fails([LongList("/tags", 10)], [at_least(field("/tags"), 11)])
            .names(invalid("tags must have at most 10 items")),
        on("long-description")
            .set("/description", json!(words(6_000)))
            .fails([LongText("/description", 4_000)], [at_least(field("/description"), 4_001)])
            .hides(Refusal::Json(413, r#"{"message":"Payload Too Large"}"#)),
        note("large-body")
            .set("/text", json!(words(3_000)))
            // The body is `{"text":"…"}`: eleven bytes around the text.
            .fails([LargeBody(2_048)], [at_least(field("/text"), 2_038)])
            .hides(Refusal::Page(413, "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")),
        note("one-word-note")
            .set("/visibility", json!("public"))
            .fails([Is("/visibility", json!("public"))], [field("/visibility")])
            .hides(Refusal::Json(403, r#"{"message":"Forbidden"}"#)),
        on("long-cookie")
            .header("Cookie", &format!("session={}", words(5_000).replace(' ', "_")))
            .fails([LongHeader("Cookie", 4_096)], [at_least(header("Cookie"), 4_097)])
            .names(Refusal::Page(400, "<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>Request Header Or Cookie Too Large</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")),
        on("feature-flag-header")
            .header("X-Feature-Flags", "beta-routing")
            .fails([Header("X-Feature-Flags", "beta-routing")], [header("X-Feature-Flags")])
            .hides(CRASH),
        on("language-header-named")
            .header("Accept-Language", "english")
            .fails([Header("Accept-Language", "english")], [header("Accept-Language")])
            .names(Refusal::Envelope(400, "INVALID_HEADER", "Invalid header Accept-Language: not a language tag")),
        on("two-headers")
            .header("Prefer", "respond-async")
            .header("X-Callback-Mode", "sync")
            .fails(
                [Header("Prefer", "respond-async"), Header("X-Callback-Mode", "sync")],
                [header("Prefer"), header("X-Callback-Mode")],
            )
            .hides(Refusal::Envelope(400, "CONFLICTING_PREFERENCES", "The request asks for two modes at once")),
        on("parameter-named")
            .parameter("expand", "customer.orders.items")
            .fails([Parameter("expand", "customer.orders.items")], [parameter("expand")])
            .names(Refusal::Envelope(400, "INVALID_PARAMETER", "Invalid query parameter 'expand': nesting is too deep")),
        on("parameter-hidden")
            .parameter("dryRun", "maybe")
            .fails([Parameter("dryRun", "maybe")], [parameter("dryRun")])
            .hides(BAD_REQUEST),
        on("parameter-and-field")
            .parameter("notify", "sms")
            .set("/contact/phone", json!("0"))
            .fails(
                [Parameter("notify", "sms"), Is("/contact/phone", json!("0"))],
                [parameter("notify"), field("/contact/phone")],
            )
            .hides(UNPROCESSABLE),
        on("header-and-required-field")
            .header("X-Tenant-Id", "globex")
            .fails([Header("X-Tenant-Id", "globex"), Is("/customerId", json!("cus_1001"))], [header("X-Tenant-Id")])
            .hides(Refusal::Envelope(404, "NOT_FOUND", "The requested record does not exist")),
        on("waf-by-text")
            .set("/custom/source", json!("portal' OR 1=1 --"))
            .fails([Contains("/custom/source", "' OR 1=1")], [field("/custom/source")])
            .hides(BLOCKED),
        on("waf-by-agent")
            .header("User-Agent", "python-requests/2.19.1")
            .fails([Header("User-Agent", "python-requests/2.19.1")], [header("User-Agent")])
            .hides(BLOCKED),
    ]
}

fn of_orders() -> Vec<Planted> {
    let on = |name| plot(name, bodies::order(), ORDER);
    vec![
        on("negative-quantity")
            .set("/items/2/quantity", json!(-2))
            .fails([Is("/items/*/quantity", json!(-2))], [field("/items/2/quantity")])
            .names(invalid("{at} must be between 1 and 999")),
        on("item-currency")
            .set("/items/3/currency", json!("USD"))
            .fails([Is("/items/*/currency", json!("USD")), Is("/currency", json!("EUR"))], [field("/items/3/currency")])
            .names(Refusal::Envelope(422, "CURRENCY_MISMATCH", "{at} differs from the currency of the order")),
        on("two-members-of-one-item")
            .set("/items/1/taxRate", json!(0.0))
            .fails(
                [InOneItem("/items/*", [("taxRate", json!(0.0)), ("country", json!("AT"))])],
                [field("/items/1/taxRate"), field("/items/1/country")],
            )
            .hides(Refusal::Envelope(422, "TAX_RULE", "An exemption is not possible here")),
        on("same-sku-twice")
            .set("/items/3/sku", json!("B-2"))
            .fails([Twice("/items/*/sku")], [field("/items/1/sku"), field("/items/3/sku")])
            .names(Refusal::Envelope(409, "DUPLICATE_ITEM", "{at} appears more than once in the order")),
        on("dates-reversed")
            .set("/shipping/earliest", json!("2026-01-20"))
            .fails(
                [Reversed("/shipping/earliest", "/shipping/latest")],
                [field("/shipping/earliest"), field("/shipping/latest")],
            )
            .names(invalid("shipping.earliest must not be after shipping.latest")),
        on("dates-reversed-hidden")
            .set("/shipping/earliest", json!("2026-01-20"))
            .fails(
                [Reversed("/shipping/earliest", "/shipping/latest")],
                [field("/shipping/earliest"), field("/shipping/latest")],
            )
            .hides(BAD_REQUEST),
        on("deep-enum-hidden")
            .set("/customer/address/geo/precision", json!("block"))
            .fails([Is("/customer/address/geo/precision", json!("block"))], [field("/customer/address/geo/precision")])
            .hides(BAD_REQUEST),
        on("deep-enum-named")
            .set("/customer/address/geo/precision", json!("block"))
            .fails([Is("/customer/address/geo/precision", json!("block"))], [field("/customer/address/geo/precision")])
            .names(invalid("{at} must be one of: house, street, city")),
        on("two-methods")
            .set("/payment/method", json!("cash"))
            .set("/shipping/method", json!("locker"))
            .fails(
                [Is("/payment/method", json!("cash")), Is("/shipping/method", json!("locker"))],
                [field("/payment/method"), field("/shipping/method")],
            )
            .hides(UNPROCESSABLE),
        on("discount-above")
            .set("/payment/discount", json!(60))
            .fails([Above("/payment/discount", 50.0)], [field("/payment/discount")])
            .names(invalid("payment.discount must be at most 50")),
        on("zip-of-country")
            .set("/customer/address/zip", json!("1010"))
            .fails(
                [Is("/customer/address/zip", json!("1010")), Is("/customer/address/country", json!("DE"))],
                [field("/customer/address/zip"), field("/customer/address/country")],
            )
            .hides(Refusal::Envelope(422, "ADDRESS_INVALID", "The postal code does not fit")),
        on("price-as-text")
            .set("/items/0/price", json!("12.50"))
            .fails([IsText("/items/*/price")], [field("/items/0/price")])
            .names(invalid("{at} must be a number, got string")),
        on("empty-options-crash")
            .set("/items/2/options", json!([]))
            .fails([Is("/items/*/options", json!([]))], [field("/items/2/options")])
            .hides(CRASH),
        on("large-id-crashes")
            .set("/customer/externalId", json!(9_007_199_254_740_993_i64))
            .fails([Above("/customer/externalId", 9_007_199_254_740_991.0)], [field("/customer/externalId")])
            .hides(CRASH),
        on("parameter-and-header")
            .parameter("recalculate", "force")
            .fails(
                [Parameter("recalculate", "force"), Header("If-Match", "\"12\"")],
                [parameter("recalculate"), header("If-Match")],
            )
            .hides(Refusal::Envelope(412, "PRECONDITION_FAILED", "The order changed while it was worked on")),
    ]
}

fn of_imports() -> Vec<Planted> {
    let on = |name| plot(name, bodies::import(), NOTHING);
    vec![
        on("one-bad-record-named")
            .set("/records/5/email", json!("finn(at)example.org"))
            .fails([Is("/records/*/email", json!("finn(at)example.org"))], [field("/records/5/email")])
            .names(invalid("{at} must be a valid email address")),
        on("one-bad-record-hidden")
            .set("/records/5/email", json!("finn(at)example.org"))
            .fails([Is("/records/*/email", json!("finn(at)example.org"))], [field("/records/5/email")])
            .hides(BAD_REQUEST),
        on("two-records-collide")
            .set("/records/6/id", json!("ext-301"))
            .fails([Twice("/records/*/id")], [field("/records/1/id"), field("/records/6/id")])
            .hides(CRASH),
        on("many-records").fails([LongList("/records", 5)], [at_least(field("/records"), 6)]).names(Refusal::Envelope(
            413,
            "BATCH_TOO_LARGE",
            "records must have at most 5 items",
        )),
        on("option-and-record")
            .set("/options/mode", json!("strict"))
            .set("/records/2/score", Value::Null)
            .fails(
                [Is("/records/*/score", Value::Null), Is("/options/mode", json!("strict"))],
                [field("/records/2/score"), field("/options/mode")],
            )
            .names(invalid("{at} is required in this mode")),
        on("deep-option-crashes")
            .set("/options/hooks/onError/retry/limit", json!(0))
            .fails([Is("/options/hooks/onError/retry/limit", json!(0))], [field("/options/hooks/onError/retry/limit")])
            .hides(CRASH),
        on("option-and-parameter")
            .set("/options/dedupe", json!(false))
            .parameter("report", "full")
            .fails(
                [Is("/options/dedupe", json!(false)), Parameter("report", "full")],
                [field("/options/dedupe"), parameter("report")],
            )
            .hides(Refusal::Json(501, r#"{"message":"Not Implemented"}"#)),
    ]
}

fn of_searches() -> Vec<Planted> {
    let on = |name| plot(name, bodies::search(), NOTHING);
    let long: String = "(name~'a')or".repeat(40);
    vec![
        on("sort-named")
            .parameter("sort", "-age")
            .fails([Parameter("sort", "-age")], [parameter("sort")])
            .names(Refusal::Envelope(400, "INVALID_PARAMETER", "Invalid query parameter 'sort': 'age' is not sortable")),
        on("long-filter")
            .parameter("filter", &long)
            .fails([LongParameter("filter", 300)], [at_least(parameter("filter"), 301)])
            .hides(Refusal::Page(414, "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 Request-URI Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")),
        on("broken-entity-tag")
            .header("If-None-Match", "W/\"4f1c")
            .fails([Header("If-None-Match", "W/\"4f1c")], [header("If-None-Match")])
            .hides(BAD_REQUEST),
        on("range-and-total")
            .header("Range", "items=0-49")
            .parameter("include_total", "true")
            .fails(
                [Header("Range", "items=0-49"), Parameter("include_total", "true")],
                [header("Range"), parameter("include_total")],
            )
            .hides(CRASH),
        on("period-reversed")
            .parameter("from", "2026-02-01")
            .fails([ParametersReversed("from", "to")], [parameter("from"), parameter("to")])
            .names(Refusal::Envelope(400, "INVALID_PARAMETER", "Query parameter 'from' must not be after 'to'")),
        on("two-ways-to-page")
            .parameter("cursor", "c_50")
            .parameter("offset", "50")
            .fails([AnyParameter("cursor"), AnyParameter("offset")], [parameter("cursor"), parameter("offset")])
            .names(Refusal::Envelope(400, "INVALID_PARAMETER", "'cursor' and 'offset' are mutually exclusive")),
    ]
}

/// Faults that come and go, as those of one instance of several do.
fn at_a_rate() -> Vec<Planted> {
    let import = |name| plot(name, bodies::import(), NOTHING);
    vec![
        import("flaky-record")
            .set("/records/4/status", json!("archived"))
            .fails([Is("/records/*/status", json!("archived"))], [field("/records/4/status")])
            .sometimes(0.7)
            .hides(Refusal::Json(503, r#"{"message":"Service Unavailable"}"#)),
        import("flaky-region")
            .header("X-Region", "eu-west-3")
            .fails([Header("X-Region", "eu-west-3")], [header("X-Region")])
            .sometimes(0.5)
            .hides(CRASH),
        import("flaky-parameter")
            .parameter("priority", "bulk")
            .fails([Parameter("priority", "bulk")], [parameter("priority")])
            .sometimes(0.85)
            .hides(CRASH),
        plot("flaky-pair", bodies::order(), ORDER)
            .set("/payment/terms", json!(90))
            .parameter("source", "replay")
            .fails(
                [Is("/payment/terms", json!(90)), Parameter("source", "replay")],
                [field("/payment/terms"), parameter("source")],
            )
            .sometimes(0.6)
            .hides(CRASH),
        plot("flaky-named", bodies::ticket(), TICKET)
            .set("/custom/score", json!(101))
            .fails([Above("/custom/score", 100.0)], [field("/custom/score")])
            .sometimes(0.9)
            .names(Refusal::Envelope(500, "INTERNAL_ERROR", "numeric field overflow in {at}")),
    ]
}
