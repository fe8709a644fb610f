//! What a part of a request is called.

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The method, where two requests differ in it.
    Method,
    /// Scheme, host and path, where two requests differ in them.
    Target,
    /// A header field.
    Header,
    /// One cookie of the `Cookie` field.
    Cookie,
    /// A query parameter.
    Query,
    /// A field, item or line of the body.
    Body,
}

impl Place {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Target => "target",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Query => "query",
            Self::Body => "body",
        }
    }
}

/// A part by its name. Names come from the request and are not yet safe to show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Where it stands.
    pub place: Place,
    /// Name of the field, cookie or parameter; the path in a body: `items[0].price`, `line 3`; empty for the whole body.
    pub name: String,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.place.word())?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}
