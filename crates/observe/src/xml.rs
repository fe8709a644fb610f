//! XML error bodies: AWS and Azure storage errors, SOAP 1.1 and 1.2 faults, OData, OGC exception
//! reports, RFC 9457 problems, and errors of no known schema whose elements have the usual names.
//!
//! It refuses to validate XML and to know what a code means.

use crate::markup::{Element, elements};
use crate::roles::{Role, is_code, is_empty_word, role};
use crate::sink::{Sink, Source};
use crate::validation;

/// Elements that are errors by name, wherever they stand.
fn is_error_element(name: &str) -> bool {
    [
        "error",
        "fault",
        "errorresponse",
        "exceptionreport",
        "serviceexceptionreport",
        "problem",
        "errors",
        "exception",
        "serviceexception",
        "apierror",
        "err",
        "errormessage",
    ]
    .iter()
    .any(|word| word.eq_ignore_ascii_case(name))
}

/// Elements that state the outcome: `<Success>False</Success>`, `<Ack>Failure</Ack>` (eBay, PayPal), `<isSuccess>0`.
fn states_failure(name: &str, text: &str) -> bool {
    let is = |words: &[&str], value: &str| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    is(&["success", "succeeded", "issuccess", "successful", "issuccessful"], name) && is(&["false", "0", "no"], text)
        || is(&["ack"], name) && is(&["failure", "error"], text)
        || is(&["status", "result", "resultstatus", "outcome"], name)
            && is(&["error", "failed", "failure", "fail"], text)
        || is(&["iserror", "haserror", "haserrors"], name) && is(&["true", "1", "yes"], text)
}

/// Whether a multi-status answer (RFC 4918 section 13) has a part that failed.
pub(crate) fn has_failed_part(xml: &str) -> bool {
    elements(xml).iter().any(|element| {
        element.name.eq_ignore_ascii_case("status")
            && element
                .text
                .strip_prefix("HTTP/")
                .and_then(|rest| rest.split(' ').nth(1))
                .is_some_and(|code| code.starts_with(['4', '5']) && code.len() == 3)
    })
}

/// Whether the XML says that it is an error: by its root, by a SOAP fault, or by an error just below.
pub(crate) fn is_error(xml: &str) -> bool {
    elements(xml).iter().take(12).any(|element| {
        let said = !element.text.is_empty() || element.attribute("code").is_some();
        is_error_element(element.name)
            && (element.depth == 0
                || element.name.eq_ignore_ascii_case("fault")
                || (element.depth <= 2 && said && !matches!(element.text.as_str(), "0" | "false")))
            || element.depth <= 1 && element.attribute("stat").is_some_and(|stat| stat.eq_ignore_ascii_case("fail"))
            || matches!(element.name, "return_code" | "result_code") && element.text.eq_ignore_ascii_case("fail")
            || element.depth <= 5 && states_failure(element.name, &element.text)
    })
}

/// Reads error facts from an XML body.
pub(crate) fn read(out: &mut Sink, source: Source<'_>, status: Option<u16>) {
    let found = elements(source.text);
    let Some(root) = found.first() else { return };
    out.first("error.shape", shape_of(&found), source.span(root.at));
    let mut server_time = None;
    let mut request_time = None;
    for element in &found {
        let span = source.span(element.at);
        for name in ["code", "exceptionCode", "errorCode", "ErrorCode"] {
            if let Some(code) = element.attribute(name).filter(|code| is_code(code)) {
                out.fact("error.code", code, span);
            }
        }
        for name in ["msg", "message"] {
            if let Some(words) = element.attribute(name) {
                out.fact("error.message", words, span);
            }
        }
        if let Some(field) = element.attribute("locator") {
            out.fact("error.field", field, span);
        }
        if element.text.is_empty() {
            continue;
        }
        let text = element.text.as_str();
        match element.name {
            "ServerTime" => server_time = crate::date::parse(text),
            "RequestTime" => request_time = crate::date::parse(text),
            "AuthenticationErrorDetail" | "ExceptionText" | "Text" | "Reason" | "Detail" if !is_code(text) => {
                words(out, text, span)
            }
            "Value" if matches!(element.parent, "Code" | "Subcode") => code(out, text, status, span),
            "Key" | "BucketName" | "Resource" | "Body" | "detail" if is_code(text) => {}
            name => match role(name) {
                Role::Code if is_code(text) => code(out, text, status, span),
                Role::Code | Role::Words(_) => words(out, text, span),
                Role::Type if is_code(text) && !is_empty_word(text) => {
                    out.fact("error.type", text, span);
                    code(out, text, status, span);
                }
                Role::Field if is_code(text) && is_error_element(element.parent) => out.fact("error.field", text, span),
                Role::Nest | Role::Fields if is_error_element(name) => {
                    if is_code(text) {
                        code(out, text, status, span)
                    } else {
                        words(out, text, span)
                    }
                }
                Role::Id => out.fact(format!("id.{}", name.to_ascii_lowercase()), text, span),
                Role::Wait => {
                    if let Some(seconds) = crate::date::seconds(text) {
                        crate::limits::retry_after(out, seconds, span);
                    }
                }
                _ => {}
            },
        }
    }
    if let (Some(server), Some(request)) = (server_time, request_time) {
        crate::fields::skew(out, request - server, source.whole());
    }
}

fn code(out: &mut Sink, text: &str, status: Option<u16>, span: firstfault_model::Span) {
    // SOAP qualifies its codes: `soap:Client`, `env:Sender`, `ns0:InvalidArgument`
    let local = text.rsplit(':').next().unwrap_or(text).trim_start_matches('.');
    if !status.is_some_and(|status| local.parse() == Ok(status)) && !is_empty_word(local) && local != "0" {
        out.fact("error.code", local, span);
    }
}

fn words(out: &mut Sink, text: &str, span: firstfault_model::Span) {
    out.fact("error.message", text, span);
    validation::complaint(out, None, text, None, span);
}

fn shape_of(found: &[Element<'_>]) -> &'static str {
    let root = found.first().map_or("", |e| e.name);
    let has = |name: &str| found.iter().take(24).any(|e| e.name == name);
    if root == "Envelope" {
        if has("faultcode") || has("faultstring") { "soap-1.1" } else { "soap-1.2" }
    } else if root.contains("ExceptionReport") {
        "ogc"
    } else if root == "problem" {
        "problem"
    } else if has("innererror") || (root == "error" && has("message") && has("code")) {
        "odata"
    } else if has("Code") && (has("RequestId") || has("RequestID") || has("HostId") || has("Message")) {
        "aws-xml"
    } else {
        "xml"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Span;

    #[test]
    fn the_documented_forms_are_read() {
        for (xml, shape, code, message) in [
            // AWS S3 REST error responses
            (
                "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a</Key><RequestId>4442587FB7D0A2F9</RequestId></Error>",
                "aws-xml",
                "NoSuchKey",
                "The specified key does not exist.",
            ),
            // AWS query protocol
            (
                "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>1</RequestId></ErrorResponse>",
                "aws-xml",
                "Sender",
                "Rate exceeded",
            ),
            // SOAP 1.1 section 4.4
            (
                "<SOAP-ENV:Envelope xmlns:SOAP-ENV='x'><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:MustUnderstand</faultcode><faultstring>SOAP Must Understand Error</faultstring></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>",
                "soap-1.1",
                "MustUnderstand",
                "SOAP Must Understand Error",
            ),
            // SOAP 1.2 part 1 section 5.4
            (
                "<env:Envelope xmlns:env='x'><env:Body><env:Fault><env:Code><env:Value>env:Sender</env:Value></env:Code><env:Reason><env:Text xml:lang='en'>Processing error</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>",
                "soap-1.2",
                "Sender",
                "Processing error",
            ),
            // Flickr
            (
                "<rsp stat=\"fail\"><err code=\"96\" msg=\"Invalid signature\" /></rsp>",
                "xml",
                "96",
                "Invalid signature",
            ),
        ] {
            let mut out = Sink::default();
            read(&mut out, Source::unpacked(xml, Span::default()), None);
            assert_eq!(
                (out.value("error.shape"), out.value("error.code"), out.value("error.message")),
                (Some(shape), Some(code), Some(message)),
                "{xml}"
            );
            assert!(is_error(xml), "{xml}");
        }
        assert!(!is_error("<feed><entry><title>An error</title></entry></feed>"));
        assert!(!is_error("<result><status>ok</status><error>0</error></result>"));
    }
}
