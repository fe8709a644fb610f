//! Every rule that a change can carry, with its severity. Ids are those of oasdiff where it has a rule of that meaning.

use Effect::{Changed, Narrower, Neutral, Uneven, Wider};
use firstfault_model::contract::{Half, Severity};

/// What a change of a schema means to a caller.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// Less is taken or sent than before: breaks requests.
    Narrower,
    /// More is taken or sent than before: breaks readers of responses.
    Wider,
    /// Neither contains the other: breaks both.
    Changed,
    /// Breaks nobody.
    Neutral,
    /// Judged apart: in requests, in responses.
    Uneven(Severity, Severity),
}

impl Effect {
    const fn severity(self, half: Half) -> Severity {
        match (self, half) {
            (Narrower, Half::Request) | (Wider, Half::Response) | (Changed, _) => Severity::Error,
            (Narrower, Half::Response) | (Wider, Half::Request) | (Neutral, _) => Severity::Note,
            (Uneven(request, _), Half::Request) => request,
            (Uneven(_, response), Half::Response) => response,
        }
    }
}

/// What can change about one schema. The id of the rule is the name of the place (`request-parameter`,
/// `request-parameter-property`, `request-body`, `request-property`, `response-body`, `response-property`,
/// `response-header`, `response-header-property`), a hyphen and this name.
pub(super) const ASPECTS: &[(&str, Effect, &str)] = &[
    ("type-changed", Changed, "type or format is another one"),
    ("type-generalized", Wider, "type or format admits more than before"),
    ("type-specialized", Narrower, "type or format admits less than before"),
    ("type-compatible", Neutral, "another type, in a medium that carries everything as text"),
    ("list-of-types-widened", Wider, "one more type among alternatives of plain types"),
    ("list-of-types-narrowed", Narrower, "one type less among alternatives of plain types"),
    ("became-nullable", Wider, "null is a value now"),
    ("became-not-nullable", Narrower, "null is no value any more"),
    ("became-enum", Narrower, "any value before, one of a list now"),
    ("enum-removed", Uneven(Severity::Note, Severity::Warning), "one of a list before, any value now"),
    ("enum-value-added", Uneven(Severity::Note, Severity::Warning), "one more value in the list"),
    ("enum-value-removed", Narrower, "one value less in the list"),
    ("x-extensible-enum-value-removed", Narrower, "one value less in a list that may grow (x-extensible-enum)"),
    ("const-added", Narrower, "pinned to one value now"),
    ("const-removed", Wider, "no longer pinned to one value"),
    ("const-changed", Changed, "pinned to another value"),
    ("default-value-added", Neutral, "a default came"),
    ("default-value-removed", Neutral, "the default went"),
    ("default-value-changed", Neutral, "another default"),
    ("pattern-added", Narrower, "a pattern came"),
    ("pattern-removed", Uneven(Severity::Note, Severity::Note), "the pattern went"),
    ("pattern-changed", Uneven(Severity::Warning, Severity::Note), "another pattern; which admits more is not known"),
    ("pattern-generalized", Uneven(Severity::Note, Severity::Note), "the pattern became `.*`"),
    ("multiple-of-changed", Changed, "multipleOf came or is another one; gone in a request it breaks nobody"),
    ("multiple-of-removed", Wider, "multipleOf went"),
    ("unique-items-added", Narrower, "items must differ now"),
    ("unique-items-removed", Wider, "items may be equal now"),
    ("became-required", Narrower, "a field that was optional must be there"),
    ("became-required-with-default", Narrower, "the same for a field with a default, which is no help"),
    ("became-optional", Wider, "a field that was required may be absent"),
    ("additional-properties-forbidden", Narrower, "other fields were allowed and are not any more"),
    ("additional-properties-allowed", Neutral, "other fields are allowed now"),
    ("additional-properties-restricted", Narrower, "other fields have a schema now"),
    ("additional-properties-freed", Uneven(Severity::Note, Severity::Warning), "other fields have no schema any more"),
    ("items-restricted", Narrower, "items have a schema now"),
    ("items-freed", Wider, "items have no schema any more"),
    ("all-of-added", Narrower, "one more schema in allOf"),
    ("all-of-removed", Uneven(Severity::Warning, Severity::Warning), "one schema less in allOf"),
    ("all-of-added-annotation-only", Neutral, "one more schema in allOf, which constrains nothing"),
    ("all-of-removed-annotation-only", Neutral, "one schema less in allOf, which constrained nothing"),
    ("any-of-added", Wider, "one more alternative in anyOf"),
    ("any-of-removed", Narrower, "one alternative less in anyOf"),
    ("one-of-added", Wider, "one more alternative in oneOf"),
    ("one-of-removed", Narrower, "one alternative less in oneOf"),
    ("wrapped-in-one-of", Changed, "an object became a oneOf of objects that hold its fields"),
    ("not-added", Narrower, "a schema that must not fit came"),
    ("not-removed", Wider, "a schema that must not fit went"),
    ("not-changed", Uneven(Severity::Warning, Severity::Warning), "the schema that must not fit is another one"),
    ("discriminator-added", Neutral, "a discriminator came"),
    ("discriminator-removed", Neutral, "the discriminator went"),
    ("discriminator-property-name-changed", Neutral, "the discriminator reads another field"),
    ("discriminator-mapping-added", Neutral, "the discriminator maps one more value"),
    ("discriminator-mapping-deleted", Neutral, "the discriminator maps one value less"),
    ("discriminator-mapping-changed", Neutral, "the discriminator maps a value to another schema"),
    ("deprecated", Neutral, "a field was marked as deprecated"),
    ("deprecated-with-sunset", Neutral, "the same with a date from which it is gone"),
    ("reactivated", Neutral, "a field is no longer deprecated"),
    ("prefix-items-added", Wider, "one more position in a tuple"),
    ("prefix-items-removed", Narrower, "one position less in a tuple"),
    ("if-added", Narrower, "`if` came"),
    ("if-removed", Wider, "`if` went"),
    ("if-changed", Uneven(Severity::Warning, Severity::Warning), "`if` is another schema"),
    ("then-added", Narrower, "`then` came"),
    ("then-removed", Wider, "`then` went"),
    ("else-added", Narrower, "`else` came"),
    ("else-removed", Wider, "`else` went"),
    ("contains-added", Narrower, "an item that fits must be there now"),
    ("contains-removed", Wider, "an item that fits need not be there any more"),
    ("dependent-required-added", Narrower, "a field now demands others"),
    ("dependent-required-removed", Wider, "a field no longer demands others"),
    ("dependent-required-changed", Changed, "a field demands other fields than before"),
    ("dependent-schema-added", Narrower, "a field now brings a schema with it"),
    ("dependent-schema-removed", Wider, "a field no longer brings a schema with it"),
    ("pattern-property-added", Narrower, "fields of some names have a schema now"),
    ("pattern-property-removed", Wider, "fields of some names have no schema any more"),
    ("property-names-added", Narrower, "names of fields are constrained now"),
    ("property-names-removed", Wider, "names of fields are free again"),
    ("unevaluated-items-added", Narrower, "unevaluatedItems came"),
    ("unevaluated-items-removed", Wider, "unevaluatedItems went"),
    ("unevaluated-properties-added", Narrower, "unevaluatedProperties came"),
    ("unevaluated-properties-removed", Wider, "unevaluatedProperties went"),
    ("content-schema-added", Narrower, "what a text holds has a schema now"),
    ("content-schema-removed", Wider, "what a text holds has no schema any more"),
    ("content-media-type-changed", Changed, "what a text holds is of another media type"),
    ("content-encoding-changed", Changed, "what a text holds is encoded otherwise"),
];

/// A limit: its keyword, its name in rule ids, whether it is an upper one, and whether it counts as zero when absent.
pub(super) struct Limit {
    pub keyword: &'static str,
    pub name: &'static str,
    pub upper: bool,
    pub zero: bool,
}

const fn limit(keyword: &'static str, name: &'static str, upper: bool, zero: bool) -> Limit {
    Limit { keyword, name, upper, zero }
}

/// Limits, each with the aspects `NAME-set`, `NAME-unset`, `NAME-increased` and `NAME-decreased`. A limit that comes
/// anew may be a late correction of the description: a warning in requests.
pub(super) const LIMITS: &[Limit] = &[
    limit("maximum", "max", true, false),
    limit("exclusiveMaximum", "exclusive-max", true, false),
    limit("minimum", "min", false, false),
    limit("exclusiveMinimum", "exclusive-min", false, false),
    limit("maxLength", "max-length", true, false),
    limit("minLength", "min-length", false, true),
    limit("maxItems", "max-items", true, false),
    limit("minItems", "min-items", false, true),
    limit("maxProperties", "max-properties", true, false),
    limit("minProperties", "min-properties", false, true),
    limit("maxContains", "max-contains", true, false),
    limit("minContains", "min-contains", false, true),
];

const fn rule(id: &'static str, severity: Severity, when: &'static str) -> (&'static str, Severity, &'static str) {
    (id, severity, when)
}

use Severity::{Error, Note, Warning};

/// Rules that are not an aspect of a schema, and aspects that are judged otherwise at one place.
pub(super) const RULES: &[(&str, Severity, &str)] = &[
    rule("endpoint-added", Note, "an operation is new"),
    rule("api-path-removed-without-deprecation", Error, "a path is gone whose operation was not deprecated"),
    rule("api-path-removed-with-deprecation", Note, "a path is gone whose operation was deprecated, without a sunset"),
    rule("api-path-removed-before-sunset", Error, "a path is gone before the sunset of its operation"),
    rule("api-path-removed-after-sunset", Note, "a path is gone after the sunset of its operation"),
    rule("api-removed-without-deprecation", Error, "an operation is gone that was not deprecated; its path is there"),
    rule("api-removed-with-deprecation", Note, "the same for a deprecated one without a sunset"),
    rule("api-removed-before-sunset", Error, "the same for a deprecated one before its sunset"),
    rule("api-removed-after-sunset", Note, "the same for a deprecated one after its sunset"),
    rule("api-path-sunset-parse", Error, "an operation is gone whose sunset is no date"),
    rule("api-deprecated-sunset-parse", Error, "an operation is deprecated with a sunset that is no date"),
    rule("endpoint-deprecated", Note, "an operation was marked as deprecated, without a sunset"),
    rule("endpoint-deprecated-with-sunset", Note, "an operation was marked as deprecated, with a sunset"),
    rule("endpoint-reactivated", Note, "an operation is no longer deprecated"),
    rule("sunset-deleted", Error, "an operation is still deprecated, and its sunset is gone"),
    rule("api-sunset-date-moved-up", Warning, "the sunset of an operation is earlier than before"),
    rule("api-operation-id-added", Note, "an operation got an operationId"),
    rule("api-operation-id-removed", Note, "the operationId of an operation went or is another one"),
    rule("api-tag-added", Note, "an operation got a tag"),
    rule("api-tag-removed", Note, "an operation lost a tag"),
    rule("api-schema-removed", Note, "a named schema is gone"),
    rule("api-version-not-bumped", Note, "there are breaking changes, and the version is the same"),
    rule("api-version-decreased", Note, "there are breaking changes, and the version went back"),
    rule("api-major-version-not-bumped", Note, "there are breaking changes, and the major version is the same"),
    rule("api-server-added", Note, "one more server"),
    rule("api-server-removed", Error, "a server is gone"),
    rule("api-security-added", Note, "one more way to authenticate; an error when those known before no longer do"),
    rule("api-security-removed", Note, "one way to authenticate less; an error when callers of it have no other"),
    rule("api-security-scope-added", Error, "a way to authenticate asks for one more scope"),
    rule("api-security-scope-removed", Note, "a way to authenticate asks for one scope less"),
    rule("api-global-security-added", Note, "as api-security-added, for all operations without security of their own"),
    rule("api-global-security-removed", Note, "as api-security-removed, for all of them"),
    rule("api-global-security-scope-added", Error, "as api-security-scope-added, for all of them"),
    rule("api-global-security-scope-removed", Note, "as api-security-scope-removed, for all of them"),
    rule("api-security-component-added", Note, "a security scheme is new"),
    rule("api-security-component-removed", Note, "a security scheme is gone"),
    rule("api-security-component-type-changed", Error, "a security scheme asks for another kind of credential"),
    rule("api-security-component-oauth-url-changed", Note, "the authorization URL of a flow is another one"),
    rule("api-security-component-oauth-token-url-changed", Note, "the token URL of a flow is another one"),
    rule("api-security-component-oauth-scope-added", Note, "a scheme knows one more scope"),
    rule("api-security-component-oauth-scope-removed", Note, "a scheme knows one scope less"),
    rule("new-request-path-parameter", Error, "one more parameter in the path"),
    rule("new-required-request-parameter", Error, "one more required query, header or cookie parameter"),
    rule("new-optional-request-parameter", Note, "one more optional query, header or cookie parameter"),
    rule("request-parameter-removed", Warning, "a parameter is gone that was not deprecated"),
    rule("request-parameter-removed-with-deprecation", Note, "the same for a deprecated one without a sunset"),
    rule("request-parameter-removed-before-sunset", Error, "the same for a deprecated one before its sunset"),
    rule("request-parameter-removed-after-sunset", Note, "the same for a deprecated one after its sunset"),
    rule("request-parameter-sunset-parse", Error, "a deprecated parameter has a sunset that is no date"),
    rule("request-parameter-deprecated", Note, "a parameter was marked as deprecated"),
    rule("request-parameter-reactivated", Note, "a parameter is no longer deprecated"),
    rule("request-parameter-sunset-deleted", Error, "a parameter is still deprecated, and its sunset is gone"),
    rule("request-parameter-moved", Error, "a parameter is expected at another place: header instead of query"),
    rule("request-parameter-style-changed", Error, "a list or object is written in another style"),
    rule("request-parameter-content-changed", Error, "a value that was plain is a document now, or the reverse"),
    rule("request-parameter-default-value-added", Error, "an optional parameter got a default"),
    rule("request-parameter-default-value-removed", Error, "an optional parameter lost its default"),
    rule("request-parameter-default-value-changed", Error, "an optional parameter has another default"),
    rule(
        "request-parameter-property-type-changed",
        Warning,
        "breaks where the object is written as JSON, or else as text",
    ),
    rule("request-parameter-property-removed", Warning, "an object in a parameter has one field less"),
    rule("new-required-request-parameter-property", Error, "an object in a parameter has one more required field"),
    rule("new-optional-request-parameter-property", Note, "an object in a parameter has one more optional field"),
    rule("request-body-added-required", Error, "an operation without a body demands one now"),
    rule("request-body-added-optional", Note, "an operation without a body takes one now"),
    rule("request-body-removed", Error, "an operation takes no body any more"),
    rule("request-body-became-required", Error, "the body must be sent now"),
    rule("request-body-became-optional", Note, "the body may be left out now"),
    rule("request-body-media-type-added", Note, "one more media type of the body"),
    rule("request-body-media-type-removed", Error, "one media type of the body less"),
    rule("request-body-media-type-schema-added", Error, "a body had no schema and has one now"),
    rule("request-body-media-type-schema-removed", Note, "a body had a schema and has none now"),
    rule("request-property-removed", Warning, "the body has one field less"),
    rule("new-required-request-property", Error, "the body has one more required field"),
    rule("new-required-request-property-with-default", Error, "the same with a default, which is no help"),
    rule("new-optional-request-property", Note, "the body has one more optional field"),
    rule("request-required-property-became-read-only", Note, "a required field is only sent back now"),
    rule("request-optional-property-became-read-only", Note, "an optional field is only sent back now"),
    rule("request-required-property-became-not-read-only", Error, "a required field must be sent now"),
    rule("request-optional-property-became-not-read-only", Note, "an optional field may be sent now"),
    rule("request-required-property-became-write-only", Note, "a required field is never sent back any more"),
    rule("request-optional-property-became-write-only", Note, "an optional field is never sent back any more"),
    rule("request-required-property-became-not-write-only", Note, "a required field may be sent back now"),
    rule("request-optional-property-became-not-write-only", Note, "an optional field may be sent back now"),
    rule("response-success-status-added", Note, "one more status of success"),
    rule("response-success-status-removed", Error, "one status of success less"),
    rule("response-non-success-status-added", Note, "one more status that is no success"),
    rule("response-non-success-status-removed", Note, "one status that is no success less"),
    rule("response-media-type-added", Note, "one more media type of a response"),
    rule("response-media-type-removed", Error, "one media type of a response less"),
    rule("response-media-type-name-generalized", Error, "a more general media type of a response than before"),
    rule("response-media-type-name-specialized", Note, "a more special media type of a response than before"),
    rule("response-body-media-type-schema-added", Note, "a response had no schema and has one now"),
    rule("response-body-media-type-schema-removed", Warning, "a response had a schema and has none now"),
    rule("response-mediatype-enum-value-removed", Note, "one value less in the list of a whole response"),
    rule("response-required-property-removed", Error, "a field that was always there is gone"),
    rule("response-optional-property-removed", Warning, "a field that may be there is gone"),
    rule("response-required-property-added", Note, "one more field that is always there"),
    rule("response-optional-property-added", Note, "one more field that may be there"),
    rule("response-required-property-became-write-only", Error, "a field that was always there is never sent back now"),
    rule("response-optional-property-became-write-only", Warning, "a field that may be there is never sent back now"),
    rule(
        "response-required-property-became-not-write-only",
        Warning,
        "a required field is sent back now, if it always was",
    ),
    rule("response-optional-property-became-not-write-only", Note, "an optional field may be sent back now"),
    rule("response-required-property-became-read-only", Note, "a required field is only sent back now"),
    rule("response-optional-property-became-read-only", Note, "an optional field is only sent back now"),
    rule("response-required-property-became-not-read-only", Note, "a required field may be sent now, too"),
    rule("response-optional-property-became-not-read-only", Note, "an optional field may be sent now, too"),
    rule("response-required-write-only-property-removed", Note, "a required field that is never sent back is gone"),
    rule("response-optional-write-only-property-removed", Note, "an optional field that is never sent back is gone"),
    rule("response-required-write-only-property-added", Note, "one more required field that is never sent back"),
    rule("response-optional-write-only-property-added", Note, "one more optional field that is never sent back"),
    rule("response-write-only-property-became-required", Note, "a field that is never sent back became required"),
    rule("response-write-only-property-became-optional", Note, "a field that is never sent back became optional"),
    rule("response-header-added", Note, "one more header of a response"),
    rule("required-response-header-removed", Error, "a header that was always there is gone"),
    rule("optional-response-header-removed", Warning, "a header that may be there is gone"),
    rule("response-header-became-optional", Error, "a header that was always there may be absent now"),
    rule("response-header-became-required", Note, "a header that may be there always is now"),
    rule("response-header-property-removed", Warning, "an object in a header has one field less"),
    rule("response-header-property-added", Note, "an object in a header has one more field"),
];

/// The severity of a rule that [`RULES`] names; a note for one that it does not.
pub(super) fn severity(id: &str) -> Severity {
    named(id).unwrap_or(Severity::Note)
}

fn named(id: &str) -> Option<Severity> {
    RULES.iter().find(|(name, ..)| *name == id).map(|(_, severity, _)| *severity)
}

/// The severity of an aspect of a schema at a place: what [`RULES`] says of the whole id, else what the aspect means.
pub(super) fn of_aspect(id: &str, aspect: &str, half: Half) -> Severity {
    named(id)
        .or_else(|| ASPECTS.iter().find(|(name, ..)| *name == aspect).map(|(_, effect, _)| effect.severity(half)))
        .or_else(|| of_limit(aspect, half))
        .unwrap_or(Severity::Note)
}

fn of_limit(aspect: &str, half: Half) -> Option<Severity> {
    let (name, how) = aspect.rsplit_once('-')?;
    let limit = LIMITS.iter().find(|limit| limit.name == name)?;
    let effect = match (how, limit.upper) {
        ("set", _) => Uneven(Severity::Warning, Severity::Note),
        ("increased", true) | ("decreased", false) | ("unset", _) => Wider,
        _ => Narrower,
    };
    Some(effect.severity(half))
}

/// A rule as it is documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id. `*` stands for the place of a schema: `request-parameter`, `request-parameter-property`, `request-body`,
    /// `request-property`, `response-body`, `response-property`, `response-header`, `response-header-property`.
    pub id: String,
    /// When it applies, in a few words.
    pub when: String,
    /// How grave it is in requests; `None` when it does not concern them.
    pub request: Option<Severity>,
    /// How grave it is in responses; `None` when it does not concern them.
    pub response: Option<Severity>,
}

/// Every rule that a change can carry: single ones first, then those that schemas have at every place.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let single = RULES.iter().map(|(id, severity, when)| {
        let answers = id.starts_with("response-") || id.contains("-response-") || *id == "api-schema-removed";
        let (request, response) = if answers { (None, Some(*severity)) } else { (Some(*severity), None) };
        Rule { id: (*id).to_owned(), when: (*when).to_owned(), request, response }
    });
    let both = |name: String, when: String| {
        let judged = |half| Some(of_aspect("", &name, half));
        Rule { request: judged(Half::Request), response: judged(Half::Response), id: format!("*-{name}"), when }
    };
    let aspects = ASPECTS.iter().map(|(name, _, when)| both((*name).to_owned(), (*when).to_owned()));
    let limits = LIMITS.iter().flat_map(|limit| {
        let hows = [("set", "came"), ("unset", "went"), ("increased", "rose"), ("decreased", "fell")];
        let hows = hows.into_iter().filter(|(how, _)| !(limit.zero && how.ends_with("set")));
        hows.map(|(how, what)| both(format!("{}-{how}", limit.name), format!("{} {what}", limit.keyword)))
    });
    single.chain(aspects).chain(limits).collect()
}
