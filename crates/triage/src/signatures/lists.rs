//! What stands in a message several times or not at all, and still makes no other message of it: lists, and what explains
//! a value in parentheses.

use super::tokens::{Form, Tokens};

/// The longest element of a list, in tokens.
const ELEMENT: usize = 8;

/// A list of elements that are alike but for their values stands once, and `<*> (<*>)` is `<*>`.
pub fn shortened(all: &[u32], tokens: &Tokens<'_>) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::with_capacity(all.len());
    for token in all {
        out.push(*token);
        if tokens.text(*token) == ")"
            && let Some(length) = explained(&out, tokens)
        {
            out.truncate(length);
        }
        if let Some(length) = repeated(&out, tokens) {
            out.truncate(length);
        }
    }
    out
}

/// Without the parentheses that end it, when they hold at most a value and stand behind one.
fn explained(out: &[u32], tokens: &Tokens<'_>) -> Option<usize> {
    let (_, before) = out.split_last()?;
    let inner = before.len() - usize::from(before.last().is_some_and(|t| tokens.form(*t) == Form::Value));
    let (open, value) = (inner.checked_sub(1)?, inner.checked_sub(2)?);
    (tokens.text(out[open]) == " (" && tokens.form(out[value]) == Form::Value).then_some(open)
}

/// Without its last element, when the one before is the same and they hold a value.
fn repeated(out: &[u32], tokens: &Tokens<'_>) -> Option<usize> {
    let step = (1..=ELEMENT.min(out.len() / 2)).find(|step| {
        let (rest, last) = out.split_at(out.len() - step);
        let before = &rest[rest.len() - step..];
        // The first element may stand without the space that parts the others.
        let first =
            last[0] == before[0] || tokens.spaced(last[0]) && tokens.text(last[0])[1..] == *tokens.text(before[0]);
        first && last[1..] == before[1..] && last.iter().any(|token| tokens.varies(*token))
    })?;
    Some(out.len() - step)
}
