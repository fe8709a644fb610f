//! Kinds of secrets and the places where they stand: read, filled and planted.

use super::Chance;
use super::write::{base64, evidence, jwt, piece, url64};
use serde::Deserialize;
use std::path::Path;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

/// A kind of secret, as kinds.toml explains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub id: String,
    shape: String,
    name: String,
    alone: bool,
    keep: Option<usize>,
}

/// A place, as places.toml explains.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub id: String,
    #[serde(rename = "as")]
    seen_as: String,
    text: String,
    tells: String,
    takes: String,
    #[serde(default = "none")]
    escape: String,
    #[serde(default = "snake")]
    case: String,
    #[serde(rename = "type")]
    media_type: Option<String>,
    only: Option<Vec<String>>,
}

fn none() -> String {
    "none".to_owned()
}

fn snake() -> String {
    "snake".to_owned()
}

/// One planted secret.
#[derive(Debug)]
pub struct Canary {
    pub kind: String,
    pub place: String,
    /// Known by its shape, wherever it stands.
    pub alone: bool,
    pub value: String,
    /// The pieces of the value that nothing may show.
    pub secret: Vec<String>,
    pub evidence: String,
}

/// All kinds and all places, in the order of their files.
pub fn described(folder: &Path) -> (Vec<Kind>, Vec<Place>) {
    #[derive(Deserialize)]
    struct Kinds {
        kind: Vec<Kind>,
    }
    #[derive(Deserialize)]
    struct Places {
        place: Vec<Place>,
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let kinds: Kinds = toml::from_str(&read("kinds.toml")).unwrap();
    let places: Places = toml::from_str(&read("places.toml")).unwrap();
    (kinds.kind, places.place)
}

/// Every kind in every place where it can stand, place by place.
pub fn planted(kinds: &[Kind], places: &[Place], seed: u64) -> Vec<Canary> {
    let pairs = places.iter().flat_map(|place| kinds.iter().map(move |kind| (kind, place)));
    pairs.filter_map(|(kind, place)| plant(kind, place, seed)).collect()
}

fn plant(kind: &Kind, place: &Place, seed: u64) -> Option<Canary> {
    let mut chance = Chance::new(&format!("{seed} {} {}", kind.id, place.id));
    let (value, secret) = fill(&mut chance, kind);
    if !fits(kind, place, &value) {
        return None;
    }
    let text = piece(&mut chance, &place.text, &value, &place.escape, &kind.name, &place.case);
    let evidence = evidence(&place.seen_as, place.media_type.as_deref(), &text);
    Some(Canary { kind: kind.id.clone(), place: place.id.clone(), alone: kind.alone, value, secret, evidence })
}

fn fits(kind: &Kind, place: &Place, value: &str) -> bool {
    if let Some(only) = &place.only {
        return only.contains(&kind.id);
    }
    if place.tells == "nothing" && !kind.alone {
        return false;
    }
    match place.takes.as_str() {
        "lines" => true,
        "text" => !value.contains('\n'),
        // A bare word ends where the text around it would end it: nobody could say what belongs to it.
        "word" => {
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._~+/=:!$*%@^?|#-".contains(c));
            plain && !(place.escape == "none" && value.contains(['#', '?', '&']))
        }
        other => panic!("{}: expected word, text or lines, got {other}", place.id),
    }
}

/// The characters of a class, if it is one.
fn class(name: &str) -> Option<String> {
    let alnum = [UPPER, LOWER, DIGITS].concat();
    Some(match name {
        "hex" => DIGITS.to_owned() + "abcdef",
        "HEX" => DIGITS.to_owned() + "ABCDEF",
        "digits" => DIGITS.to_owned(),
        "upper" => UPPER.to_owned(),
        "lower" => LOWER.to_owned(),
        "alnum" => alnum,
        "loweralnum" => [LOWER, DIGITS].concat(),
        "upperalnum" => [UPPER, DIGITS].concat(),
        "base64url" => alnum + "-_",
        "base64" => alnum + "+/",
        "base32" => UPPER.to_owned() + "234567",
        "bcrypt" => alnum + "./",
        "mild" => alnum + "!#%*-_.+~@$^=?",
        "harsh" => "\"'\\<>&;,{}[]()|`".to_owned(),
        _ => return None,
    })
}

/// So many characters of a class. Ends in a letter or digit, as a word does that a person copies, and has one of each
/// group that it can have.
pub fn of_class(chance: &mut Chance, name: &str, count: usize) -> String {
    let letters = class(name).unwrap_or_else(|| panic!("expected a class, got {name}"));
    loop {
        let text = chance.of(&letters, count);
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if count < 4 || !letters.contains(|c: char| c.is_ascii_alphanumeric()) {
            return text;
        }
        let has = |group: &str| text.contains(|c| group.contains(c)) || !letters.contains(|c| group.contains(c));
        let mixed = count < 12 || [DIGITS, LOWER, UPPER].iter().all(|group| has(group));
        if mixed && edge(text.chars().next()) && edge(text.chars().last()) {
            return text;
        }
    }
}

/// A value of this kind, and the pieces of it that are secret.
fn fill(chance: &mut Chance, kind: &Kind) -> (String, Vec<String>) {
    let mut value = String::new();
    let mut pieces = None;
    let mut literal = None;
    let mut rest = kind.shape.as_str();
    while let Some((before, (part, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        value += before;
        literal = literal.or(Some(before.chars().count()));
        rest = after;
        let (what, count) = part.split_once(':').unwrap_or((part, ""));
        if class(what).is_some() {
            value += &of_class(chance, what, count.parse().unwrap());
        } else {
            let (text, secret) = whole(chance, what, count);
            value += &text;
            pieces = pieces.or(secret);
        }
    }
    value += rest;
    let keep = kind.keep.or(literal).unwrap();
    let tail = || vec![value.chars().skip(keep).collect()];
    let pieces = pieces.unwrap_or_else(tail);
    (value, pieces)
}

/// Kinds that are no run of one class: the value, and where not all of it is secret, what is.
fn whole(chance: &mut Chance, what: &str, count: &str) -> (String, Option<Vec<String>>) {
    match what {
        "uuid" => (chance.uuid(), None),
        "words" => {
            let words: Vec<String> = (0..count.parse().unwrap()).map(|_| word(chance)).collect();
            (words.join(" "), None)
        }
        "crc" => {
            let text = chance.of(&[DIGITS, UPPER, LOWER].concat(), count.parse().unwrap());
            let sum = checksum(&text);
            (text + &sum, None)
        }
        "jwt" => {
            let (token, keep) = jwt(chance, None, count.parse().unwrap());
            let secret = token[keep..].to_owned();
            (token, Some(vec![secret]))
        }
        "jwe" => {
            let head = url64(br#"{"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "k7"}"#);
            let parts = [342, 16, 120, 22].map(|length| of_class(chance, "base64url", length));
            let secret = vec![parts[0].clone(), parts[2].clone()];
            (format!("{head}.{}", parts.join(".")), Some(secret))
        }
        "basic" => {
            let password = of_class(chance, "alnum", 18);
            let pair = base64(format!("svc-orders:{password}").as_bytes());
            (pair.clone(), Some(vec![password, pair]))
        }
        "pem" => {
            let mut body: Vec<String> = (0..6).map(|_| of_class(chance, "base64", 64)).collect();
            body.push(of_class(chance, "base64", 38) + "==");
            let dashes = "-----";
            let lines = body.join("\n");
            (format!("{dashes}BEGIN {count} KEY{dashes}\n{lines}\n{dashes}END {count} KEY{dashes}"), Some(body))
        }
        other => panic!("expected a class, got {other}"),
    }
}

fn word(chance: &mut Chance) -> String {
    let syllables = 2 + chance.below(2);
    (0..syllables).map(|_| chance.of("bdfgklmnprstvz", 1) + &chance.of("aeiou", 1)).collect()
}

/// GitHub's checksum: CRC-32 in six digits of base 62.
fn checksum(text: &str) -> String {
    let mut sum = !0_u32;
    for byte in text.bytes() {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    let mut number = !sum;
    let digits = [DIGITS, UPPER, LOWER].concat().into_bytes();
    let mut out = [b'0'; 6];
    for place in out.iter_mut().rev() {
        *place = digits[usize::try_from(number % 62).unwrap()];
        number /= 62;
    }
    String::from_utf8(out.to_vec()).unwrap()
}

/// A name in the case of a place.
pub fn spell(name: &str, case: &str) -> String {
    let words: Vec<&str> = name.split('_').collect();
    let capital = |word: &&str| word[..1].to_uppercase() + &word[1..];
    let capitals: Vec<String> = words.iter().map(capital).collect();
    match case {
        "snake" => words.join("_"),
        "kebab" => words.join("-"),
        "env" => words.join("_").to_uppercase(),
        "words" => words.join(" "),
        "camel" => words[0].to_owned() + &capitals[1..].concat(),
        "pascal" => capitals.concat(),
        "header" => capitals.join("-"),
        other => panic!("expected a case that is known, got {other}"),
    }
}

#[test]
fn the_checksum_is_the_issuers() {
    // CRC-32's check value, in base 62.
    assert_eq!(checksum("123456789"), "3jZRME");
}
