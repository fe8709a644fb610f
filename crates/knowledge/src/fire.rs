//! Which rules fire on what was observed.
//!
//! Each word of each passage is one look-up; only where a phrase's rarest word stands are its other words
//! compared, and only a phrase that is there has its rule decoded. So the cost follows the evidence, not
//! the number of rules.

use crate::base::Knowledge;
use crate::compile::{code_key, fact_key, fact_value_key, host_key};
use crate::compiled::{CheckSource, Condition, Rule, Test};
use crate::layout::PACK_BIT;
use crate::phrase::{self, Element, Found};
use crate::words::{self, Word};
use firstfault_model::{Observations, Place, Span, Strength};

/// A rule that fired, and on what.
#[derive(Clone, Debug)]
pub struct Firing {
    /// The rule.
    pub rule: Rule<'static>,
    /// The evidence as it stands, bounded.
    pub quote: String,
    /// Where it stands.
    pub span: Span,
    /// Captured values, by slot name.
    pub slots: Vec<(&'static str, String)>,
    /// Which passage, by index; `None` for a rule that fired on facts alone.
    pub text: Option<usize>,
    /// Whose words.
    pub place: Option<Place>,
    /// True when a short phrase of one product fired where nothing shows that product.
    pub out_of_place: bool,
    /// True when a pattern of word classes with gaps fired: likely words near each other, and no sentence that is known.
    pub loose: bool,
}

/// The most firings that one call can have; a hostile paste stops there.
const FIRING_LIMIT: usize = 400;
/// The longest quote, in bytes.
const QUOTE_LIMIT: usize = 160;

/// Finds firings; keeps its buffers between calls.
#[derive(Debug)]
pub struct Matcher<'k> {
    knowledge: &'k Knowledge,
    words: Vec<Word>,
    /// Whether a phrase inside a longer match counts too: only for the examples of packs.
    keep_shorter: bool,
}

/// A phrase of at most so many words may be anybody's; a code in one piece is not.
const SHORT_PHRASE: usize = 4;

/// What conditions look at.
struct Scene<'o> {
    observations: &'o Observations,
    /// Packs whose marks are seen, by number.
    dialects: Vec<usize>,
    /// Causes that the evidence itself claims, by number: known once the first rules have fired.
    claims: Vec<u16>,
}

impl Scene<'_> {
    /// True when the evidence shows the product that a pack is about.
    fn shows(&self, knowledge: &Knowledge, pack: &str) -> bool {
        self.dialects.iter().any(|d| knowledge.packs.get(*d).is_some_and(|p| p.name == pack))
            || self.observations.facts.iter().any(|f| {
                matches!(f.key.as_ref(), "gateway" | "backend" | "runtime" | "library")
                    && pack.starts_with(f.value.as_str())
            })
    }
}

/// A phrase that was found in the passage at hand.
struct Candidate {
    rule: Rule<'static>,
    found: Found,
    /// How many words of the phrase are given, gaps and slots left out.
    literals: usize,
    /// True when it is a pattern of word classes with gaps: it says less than any phrase that lies inside it.
    loose: bool,
}

impl<'k> Matcher<'k> {
    /// A matcher over some knowledge.
    #[must_use]
    pub fn new(knowledge: &'k Knowledge) -> Self {
        Self { knowledge, words: Vec::new(), keep_shorter: false }
    }

    /// A matcher for which a longer phrase does not silence a shorter one inside it: the example of a general rule may
    /// hold words that a particular rule knows better.
    #[must_use]
    pub fn keeping_shorter(knowledge: &'k Knowledge) -> Self {
        Self { knowledge, words: Vec::new(), keep_shorter: true }
    }

    /// The packs whose marks are seen, by number.
    #[must_use]
    pub fn dialects(&self, observations: &Observations) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        let mut add = |posting: u32, value: Option<(&str, &str)>| {
            if posting & PACK_BIT == 0 {
                return;
            }
            let number = (posting & !PACK_BIT) as usize;
            let Some(pack) = self.knowledge.packs.get(number) else { return };
            let fits = value.is_none_or(|(name, value)| {
                pack.headers.iter().any(|(n, pattern)| n.eq_ignore_ascii_case(name) && glob(pattern, value))
            });
            if fits && !out.contains(&number) {
                out.push(number);
            }
        };
        for fact in &observations.facts {
            if fact.key == "host" {
                let host = fact.value.to_ascii_lowercase();
                self.knowledge.fact_postings(host_key(&host, true)).for_each(|p| add(p, None));
                let mut domain = host.as_str();
                loop {
                    self.knowledge.fact_postings(host_key(domain, false)).for_each(|p| add(p, None));
                    match domain.split_once('.') {
                        Some((_, rest)) => domain = rest,
                        None => break,
                    }
                }
            } else if let Some(name) = fact.key.strip_prefix("response.header.") {
                self.knowledge.fact_postings(fact_key(&fact.key)).for_each(|p| add(p, Some((name, &fact.value))));
            }
        }
        out
    }

    /// Every rule that fires on `observations`.
    #[must_use]
    pub fn firings(&mut self, observations: &Observations) -> Vec<Firing> {
        let mut scene = Scene { observations, dialects: self.dialects(observations), claims: Vec::new() };
        let mut out: Vec<Firing> = Vec::new();
        self.firings_on_facts(&scene, &mut out);
        let mut elements = Vec::new();
        for (index, text) in observations.texts.iter().enumerate() {
            words::words_into(&text.text, &mut self.words);
            let mut candidates: Vec<Candidate> = Vec::new();
            let bit = 1u8 << text.place as u8;
            for at in 0..self.words.len() {
                for (phrase, anchor) in self.knowledge.word_postings(self.words[at].hash) {
                    let rule_number = self.knowledge.phrase(phrase, &mut elements);
                    let Some(found) =
                        phrase::match_at((&elements, &self.knowledge.sets), anchor, &text.text, &self.words, at)
                    else {
                        continue;
                    };
                    let Some(rule) = self.knowledge.rule(rule_number) else { continue };
                    let wanted = rule.places & bit != 0;
                    if wanted && self.holds(&rule, &scene) && candidates.len() < FIRING_LIMIT {
                        let literals = elements.iter().filter(|e| e.is_literal()).count();
                        let loose =
                            elements.contains(&Element::Gap) && elements.iter().any(|e| matches!(e, Element::Any(_)));
                        candidates.push(Candidate { rule, found, literals, loose });
                    }
                }
            }
            if !self.keep_shorter {
                keep_longest(&mut candidates);
            }
            for Candidate { rule, found, literals, loose } in candidates {
                if out.iter().any(|f| f.rule.id == rule.id && f.text == Some(index)) || out.len() >= FIRING_LIMIT {
                    continue;
                }
                let short = literals <= SHORT_PHRASE && has_space(&text.text, &self.words, &found);
                let (quote, span) = quote(&text.text, text.span, &self.words, &found);
                let slots = found
                    .slots
                    .into_iter()
                    .filter_map(|(number, value)| Some((*self.knowledge.slots.get(usize::from(number))?, value)))
                    .collect();
                let out_of_place =
                    rule.particular && short && !names_product(&rule) && !scene.shows(self.knowledge, rule.pack);
                out.push(Firing {
                    rule,
                    quote,
                    span,
                    slots,
                    text: Some(index),
                    place: Some(text.place),
                    out_of_place,
                    loose,
                });
            }
        }
        scene.claims = claims(&out);
        self.firings_on_claims(&scene, &mut out);
        out
    }

    /// Rules about what the evidence claims together with something else: credentials that were sent and are said to
    /// be missing, a network fault that a server reports about a call of its own.
    fn firings_on_claims(&self, scene: &Scene<'_>, out: &mut Vec<Firing>) {
        for &claim in &scene.claims {
            let Some(cause) = self.knowledge.causes.get(usize::from(claim)) else { continue };
            let witness = out
                .iter()
                .find(|f| f.rule.supports.iter().any(|(c, s)| *c == claim && *s >= Strength::Moderate) && !f.rule.prior)
                .map(|f| (f.quote.clone(), f.span, f.text, f.place));
            let Some((quote, span, text, place)) = witness else { continue };
            let exact = self.knowledge.fact_postings(fact_value_key("claims", cause.id));
            for number in exact.chain(self.knowledge.fact_postings(fact_key("claims"))) {
                let Some(rule) = self.knowledge.rule(number) else { continue };
                if self.holds(&rule, scene) && out.len() < FIRING_LIMIT && !out.iter().any(|f| f.rule.id == rule.id) {
                    out.push(Firing {
                        rule,
                        quote: quote.clone(),
                        span,
                        slots: Vec::new(),
                        text,
                        place,
                        out_of_place: false,
                        loose: false,
                    });
                }
            }
        }
    }

    fn firings_on_facts(&self, scene: &Scene<'_>, out: &mut Vec<Firing>) {
        let (observations, dialects) = (scene.observations, &scene.dialects);
        let mut seen: Vec<u32> = Vec::new();
        let mut fire = |number: u32, quote: &dyn Fn() -> String, span: Span, out: &mut Vec<Firing>| {
            if number & PACK_BIT != 0 || seen.contains(&number) || out.len() >= FIRING_LIMIT {
                return;
            }
            let Some(rule) = self.knowledge.rule(number) else { return };
            if self.holds(&rule, scene) {
                seen.push(number);
                // An error code that one product documents may be anybody's.
                let by_code = rule.conditions.iter().any(|c| matches!(c, Condition::Code(_)));
                let out_of_place =
                    rule.particular && by_code && !names_product(&rule) && !scene.shows(self.knowledge, rule.pack);
                out.push(Firing {
                    rule,
                    quote: quote(),
                    span,
                    slots: Vec::new(),
                    text: None,
                    place: None,
                    out_of_place,
                    loose: false,
                });
            }
        };
        for fact in &observations.facts {
            // A fact `KEY = VALUE` may have its words in a fact `KEY.VALUE`.
            let quote = || match observations.value(&format!("{}.{}", fact.key, fact.value)) {
                Some(words) => bounded(words).to_owned(),
                None => bounded(&format!("{} {}", fact.key, fact.value)).to_owned(),
            };
            for number in self.knowledge.fact_postings(fact_key(&fact.key)) {
                fire(number, &quote, fact.span, out);
            }
            for number in self.knowledge.fact_postings(fact_value_key(&fact.key, &fact.value)) {
                fire(number, &quote, fact.span, out);
            }
            if fact.key == "error.code" || fact.key == "error.type" {
                let code: Vec<u64> = words::words(&fact.value).iter().map(|w| w.hash).collect();
                for number in self.knowledge.fact_postings(code_key(&code)) {
                    fire(number, &quote, fact.span, out);
                }
            }
        }
        for &dialect in dialects {
            if let Some(pack) = self.knowledge.packs.get(dialect) {
                for number in self.knowledge.fact_postings(fact_value_key("dialect", pack.name)) {
                    fire(number, &|| format!("this is {}", pack.title), Span::default(), out);
                }
            }
        }
    }

    /// True when every condition beside the phrases holds.
    fn holds(&self, rule: &Rule<'_>, scene: &Scene<'_>) -> bool {
        rule.conditions.iter().all(|condition| self.condition_holds(condition, scene))
    }

    /// The checks whose conditions hold.
    #[must_use]
    pub fn applicable_checks(&self, observations: &Observations) -> Vec<&'k CheckSource<'static>> {
        let scene = Scene { observations, dialects: self.dialects(observations), claims: Vec::new() };
        let holds =
            |check: &&CheckSource<'_>| check.conditions.iter().all(|condition| self.condition_holds(condition, &scene));
        self.knowledge.checks.iter().filter(holds).collect()
    }

    fn condition_holds(&self, condition: &Condition<'_>, scene: &Scene<'_>) -> bool {
        let observations = scene.observations;
        match condition {
            Condition::Status(ranges) => observations
                .value("status")
                .and_then(|status| status.parse::<u16>().ok())
                .is_some_and(|status| ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))),
            Condition::Code(codes) => observations.facts.iter().any(|fact| {
                (fact.key == "error.code" || fact.key == "error.type") && {
                    let code: Vec<u64> = words::words(&fact.value).iter().map(|w| w.hash).collect();
                    codes.contains(&code)
                }
            }),
            Condition::Fact { key: "dialect", test, negated } => {
                let names = || scene.dialects.iter().filter_map(|d| self.knowledge.packs.get(*d)).map(|p| p.name);
                names().any(|name| test_holds(test, name)) != *negated
            }
            Condition::Fact { key: "claims", test, negated } => {
                let ids =
                    || scene.claims.iter().filter_map(|c| self.knowledge.causes.get(usize::from(*c))).map(|c| c.id);
                ids().any(|id| test_holds(test, id)) != *negated
            }
            Condition::Fact { key, test, negated } => {
                let holds = |value: &str| match test {
                    Test::Equals(wanted) if crate::compile::CASED.contains(key) => {
                        let fits = |w: &str| w.strip_suffix('*').map_or(w == value, |head| value.starts_with(head));
                        wanted.iter().any(|w| fits(w))
                    }
                    _ => test_holds(test, value),
                };
                observations.every(key).any(|f| holds(&f.value)) != *negated
            }
        }
    }
}

/// True when a rule itself asks for something that only its product has.
fn names_product(rule: &Rule<'_>) -> bool {
    rule.conditions.iter().any(|condition| match condition {
        Condition::Fact { key, negated: false, .. } => {
            matches!(
                *key,
                "dialect"
                    | "operation"
                    | "library"
                    | "runtime"
                    | "exception.type"
                    | "exception.root"
                    | "gateway"
                    | "backend"
                    | "host"
            ) || key.starts_with("response.header.")
        }
        _ => false,
    })
}

/// The causes that words or codes of the evidence name, at least moderately.
fn claims(firings: &[Firing]) -> Vec<u16> {
    let mut out: Vec<u16> = Vec::new();
    for firing in firings.iter().filter(|f| !f.rule.prior && !f.rule.symptom) {
        for (cause, strength) in &firing.rule.supports {
            if *strength >= Strength::Moderate && !out.contains(cause) {
                out.push(*cause);
            }
        }
    }
    out
}

fn test_holds(test: &Test<'_>, value: &str) -> bool {
    match test {
        Test::Present => true,
        Test::Equals(wanted) => wanted.iter().any(|pattern| glob(pattern, value)),
        Test::Phrase(phrases) => phrases.iter().any(|text| {
            let mut names = phrase::Names::default();
            phrase::parse(text, &mut names)
                .is_ok_and(|elements| phrase::find((&elements, &names.sets), value).is_some())
        }),
        Test::Greater(limit) => value.trim().parse::<f64>().is_ok_and(|number| number > *limit),
        Test::Less(limit) => value.trim().parse::<f64>().is_ok_and(|number| number < *limit),
    }
}

/// Equality without regard to case; `*` at either end matches any rest.
fn glob(pattern: &str, value: &str) -> bool {
    let value = value.trim();
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(""), _) => true,
        (Some(tail), Some(_)) => {
            let inner = tail.trim_end_matches('*').to_ascii_lowercase();
            value.to_ascii_lowercase().contains(&inner)
        }
        (Some(tail), None) => {
            value.len() >= tail.len()
                && value.get(value.len() - tail.len()..).is_some_and(|end| end.eq_ignore_ascii_case(tail))
        }
        (None, Some(head)) => value.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)),
        (None, None) => value.eq_ignore_ascii_case(pattern),
    }
}

/// True for words of a sentence; a code such as `SignatureDoesNotMatch` is one piece, however short.
fn has_space(text: &str, words: &[Word], found: &Found) -> bool {
    let bounds = words.get(found.first).zip(words.get(found.last.saturating_sub(1)));
    let piece = bounds.and_then(|(first, last)| text.get(first.start as usize..last.end as usize)).unwrap_or_default();
    piece.contains(' ')
}

/// Drops what lies inside a longer match: the longer phrase says the same more exactly.
fn keep_longest(candidates: &mut Vec<Candidate>) {
    let ranges: Vec<(usize, usize, bool)> = candidates.iter().map(|c| (c.found.first, c.found.last, c.loose)).collect();
    let mut index = 0;
    candidates.retain(|candidate| {
        let (first, last, _) = ranges[index];
        index += 1;
        // That something failed at all is not said by the longer phrase.
        candidate.rule.fails
            || candidate.rule.healthy
            || !ranges.iter().any(|&(f, l, loose)| !loose && f <= first && last <= l && l - f > last - first)
    });
}

/// The matched words with a little of what stands around them, on one line.
fn quote(text: &str, base: Span, words: &[Word], found: &Found) -> (String, Span) {
    let start = words.get(found.first).map_or(0, |w| w.start as usize);
    let end = words.get(found.last.saturating_sub(1)).map_or(text.len(), |w| w.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |i| end + i);
    // The passage may have had markup or escapes removed, so bytes do not map; lines do for plain text.
    #[expect(clippy::cast_possible_truncation, reason = "passages are bounded far below 4 GiB")]
    let line = base.line + text[..start].bytes().filter(|b| *b == b'\n').count() as u32;
    let shown = if line_end - line_start <= QUOTE_LIMIT {
        text[line_start..line_end].trim().to_owned()
    } else {
        let mut from = start.saturating_sub(30).max(line_start);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let tail = bounded(&text[from..line_end]);
        let head = if from > line_start { "…" } else { "" };
        format!("{head}{}", tail.trim())
    };
    (shown, Span { line: if base.line == 0 { 0 } else { line }, ..base })
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(QUOTE_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
