//! A request as a tree of parts: which there are, what they are called, what each holds.
//!
//! The tree never changes; a [`Form`](crate::form::Form) says which of its parts are there.

use crate::hints;
use crate::json::{self, Json};
use crate::oracle::Candidate;
use crate::part::{Part, Place};
use crate::prior::prior;
use firstfault_model::Request;

/// The most parts that a request is taken into; what is beyond them stays together.
const PARTS: usize = 20_000;
/// A list with more items than this is searched by its length before its items are tried.
pub(crate) const LONG: usize = 8;
/// The most fields or parameters that are parts of their own.
const FIELDS: usize = 2_000;

/// One part.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    pub place: Place,
    /// The segment of its name: a field's name, a member's key, `[3]`.
    pub name: String,
    pub kind: Kind,
    /// The chance that the failure needs it.
    pub p: f64,
    /// True when the message names it, or something in it.
    pub about: bool,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Header(String),
    /// The `Cookie` field; its cookies are its children.
    Cookies,
    Cookie(String),
    Parameter(String),
    /// A JSON object; the text is its own key as written, with quotes, where it is a member.
    Object(Option<String>),
    Array(Option<String>),
    /// A JSON scalar as written, with its key.
    Scalar(Option<String>, String),
    Form,
    Pair(String),
    /// A multipart body with its boundary.
    Multipart(String),
    /// Head and content of one of its parts.
    Section(Vec<u8>, Vec<u8>),
    Lines,
    Line(String),
    /// A body that is not taken apart.
    Bytes(Vec<u8>),
}

impl Kind {
    /// True for what can be there without children.
    pub(crate) fn can_be_empty(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Array(_) | Self::Form | Self::Multipart(_) | Self::Lines)
    }

    /// True for what has its items in an order and not by name, so that its length may matter.
    fn is_list(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Lines | Self::Cookies | Self::Multipart(_))
    }
}

/// A request taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    /// Method, target and version; no query, fields or body.
    pub base: Request,
}

impl Tree {
    /// Takes a request apart. `names` are those that the error message quotes.
    pub(crate) fn of(candidate: &Candidate, names: &[String]) -> Self {
        let mut base = candidate.request.clone();
        base.headers.0.clear();
        base.url.query = None;
        base.body = None;
        let mut tree = Self { nodes: Vec::new(), base };
        tree.headers(candidate);
        if let Some(query) = &candidate.request.url.query {
            for pair in query.split('&').take(FIELDS) {
                tree.add(None, Place::Query, decoded(pair_name(pair)), Kind::Parameter(pair.to_owned()));
            }
        }
        if let Some(body) = &candidate.body {
            tree.body(body, candidate.request.headers.first("content-type").unwrap_or_default());
        }
        tree.expect(names, candidate.body.is_some());
        tree
    }

    fn add(&mut self, parent: Option<usize>, place: Place, name: String, kind: Kind) -> usize {
        let number = self.nodes.len();
        self.nodes.push(Node { parent, children: Vec::new(), place, name, kind, p: 0.1, about: false });
        if let Some(parent) = parent {
            self.nodes[parent].children.push(number);
        }
        number
    }

    fn headers(&mut self, candidate: &Candidate) {
        let url = &candidate.request.url;
        let host = match (&url.host, url.port) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.clone().unwrap_or_default(),
        };
        for field in candidate.request.headers.0.iter().take(FIELDS) {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            // What a client writes itself, and writes anew for what is left.
            let own = is("host") && field.value.eq_ignore_ascii_case(&host)
                || is("content-length") && field.value.trim().parse() == Ok(candidate.body_bytes())
                || field.name.starts_with(':');
            if own {
                continue;
            }
            if is("cookie") {
                let cookies = self.add(None, Place::Header, field.name.clone(), Kind::Cookies);
                for cookie in field.value.split(';').map(str::trim).filter(|c| !c.is_empty()).take(FIELDS) {
                    let name = pair_name(cookie).to_owned();
                    self.add(Some(cookies), Place::Cookie, name, Kind::Cookie(cookie.to_owned()));
                }
            } else {
                self.add(None, Place::Header, field.name.clone(), Kind::Header(field.value.clone()));
            }
        }
    }

    fn body(&mut self, body: &[u8], content_type: &str) {
        let text = std::str::from_utf8(body).ok();
        let kind = content_type.to_ascii_lowercase();
        if let Some(boundary) = boundary(content_type)
            && let Some(sections) = sections(body, &boundary)
        {
            let root = self.add(None, Place::Body, String::new(), Kind::Multipart(boundary));
            for (number, (head, content)) in sections.into_iter().enumerate() {
                let name = section_name(&head).unwrap_or_else(|| format!("part {}", number + 1));
                self.add(Some(root), Place::Body, name, Kind::Section(head, content));
            }
            return;
        }
        let Some(text) = text else {
            self.add(None, Place::Body, String::new(), Kind::Bytes(body.to_vec()));
            return;
        };
        if let Some(json) = json::parse(text) {
            self.json(None, String::new(), None, json);
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let root = self.add(None, Place::Body, String::new(), Kind::Form);
            for pair in text.split('&').take(FIELDS) {
                self.add(Some(root), Place::Body, decoded(pair_name(pair)), Kind::Pair(pair.to_owned()));
            }
        } else if text.lines().nth(1).is_some() && text.lines().count() < PARTS {
            let root = self.add(None, Place::Body, String::new(), Kind::Lines);
            for (number, line) in text.split_inclusive('\n').enumerate() {
                self.add(Some(root), Place::Body, format!("line {}", number + 1), Kind::Line(line.to_owned()));
            }
        } else {
            self.add(None, Place::Body, String::new(), Kind::Line(text.to_owned()));
        }
    }

    fn json(&mut self, parent: Option<usize>, name: String, key: Option<String>, json: Json) {
        if self.nodes.len() >= PARTS {
            let raw = whole(&json);
            self.add(parent, Place::Body, name, Kind::Scalar(key, raw));
            return;
        }
        match json {
            Json::Object(members) => {
                let number = self.add(parent, Place::Body, name, Kind::Object(key));
                for (raw, value) in members {
                    let shown = json::string(&raw).unwrap_or_else(|| raw.clone());
                    self.json(Some(number), shown, Some(raw), value);
                }
            }
            Json::Array(items) => {
                let number = self.add(parent, Place::Body, name, Kind::Array(key));
                for (position, value) in items.into_iter().enumerate() {
                    self.json(Some(number), format!("[{position}]"), None, value);
                }
            }
            Json::Scalar(raw) => {
                self.add(parent, Place::Body, name, Kind::Scalar(key, raw));
            }
        }
    }

    /// Sets the chances: what a part is called, how many there are, and what the message names.
    fn expect(&mut self, names: &[String], has_body: bool) {
        let leaves = |place: Place| self.nodes.iter().filter(|n| n.place == place && n.children.is_empty()).count();
        let counts = [Place::Header, Place::Cookie, Place::Query, Place::Body].map(|place| (place, leaves(place)));
        let names: Vec<Vec<String>> = names.iter().map(|name| hints::segments(name)).collect();
        let named: Vec<bool> = (0..self.nodes.len())
            .map(|number| {
                let path = hints::segments(&self.part(number).name);
                names.iter().any(|name| hints::means(name, &path))
            })
            .collect();
        let any = named.contains(&true);
        for number in (0..self.nodes.len()).filter(|number| named[*number]) {
            let mut at = Some(number);
            while let Some(up) = at {
                self.nodes[up].about = true;
                at = self.nodes[up].parent;
            }
        }
        for number in 0..self.nodes.len() {
            let node = &self.nodes[number];
            let count = counts.iter().find(|(place, _)| *place == node.place).map_or(1, |(_, count)| *count);
            let mut p = prior(node.place, &node.name, count, has_body);
            let inside = std::iter::successors(node.parent, |up| self.nodes[*up].parent).any(|up| named[up]);
            if named[number] {
                p = 0.9;
            } else if inside {
                p = p.max(0.3);
            } else if any && p < 0.5 {
                p *= 0.4;
            }
            self.nodes[number].p = p;
        }
    }

    /// True when the message names a part that is there.
    pub(crate) fn has_named(&self) -> bool {
        self.nodes.iter().any(|node| node.p >= 0.9)
    }

    /// The name of a part with its path.
    pub(crate) fn part(&self, number: usize) -> Part {
        let node = &self.nodes[number];
        let mut name = node.name.clone();
        let mut at = node.parent.filter(|_| node.place != Place::Cookie);
        while let Some(up) = at {
            let parent = &self.nodes[up];
            if !parent.name.is_empty() {
                let joint = if name.starts_with('[') { "" } else { "." };
                name = format!("{}{joint}{name}", parent.name);
            }
            at = parent.parent;
        }
        Part { place: node.place, name }
    }

    /// True for a list that is searched by its length.
    pub(crate) fn is_long(&self, number: usize) -> bool {
        let node = &self.nodes[number];
        node.kind.is_list() && node.children.len() > LONG
    }

    /// The text that a part holds beside its name, with how many characters it has; `None` for structure and numbers.
    pub(crate) fn value(&self, number: usize) -> Option<String> {
        match &self.nodes[number].kind {
            Kind::Header(value) => Some(value.clone()),
            Kind::Cookie(pair) | Kind::Parameter(pair) | Kind::Pair(pair) => {
                pair.split_once('=').map(|(_, value)| value.to_owned())
            }
            Kind::Scalar(_, raw) => json::string(raw),
            Kind::Line(text) => Some(text.clone()),
            Kind::Section(_, content) => String::from_utf8(content.clone()).ok(),
            _ => None,
        }
    }
}

/// A JSON value as one text.
fn whole(json: &Json) -> String {
    match json {
        Json::Object(members) => {
            let all: Vec<String> = members.iter().map(|(key, value)| format!("{key}:{}", whole(value))).collect();
            format!("{{{}}}", all.join(","))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(whole).collect::<Vec<_>>().join(",")),
        Json::Scalar(raw) => raw.clone(),
    }
}

fn pair_name(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// `%5B` and `+` of a name, for showing and comparing it only.
fn decoded(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            (b'+', ..) => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The boundary of a multipart type (RFC 2046 section 5.1.1).
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    (!value.is_empty() && value.len() <= 70).then_some(value)
}

/// Head and content of each part; `None` when the body is not what its type says.
fn sections(body: &[u8], boundary: &str) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut rest = body.strip_prefix(mark.as_bytes())?;
    let next = format!("\r\n{mark}");
    while let Some(inner) = rest.strip_prefix(b"\r\n") {
        let end = position(inner, next.as_bytes())?;
        let section = &inner[..end];
        // A part without fields begins with the empty line.
        let (head, content) = match (section.strip_prefix(b"\r\n"), position(section, b"\r\n\r\n")) {
            (Some(content), _) => (Vec::new(), content.to_vec()),
            (None, Some(blank)) => (section[..blank].to_vec(), section[blank + 4..].to_vec()),
            (None, None) => (section.to_vec(), Vec::new()),
        };
        found.push((head, content));
        rest = &inner[end + next.len()..];
        if found.len() > FIELDS {
            return None;
        }
    }
    (rest.starts_with(b"--") && !found.is_empty()).then_some(found)
}

fn section_name(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head).into_owned();
    let (_, after) = head.split_once(" name=\"")?;
    after.split_once('"').map(|(name, _)| name.to_owned())
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
