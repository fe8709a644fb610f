//! Evidence → log-odds per cause → probabilities.
//!
//! Rules speak in words; the words have weights here, in one place. The same fact is not counted twice: rules
//! of one group, and phrases found in one passage, give only their strongest to a cause, and further
//! independent evidence counts half, then a quarter.

use firstfault_knowledge::compiled::Target;
use firstfault_knowledge::{Firing, Knowledge};
use firstfault_model::{Evidence, Hypothesis, Observations, Place, Strength};

/// Log-odds of the words in which rules speak, and how they are scaled. `cargo xtask calibrate` prints how well the
/// probabilities that come of them hold, and what other values would do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Tips a balance.
    pub weak: f64,
    /// Right more often than not.
    pub moderate: f64,
    /// Usually settles it.
    pub strong: f64,
    /// Documented to mean just this.
    pub decisive: f64,
    /// Factor of a status by itself, the least of witnesses.
    pub prior: f64,
    /// Factor of what only shows that something failed further in.
    pub symptom: f64,
    /// Factor of an outer wrapper in a chain of causes, which says less than the root.
    pub wrapper: f64,
    /// Factor of a few words of one product's documentation where nothing shows that product.
    pub out_of_place: f64,
    /// Factor of words of two classes that stand near each other.
    pub loose: f64,
    /// Log-odds of "something else": no evidence gives a flat ranking, not a confident guess.
    pub something_else: f64,
    /// Which part of the exact cause's evidence a general cause loses to it.
    pub gives_way: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            weak: 0.9,
            moderate: 2.1,
            strong: 3.8,
            decisive: 6.8,
            prior: 0.6,
            symptom: 0.3,
            wrapper: 0.85,
            out_of_place: 0.5,
            loose: 0.85,
            something_else: 1.2,
            gives_way: 0.6,
        }
    }
}

impl Weights {
    const fn of(&self, strength: Strength) -> f64 {
        match strength {
            Strength::Weak => self.weak,
            Strength::Moderate => self.moderate,
            Strength::Strong => self.strong,
            Strength::Decisive => self.decisive,
        }
    }
}

/// One piece of evidence for or against a ranked cause.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Index of the firing.
    pub firing: usize,
    /// Its word.
    pub strength: Strength,
    /// Its log-odds after scaling.
    pub weight: f64,
}

/// A cause with its evidence.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Cause number.
    pub cause: u16,
    /// 0 to 1.
    pub probability: f64,
    /// Evidence for it, strongest first.
    pub supports: Vec<Piece>,
    /// Evidence against it, strongest first.
    pub opposes: Vec<Piece>,
}

/// How much of a rule's word counts where it fired; `wrapped` when the passage is no root of a chain of causes.
fn scale(firing: &Firing, wrapped: bool, weights: &Weights) -> f64 {
    let factor = |applies: bool, factor: f64| if applies { factor } else { 1.0 };
    factor(firing.rule.prior, weights.prior)
        * factor(firing.rule.symptom, weights.symptom)
        * factor(firing.loose, weights.loose)
        * factor(firing.out_of_place, weights.out_of_place)
        * factor(wrapped && firing.place == Some(Place::Message), weights.wrapper)
}

/// Ranks every cause that anything speaks for.
#[must_use]
pub fn rank(knowledge: &Knowledge, observations: &Observations, firings: &[Firing], weights: &Weights) -> Vec<Ranked> {
    let last_message = observations.texts.iter().rposition(|t| t.place == Place::Message);
    let in_chain = observations.has("exception.root");
    let mut ranked: Vec<Ranked> = Vec::new();
    for (index, firing) in firings.iter().enumerate() {
        let scale = scale(firing, in_chain && firing.text != last_message, weights);
        for (cause, strength) in &firing.rule.supports {
            let piece = Piece { firing: index, strength: *strength, weight: weights.of(*strength) * scale };
            match ranked.iter_mut().find(|r| r.cause == *cause) {
                Some(r) => r.supports.push(piece),
                None => {
                    ranked.push(Ranked { cause: *cause, probability: 0.0, supports: vec![piece], opposes: Vec::new() })
                }
            }
        }
    }
    for (index, firing) in firings.iter().enumerate() {
        // What is said half is said half both ways.
        let scale = scale(firing, false, weights);
        for (target, strength) in &firing.rule.opposes {
            for r in &mut ranked {
                let hit = match target {
                    Target::Cause(cause) => r.cause == *cause,
                    Target::Bucket(bucket) => {
                        knowledge.causes.get(usize::from(r.cause)).is_some_and(|c| c.bucket == *bucket)
                    }
                };
                if hit {
                    r.opposes.push(Piece { firing: index, strength: *strength, weight: weights.of(*strength) * scale });
                }
            }
        }
    }
    let mut scores = Vec::with_capacity(ranked.len());
    for r in &mut ranked {
        let score = combine(&mut r.supports, firings) - combine(&mut r.opposes, firings);
        scores.push(score);
    }
    give_way(knowledge, firings, &ranked, &mut scores, weights);
    let highest = scores.iter().copied().fold(weights.something_else, f64::max);
    let total: f64 = (weights.something_else - highest).exp() + scores.iter().map(|s| (s - highest).exp()).sum::<f64>();
    for (r, score) in ranked.iter_mut().zip(scores) {
        r.probability = (score - highest).exp() / total;
    }
    // Equal probabilities keep the order of travel, so that the verdict is the same on every run.
    ranked.sort_by(|a, b| {
        let layer = |r: &Ranked| knowledge.causes.get(usize::from(r.cause)).map(|c| c.layer);
        b.probability
            .total_cmp(&a.probability)
            .then_with(|| layer(a).cmp(&layer(b)))
            .then_with(|| a.cause.cmp(&b.cause))
    });
    ranked
}

/// Causes of the same kind as the first whose fault the request itself shows: mending the first brings them to light. What
/// only says in general what the first says exactly is no further fault.
#[must_use]
pub fn besides<'r>(knowledge: &Knowledge, ranked: &'r [Ranked], firings: &[Firing]) -> Vec<&'r Ranked> {
    let cause = |r: &Ranked| knowledge.causes.get(usize::from(r.cause));
    let Some(first) = ranked.first() else { return Vec::new() };
    ranked
        .iter()
        .skip(1)
        .filter(|r| r.supports.iter().any(|piece| firings[piece.firing].rule.fault))
        .filter(|r| cause(r).zip(cause(first)).is_some_and(|(mine, theirs)| mine.bucket == theirs.bucket))
        .filter(|r| cause(r).is_some_and(|mine| !mine.gives_way_to.contains(&first.cause)))
        .collect()
}

/// A cause that only says in general what another says exactly gives way to it, as far as the other has evidence of its
/// own: words, codes or facts, not merely a status, and nothing that speaks for the general cause as well.
fn give_way(knowledge: &Knowledge, firings: &[Firing], ranked: &[Ranked], scores: &mut [f64], weights: &Weights) {
    let own = |r: &Ranked, general: &Ranked| {
        r.supports.iter().any(|piece| {
            let rule = &firings[piece.firing].rule;
            let both = general.supports.iter().any(|other| other.firing == piece.firing);
            !rule.prior && !rule.symptom && !both && piece.strength >= Strength::Moderate
        })
    };
    let before = scores.to_vec();
    for (at, general) in ranked.iter().enumerate() {
        let Some(cause) = knowledge.causes.get(usize::from(general.cause)) else { continue };
        let exact = ranked
            .iter()
            .zip(&before)
            .filter(|(r, _)| cause.gives_way_to.contains(&r.cause) && own(r, general))
            .map(|(_, score)| *score)
            .fold(0.0, f64::max);
        scores[at] -= (exact * weights.gives_way).min(before[at].max(0.0) * weights.gives_way);
    }
}

/// Sorts the pieces and adds up what is independent.
fn combine(pieces: &mut [Piece], firings: &[Firing]) -> f64 {
    pieces.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.firing.cmp(&b.firing)));
    let mut seen: Vec<Source<'_>> = Vec::new();
    let mut total = 0.0;
    let mut share = 1.0;
    for piece in pieces.iter() {
        let firing = &firings[piece.firing];
        let source = Source::of(firing);
        if seen.contains(&source) {
            continue;
        }
        seen.push(source);
        total += piece.weight * share;
        share *= 0.5;
    }
    total
}

/// What makes two pieces of evidence the same.
#[derive(PartialEq)]
enum Source<'f> {
    Group(&'f str),
    Passage(usize),
    Line(u16, u32),
    Rule(&'f str),
}

impl<'f> Source<'f> {
    fn of(firing: &'f Firing) -> Self {
        if !firing.rule.group.is_empty() {
            Self::Group(firing.rule.group)
        } else if let Some(text) = firing.text {
            Self::Passage(text)
        } else if firing.span.line != 0 && !firing.rule.prior {
            Self::Line(firing.span.piece, firing.span.line)
        } else {
            Self::Rule(firing.rule.id)
        }
    }
}

/// Whether a stronger rule of the same group read the same place: a reader learns nothing from it.
fn repeats(firing: &Firing, before: &[Piece], firings: &[Firing]) -> bool {
    let same = |other: &Firing| other.rule.group == firing.rule.group && other.span == firing.span;
    !firing.rule.group.is_empty() && before.iter().any(|piece| same(&firings[piece.firing]))
}

/// The hypothesis as the verdict carries it.
#[must_use]
pub fn hypothesis(knowledge: &Knowledge, ranked: &Ranked, firings: &[Firing]) -> Option<Hypothesis> {
    let cause = knowledge.causes.get(usize::from(ranked.cause))?;
    let evidence = |pieces: &[Piece]| {
        pieces
            .iter()
            .enumerate()
            .filter(|(place, piece)| !repeats(&firings[piece.firing], &pieces[..*place], firings))
            .take(6)
            .map(|(_, piece)| {
                let firing = &firings[piece.firing];
                Evidence {
                    fact: firing.quote.clone(),
                    because: firing.rule.because.to_owned(),
                    span: firing.span,
                    rule: firing.rule.id.to_owned(),
                    strength: if firing.rule.prior || firing.rule.symptom { Strength::Weak } else { piece.strength },
                }
            })
            .collect()
    };
    Some(Hypothesis {
        cause: cause.id.to_owned(),
        title: cause.title.to_owned(),
        probability: super::round(ranked.probability),
        supports: evidence(&ranked.supports),
        opposes: evidence(&ranked.opposes),
    })
}
