//! What holding calls against an API's own description finds: findings of single calls, what many calls covered, and what
//! changed between two descriptions. Pointers are JSON Pointers (RFC 6901).

words! {
    /// What kind of disagreement between a call and its description. The order is that of the way: where the call goes,
    /// what it asks, who asks, what it carries, what came back.
    Kind {
        /// The host is a sandbox, staging or otherwise other environment than the description's servers for production.
        WrongEnvironment = "wrong_environment",
        /// The host is none of the description's servers.
        UnknownHost = "unknown_host",
        /// The scheme is not that of the description's servers.
        WrongScheme = "wrong_scheme",
        /// The path lacks the base path or version of the server, or has another version.
        WrongBasePath = "wrong_base_path",
        /// The path differs from a known one by a slash at its end alone.
        TrailingSlash = "trailing_slash",
        /// The path is a known one without its last parameter, or with an empty one.
        MissingPathParameter = "missing_path_parameter",
        /// No path of the description fits.
        UnknownPath = "unknown_path",
        /// The path is known, the method is not on it.
        UnknownMethod = "unknown_method",
        /// The operation is deprecated, or its sunset has passed.
        Deprecated = "deprecated",
        /// A required query, header or cookie parameter is not there.
        MissingParameter = "missing_parameter",
        /// A parameter is there under a near name.
        MisnamedParameter = "misnamed_parameter",
        /// A query parameter that the operation does not have.
        UnknownParameter = "unknown_parameter",
        /// A parameter's value does not fit its schema or style.
        InvalidParameter = "invalid_parameter",
        /// No credential for any scheme that the operation takes.
        MissingCredentials = "missing_credentials",
        /// A credential of another scheme than the operation takes.
        WrongCredentialScheme = "wrong_credential_scheme",
        /// The token's scopes are not all that the operation asks for.
        MissingScope = "missing_scope",
        /// A body is required and there is none.
        MissingBody = "missing_body",
        /// The operation takes no body.
        UnexpectedBody = "unexpected_body",
        /// A media type that is not described here.
        WrongContentType = "wrong_content_type",
        /// A body that does not parse as its media type.
        MalformedBody = "malformed_body",
        /// A required field is absent.
        MissingField = "missing_field",
        /// A field is there under a near name: other case, separators or a slip of the pen.
        MisnamedField = "misnamed_field",
        /// A field stands at another depth than described.
        WrongNesting = "wrong_nesting",
        /// One value where a list is described.
        SingleValueForList = "single_value_for_list",
        /// A list where one value is described.
        ListForSingleValue = "list_for_single_value",
        /// A value of another type.
        WrongType = "wrong_type",
        /// Null where the description does not allow it.
        NullValue = "null_value",
        /// A value outside of an enumeration, or other than a constant.
        NotInEnum = "not_in_enum",
        /// A number, length or count outside of its range.
        OutOfRange = "out_of_range",
        /// A string that breaks its format or pattern.
        InvalidFormat = "invalid_format",
        /// A field that is not described where others are forbidden.
        UnknownField = "unknown_field",
        /// A field that only the server sets, sent; or one that is never sent back, returned.
        ReadWriteOnly = "read_write_only",
        /// A rule of the schema that none of the kinds above names: not, dependencies, uniqueness, several branches.
        SchemaRule = "schema_rule",
        /// A status that the operation does not describe.
        UndocumentedStatus = "undocumented_status",
        /// A response header that is described as required and is not there.
        MissingHeader = "missing_header",
        /// A response header whose value does not fit its schema.
        InvalidHeader = "invalid_header",
        /// A 201 without Location and without an id in its body.
        NoCreatedResource = "no_created_resource",
    }
}

words! {
    /// Which half of the call disagrees.
    Half {
        /// What was sent.
        Request = "request",
        /// What came back.
        Response = "response",
    }
}

words! {
    /// How much a finding or a change matters.
    Severity {
        /// The call breaks the description; the change breaks callers.
        Error = "error",
        /// Probably harmful, or tolerated by most.
        Warning = "warning",
        /// Good to know.
        Note = "note",
    }
}

/// Where in the call a finding stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// The target: host or path.
    Target,
    /// The method.
    Method,
    /// A parameter of the path, by name.
    Path(String),
    /// A parameter of the query, by name.
    Query(String),
    /// A header field, by name.
    Header(String),
    /// A cookie, by name.
    Cookie(String),
    /// The body, as a JSON Pointer into it; empty for the whole.
    Body(String),
    /// The status.
    Status,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target => f.write_str("target"),
            Self::Method => f.write_str("method"),
            Self::Path(name) => write!(f, "path parameter {name}"),
            Self::Query(name) => write!(f, "query parameter {name}"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Cookie(name) => write!(f, "cookie {name}"),
            Self::Body(pointer) if pointer.is_empty() => f.write_str("body"),
            Self::Body(pointer) => write!(f, "body {pointer}"),
            Self::Status => f.write_str("status"),
        }
    }
}

/// One disagreement between a call and its description.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// Which half of the call.
    pub half: Half,
    /// How much it matters.
    pub severity: Severity,
    /// Where in the call.
    pub spot: Spot,
    /// The operation as `POST /customers/{id}`, where one was found.
    pub operation: Option<String>,
    /// Where the description says so: `crm.yaml#/paths/~1customers/post/…`.
    pub rule: String,
    /// The line of that file, from 1; 0 when not known.
    pub line: u32,
    /// What is described, in a few words: `string`, `one of a, b`, `GET, PUT`.
    pub expected: String,
    /// What the call has, in a few words; empty when it has nothing.
    pub got: String,
    /// What is wrong, as one plain sentence without a full stop.
    pub message: String,
    /// What to do about it, as one plain sentence without a full stop; empty when the description does not tell.
    pub fix: String,
    /// The same as a change of the request, where it is mechanical.
    pub edit: Option<Edit>,
}

/// One mechanical change of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Another method.
    Method(String),
    /// Another scheme, host and port: `https://api.example.com`.
    Origin(String),
    /// Another path, as written in a request line.
    Path(String),
    /// A header field set to a value.
    Header(String, String),
    /// A query parameter under another name.
    RenameQuery(String, String),
    /// A query parameter set to a value.
    Query(String, String),
    /// A query parameter left out.
    RemoveQuery(String),
    /// A field of a JSON body under another name: pointer and new name.
    RenameField(String, String),
    /// A field of a JSON body set to a value, made when absent: pointer and value as JSON text.
    SetField(String, String),
    /// A field of a JSON body left out: pointer.
    RemoveField(String),
    /// A field of a JSON body moved: from pointer to pointer.
    MoveField(String, String),
    /// Another body.
    Body(String),
}

/// A fault of a description that was loaded all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, as named.
    pub file: String,
    /// Its line, from 1; 0 when not known.
    pub line: u32,
    /// JSON Pointer in it.
    pub pointer: String,
    /// What was expected and what was found, in one line.
    pub message: String,
}

/// What holding many calls against a description came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The description, as named.
    pub contract: String,
    /// Its title and version.
    pub title: String,
    /// Faults of the description.
    pub mistakes: Vec<Mistake>,
    /// Files that were read, each with its calls.
    pub inputs: Vec<CheckedInput>,
    /// Calls read.
    pub calls: usize,
    /// Calls that belong to the description: its host or one of its paths.
    pub matched: usize,
    /// Calls that break it (a finding of severity error).
    pub broken: usize,
    /// Equal findings put together, the gravest and most frequent first.
    pub groups: Vec<Group>,
    /// What the calls covered, by operation, in the order of the description.
    pub coverage: Vec<Covered>,
}

/// One file of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedInput {
    /// As named.
    pub name: String,
    /// Calls in it.
    pub calls: usize,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// Equal findings of several calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Identity of "the same finding": 16 hex digits of kind, half, operation, spot without indices and rule.
    pub signature: String,
    /// The first of them.
    pub finding: Finding,
    /// How many calls have it.
    pub calls: usize,
    /// Where the first ones stand: file and line.
    pub places: Vec<(String, u32)>,
}

/// What was seen of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// `POST /customers/{id}`.
    pub operation: String,
    /// Its name in the description.
    pub id: Option<String>,
    /// Calls to it.
    pub calls: usize,
    /// Calls to it that break the description.
    pub broken: usize,
    /// Described parameters and whether each was seen: `query limit`.
    pub parameters: Vec<(String, bool)>,
    /// Described statuses and how often each was seen: `200`, `4XX`, `default`.
    pub statuses: Vec<(String, usize)>,
}

/// What changed between two descriptions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The descriptions, as named.
    pub old: String,
    /// See `old`.
    pub new: String,
    /// Faults of either.
    pub mistakes: Vec<Mistake>,
    /// What changed, breaking changes first, then in the order of the description.
    pub changes: Vec<Change>,
    /// Recorded calls that were tried.
    pub calls: usize,
    /// Of them, calls that agree with the old description and break the new one.
    pub broken_calls: Vec<BrokenCall>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Rule id in kebab case: `request-property-became-required`; listed in docs/contract.md.
    pub rule: String,
    /// Error: breaks callers; warning: may break some; note: does not.
    pub severity: Severity,
    /// Which half it concerns.
    pub half: Half,
    /// `POST /customers/{id}`; empty when it concerns the whole.
    pub operation: String,
    /// What changed, as one sentence without a full stop.
    pub message: String,
    /// Where, in the description that has it: `new.yaml#/paths/…`.
    pub place: String,
    /// Its line; 0 when not known.
    pub line: u32,
    /// How many recorded calls use the operation; `None` without recorded calls.
    pub calls: Option<usize>,
}

/// A recorded call that would break.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenCall {
    /// `POST /v1/customers`.
    pub call: String,
    /// File and line.
    pub place: (String, u32),
    /// How many calls are like it.
    pub repeats: usize,
    /// What breaks.
    pub findings: Vec<Finding>,
}
