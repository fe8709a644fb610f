//! Path templates: `/customers/{id}`, `/{a}.{format}`, `/x:{verb}`; and the segments of a path that was called.

use crate::percent::decode;
use std::borrow::Cow;

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// As it stands; empty at the end of a template that ends with a slash.
    Literal(String),
    /// One parameter, by name.
    Parameter(String),
    /// Text and parameters.
    Mixed(Vec<Piece>),
    /// A parameter that takes all that follows, slashes too: `{name+}`, `{name*}`, or marked `x-multi-segment`.
    Rest(String),
}

/// A part of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it stands.
    Text(String),
    /// A parameter, by name.
    Name(String),
}

impl Segment {
    /// Reads one segment of a template; braces without an end are text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) =
            rest.split_once('{').and_then(|(b, r)| r.split_once('}').map(|(name, after)| (b, name, after)))
        {
            if !before.is_empty() {
                pieces.push(Piece::Text(decode(before).into_owned()));
            }
            pieces.push(Piece::Name(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(decode(rest).into_owned()));
        }
        match &mut pieces[..] {
            [] => Self::Literal(String::new()),
            [Piece::Text(text)] => Self::Literal(std::mem::take(text)),
            [Piece::Name(name)] => match name.strip_suffix(['+', '*']) {
                Some(name) => Self::Rest(name.to_owned()),
                None => Self::Parameter(std::mem::take(name)),
            },
            _ => Self::Mixed(pieces),
        }
    }

    /// The names of its parameters, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (one, pieces) = match self {
            Self::Literal(_) => (None, &[][..]),
            Self::Parameter(name) | Self::Rest(name) => (Some(name.as_str()), &[][..]),
            Self::Mixed(pieces) => (None, &pieces[..]),
        };
        one.into_iter().chain(pieces.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        }))
    }
}

/// What a segment of text and parameters takes of a text, parameter by parameter; later ones take as little as they can,
/// so that `{name}.{format}` reads `a.b.json` as `a.b` and `json`.
#[must_use]
pub(crate) fn captures<'t>(pieces: &[Piece], text: &'t str) -> Option<Vec<&'t str>> {
    let mut out = Vec::new();
    let mut left = text;
    let mut pending = false;
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Name(_) if pending => {
                // Two parameters without text between: the later one is an extension, or one character.
                let dot = left.rfind('.').filter(|at| *at > 0);
                let at = dot.or_else(|| left.char_indices().next_back().map(|(at, _)| at))?;
                out.push(&left[at..]);
                left = &left[..at];
            }
            Piece::Name(_) => pending = true,
            Piece::Text(wanted) if pending => {
                let at = left.rfind(wanted.as_str())?;
                let value = &left[at + wanted.len()..];
                if value.is_empty() {
                    return None;
                }
                out.push(value);
                left = &left[..at];
                pending = false;
            }
            Piece::Text(wanted) => left = left.strip_suffix(wanted.as_str())?,
        }
    }
    if pending {
        if left.is_empty() {
            return None;
        }
        out.push(left);
    } else if !left.is_empty() {
        return None;
    }
    out.reverse();
    Some(out)
}

/// One segment of a path that was called.
#[derive(Clone, Debug)]
pub(crate) struct Called<'p> {
    /// As sent.
    pub raw: &'p str,
    /// Without percent-encoding.
    pub text: Cow<'p, str>,
}

/// The segments of a path that was called: `/a/b/` has `a`, `b` and an empty one.
#[must_use]
pub(crate) fn called(path: &str) -> Vec<Called<'_>> {
    if path.is_empty() || path == "/" {
        return Vec::new();
    }
    path.strip_prefix('/').unwrap_or(path).split('/').map(|raw| Called { raw, text: decode(raw) }).collect()
}

/// The segments of a template.
#[must_use]
pub(crate) fn read(path: &str) -> Vec<Segment> {
    if path.is_empty() || path == "/" {
        return Vec::new();
    }
    path.strip_prefix('/').unwrap_or(path).split('/').map(Segment::read).collect()
}

#[cfg(test)]
mod tests {
    use super::{Segment, captures};

    #[test]
    fn several_parameters_in_one_segment_share_it() {
        let matched = |template: &str, text: &str| -> Option<Vec<String>> {
            let Segment::Mixed(pieces) = Segment::read(template) else { panic!("{template}") };
            captures(&pieces, text).map(|v| v.into_iter().map(str::to_owned).collect())
        };
        assert_eq!(matched("{name}.{format}", "a.b.json"), Some(vec!["a.b".into(), "json".into()]));
        assert_eq!(matched("{name}.{format}", "a."), None);
        assert_eq!(matched("{name}.{format}", "plain"), None);
        assert_eq!(matched("jobs:{verb}", "jobs:cancel"), Some(vec!["cancel".into()]));
        assert_eq!(matched("jobs:{verb}", "jobs:"), None);
        assert_eq!(matched("{base}...{head}", "main...topic"), Some(vec!["main".into(), "topic".into()]));
        assert_eq!(matched("@{a}!", "@x!"), Some(vec!["x".into()]));
        assert_eq!(matched("{a}{b}", "xy"), Some(vec!["x".into(), "y".into()]));
        assert_eq!(matched("{sid}{extension}", "AC1.json"), Some(vec!["AC1".into(), ".json".into()]));
    }

    #[test]
    fn segments_are_read_as_they_are() {
        assert_eq!(Segment::read("{id}"), Segment::Parameter("id".into()));
        assert_eq!(Segment::read("{proxy+}"), Segment::Rest("proxy".into()));
        assert_eq!(Segment::read("{open"), Segment::Literal("{open".into()));
        assert_eq!(Segment::read("a%20b"), Segment::Literal("a b".into()));
    }
}
