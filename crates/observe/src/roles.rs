//! What a member's name says in error bodies, whoever wrote them: a code, words, a field, or a
//! place where more errors stand.
//!
//! The names are those of RFC 9457, RFC 6749, google.rpc, AWS, OData, JSON:API, GraphQL, JSON-RPC,
//! Kubernetes, Elasticsearch, Facebook, Slack, Telegram and the usual frameworks. It refuses to know
//! which of them is at hand.

/// What a member is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A code; a string with spaces counts as words.
    Code,
    /// Words, with how near they are to the fault (0 is nearest).
    Words(u8),
    /// A class of errors; counts as a code when it is one word.
    Type,
    /// The field that is complained about.
    Field,
    /// More errors: an object, or an array of objects or strings.
    Nest,
    /// Errors by field: `{field: [words]}`, an array as for `Nest`.
    Fields,
    /// A wait in seconds.
    Wait,
    /// A wait in milliseconds.
    WaitMs,
    /// A correlation id.
    Id,
    /// Said by others, or nothing to do with errors.
    Other,
}

/// The role of a member by its name, compared without case, `_`, `-`, `.` and spaces.
pub(crate) fn role(key: &str) -> Role {
    let mut buffer = [0_u8; 32];
    let mut length = 0;
    for byte in key.bytes() {
        if matches!(byte, b'_' | b'-' | b' ' | b'.' | b'@' | b'#') {
            continue;
        }
        if length == buffer.len() {
            return Role::Other;
        }
        buffer[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    match std::str::from_utf8(&buffer[..length]).unwrap_or_default() {
        "code" | "errorcode" | "errcode" | "errno" | "errorno" | "errornumber" | "errorid" | "errorkey" | "subcode"
        | "errorsubcode" | "suberror" | "reason" | "reasoncode" | "resultcode" | "retcode" | "returncode"
        | "responsecode" | "statuscode" | "status" | "faultcode" | "exceptioncode" | "messagecode" | "messageid"
        | "messagekey" | "keyword" | "rule" | "slug" | "declinecode" | "internalcode" | "errorname" | "codename"
        | "kind" | "stat" | "ret" | "errorcodes" | "validator" | "errornum" | "problemcode" | "errorreason"
        | "errorsummarycode" => Role::Code,
        "detail" | "message" | "msg" | "errordescription" | "errormessage" | "errmsg" | "errormsg"
        | "defaultmessage" | "faultstring" | "retmsg" | "returnmsg" | "resultmsg" | "errordetail" | "errorinfo"
        | "errortext" | "errorstring" | "developermessage" | "internalmessage" | "debugmessage" | "devmessage"
        | "exceptionmessage" | "statusmessage" | "apimessage" | "failurereason" | "errorreasontext" => Role::Words(0),
        "description" | "explanation" | "info" | "text" | "usermessage" | "localizedmessage" | "longmessage"
        | "errorusermsg" | "hint" | "statusdetails" | "moreinfo" | "longdesc" | "longdescription"
        | "shortdescription" | "extramessage" => Role::Words(1),
        "title" | "shortmessage" | "summary" | "errorusertitle" | "errortitle" | "statustext" | "heading"
        | "errorsummary" => Role::Words(2),
        "type" | "errortype" | "exception" | "exceptiontype" | "class" | "errorclass" | "category" | "domain"
        | "faulttype" | "classification" | "typename" => Role::Type,
        "field" | "param" | "parameter" | "target" | "property" | "propertyname" | "path" | "pointer" | "loc"
        | "location" | "attribute" | "instancepath" | "datapath" | "fieldname" | "parametername"
        | "invalidparameter" | "fieldpath" | "attributename" | "propertypath" | "missingproperty" | "argument"
        | "element" | "errorfield" | "jsonpath" => Role::Field,
        "error"
        | "fault"
        | "innererror"
        | "innerexception"
        | "rootcause"
        | "causedby"
        | "causes"
        | "cause"
        | "violations"
        | "fieldviolations"
        | "suberrors"
        | "issues"
        | "problems"
        | "source"
        | "extensions"
        | "errorobject"
        | "params"
        | "meta"
        | "response"
        | "result"
        | "issue"
        | "localizederrormessage"
        | "odataerror"
        | "body"
        | "validation"
        | "faultdetail"
        | "nestederrors"
        | "failures"
        | "originalerror"
        | "context"
        | "errorresponse"
        | "serviceexception"
        | "requesterror"
        | "policyexception"
        | "exceptions"
        | "failedreason"
        | "debug" => Role::Nest,
        "errors"
        | "details"
        | "errordetails"
        | "fielderrors"
        | "validationerrors"
        | "messages"
        | "errormessages"
        | "fields"
        | "invalidparams"
        | "fullmessages"
        | "invalidfields"
        | "modelstate"
        | "constraintviolations"
        | "constraints"
        | "formerrors"
        | "parameterviolations"
        | "propertyviolations"
        | "validationmessages"
        | "warningsanderrors"
        | "globalerrors"
        | "data"
        | "nonfielderrors"
        | "parametererrors" => Role::Fields,
        "retryafter"
        | "retrydelay"
        | "retryafterseconds"
        | "retryin"
        | "retryafterinseconds"
        | "waitseconds"
        | "retryafters"
        | "secondsuntilreset" => Role::Wait,
        "retryafterms" | "retryinms" | "retryaftermilliseconds" | "retryaftermillis" => Role::WaitMs,
        "requestid" | "traceid" | "correlationid" | "fbtraceid" | "xrequestid" | "logid" | "clientrequestid"
        | "activityid" | "hostid" | "incidentid" | "eventid" | "transactionid" | "trackingid" | "debugid"
        | "errortraceid" => Role::Id,
        _ => Role::Other,
    }
}

/// Whether a string is a code rather than words: one run without spaces, not too long, no sentence.
pub(crate) fn is_code(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.len() <= 120
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '{' | '"' | '\'' | ','))
        && !text.ends_with(['.', '!', '?'])
        && !text.contains("://")
}

/// Words that name the fact of an error and nothing more.
pub(crate) fn is_empty_word(text: &str) -> bool {
    [
        "error",
        "errors",
        "fail",
        "failed",
        "failure",
        "err",
        "nok",
        "ko",
        "false",
        "true",
        "unknown",
        "object",
        "none",
        "null",
        "about:blank",
        "field",
        "string",
        "status",
        "exception",
        "ok",
        "success",
    ]
    .iter()
    .any(|word| word.eq_ignore_ascii_case(text.trim()))
}
