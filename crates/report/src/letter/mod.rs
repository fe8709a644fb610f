//! Letters in their formats: text, Markdown, an issue, a Jira body, an e-mail.
//!
//! Each format knows what acts in it and makes that harmless in evidence.

mod email;
mod jira;
mod markdown;
mod plain;

pub(crate) use markdown::section as section_markdown;
pub(crate) use plain::blocks as section_text;

use crate::safe::Safe;
use crate::text::Style;
use crate::words::{Audience, words};

/// The format of a letter.
#[derive(Clone, Copy, Debug)]
pub enum Markup {
    /// For a terminal or a chat.
    Text(Style),
    /// Markdown.
    Markdown,
    /// An issue of GitHub or GitLab: a title line, then the body with its evidence folded.
    Issue,
    /// The body of a Jira ticket, in its wiki markup.
    Jira,
    /// An e-mail: a subject line, an empty line, plain text in lines of at most 72 columns but for commands to copy.
    Email,
}

/// The verdict on the call that failed first, in the words for an audience; empty where no call was read.
#[must_use]
pub fn letter(safe: &Safe, audience: Audience, markup: Markup) -> String {
    let Some(words) = words(safe, audience) else { return String::new() };
    match markup {
        Markup::Text(style) => plain::text(&words, style),
        Markup::Markdown => markdown::markdown(&words, false),
        Markup::Issue => markdown::markdown(&words, true),
        Markup::Jira => jira::jira(&words),
        Markup::Email => email::email(&words, matches!(audience, Audience::Client | Audience::Provider)),
    }
}
