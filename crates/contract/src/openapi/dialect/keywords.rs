//! What each keyword holds, by dialect.

use super::Dialect;

/// What a keyword of a schema holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Schema,
    /// A schema, or one for each item.
    SchemaOrSchemas,
    Schemas,
    SchemasByName,
    /// Schemas by regular expressions of names.
    SchemasByPattern,
    /// Schemas or lists of names, by name.
    Dependencies,
    Names,
    NamesByName,
    Type,
    List,
    Text,
    Pattern,
    Number,
    /// A number above zero.
    Factor,
    Count,
    Flag,
    /// A limit that is left out: a number, in older dialects a flag.
    Limit,
    /// Nothing in this dialect, though JSON Schema 2020-12 would read something into it.
    Nothing,
}

/// What a keyword holds; `None` for one that constrains nothing or is not known.
pub(super) fn holds(name: &str, dialect: Dialect) -> Option<Holds> {
    Some(match name {
        "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "additionalItems"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Holds::Schema,
        "items" if matches!(dialect, Dialect::Draft4 | Dialect::Draft7 | Dialect::Draft2019) => Holds::SchemaOrSchemas,
        "items" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::Schemas,
        "properties" | "dependentSchemas" | "$defs" => Holds::SchemasByName,
        "definitions" if dialect.is_plain() => Holds::SchemasByName,
        "patternProperties" => Holds::SchemasByPattern,
        "dependencies" => Holds::Dependencies,
        "required" => Holds::Names,
        "dependentRequired" => Holds::NamesByName,
        "type" => Holds::Type,
        "enum" => Holds::List,
        "format" | "title" | "description" | "contentEncoding" | "contentMediaType" => Holds::Text,
        "pattern" => Holds::Pattern,
        "minimum" | "maximum" => Holds::Number,
        "multipleOf" => Holds::Factor,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => Holds::Count,
        "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" => Holds::Flag,
        "exclusiveMinimum" | "exclusiveMaximum" => Holds::Limit,
        "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$schema" | "$recursiveRef" | "$recursiveAnchor"
        | "$vocabulary"
            if dialect.is_old_openapi() =>
        {
            Holds::Nothing
        }
        "$schema" | "$recursiveRef" | "$recursiveAnchor" | "$vocabulary" if dialect == Dialect::OpenApi31 => {
            Holds::Nothing
        }
        "$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" => Holds::Text,
        _ => return None,
    })
}

/// The pointers of a schema and of those around it, the inner ones first.
pub(super) fn around(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |pointer| {
        let (rest, last) = pointer.rsplit_once('/')?;
        if let Some((outer, keyword)) = rest.rsplit_once('/') {
            let one_of_many = holds(keyword, Dialect::Draft2019).is_some_and(|holds| {
                matches!(
                    holds,
                    Holds::Schemas
                        | Holds::SchemasByName
                        | Holds::SchemasByPattern
                        | Holds::SchemaOrSchemas
                        | Holds::Dependencies
                )
            });
            if one_of_many {
                return Some(outer);
            }
        }
        matches!(holds(last, Dialect::Draft2020), Some(Holds::Schema)).then_some(rest)
    })
}
