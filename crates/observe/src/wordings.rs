//! The words and codes by which validators complain, as a table.
//!
//! It holds literal messages of the libraries that `validation` names, and refuses to read anything.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Missing,
    Unknown,
    Type,
    Value,
}

/// Where a wording names the field: before it, after it, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Before,
    After,
    No,
}

use Kind::{Missing, Type, Unknown, Value};
use Named::{After, Before, No};

/// Wordings, lower case. The first whose hint word and phrase occur wins, so the special stand first.
/// The hint is the one word of the phrase that is cheap to look for.
pub(crate) const WORDINGS: &[(&str, &str, Kind, Named)] = &[
    // unknown
    ("unknown", "unknown name", Unknown, After),
    ("unknown", "unknown field", Unknown, After),
    ("unknown", "unknown parameter", Unknown, After),
    ("unknown", "unknown argument", Unknown, After),
    ("unknown", "unknown attribute", Unknown, After),
    ("unknown", "unknown property", Unknown, After),
    ("unknown", "unknown key", Unknown, After),
    ("unknown", "unknown column", Unknown, After),
    ("unrecognized", "unrecognized field", Unknown, After),
    ("unrecognized", "unrecognized request argument supplied", Unknown, After),
    ("unrecognized", "unrecognized property", Unknown, After),
    ("unrecognized", "unrecognized parameter", Unknown, After),
    ("unrecognized", "unrecognized key", Unknown, After),
    ("additional", "additional properties are not allowed", Unknown, After),
    ("additional", "must not have additional properties", Unknown, No),
    ("additional", "should not have additional properties", Unknown, No),
    ("additional", "does not allow additional properties", Unknown, No),
    ("additional", "additional property", Unknown, After),
    ("extra", "extra inputs are not permitted", Unknown, No),
    ("extra", "extra fields not permitted", Unknown, No),
    ("exist", "should not exist", Unknown, Before),
    ("unpermitted", "unpermitted parameter", Unknown, After),
    ("unexpected", "unexpected field", Unknown, After),
    ("unexpected", "unexpected property", Unknown, After),
    ("unexpected", "unexpected parameter", Unknown, After),
    ("unexpected", "unexpected key", Unknown, After),
    ("find", "could not find member", Unknown, After),
    ("mapped", "could not be mapped to any .net member", Unknown, Before),
    ("query", "cannot query field", Unknown, After),
    ("defined", "is not defined by type", Unknown, Before),
    ("empty", "is not allowed to be empty", Missing, Before),
    ("allowed", "\" is not allowed", Unknown, Before),
    ("unsupported", "unsupported parameter", Unknown, After),
    ("unsupported", "unsupported field", Unknown, After),
    ("invalid", "invalid field name", Unknown, After),
    // type, before "missing" because some of these say "required" of a type
    ("received", "received undefined", Missing, No),
    ("null", "received null", Missing, No),
    ("expected", "expected string, received", Type, No),
    ("expected", "expected number, received", Type, No),
    ("expected", "expected boolean, received", Type, No),
    ("expected", "expected array, received", Type, No),
    ("expected", "expected object, received", Type, No),
    ("expected", "expected integer, received", Type, No),
    ("expected", "invalid input: expected", Type, No),
    ("invalid", "invalid type for", Type, After),
    ("unmarshal", "go struct field", Type, After),
    ("type", "invalid type:", Type, No),
    ("type", "is not of type", Type, Before),
    ("type", "is not of a type", Type, Before),
    ("type", "must be of type", Type, Before),
    ("type", "failed to convert value of type", Type, No),
    ("type", "wrong type", Type, No),
    ("type", "incorrect type", Type, No),
    ("type", "cannot deserialize value of type", Type, No),
    ("instance", "cannot deserialize instance of", Type, No),
    ("converted", "could not be converted to", Type, No),
    ("convert", "failed to convert", Type, No),
    ("convert", "could not convert", Type, No),
    ("converting", "error converting value", Type, No),
    ("cast", "cast to", Type, No),
    ("scalar", "on a scalar field", Type, No),
    ("repeating", "proto field is not repeating", Type, No),
    ("parse", "unable to parse string as", Type, No),
    ("integer", "a valid integer", Type, Before),
    ("integer", "must be an integer", Type, Before),
    ("integer", "must be integer", Type, Before),
    ("integer", "should be integer", Type, Before),
    ("integer", "should be an integer", Type, Before),
    ("integer", "is not an integer", Type, Before),
    ("integer", "not a valid integer", Type, Before),
    ("integer", "is not a valid integer", Type, Before),
    ("type", "(type_", Type, No),
    ("number", "must be a number", Type, Before),
    ("number", "must be number", Type, Before),
    ("number", "should be number", Type, Before),
    ("number", "is not a number", Type, Before),
    ("number", "a valid number is required", Type, No),
    ("number", "not a valid number", Type, Before),
    ("string", "must be a string", Type, Before),
    ("string", "must be string", Type, Before),
    ("string", "should be string", Type, Before),
    ("string", "should be a valid string", Type, Before),
    ("string", "not a valid string", Type, Before),
    ("str", "str type expected", Type, No),
    ("boolean", "must be a boolean", Type, Before),
    ("boolean", "must be boolean", Type, Before),
    ("boolean", "valid boolean", Type, Before),
    ("true", "field must be true or false", Type, Before),
    ("array", "must be an array", Type, Before),
    ("array", "must be array", Type, Before),
    ("array", "should be array", Type, Before),
    ("list", "should be a valid list", Type, Before),
    ("list", "expected a list of items", Type, No),
    ("object", "must be an object", Type, Before),
    ("object", "must be object", Type, Before),
    ("object", "should be object", Type, Before),
    ("dictionary", "should be a valid dictionary", Type, Before),
    // missing
    ("required", "must have required property", Missing, After),
    ("required", "should have required property", Missing, After),
    ("required", "missing required properties, including the following", Missing, After),
    ("required", "missing required", Missing, After),
    ("required", "missing a required", Missing, After),
    ("required", "is a required property", Missing, Before),
    ("required", "is a required field", Missing, Before),
    ("required", "is a required parameter", Missing, Before),
    ("required", "missing data for required field", Missing, No),
    ("required", "required parameter missing", Missing, After),
    ("required", "required field missing", Missing, After),
    ("required", "required request body is missing", Missing, No),
    ("required", "required request parameter", Missing, After),
    ("required", "required request header", Missing, After),
    ("required", "required request part", Missing, After),
    ("required", "required string parameter", Missing, After),
    ("required", "required property", Missing, After),
    ("required", "required parameter", Missing, After),
    ("required", "required field", Missing, After),
    ("required", "required argument", Missing, After),
    ("required", "required attribute", Missing, After),
    ("required", "required key", Missing, After),
    ("provided", "of required type", Missing, Before),
    ("required", "this field is required", Missing, No),
    ("required", "field required", Missing, No),
    ("required", "is required", Missing, Before),
    ("required", "are required", Missing, Before),
    ("requires", "requires parameter", Missing, After),
    ("missing", "missing parameter", Missing, After),
    ("missing", "missing field", Missing, After),
    ("missing", "missing property", Missing, After),
    ("missing", "missing argument", Missing, After),
    ("missing", "missing attribute", Missing, After),
    ("missing", "missing key", Missing, After),
    ("missing", "missing value for", Missing, After),
    ("missing", "param is missing or the value is empty", Missing, After),
    ("missing", "is missing", Missing, Before),
    ("mandatory", "is mandatory", Missing, Before),
    ("blank", "can't be blank", Missing, Before),
    ("blank", "can’t be blank", Missing, Before),
    ("blank", "cannot be blank", Missing, Before),
    ("blank", "must not be blank", Missing, Before),
    ("blank", "may not be blank", Missing, Before),
    ("null", "must not be null", Missing, Before),
    ("null", "may not be null", Missing, Before),
    ("null", "cannot be null", Missing, Before),
    ("null", "should not be null", Missing, Before),
    ("empty", "must not be empty", Missing, Before),
    ("empty", "should not be empty", Missing, Before),
    ("empty", "may not be empty", Missing, Before),
    ("empty", "cannot be empty", Missing, Before),
    ("empty", "can't be empty", Missing, Before),
    ("provided", "must be provided", Missing, Before),
    ("provided", "was not provided", Missing, Before),
    ("specified", "must be specified", Missing, Before),
    ("supplied", "must be supplied", Missing, Before),
    ("present", "must be present", Missing, Before),
    ("provide", "you must provide", Missing, After),
    ("provide", "must provide a", Missing, After),
    ("specify", "must specify", Missing, After),
    // value
    ("enum", "invalid enum value", Value, No),
    ("invalid", "invalid option: expected", Value, No),
    ("one", "must be one of", Value, Before),
    ("one", "should be one of", Value, Before),
    ("one", "is not one of", Value, Before),
    ("allowed", "must be equal to one of the allowed values", Value, Before),
    ("allowed", "should be equal to one of the allowed values", Value, Before),
    ("choice", "is not a valid choice", Value, Before),
    ("variant", "unknown variant", Value, No),
    ("included", "is not included in the list", Value, Before),
    ("selected", "the selected", Value, After),
    ("input", "input should be", Value, No),
    ("match", "must match", Value, Before),
    ("match", "does not match", Value, Before),
    ("greater", "must be greater than", Value, Before),
    ("less", "must be less than", Value, Before),
    ("least", "must be at least", Value, Before),
    ("most", "must be at most", Value, Before),
    ("between", "must be between", Value, Before),
    ("longer", "must be longer than", Value, Before),
    ("shorter", "must be shorter than", Value, Before),
    ("long", "is too long", Value, Before),
    ("short", "is too short", Value, Before),
    ("range", "out of range", Value, Before),
    ("valid", "must be a valid", Value, Before),
    ("valid", "should be a valid", Value, Before),
    ("valid", "is not a valid", Value, Before),
    ("valid", "is not valid", Value, Before),
    ("valid", "not a valid", Value, Before),
    ("valid", "enter a valid", Value, No),
    ("email", "must be an email", Value, Before),
    ("formed", "must be a well-formed", Value, Before),
    ("future", "must be a future date", Value, Before),
    ("past", "must be a past date", Value, Before),
    ("invalid", "invalid value for", Value, After),
    ("invalid", "invalid value at", Value, After),
    ("invalid", "invalid value", Value, After),
    ("invalid", "invalid parameter", Value, After),
    ("invalid", "is invalid", Value, Before),
    ("format", "invalid format", Value, No),
    ("unsupported", "unsupported value", Value, After),
    ("one", "expected one of", Value, No),
];

/// Codes of validators, folded (lower case, letters and digits only).
pub(crate) fn kind_of_code(code: &str) -> Option<Kind> {
    let folded: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(64).collect();
    Some(match folded.as_str() {
        "required"
        | "missing"
        | "blank"
        | "anyrequired"
        | "valueerrormissing"
        | "missingfield"
        | "missingparameter"
        | "parametermissing"
        | "missingrequiredparameter"
        | "missingrequiredfield"
        | "fieldvaluerequired"
        | "notnull"
        | "notblank"
        | "notempty"
        | "isrequired"
        | "requiredfieldmissing"
        | "missingrequiredparam"
        | "missingproperty"
        | "isnotempty"
        | "isdefined"
        | "stringempty"
        | "anyempty"
        | "fieldrequired"
        | "valuerequired"
        | "requiredfield"
        | "requiredproperty"
        | "missingparam"
        | "missingrequiredproperty"
        | "missingrequiredkey"
        | "missingargument"
        | "objectmissingrequiredproperty"
        | "null"
        | "parameterrequired"
        | "missingvalue" => Missing,
        "additionalproperties"
        | "extraforbidden"
        | "valueerrorextra"
        | "unrecognizedkeys"
        | "objectunknown"
        | "unknownfield"
        | "unknownparameter"
        | "parameterunknown"
        | "whitelistvalidation"
        | "unknownproperty"
        | "unevaluatedproperties"
        | "unsupportedparameter"
        | "objectallowunknown"
        | "unknownattribute"
        | "fieldvalueunknown"
        | "unknownkey" => Unknown,
        "type"
        | "typemismatch"
        | "invalidtype"
        | "numberbase"
        | "stringbase"
        | "booleanbase"
        | "arraybase"
        | "objectbase"
        | "datebase"
        | "isint"
        | "isstring"
        | "isnumber"
        | "isboolean"
        | "isarray"
        | "isobject"
        | "integer"
        | "numberinteger"
        | "invaliddatatype"
        | "wrongtype"
        | "fieldvaluetypeinvalid"
        | "invalidinteger"
        | "invalidjsontype" => Type,
        "enum"
        | "anyonly"
        | "invalidenumvalue"
        | "invalidchoice"
        | "pattern"
        | "minlength"
        | "maxlength"
        | "minimum"
        | "maximum"
        | "format"
        | "inclusion"
        | "fieldvalueinvalid"
        | "fieldvaluenotsupported"
        | "isenum"
        | "isin"
        | "isemail"
        | "isuuid"
        | "invalidstring"
        | "toosmall"
        | "toobig"
        | "stringemail"
        | "stringmin"
        | "stringmax"
        | "numbermin"
        | "numbermax"
        | "stringpatternbase"
        | "const"
        | "exclusiveminimum"
        | "exclusivemaximum"
        | "multipleof"
        | "invalidvalue"
        | "invalidparametervalue"
        | "invalidformat"
        | "literalerror"
        | "stringtooshort"
        | "stringtoolong"
        | "stringpatternmismatch"
        | "greaterthan"
        | "greaterthanequal"
        | "lessthan"
        | "lessthanequal"
        | "minitems"
        | "maxitems"
        | "typeerrorenum"
        | "valueerror" => Value,
        folded
            if folded.starts_with("typeerror")
                || folded.ends_with("parsing") && folded.len() < 24
                || matches!(
                    folded,
                    "inttype"
                        | "stringtype"
                        | "booltype"
                        | "floattype"
                        | "listtype"
                        | "dicttype"
                        | "modeltype"
                        | "intfromfloat"
                ) =>
        {
            Type
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::WORDINGS;

    /// The hint is what lets most rows be skipped: a row whose hint is not among its words never matches.
    #[test]
    fn every_hint_is_a_word_that_comes_with_its_phrase() {
        for (hint, phrase, _, _) in WORDINGS {
            let among = phrase.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == *hint);
            assert!(among || *phrase == "of required type" || phrase.starts_with("go struct"), "{hint}: {phrase}");
        }
    }
}
