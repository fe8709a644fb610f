//! Bodies by their media type → JSON values, held against their schema.

mod form;
mod json;
mod media_type;
mod multipart;
mod sequence;

pub(crate) use form::{Field, fields};
pub(crate) use media_type::{Class, MediaType};

use crate::description::{Contract, Media, Operation, SchemaRef};
use crate::explain::{self, one_of, short};
use firstfault_model::Body;
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use serde_json::Value;

/// What is wrong with a body: its media type, its syntax, its fields. `content` is what the description has for it;
/// whether a body is required at all is not judged here, and of a cut body only the media type is.
#[must_use]
pub fn findings(
    contract: &Contract,
    operation: Option<&Operation>,
    content: &[Media],
    half: Half,
    content_type: Option<&str>,
    body: Option<&Body>,
) -> Vec<Finding> {
    let Some(body) = body.filter(|b| !b.is_blank()) else { return Vec::new() };
    if content.is_empty() {
        return Vec::new();
    }
    let held = Held { contract, operation: operation.map(Operation::name), content, half, body };
    held.findings(content_type)
}

/// One body and what it is held against.
struct Held<'a> {
    contract: &'a Contract,
    operation: Option<String>,
    content: &'a [Media],
    half: Half,
    body: &'a Body,
}

/// What a body says.
enum Read {
    /// One value.
    Value(Value),
    /// A sequence of values.
    Items(Vec<Value>),
    /// Nothing that a schema could judge: XML, images.
    Opaque,
}

/// Why a body does not parse.
struct Malformed {
    expected: String,
    message: String,
    fix: String,
    /// The same body without the fault, where it is plain.
    meant: Option<String>,
}

impl Held<'_> {
    fn findings(&self, content_type: Option<&str>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let given = content_type.and_then(MediaType::parse);
        let (media, as_type) = match &given {
            Some(given) => match media_type::choose(self.content, given) {
                Some(media) => (media, given.clone()),
                None => {
                    let fits = self.fitting();
                    findings.push(self.wrong_type(given, fits.as_ref()));
                    let Some((media, as_type)) = fits else { return findings };
                    (media, as_type)
                }
            },
            // A schema alone tells nothing of media types.
            None if self.operation.is_none() => {
                let Some(as_type) = MediaType::parse(&self.content[0].range) else { return findings };
                (&self.content[0], as_type)
            }
            None => {
                let Some((media, as_type)) = self.fitting() else { return findings };
                if self.half == Half::Request && as_type.class() == Class::Json {
                    findings.push(self.no_type(&as_type));
                }
                (media, as_type)
            }
        };
        if !self.body.truncated {
            self.judge(media, &as_type, &mut findings);
        }
        findings
    }

    /// The described media type that a body parses as, whatever its header says.
    fn fitting(&self) -> Option<(&Media, MediaType)> {
        let text = self.body.text.trim_start();
        self.content.iter().find_map(|media| {
            let as_type = MediaType::parse(&media.range)?;
            let fits = match as_type.class() {
                Class::Json => text.starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok(),
                Class::Form => form::is_form(text),
                _ => false,
            };
            fits.then_some((media, as_type))
        })
    }

    fn judge(&self, media: &Media, as_type: &MediaType, findings: &mut Vec<Finding>) {
        let read = match as_type.class() {
            Class::Json => json::read(&self.body.text).map(Read::Value),
            Class::Form => Ok(Read::Value(form::read(self.contract, media, &self.body.text))),
            Class::Multipart => multipart::read(self.contract, media, as_type, &self.body.text).map(Read::Value),
            Class::Lines => sequence::lines(&self.body.text).map(Read::Items),
            Class::Events => Ok(Read::Items(sequence::events(&self.body.text))),
            Class::Text => Ok(self.text(media)),
            Class::Opaque => Ok(Read::Opaque),
        };
        let read = match read {
            Ok(read) => read,
            Err(malformed) => return findings.push(self.malformed(media, malformed)),
        };
        let explain = |at: &SchemaRef, value: &Value, above: &str| {
            let spot = |pointer: &str| Spot::Body(format!("{above}{pointer}"));
            explain::value(self.contract, at, self.half, value, &spot, self.operation.as_deref())
        };
        match (read, &media.schema, &media.item_schema) {
            (Read::Value(value), Some(at), _) => findings.extend(explain(at, &value, "")),
            (Read::Items(items), _, Some(at)) => {
                for (index, item) in items.iter().enumerate() {
                    // An edit is one of a whole JSON body.
                    let found = explain(at, item, &format!("/{index}"));
                    findings.extend(found.into_iter().map(|f| Finding { edit: None, ..f }));
                }
            }
            (Read::Items(items), Some(at), None) if as_type.class() == Class::Lines => {
                findings.extend(explain(at, &Value::Array(items), ""));
            }
            (Read::Value(_) | Read::Items(_) | Read::Opaque, ..) => {}
        }
    }

    /// A text is a string where the schema wants one, and else whatever it says.
    fn text(&self, media: &Media) -> Read {
        let Some(at) = &media.schema else { return Read::Opaque };
        Read::Value(form::typed(self.contract, at, &self.body.text))
    }

    fn finding(&self, kind: Kind, spot: Spot, at: &SchemaRef) -> Finding {
        Finding {
            half: self.half,
            operation: self.operation.clone(),
            ..crate::finding::new(self.contract, kind, Severity::Error, spot, at)
        }
    }

    /// What is described, as `application/json or text/plain`.
    fn described(&self) -> String {
        one_of(&self.content.iter().map(|m| short(&m.range)).collect::<Vec<_>>())
    }

    fn wrong_type(&self, given: &MediaType, fits: Option<&(&Media, MediaType)>) -> Finding {
        let (described, got) = (self.described(), short(&given.essence()));
        let asks = self.half == Half::Request;
        let fix = match fits {
            Some((_, as_type)) => format!("send Content-Type: {}", as_type.essence()),
            None => format!("send the body as {described}"),
        };
        let edit = fits.filter(|_| asks).map(|(_, t)| Edit::Header("Content-Type".to_owned(), t.essence()));
        Finding {
            message: format!("the content type is {got}, the contract has {described}"),
            expected: described,
            got,
            fix: if asks { fix } else { String::new() },
            edit,
            ..self.finding(Kind::WrongContentType, Spot::Header("Content-Type".to_owned()), &self.content[0].at)
        }
    }

    fn no_type(&self, as_type: &MediaType) -> Finding {
        Finding {
            severity: Severity::Warning,
            expected: self.described(),
            message: format!("the body is sent without a content type, the contract has {}", self.described()),
            fix: format!("send Content-Type: {}", as_type.essence()),
            edit: Some(Edit::Header("Content-Type".to_owned(), as_type.essence())),
            ..self.finding(Kind::WrongContentType, Spot::Header("Content-Type".to_owned()), &self.content[0].at)
        }
    }

    fn malformed(&self, media: &Media, malformed: Malformed) -> Finding {
        let asks = self.half == Half::Request;
        Finding {
            expected: malformed.expected,
            got: short(self.body.text.trim()),
            message: malformed.message,
            fix: if asks { malformed.fix } else { String::new() },
            edit: malformed.meant.filter(|_| asks).map(Edit::Body),
            ..self.finding(Kind::MalformedBody, Spot::Body(String::new()), &media.at)
        }
    }
}
