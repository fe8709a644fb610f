//! A pack of a whole case: the verdict is that on all of its evidence, with the checks that people answered.
//!
//! It comes as a value: how the pieces of a case are judged together is not known here.

use crate::archive::File;
use crate::documents::{AnswerLine, Other};
use crate::make::Input;
use firstfault_engine::Judged;
use firstfault_model::{Call, Diagnosis, Headers, Observations, Request, Span};
use firstfault_redact::Redactor;

/// What a case came to: it counts instead of what each input says by itself. Piece `n` is the n-th input.
#[derive(Clone)]
pub struct Ruling<'a> {
    /// The verdict on all inputs together; its spans say in which piece they are.
    pub diagnosis: &'a Diagnosis,
    /// What it was made of, beside the answers.
    pub observations: &'a Observations,
    /// What people found out by checks.
    pub answers: Vec<AnswerLine>,
    /// The piece that the call stands in.
    pub piece: u16,
    /// The failures beside the case's; of their `input`, the pack writes the name itself.
    pub others: Vec<(u16, Other)>,
    /// The piece with a call to the same target that worked.
    pub worked: Option<u16>,
    /// Makes further files, with the redactor of the pack.
    pub files: &'a dyn Fn(&mut Redactor) -> Vec<File>,
    /// Digests in those files that the program worked out itself.
    pub digests: Vec<String>,
    /// The command that makes the pack again, without its flags.
    pub remake: String,
}

impl std::fmt::Debug for Ruling<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ruling").field("diagnosis", self.diagnosis).field("piece", &self.piece).finish_non_exhaustive()
    }
}

impl Ruling<'_> {
    /// The input that the call stands in, and the call with the case's verdict on it.
    pub fn chosen(&self, inputs: &[Input<'_>]) -> Option<(usize, Judged)> {
        let at = usize::from(self.piece).checked_sub(1)?;
        let verdict = inputs.get(at)?.verdict;
        // The text that a case keeps may be cut so that no call is read in it any more; what was observed of it stays.
        let found = verdict.calls.get(verdict.first);
        let mut call = found.map(|judged| judged.call.clone()).unwrap_or_default();
        placed(&mut call, self.piece);
        let mut diagnosis = self.diagnosis.clone();
        for hypothesis in &mut diagnosis.hypotheses {
            let evidence = hypothesis.supports.iter_mut().chain(&mut hypothesis.opposes);
            for told in evidence.filter(|e| e.span.line == 0 && self.answers.iter().any(|a| a.check == e.rule)) {
                told.fact = format!("answered by hand: {}", told.fact);
            }
        }
        if let Some(own) = found.map(|judged| &judged.diagnosis).filter(|own| own.cause == diagnosis.cause) {
            diagnosis.fix = own.fix.clone();
        }
        Some((at, Judged { diagnosis, call, repeats: found.map_or(1, |judged| judged.repeats) }))
    }

    /// The request of a call to the same target that worked.
    pub fn working(&self, inputs: &[Input<'_>]) -> Option<Request> {
        let verdict = inputs.get(usize::from(self.worked?).checked_sub(1)?)?.verdict;
        let judged = verdict.calls.get(verdict.first).filter(|judged| !judged.diagnosis.failed)?;
        judged.call.request.clone().filter(|request| request.url.host.is_some())
    }
}

/// Every part of the call says in which piece it stands.
fn placed(call: &mut Call, piece: u16) {
    let mut set = |span: &mut Span| span.piece = piece;
    let fields = |headers: &mut Headers, set: &mut dyn FnMut(&mut Span)| {
        headers.0.iter_mut().for_each(|header| set(&mut header.span));
    };
    set(&mut call.span);
    if let Some(request) = &mut call.request {
        set(&mut request.span);
        fields(&mut request.headers, &mut set);
        request.body.iter_mut().for_each(|body| set(&mut body.span));
    }
    if let Some(response) = &mut call.response {
        set(&mut response.span);
        fields(&mut response.headers, &mut set);
        response.body.iter_mut().for_each(|body| set(&mut body.span));
    }
    call.messages.iter_mut().for_each(|message| set(&mut message.span));
}
