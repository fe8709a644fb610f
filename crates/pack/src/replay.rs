//! What the judge read, as a document, and back: so that a verdict can be repeated without the evidence.

use crate::documents::{AnswerLine, FactLine, OBSERVATIONS, ObservationsFile, TextLine};
use firstfault_diagnose::{Answer, Judge};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Diagnosis, Fact, Observations, Place, Span, Text};
use firstfault_redact::Redactor;

/// The most bytes of text that are kept: beyond them, passages are left out and the document says so.
const TEXT_LIMIT: usize = 3 << 20;

/// Observations with their secrets replaced.
#[must_use]
pub fn redacted(observations: &Observations, redactor: &mut Redactor) -> Observations {
    let mut value = |key: &str, value: &str| {
        // What observing has hidden already is written as a placeholder, or it would be taken for a credential.
        let value = &value.replace("[hidden]", "‹hidden›");
        let field = key.strip_prefix("request.header.").or_else(|| key.strip_prefix("response.header."));
        match field {
            Some(name) => redactor.header(name, value),
            None if key == "curl.command" => redactor.command(value),
            None => redactor.text(value),
        }
    };
    let facts = observations
        .facts
        .iter()
        .map(|fact| Fact { key: fact.key.clone(), value: value(&fact.key, &fact.value), span: fact.span })
        .collect();
    let texts = observations.texts.iter().map(|t| Text { text: redactor.text(&t.text), ..t.clone() }).collect();
    Observations { facts, texts }
}

/// Redacted observations as a document.
#[must_use]
pub fn document(observations: &Observations, answers: &[AnswerLine]) -> ObservationsFile {
    let piece = |span: Span| Some(span.piece).filter(|piece| *piece > 0);
    let mut left = TEXT_LIMIT;
    let texts: Vec<TextLine> = observations
        .texts
        .iter()
        .filter(|text| {
            let fits = text.text.len() <= left;
            left -= if fits { text.text.len() } else { 0 };
            fits
        })
        .map(|t| TextLine {
            place: t.place.word().to_owned(),
            text: t.text.clone(),
            line: t.span.line,
            piece: piece(t.span),
            depth: t.depth,
        })
        .collect();
    ObservationsFile {
        schema: OBSERVATIONS.to_owned(),
        cut: texts.len() < observations.texts.len(),
        facts: observations
            .facts
            .iter()
            .map(|f| FactLine {
                fact: f.key.clone().into_owned(),
                value: f.value.clone(),
                line: f.span.line,
                piece: piece(f.span),
            })
            .collect(),
        texts,
        answers: answers.to_vec(),
    }
}

/// The verdict on the observations of a document. Places within a line are gone; verdicts do not rest on them.
#[must_use]
pub fn judge(document: &ObservationsFile, knowledge: &Knowledge) -> Diagnosis {
    let span = |line, piece: Option<u16>| Span { piece: piece.unwrap_or(0), ..Span::new(line, 0, 0) };
    let place = |word: &str| {
        [Place::Body, Place::Header, Place::Message, Place::Request, Place::Note].into_iter().find(|p| p.word() == word)
    };
    let observations = Observations {
        facts: document
            .facts
            .iter()
            .map(|f| Fact { key: f.fact.clone().into(), value: f.value.clone(), span: span(f.line, f.piece) })
            .collect(),
        texts: document
            .texts
            .iter()
            .filter_map(|t| {
                let span = span(t.line, t.piece);
                Some(Text { place: place(&t.place)?, text: t.text.clone(), span, depth: t.depth })
            })
            .collect(),
    };
    let answers: Vec<Answer> =
        document.answers.iter().map(|a| Answer::kept(&a.check, a.outcome.as_deref(), knowledge)).collect();
    Judge::new(knowledge).diagnose_with(&observations, &answers)
}
