//! Media types: parsed, classed, and the described one that a given one is (RFC 9110, section 8.3.1; RFC 6838).

use crate::description::Media;

/// A media type or range with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// Lower case.
    kind: String,
    /// Lower case.
    subtype: String,
    parameters: Vec<(String, String)>,
}

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Json,
    Form,
    Multipart,
    /// JSON values one after the other.
    Lines,
    /// Server-sent events.
    Events,
    Text,
    /// Presence and type only.
    Opaque,
}

impl MediaType {
    /// Reads `type/subtype; name=value`; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        if kind.is_empty() || subtype.is_empty() || subtype.contains(['/', ' ', ',']) {
            return None;
        }
        let parameter = |text: &str| {
            let (name, value) = text.trim().split_once('=')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_owned()))
        };
        Some(Self {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            parameters: parts.filter_map(parameter).collect(),
        })
    }

    /// `type/subtype`.
    pub fn essence(&self) -> String {
        // A range is no type to send: the usual one of its class is.
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", _) | ("application", "*") => "application/json".to_owned(),
            _ => format!("{}/{}", self.kind, self.subtype),
        }
    }

    /// The value of a parameter, by lower-case name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// How a body of this type is read.
    pub fn class(&self) -> Class {
        let subtype = self.subtype.as_str();
        match (self.kind.as_str(), subtype) {
            ("application", "x-www-form-urlencoded") => Class::Form,
            ("multipart", _) => Class::Multipart,
            ("application", "x-ndjson" | "ndjson" | "jsonl" | "x-jsonlines" | "json-seq" | "jsonlines") => Class::Lines,
            (_, _) if subtype.ends_with("+json-seq") => Class::Lines,
            ("text", "event-stream") => Class::Events,
            (_, "json") => Class::Json,
            _ if subtype.ends_with("+json") => Class::Json,
            ("*", "*") | ("application", "*") => Class::Json,
            ("text", "xml" | "html") => Class::Opaque,
            ("text", _) if !subtype.ends_with("+xml") => Class::Text,
            _ => Class::Opaque,
        }
    }

    /// Whether this is the JSON of any vocabulary: patches are formats of their own.
    fn is_plain_json(&self) -> bool {
        self.class() == Class::Json && !self.subtype.contains("patch")
    }
}

/// The described media type that a given one is: the same, else the nearest range, else JSON for JSON.
pub(super) fn choose<'a>(content: &'a [Media], given: &MediaType) -> Option<&'a Media> {
    let described: Vec<(&Media, MediaType)> =
        content.iter().filter_map(|media| Some((media, MediaType::parse(&media.range)?))).collect();
    let fits = |test: &dyn Fn(&MediaType) -> bool| described.iter().find(|(_, t)| test(t)).map(|(media, _)| *media);
    fits(&|t| t.kind == given.kind && t.subtype == given.subtype)
        .or_else(|| fits(&|t| t.kind == given.kind && t.subtype == "*"))
        .or_else(|| fits(&|t| t.kind == "*"))
        .or_else(|| fits(&|t| t.is_plain_json() && given.is_plain_json() && t.kind == given.kind))
}

#[cfg(test)]
mod tests {
    use super::{Class, MediaType, choose};
    use crate::description::Media;

    fn described(ranges: &[&str]) -> Vec<Media> {
        ranges.iter().map(|r| Media { range: (*r).to_owned(), ..Media::default() }).collect()
    }

    fn chosen(ranges: &[&str], given: &str) -> Option<String> {
        let content = described(ranges);
        choose(&content, &MediaType::parse(given)?).map(|m| m.range.clone())
    }

    #[test]
    fn the_nearest_described_type_is_chosen() {
        let all = ["*/*", "application/*", "application/json"];
        assert_eq!(chosen(&all, "Application/JSON; charset=utf-8").as_deref(), Some("application/json"));
        assert_eq!(chosen(&all, "application/xml").as_deref(), Some("application/*"));
        assert_eq!(chosen(&all, "image/png").as_deref(), Some("*/*"));
        assert_eq!(chosen(&["application/json"], "application/problem+json").as_deref(), Some("application/json"));
        assert_eq!(chosen(&["application/json-patch+json"], "application/json"), None);
        assert_eq!(chosen(&["application/json"], "text/plain"), None);
    }

    #[test]
    fn types_are_classed_by_what_reads_them() {
        let class = |text: &str| MediaType::parse(text).map(|t| t.class());
        assert_eq!(class("application/vnd.api+json"), Some(Class::Json));
        assert_eq!(class("application/x-ndjson"), Some(Class::Lines));
        assert_eq!(class("text/csv"), Some(Class::Text));
        assert_eq!(class("application/atom+xml"), Some(Class::Opaque));
        assert_eq!(class("json"), None);
    }
}
