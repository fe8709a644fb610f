//! Looks for planted secrets in what was written: any twelve characters in a row, as they stand, escaped or in base64.

use super::make::Canary;
use std::collections::{BTreeMap, HashMap, HashSet};

const WINDOW: usize = 12;

/// Knows every window of the secrets of some canaries.
pub struct Watch<'a> {
    canaries: &'a [&'a Canary],
    windows: HashMap<Vec<u8>, usize>,
    /// Secrets shorter than a window, which show as a word of their own.
    short: Vec<(&'a [u8], usize)>,
    /// Which four bytes a window may start with, folded to 16 bits: most places of a text are none.
    starts: Vec<bool>,
}

impl<'a> Watch<'a> {
    pub fn new(canaries: &'a [&'a Canary]) -> Self {
        let mut watch = Self { canaries, windows: HashMap::new(), short: Vec::new(), starts: vec![false; 1 << 16] };
        for (number, canary) in canaries.iter().enumerate() {
            for secret in &canary.secret {
                assert!(secret.len() >= 6, "{}: too short to be looked for", canary.kind);
                if secret.len() < WINDOW {
                    watch.short.push((secret.as_bytes(), number));
                }
                for window in secret.as_bytes().windows(WINDOW) {
                    watch.windows.insert(window.to_vec(), number);
                    watch.starts[start(window)] = true;
                }
            }
        }
        watch
    }

    /// The canaries that show, each with the first line that shows it, the secret masked.
    pub fn shown(&self, out: &[u8]) -> Vec<(&'a Canary, String)> {
        let mut shown: BTreeMap<usize, String> = BTreeMap::new();
        let mut seen: HashSet<&[u8]> = HashSet::new();
        for line in out.split(|byte| *byte == b'\n') {
            if line.len() < 6 || (line.len() < 400 && !seen.insert(line)) {
                continue;
            }
            for text in readings(line) {
                self.look(&text, &mut |number, at, length| {
                    shown.entry(number).or_insert_with(|| masked(&text, at, length));
                });
                for decoded in decoded(&text) {
                    let plain = undone(&decoded, b"\\");
                    for decoded in [Some(decoded), plain].into_iter().flatten() {
                        self.look(&decoded, &mut |number, _, _| {
                            shown.entry(number).or_insert_with(|| format!("in base64: {}", excerpt(&text)));
                        });
                    }
                }
            }
        }
        shown.into_iter().map(|(number, line)| (self.canaries[number], line)).collect()
    }

    fn look(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
        self.look_for_windows(text, found);
        for (secret, number) in &self.short {
            let part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"_.".contains(b));
            for (at, here) in text.windows(secret.len()).enumerate() {
                if here == *secret && !part(text[..at].last()) && !part(text.get(at + secret.len())) {
                    found(*number, at, secret.len());
                }
            }
        }
    }

    fn look_for_windows(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
        let mut next = 0;
        for (at, window) in text.windows(WINDOW).enumerate() {
            if at < next || !self.starts[start(window)] {
                continue;
            }
            if let Some(number) = self.windows.get(window) {
                let more = text[at + 1..].windows(WINDOW);
                let length = WINDOW + more.take_while(|window| self.windows.get(*window) == Some(number)).count();
                found(*number, at, length);
                next = at + length;
            }
        }
    }
}

fn start(window: &[u8]) -> usize {
    let four = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
    usize::try_from(four.wrapping_mul(0x9e37_79b1) >> 16).unwrap()
}

/// In which orders escapes are undone: the signs whose escapes go at once, layer by layer. A secret may hold what looks
/// like an escape of another form, so all of them at once is not enough.
const LAYERS: &[&[&str]] = &[
    &["%\\&", "%\\&", "%\\&", "%\\&"],
    &["%\\&+", "%\\&", "%\\&"],
    &["\\", "%\\&+", "%\\&"],
    &["'"],
    &["\\", "'"],
    &["\\", "\\", "\\", "\\"],
    &["&", "\\"],
    &["\\", "&"],
    &["%", "%"],
];

/// A line as it stands, and as those read it who undo its escapes.
fn readings(line: &[u8]) -> Vec<Vec<u8>> {
    let mut readings = vec![line.to_vec()];
    for layers in LAYERS {
        let mut text = line.to_vec();
        for signs in *layers {
            let Some(undone) = undone(&text, signs.as_bytes()) else { break };
            if !readings.contains(&undone) {
                readings.push(undone.clone());
            }
            text = undone;
        }
    }
    readings
}

/// A text without one layer of these escapes, if it has any.
fn undone(text: &[u8], signs: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().any(|byte| signs.contains(byte)) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut rest = text;
    while let Some(first) = rest.first() {
        let escape = match first {
            other if !signs.contains(other) => None,
            b'%' => percent(rest),
            b'\\' => backslash(rest),
            b'&' => mark(rest),
            b'\'' => quote(rest),
            _ => Some((vec![b' '], 1)),
        };
        changed |= escape.is_some();
        let (by, length) = escape.unwrap_or_else(|| (vec![*first], 1));
        out.extend(by);
        rest = &rest[length..];
    }
    changed.then_some(out)
}

/// What an escape stands for, and how long it is.
type Escape = Option<(Vec<u8>, usize)>;

fn percent(text: &[u8]) -> Escape {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    Some((vec![u8::try_from(digit(1)? * 16 + digit(2)?).unwrap()], 3))
}

fn backslash(text: &[u8]) -> Escape {
    match *text.get(1)? {
        b'u' => {
            let digits = std::str::from_utf8(text.get(2..6)?).ok()?;
            let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            Some((c.to_string().into_bytes(), 6))
        }
        byte => byte.is_ascii_punctuation().then(|| (vec![byte], 2)),
    }
}

fn mark(text: &[u8]) -> Escape {
    let marks: [(&[u8], u8); 6] =
        [(b"&quot;", b'"'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&#39;", b'\''), (b"&#x27;", b'\''), (b"&amp;", b'&')];
    let (mark, byte) = marks.iter().find(|(mark, _)| text.starts_with(mark))?;
    Some((vec![*byte], mark.len()))
}

/// A quote that SQL doubles, or that a shell breaks its string for.
fn quote(text: &[u8]) -> Escape {
    let quotes: [&[u8]; 2] = [br"'\''", b"''"];
    let quote = quotes.iter().find(|quote| text.starts_with(quote))?;
    Some((vec![b'\''], quote.len()))
}

/// What the runs of base64 in a text hold. Where one starts inside a longer run is not known, so all four ways are tried.
fn decoded(text: &[u8]) -> Vec<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut out = Vec::new();
    for run in text.split(|byte| value(*byte).is_none()).filter(|run| run.len() >= 8) {
        for skip in 0..4 {
            let groups = run[skip..].chunks(4).map(|group| {
                group.iter().fold((0_u32, 0), |(bits, count), byte| {
                    ((bits << 6) | u32::from(value(*byte).unwrap_or(0)), count + 6)
                })
            });
            out.push(
                groups
                    .flat_map(|(bits, count)| (bits << (32 - count)).to_be_bytes().into_iter().take(count / 8))
                    .collect(),
            );
        }
    }
    out
}

/// What is around a secret, and the secret as so many dots.
fn masked(text: &[u8], at: usize, length: usize) -> String {
    let before = String::from_utf8_lossy(&text[at.saturating_sub(100)..at]);
    let after = String::from_utf8_lossy(&text[at + length..text.len().min(at + length + 60)]);
    format!("{before}{}{after}", "•".repeat(length))
}

fn excerpt(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(200)]).into_owned()
}
