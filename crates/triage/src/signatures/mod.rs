//! Signatures: failures of one kind, by what their messages have in common.
//!
//! [`templates`] finds the message templates; it knows words and their forms, and neither systems nor what a message means.

mod merge;
mod tokens;

use firstfault_calls::{mask, text_hash};
use std::collections::BTreeMap;

/// What was found in many messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mined {
    /// By message: which template.
    pub of: Vec<u32>,
    /// The templates as text: what varies is `<*>`. Sorted.
    pub texts: Vec<String>,
}

/// The templates of messages, each with how often it was seen. The order of the messages does not matter.
#[must_use]
pub fn templates(messages: &[(&str, u64)]) -> Mined {
    let masked: Vec<String> = messages.iter().map(|(text, _)| mask(tokens::bounded(text))).collect();
    let mut distinct: BTreeMap<&str, u32> = masked.iter().map(|text| (text.as_str(), 0)).collect();
    for (index, place) in distinct.values_mut().enumerate() {
        *place = u32::try_from(index).unwrap_or(u32::MAX);
    }
    let texts: Vec<&str> = distinct.keys().copied().collect();
    let (group, names) = merge::merge(&texts);
    let mut sorted: BTreeMap<&str, u32> = names.iter().map(|name| (name.as_str(), 0)).collect();
    for (index, place) in sorted.values_mut().enumerate() {
        *place = u32::try_from(index).unwrap_or(u32::MAX);
    }
    let place = |text: &String| sorted[names[group[distinct[text.as_str()] as usize] as usize].as_str()];
    Mined { of: masked.iter().map(place).collect(), texts: sorted.keys().map(|text| (*text).to_owned()).collect() }
}

/// The id of a template: 16 hexadecimal digits, the same in every run and on every machine.
#[must_use]
pub fn id(template: &str) -> String {
    format!("{:016x}", text_hash(template.as_bytes()))
}
