//! Requests with a planted fault, and servers that only exist as a function: for the bench and for tests.

use firstfault_bisect::{Answer, Candidate, Oracle, Reply};
use firstfault_model::{Request, Span, Url};
use serde_json::{Map, Value};

/// A seeded generator (SplitMix64), so that each run has the same cases.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.roll() % count.max(1) as u64) as usize
    }

    pub fn chance(&mut self, of: f64) -> bool {
        (self.roll() >> 11) as f64 / ((1u64 << 53) as f64) < of
    }
}

/// What a request has to have, or what is wrong with it.
#[derive(Clone, Debug)]
pub enum Condition {
    Header(String),
    Parameter(String),
    Cookie(String),
    /// A path of the body: `a.b.2.c`.
    Field(String),
    /// Any item of the array at the path has this text somewhere.
    Item(String, String),
    HeaderBytes(usize),
    BodyBytes(usize),
    Items(String, usize),
    Characters(String, usize),
    HeaderCharacters(String, usize),
}

impl Condition {
    pub fn holds(&self, candidate: &Candidate) -> bool {
        let body = || serde_json::from_slice::<Value>(candidate.body.as_deref().unwrap_or_default()).ok();
        let at = |path: &str| {
            let pointer: String = path.split('.').filter(|p| !p.is_empty()).map(|p| format!("/{p}")).collect();
            body().and_then(|body| body.pointer(&pointer).cloned())
        };
        match self {
            Self::Header(name) => candidate.request.headers.first(name).is_some(),
            Self::Parameter(name) => {
                let query = candidate.request.url.query.as_deref().unwrap_or_default();
                query.split('&').any(|pair| pair.split('=').next() == Some(name))
            }
            Self::Cookie(name) => {
                let cookies = candidate.request.headers.first("cookie").unwrap_or_default();
                cookies.split("; ").any(|pair| pair.split('=').next() == Some(name))
            }
            Self::Field(path) => at(path).is_some(),
            Self::Item(path, text) => at(path)
                .and_then(|list| list.as_array().cloned())
                .is_some_and(|items| items.iter().any(|item| item.to_string().contains(text))),
            Self::HeaderBytes(least) => candidate.head_bytes() >= *least,
            Self::BodyBytes(least) => candidate.body_bytes() >= *least,
            Self::Items(path, least) => {
                at(path).and_then(|list| list.as_array().map(Vec::len)).is_some_and(|count| count >= *least)
            }
            Self::Characters(path, least) => {
                at(path).and_then(|text| text.as_str().map(|t| t.chars().count())).is_some_and(|count| count >= *least)
            }
            Self::HeaderCharacters(name, least) => {
                candidate.request.headers.first(name).is_some_and(|value| value.len() >= *least)
            }
        }
    }
}

/// A request, and what the server thinks of it.
#[derive(Clone, Debug)]
pub struct Planted {
    pub request: Candidate,
    /// What is checked before the fault: without it the request fails otherwise.
    pub required: Vec<Condition>,
    /// The fault: all of these together.
    pub fault: Vec<Condition>,
    /// What the message names.
    pub names: Vec<String>,
    /// How often the fault shows.
    pub rate: f64,
    /// How many parts the smallest request has; `None` where it is a size.
    pub parts: Option<usize>,
}

/// The server of a planted fault.
pub struct Server<'a> {
    pub planted: &'a Planted,
    pub dice: Dice,
    pub asked: u32,
}

impl<'a> Server<'a> {
    pub fn new(planted: &'a Planted) -> Self {
        Self { planted, dice: Dice(7), asked: 0 }
    }
}

/// What a server answers when chance is on the side of the fault.
pub fn answer(planted: &Planted, candidate: &Candidate) -> Answer {
    if let Some(missing) = planted.required.iter().find(|required| !required.holds(candidate)) {
        return Answer::Other(format!("{missing:?} is missing"));
    }
    if planted.fault.iter().all(|fault| fault.holds(candidate)) { Answer::Same } else { Answer::Works }
}

impl Oracle for Server<'_> {
    async fn ask(&mut self, candidate: &Candidate) -> Reply {
        self.asked += 1;
        let answer = answer(self.planted, candidate);
        let shows = self.planted.rate >= 1.0 || self.dice.chance(self.planted.rate);
        let answer = if answer == Answer::Same && !shows { Answer::Works } else { answer };
        Reply { answer, names: self.planted.names.clone() }
    }
}

const FIELDS: &[&str] = &[
    "id",
    "name",
    "title",
    "status",
    "type",
    "amount",
    "currency",
    "createdAt",
    "owner",
    "email",
    "phone",
    "street",
    "city",
    "zip",
    "country",
    "tags",
    "note",
    "priority",
    "channel",
    "source",
    "locale",
    "reference",
    "category",
    "quantity",
    "unitPrice",
    "discount",
    "tax",
    "sku",
    "weight",
    "color",
    "enabled",
    "comment",
    "startDate",
    "endDate",
];
const BROWSER: &[(&str, &str)] = &[
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"),
    ("Accept", "application/json, text/plain, */*"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Cache-Control", "no-cache"),
    ("Pragma", "no-cache"),
    ("Origin", "https://app.example.com"),
    ("Referer", "https://app.example.com/tickets/new"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Site", "same-site"),
    ("sec-ch-ua-platform", "\"Linux\""),
    ("X-Request-Id", "6f1c0a1e-5f0e-4f3e-8a50-2c40c0f8a5b1"),
    ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("X-App-Version", "4.12.0"),
    ("X-Tenant", "acme"),
    ("X-Feature-Flags", "newForm,betaSearch"),
    ("X-Timezone", "Europe/Berlin"),
    ("If-None-Match", "\"33a64df5\""),
    ("Idempotency-Key", "2f0c7d1a-0d43-4a4d-9d0e-2a7b6a1f7c11"),
    ("X-Currency", "EUR"),
    ("Prefer", "return=representation"),
];

/// A value of some shape with about `leaves` fields.
fn value(dice: &mut Dice, leaves: usize, depth: usize) -> Value {
    let mut object = Map::new();
    let mut left = leaves;
    while left > 0 {
        let mut name = FIELDS[dice.below(FIELDS.len())].to_owned();
        if object.contains_key(&name) {
            name = format!("{name}{}", object.len());
        }
        let part = 1 + dice.below(left);
        let inner = match dice.below(6) {
            0 | 1 if depth > 0 && part > 1 => {
                left -= part;
                value(dice, part, depth - 1)
            }
            2 if depth > 0 && part > 3 => {
                left -= part;
                let each = 1 + part / 3;
                Value::Array((0..3).map(|_| value(dice, each, depth - 1)).collect())
            }
            3 => {
                left -= 1;
                Value::from(dice.below(1000))
            }
            _ => {
                left -= 1;
                Value::from(format!("{name} {}", dice.below(1000)))
            }
        };
        object.insert(name, inner);
    }
    Value::Object(object)
}

/// Every path of a scalar.
fn paths(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(k, v)| paths(v, &format!("{at}.{k}"), out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| paths(v, &format!("{at}.{i}"), out)),
        _ => out.push(at.trim_start_matches('.').to_owned()),
    }
}

fn candidate(headers: &[(String, String)], query: &[String], body: Option<&Value>) -> Candidate {
    let mut request = Request { method: Some("POST".to_owned()), ..Request::default() };
    request.url = Url::parse("https://api.example.com/v1/tickets");
    request.url.query = (!query.is_empty()).then(|| query.join("&"));
    for (name, value) in headers {
        request.headers.push(name.as_str(), value.as_str(), Span::default());
    }
    Candidate::new(request, body.map(|body| body.to_string().into_bytes()))
}

/// One case of a kind.
pub fn plant(kind: &'static str, seed: u64) -> Planted {
    let mut dice = Dice(seed.wrapping_mul(0x1000_0001).wrapping_add(kind.len() as u64));
    let few = 6 + dice.below(BROWSER.len() - 6);
    let mut headers: Vec<(String, String)> =
        BROWSER.iter().take(few).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    headers.push(("Authorization".to_owned(), format!("Bearer {}", "e".repeat(40 + dice.below(600)))));
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    let cookies: Vec<String> = (0..dice.below(8)).map(|n| format!("c{n}=v{}", dice.below(9999))).collect();
    if !cookies.is_empty() {
        headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    let mut query: Vec<String> =
        (0..dice.below(9)).map(|n| format!("{}{n}={}", FIELDS[dice.below(FIELDS.len())], dice.below(100))).collect();
    let leaves = 8 + dice.below(50);
    let mut body = value(&mut dice, leaves, 4);
    let mut all = Vec::new();
    paths(&body, "", &mut all);
    let deep = |dice: &mut Dice, all: &[String]| {
        let picks: Vec<&String> = (0..4).map(|_| &all[dice.below(all.len())]).collect();
        picks.into_iter().max_by_key(|path| path.matches('.').count()).cloned().unwrap_or_default()
    };
    let mut fault = Vec::new();
    let mut names = Vec::new();
    let mut parts = None;
    let mut rate = 1.0;
    let mut before_auth = false;
    let quoted = dice.chance(0.6);
    match kind {
        "header" | "header 30 %" => {
            let name = headers[dice.below(few)].0.clone();
            names.push(name.clone());
            fault.push(Condition::Header(name));
            before_auth = dice.chance(0.5);
            parts = Some(1);
        }
        "cookie" => {
            let name = format!("s{}", dice.below(9));
            let all: Vec<String> = cookies.iter().cloned().chain([format!("{name}=broken")]).collect();
            headers.retain(|(n, _)| n != "Cookie");
            headers.push(("Cookie".to_owned(), all.join("; ")));
            names.push(name.clone());
            fault.push(Condition::Cookie(name));
            parts = Some(1);
        }
        "query" | "query 30 %" => {
            query.push("sort=-nothing".to_owned());
            let turn = dice.below(query.len());
            query.rotate_left(turn);
            names.push("sort".to_owned());
            fault.push(Condition::Parameter("sort".to_owned()));
            parts = Some(1);
        }
        "field" | "field 30 %" | "field 70 %" => {
            let path = deep(&mut dice, &all);
            names.push(path.clone());
            fault.push(Condition::Field(path));
            parts = Some(1);
        }
        "item" | "item 30 %" => {
            let count = 10 + dice.below(60);
            let bad = dice.below(count);
            let items: Vec<Value> = (0..count)
                .map(|n| {
                    let mut item = value(&mut dice, 4, 1);
                    if n == bad {
                        item["unit"] = Value::from("furlong");
                    }
                    item
                })
                .collect();
            body["lines"] = Value::Array(items);
            names.push(format!("lines[{bad}].unit"));
            fault.push(Condition::Item("lines".to_owned(), "furlong".to_owned()));
            parts = Some(1);
        }
        "two" | "two 70 %" => {
            let one = deep(&mut dice, &all);
            fault.push(Condition::Field(one.clone()));
            names.push(one);
            if dice.chance(0.5) {
                query.push("mode=strict".to_owned());
                fault.push(Condition::Parameter("mode".to_owned()));
            } else {
                let name = headers[dice.below(few)].0.clone();
                fault.push(Condition::Header(name));
            }
            parts = Some(2);
        }
        "required" => {
            // A strict server: several fields have to be there before it comes to the fault.
            let path = deep(&mut dice, &all);
            names.push(path.clone());
            fault.push(Condition::Field(path));
        }
        "header size" => {
            headers.push(("X-Context".to_owned(), "k=v&".repeat(1000 + dice.below(2000))));
            before_auth = true;
            fault.push(if dice.chance(0.5) {
                Condition::HeaderBytes(4096)
            } else {
                names.push("X-Context".to_owned());
                Condition::HeaderCharacters("X-Context".to_owned(), 2048)
            });
        }
        "list size" => {
            let count = 101 + dice.below(100);
            body["lines"] = Value::Array((0..count).map(|n| Value::from(format!("line {n}"))).collect());
            names.push("lines".to_owned());
            fault.push(Condition::Items("lines".to_owned(), 101));
        }
        "text size" => {
            body["text"] = Value::from("lorem ipsum ".repeat(25 + dice.below(100)));
            names.push("text".to_owned());
            fault.push(Condition::Characters("text".to_owned(), 256));
        }
        _ => {
            body["text"] = Value::from("lorem ipsum ".repeat(800 + dice.below(1000)));
            before_auth = true;
            fault.push(Condition::BodyBytes(8192));
        }
    }
    if kind.ends_with("30 %") {
        rate = 0.3;
    }
    if kind.ends_with("70 %") {
        rate = 0.7;
    }
    if !quoted {
        names.clear();
    }
    let mut required = Vec::new();
    if !before_auth {
        required.push(Condition::Header("Authorization".to_owned()));
        let of_body = fault.iter().any(|f| {
            matches!(f, Condition::Field(_) | Condition::Item(..) | Condition::Items(..) | Condition::Characters(..))
        });
        if of_body {
            required.push(Condition::Header("Content-Type".to_owned()));
            // In the smallest request an array item stands first.
            fault.iter_mut().for_each(position_free);
        }
        if kind == "required" {
            let mut more: Vec<String> = body.as_object().into_iter().flatten().map(|(k, _)| k.clone()).collect();
            more.truncate(3);
            required.extend(more.into_iter().map(Condition::Field));
        }
        parts = parts.map(|parts| parts + required.iter().filter(|r| !fault.iter().any(|f| same(f, r))).count());
    }
    if kind == "required" {
        parts = None;
    }
    let request = candidate(&headers, &query, Some(&body));
    Planted { request, required, fault, names, rate, parts }
}

fn same(a: &Condition, b: &Condition) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

/// A field of an array's item moves when items before it go, so the fault is about any item: the text of it.
fn position_free(condition: &mut Condition) {
    let Condition::Field(path) = condition else { return };
    let Some(position) = path.split('.').position(|p| p.bytes().all(|b| b.is_ascii_digit())) else { return };
    let pieces: Vec<&str> = path.split('.').collect();
    let list = pieces[..position].join(".");
    let last = format!("\"{}\"", pieces.last().copied().unwrap_or_default());
    *condition = Condition::Item(list, last);
}

/// The kinds, and how many of each the bench has.
pub const KINDS: &[(&str, u64)] = &[
    ("header", 10),
    ("cookie", 6),
    ("query", 8),
    ("field", 12),
    ("item", 10),
    ("two", 10),
    ("required", 8),
    ("header size", 5),
    ("list size", 5),
    ("text size", 5),
    ("body size", 5),
    ("header 30 %", 4),
    ("query 30 %", 4),
    ("field 30 %", 6),
    ("item 30 %", 4),
    ("field 70 %", 6),
    ("two 70 %", 6),
];

/// Runs a future that never waits.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
