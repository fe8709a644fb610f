//! A description as one value, whatever version wrote it. Every part knows where it stands, as an index of a document and
//! a JSON Pointer in it; nothing is copied out of the documents that can be looked up there.

use crate::document::Document;
use crate::route::Index;
use crate::schema::Schemas;
use firstfault_model::contract::Mistake;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A loaded description.
#[derive(Debug)]
pub struct Contract {
    /// The version of the language that it is written in.
    pub form: Form,
    /// `info.title`, or the name of the file.
    pub title: String,
    /// `info.version`; empty when there is none.
    pub version: String,
    /// Where the API lives; empty when the description does not say (then every host fits).
    pub servers: Vec<Server>,
    /// Every path and method, sorted by path.
    pub operations: Vec<Operation>,
    /// Security schemes by name.
    pub schemes: BTreeMap<String, Scheme>,
    /// The description itself first, then what it refers to.
    pub documents: Vec<Document>,
    /// Schemas of all documents, made one dialect, and their compiled validators.
    pub schemas: Schemas,
    /// The schema that bodies are held against when the description is a JSON Schema alone.
    pub whole: Option<SchemaRef>,
    /// Faults of the description; it was loaded as far as it goes.
    pub mistakes: Vec<Mistake>,
    /// All paths as one tree, made when the first call comes.
    pub(crate) routes: OnceLock<Index>,
}

impl Contract {
    /// How calls find their operation.
    pub(crate) fn routes(&self) -> &Index {
        self.routes.get_or_init(|| Index::new(self))
    }
}

/// What a description is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0: its own dialect of JSON Schema.
    OpenApi30,
    /// OpenAPI 3.1: JSON Schema 2020-12.
    OpenApi31,
    /// OpenAPI 3.2.
    OpenApi32,
    /// A JSON Schema alone.
    JsonSchema,
}

impl Form {
    /// Its name as people say it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swagger2 => "Swagger 2.0",
            Self::OpenApi30 => "OpenAPI 3.0",
            Self::OpenApi31 => "OpenAPI 3.1",
            Self::OpenApi32 => "OpenAPI 3.2",
            Self::JsonSchema => "JSON Schema",
        }
    }
}

/// Where something stands: which document, and a JSON Pointer in it (RFC 6901, not percent-encoded).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaRef {
    /// Index in [`Contract::documents`].
    pub document: usize,
    /// JSON Pointer; empty for the whole document.
    pub pointer: String,
}

/// A base URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `https`; `None` when the description leaves it open.
    pub scheme: Option<String>,
    /// Host, with `{variable}` where it has any value; `None` for a server that is only a path.
    pub host: Option<String>,
    /// Port, when written.
    pub port: Option<u16>,
    /// Path in front of every path of the description, without a slash at its end; empty for none. `{variable}` as in hosts.
    pub base: String,
    /// What the description says of it: "Production", "Sandbox".
    pub description: String,
    /// Values that a variable may have, by name; empty for any.
    pub variables: BTreeMap<String, Vec<String>>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// One path and method.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operation {
    /// Upper case.
    pub method: String,
    /// Path template: `/customers/{id}`.
    pub path: String,
    /// `operationId`.
    pub id: Option<String>,
    /// Servers of its own or of its path, in place of those of the description; empty for those.
    pub servers: Vec<Server>,
    /// Those of the path and its own, which take precedence.
    pub parameters: Vec<Parameter>,
    /// What it takes as a body; `None` when none is described.
    pub body: Option<RequestBody>,
    /// By status.
    pub responses: Vec<Response>,
    /// Alternatives, one of which must hold; empty when nobody asks for credentials. An alternative without requirements
    /// means that none are needed, too.
    pub security: Vec<Vec<Requirement>>,
    /// Marked as deprecated.
    pub deprecated: bool,
    /// `x-sunset`, as written: a date from which it is no longer served.
    pub sunset: Option<String>,
    /// Where it stands.
    pub at: SchemaRef,
}

impl Operation {
    /// `POST /customers/{id}`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum In {
    Path,
    #[default]
    Query,
    /// The whole query as one value (OpenAPI 3.2).
    QueryString,
    Header,
    Cookie,
}

/// How a parameter's value is written (OpenAPI 3.2, section 4.12.2.3). `collectionFormat` of Swagger is one of these:
/// csv is simple or form, ssv and pipes are delimited, multi is form exploded, tsv is [`Style::TabDelimited`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum Style {
    #[default]
    Form,
    Simple,
    Label,
    Matrix,
    SpaceDelimited,
    PipeDelimited,
    TabDelimited,
    DeepObject,
    Cookie,
}

/// A parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameter {
    /// Its name; of headers compared without case.
    pub name: String,
    /// Where.
    pub place: In,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// How it is written.
    pub style: Style,
    /// Whether lists and objects are written as several values.
    pub explode: bool,
    /// Its schema; `None` when it has `content` or nothing.
    pub schema: Option<SchemaRef>,
    /// Its media type and schema, where its value is a document of its own.
    pub content: Option<Media>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// What an operation takes as a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestBody {
    /// Whether it must be there.
    pub required: bool,
    /// By media type, in the order of the description.
    pub content: Vec<Media>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// A body of one media type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Media {
    /// Media type or range, lower case, without parameters: `application/json`, `image/*`.
    pub range: String,
    /// Its schema.
    pub schema: Option<SchemaRef>,
    /// The schema of each item of a sequence (`itemSchema` of OpenAPI 3.2).
    pub item_schema: Option<SchemaRef>,
    /// How single fields of forms are written: style, explode and content type by name.
    pub encoding: BTreeMap<String, (Option<Style>, Option<bool>, Option<String>)>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// Which statuses a response describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusRange {
    /// `404`.
    Code(u16),
    /// `4XX`, as 4.
    Class(u16),
    /// `default`.
    Default,
}

impl std::fmt::Display for StatusRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A described response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// For which statuses.
    pub status: StatusRange,
    /// Header fields.
    pub headers: Vec<Header>,
    /// By media type; empty when no body is described.
    pub content: Vec<Media>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// A response header field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether lists and objects are written as several values.
    pub explode: bool,
    /// Its schema.
    pub schema: Option<SchemaRef>,
    /// Where it stands.
    pub at: SchemaRef,
}

/// One scheme that an alternative asks for, with the scopes that it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Name of the scheme.
    pub scheme: String,
    /// Scopes (or roles); all of them are needed.
    pub scopes: Vec<String>,
}

/// A security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// What it is.
    pub credential: Credential,
    /// Where it stands.
    pub at: SchemaRef,
}

/// What credential a scheme asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An API key under a name.
    ApiKey(In, String),
    /// `Authorization` with this scheme, lower case: `basic`, `bearer`, `digest`.
    Http(String),
    /// OAuth 2.0, with all scopes that it knows.
    OAuth2(Vec<String>),
    /// OpenID Connect.
    OpenIdConnect,
    /// A client certificate.
    MutualTls,
    /// One that is not understood.
    Unknown,
}
