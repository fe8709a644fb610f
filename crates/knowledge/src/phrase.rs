//! Phrases: sequences of words with gaps and slots, and how they are found in text.

use crate::words::{Word, words};

/// One element of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// A literal word, by hash.
    Word(u64),
    /// `(a|b|c)`: one word of a set, by the set's place in [`Names::sets`].
    Any(u32),
    /// `*`: up to [`GAP_WORDS`] words.
    Gap,
    /// `{name}`: one value, captured; the number is the name's place in the table of slot names.
    Slot(u16),
}

/// How many words `*` may stand for.
pub const GAP_WORDS: usize = 8;
/// How many words a slot may stand for.
pub const SLOT_WORDS: usize = 6;

/// What the phrases of all packs name, by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Names of slots.
    pub slots: Vec<String>,
    /// Sets of words, by their hashes in order.
    pub sets: Vec<Vec<u64>>,
}

impl Element {
    /// True when it stands for exactly one word.
    #[must_use]
    pub const fn is_literal(&self) -> bool {
        matches!(self, Self::Word(_) | Self::Any(_))
    }

    /// True when it stands for the word of that hash.
    fn fits(self, hash: u64, sets: &[Vec<u64>]) -> bool {
        match self {
            Self::Word(own) => own == hash,
            Self::Any(set) => sets.get(set as usize).is_some_and(|set| set.binary_search(&hash).is_ok()),
            Self::Gap | Self::Slot(_) => false,
        }
    }
}

/// Reads a phrase as written in a pack.
///
/// # Errors
/// Says what is wrong when it has no literal word, an unclosed slot or set, or a set of other than single words.
pub fn parse(text: &str, names: &mut Names) -> Result<Vec<Element>, String> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = rest.find(['*', '{', '(']).unwrap_or(rest.len());
        elements.extend(words(&rest[..next]).into_iter().map(|word| Element::Word(word.hash)));
        rest = &rest[next..];
        if let Some(after) = rest.strip_prefix('*') {
            elements.push(Element::Gap);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let end =
                after.find('}').ok_or_else(|| format!("phrase {text:?}: a slot is opened with {{ and not closed"))?;
            let name = &after[..end];
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()) {
                return Err(format!("phrase {text:?}: expected a slot name of a-z, 0-9 and _, got {name:?}"));
            }
            let number = names.slots.iter().position(|known| known == name).unwrap_or_else(|| {
                names.slots.push(name.to_owned());
                names.slots.len() - 1
            });
            elements.push(Element::Slot(u16::try_from(number).map_err(|_| "too many slot names".to_owned())?));
            rest = &after[end + 1..];
        } else if let Some(after) = rest.strip_prefix('(') {
            // Brackets of a message are punctuation; only `(a|b)` is a set.
            let inside = after.split_once(')').map(|(inside, _)| inside).filter(|inside| inside.contains('|'));
            rest = match inside {
                Some(inside) => {
                    elements.push(Element::Any(set(text, inside, names)?));
                    &after[inside.len() + 1..]
                }
                None => after,
            };
        }
    }
    if !elements.iter().any(Element::is_literal) {
        return Err(format!("phrase {text:?}: expected at least one literal word"));
    }
    while matches!(elements.first(), Some(Element::Gap)) {
        elements.remove(0);
    }
    while matches!(elements.last(), Some(Element::Gap)) {
        elements.pop();
    }
    Ok(elements)
}

/// The number of the set `a|b|c`.
fn set(text: &str, inside: &str, names: &mut Names) -> Result<u32, String> {
    let mut set = Vec::new();
    for alternative in inside.split('|') {
        match words(alternative).as_slice() {
            [word] => set.push(word.hash),
            _ => return Err(format!("phrase {text:?}: expected single words in a set, got {alternative:?}")),
        }
    }
    set.sort_unstable();
    set.dedup();
    let number = names.sets.iter().position(|known| *known == set).unwrap_or_else(|| {
        names.sets.push(set);
        names.sets.len() - 1
    });
    u32::try_from(number).map_err(|_| "too many sets of words".to_owned())
}

/// Where a phrase was found: words `first..last`, and what its slots captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the first word.
    pub first: usize,
    /// One past the last word.
    pub last: usize,
    /// Slot numbers and captured text, in order.
    pub slots: Vec<(u16, String)>,
}

/// Finds the phrase with its element `anchor` (a literal) at word `at`.
#[must_use]
pub fn match_at(
    (elements, sets): (&[Element], &[Vec<u64>]),
    anchor: usize,
    text: &str,
    words: &[Word],
    at: usize,
) -> Option<Found> {
    let mut slots = Vec::new();
    let mut last = at;
    // Forward from the anchor: earliest fit, no way back. Phrases are short, so this is exact enough.
    let mut i = anchor;
    while i < elements.len() {
        match &elements[i] {
            word @ (Element::Word(_) | Element::Any(_)) => {
                if !word.fits(words.get(last)?.hash, sets) {
                    return None;
                }
                last += 1;
                i += 1;
            }
            open => {
                let run = literal_run(elements, i + 1);
                if run.is_empty() {
                    let Element::Slot(name) = open else { return None };
                    let (value, next) = trailing_value(text, words, last)?;
                    slots.push((*name, value));
                    last = next;
                    i += 1;
                    continue;
                }
                let reach = if matches!(open, Element::Gap) { GAP_WORDS } else { SLOT_WORDS };
                let skip = (0..=reach).find(|skip| run_fits(run, sets, words, last + skip))?;
                if crosses(words, last, last + skip) {
                    return None;
                }
                if let Element::Slot(name) = open {
                    slots.push((*name, between(text, words, last, last + skip)?));
                }
                last += skip;
                i += 1;
            }
        }
    }
    let mut first = at;
    let mut i = anchor;
    while i > 0 {
        i -= 1;
        match &elements[i] {
            word @ (Element::Word(_) | Element::Any(_)) => {
                first = first.checked_sub(1)?;
                if !word.fits(words.get(first)?.hash, sets) {
                    return None;
                }
            }
            open => {
                let begin = elements[..i].iter().rposition(|e| !e.is_literal()).map_or(0, |p| p + 1);
                let run = &elements[begin..i];
                if run.is_empty() {
                    let Element::Slot(name) = open else { return None };
                    let end = first;
                    first = first.checked_sub(1)?;
                    // The words of one value are glued: `caseType`, `items[0].name`, `case_type`.
                    while end - first < SLOT_WORDS && is_glued(text, words, first) {
                        first -= 1;
                    }
                    slots.insert(0, (*name, between(text, words, first, end)?));
                    continue;
                }
                let reach = if matches!(open, Element::Gap) { GAP_WORDS } else { SLOT_WORDS };
                let skip = (0..=reach).find(|skip| {
                    first.checked_sub(skip + run.len()).is_some_and(|from| run_fits(run, sets, words, from))
                })?;
                if crosses(words, first - skip, first) {
                    return None;
                }
                if let Element::Slot(name) = open {
                    slots.insert(0, (*name, between(text, words, first - skip, first)?));
                }
                first -= skip;
            }
        }
    }
    Some(Found { first, last, slots })
}

/// Finds the phrase anywhere (used for conditions on single facts; rules go through the index).
#[must_use]
pub fn find(phrase: (&[Element], &[Vec<u64>]), text: &str) -> Option<Found> {
    let words = words(text);
    let anchor = phrase.0.iter().position(Element::is_literal)?;
    (0..words.len()).find_map(|at| match_at(phrase, anchor, text, &words, at))
}

/// True when a gap of the words `from..to` goes over the border between two values: what stands behind it is another
/// statement.
fn crosses(words: &[Word], from: usize, to: usize) -> bool {
    words.get(from..=to).is_some_and(|reached| reached.iter().any(|word| word.border))
}

fn literal_run(elements: &[Element], from: usize) -> &[Element] {
    let rest = elements.get(from..).unwrap_or_default();
    let end = rest.iter().position(|e| !e.is_literal()).unwrap_or(rest.len());
    &rest[..end]
}

fn run_fits(run: &[Element], sets: &[Vec<u64>], words: &[Word], at: usize) -> bool {
    run.iter().enumerate().all(|(i, e)| words.get(at + i).is_some_and(|word| e.fits(word.hash, sets)))
}

/// True when no white space, quote or colon parts the word at `at` from the one before it.
fn is_glued(text: &str, words: &[Word], at: usize) -> bool {
    let Some(previous) = at.checked_sub(1).and_then(|p| words.get(p)) else { return false };
    let gap = words.get(at).and_then(|word| text.get(previous.end as usize..word.start as usize));
    gap.is_some_and(|gap| gap.bytes().all(|b| matches!(b, b'.' | b'_' | b'-' | b'[' | b']' | b'$' | b'/')))
}

/// The text between words `from..to`, without the quotes and punctuation around it. A slot holds a value:
/// at least one word.
fn between(text: &str, words: &[Word], from: usize, to: usize) -> Option<String> {
    if to <= from {
        return None;
    }
    let start = words.get(from)?.start as usize;
    let end = words.get(to - 1)?.end as usize;
    // Marks that belong to a value, such as the `$` of `$.items[0]`, stand just before its first word.
    let lead = text[..start].bytes().rev().take_while(|b| matches!(b, b'$' | b'/' | b'.' | b'#' | b'@' | b'-')).count();
    let tail = text[end..].bytes().take_while(|b| matches!(b, b']' | b'/')).count();
    text.get(start - lead..end + tail).map(|value| clean(value).to_owned())
}

/// A value at the end of a phrase: a quoted string whole, else up to white space or a closing mark.
fn trailing_value(text: &str, words: &[Word], at: usize) -> Option<(String, usize)> {
    let word = words.get(at)?;
    let previous_end = at.checked_sub(1).and_then(|p| words.get(p)).map_or(0, |w| w.end as usize);
    let lead = &text[previous_end..word.start as usize];
    let start = word.start as usize;
    let quote = lead.chars().rev().find(|c| matches!(c, '"' | '\'' | '`' | '‘' | '“'));
    let end = match quote {
        Some(open) => {
            let close = match open {
                '‘' => '’',
                '“' => '”',
                same => same,
            };
            text[start..].find(close).filter(|len| *len <= 200).map_or(word.end as usize, |len| start + len)
        }
        None => text[start..]
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | ')' | '}' | '<' | '>' | '|'))
            .map_or(text.len(), |len| start + len),
    };
    let mut next = at + 1;
    while words.get(next).is_some_and(|w| (w.end as usize) <= end) {
        next += 1;
    }
    let mut end = end.min(start + 200);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Some((clean(&text[start..end]).to_owned(), next))
}

fn clean(value: &str) -> &str {
    value.trim().trim_matches(|c| matches!(c, '"' | '\'' | '`' | '\\')).trim_end_matches(['.', ':', ',', '\\'])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn check(phrase: &str, text: &str, expected: Option<&[(&str, &str)]>) {
        let mut names = Names::default();
        let elements = parse(phrase, &mut names).unwrap();
        let found = find((&elements, &names.sets), text);
        let slots = found
            .map(|f| f.slots.into_iter().map(|(n, v)| (names.slots[usize::from(n)].clone(), v)).collect::<Vec<_>>());
        let want = expected.map(|e| e.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>());
        assert_eq!(slots, want, "{phrase:?} in {text:?}");
    }

    #[test]
    fn phrases_find_messages_and_capture_values() {
        check("SignatureDoesNotMatch", "code: SignatureDoesNotMatch!", Some(&[]));
        check(
            "upstream timed out * while reading response header",
            "upstream timed out (110: Connection timed out) while reading response header from upstream",
            Some(&[]),
        );
        check(
            "the region {got} is wrong expecting {want}",
            "the region 'us-east-1' is wrong; expecting 'eu-central-1'</Message>",
            Some(&[("got", "us-east-1"), ("want", "eu-central-1")]),
        );
        check(
            "required property {field} not found",
            r#"Required property "customer.caseType" not found"#,
            Some(&[("field", "customer.caseType")]),
        );
        check("{field} is required", r#"{"message":"caseType is required"}"#, Some(&[("field", "caseType")]));
        check(
            "missing required field {field}",
            "missing required field: caseType, and more",
            Some(&[("field", "caseType")]),
        );
        check("a * b", "a 1 2 3 4 5 6 7 8 9 b", None);
        check("token expired", "token is not expired", None);
        check("(token|session) * (expired|stale)", "the session of user 7 has expired", Some(&[]));
        check("(token|session) * (expired|stale)", "the certificate has expired", None);
        check("connect (timeout)", "connect (timeout)", Some(&[]));
        check("a not b found", r#"{"a":"not","b":"found"}"#, Some(&[]));
        check("token * expired", r#"{"a":"token sent","b":"lease expired"}"#, None);
        check("retry after {seconds}", "Too Many Requests: retry after 34', 'parameters'", Some(&[("seconds", "34")]));
    }

    #[test]
    fn a_phrase_without_words_is_refused() {
        for phrase in ["*", "{x}", "a {x", "", "a (b c|d)"] {
            assert!(parse(phrase, &mut Names::default()).is_err(), "{phrase:?} was taken");
        }
    }
}
