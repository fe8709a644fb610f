//! A letter as an e-mail: subject, empty line, plain text.

use super::plain::{blocks, hanging};
use crate::paint::cut;
use crate::words::Words;
use std::fmt::Write as _;

/// RFC 5322 section 2.1.1 asks for lines of at most 78 characters; 72 leave room for quoting.
const WIDTH: usize = 72;
/// A subject beyond this is cut by most programs anyway.
const SUBJECT: usize = 120;

/// The e-mail; to people outside it begins with a greeting.
pub fn email(words: &Words, greets: bool) -> String {
    // A report's strings hold no line breaks, so evidence cannot add header fields; this holds it for certain.
    let subject: String = words.title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut out = format!("Subject: {}\n\n", cut(&subject, SUBJECT));
    if greets {
        out.push_str("Hello,\n\n");
    }
    for (i, paragraph) in words.lead.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        hanging(&mut out, "", paragraph, WIDTH);
    }
    for section in &words.sections {
        let _ = writeln!(out, "\n{}", section.title);
        blocks(&mut out, &section.blocks, WIDTH);
    }
    out
}
