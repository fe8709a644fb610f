//! Request and answer on the page: bounded, with what was left out.

use crate::exchange::snippet;
use crate::safe::{clean, clean_lines};
use firstfault_model::{Body, Call, Headers};
use maud::{Markup, html};

/// Bytes of a body that are shown.
const BODY: usize = 4096;
/// Header fields that are shown.
const FIELDS: usize = 100;
/// Characters of one field that are shown.
const VALUE: usize = 2000;
/// Messages of programs that are shown.
const MESSAGES: usize = 12;

/// What was sent, what came back, and what programs said.
pub fn sections(call: &Call) -> Markup {
    html! {
        @if let Some(request) = &call.request {
            section {
                details open {
                    summary { h2 { "Request" } }
                    @let url = request.url.to_string();
                    @if request.method.is_some() || !url.is_empty() {
                        p { code.line {
                            (clean(request.method.as_deref().unwrap_or(""))) " " (crate::one_line(&url, VALUE))
                            @if let Some(version) = &request.version { " " (clean(version)) }
                        } }
                    }
                    (fields(&request.headers))
                    (body(request.body.as_ref()))
                    @if !request.complete { p.quiet { "The request was not seen whole." } }
                }
            }
        }
        @if let Some(response) = &call.response {
            section {
                details open {
                    summary { h2 { "Answer" } }
                    @if let Some(status) = response.status {
                        p { code.line {
                            @if let Some(version) = &response.version { (clean(version)) " " }
                            (status)
                            @if let Some(reason) = &response.reason { " " (clean(reason)) }
                        } }
                    }
                    (fields(&response.headers))
                    (body(response.body.as_ref()))
                    (fields(&response.trailers))
                }
            }
        }
        @if !call.messages.is_empty() {
            section {
                details {
                    summary { h2 { "What programs said" } }
                    @for message in call.messages.iter().take(MESSAGES) {
                        @if message.span.line > 0 { p.where { "line " (message.span.line) } }
                        pre { code { (clean_lines(cut(&message.text))) } }
                    }
                    @if call.messages.len() > MESSAGES { p.quiet { "and " (call.messages.len() - MESSAGES) " more" } }
                }
            }
        }
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(VALUE).map_or(text, |(end, _)| &text[..end])
}

fn fields(headers: &Headers) -> Markup {
    html! {
        @if !headers.0.is_empty() {
            dl.rows.fields {
                @for field in headers.0.iter().take(FIELDS) {
                    div {
                        dt { (crate::one_line(&field.name, 200)) }
                        dd { code { (crate::one_line(&field.value, VALUE)) } }
                    }
                }
            }
            @if headers.0.len() > FIELDS { p.quiet { "and " (headers.0.len() - FIELDS) " fields more" } }
        }
    }
}

fn body(body: Option<&Body>) -> Markup {
    let Some(body) = body else { return html! {} };
    if body.is_blank() {
        return html! { p.quiet { "The body is empty." } };
    }
    let (text, cut) = snippet(body, BODY);
    html! {
        pre.body { code { (clean_lines(text)) } }
        @if let Some(cut) = cut { p.quiet { (cut) } }
    }
}
