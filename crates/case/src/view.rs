//! A case that may be shown: renderers take a [`View`], and every string of it passed the redactor when it was made.

use crate::clock::{parts, span};
use crate::{CaseVerdict, Step, steps};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Case, Check, Diagnosis, RankChange, StepState};
use firstfault_redact::Redactor;
use firstfault_report::{Call, Report, Safe, one_line};

/// The longest text of one field that is shown.
const FIELD: usize = 4000;

/// A case with its verdict, its steps and what comes next.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) case: Case,
    pub(crate) verdict: Option<CaseVerdict>,
    pub(crate) steps: Vec<Step>,
    pub(crate) next: Option<Next>,
    pub(crate) changed: Vec<RankChange>,
}

/// The check to do next.
#[derive(Clone, Debug)]
pub(crate) struct Next {
    /// The check.
    pub check: Check,
    /// Its possible outcomes.
    pub outcomes: Vec<String>,
}

impl View {
    /// Makes every string of a case harmless. `changed`: what the last change did to the ranking.
    #[must_use]
    pub fn new(
        mut case: Case,
        mut verdict: Option<CaseVerdict>,
        changed: Vec<RankChange>,
        knowledge: &Knowledge,
        redactor: &mut Redactor,
    ) -> Self {
        let mut steps = steps(&case, verdict.as_ref(), knowledge);
        let mut safe = |text: &mut String| *text = one_line(&redactor.text(text), FIELD);
        safe(&mut case.title);
        let questions = &mut case.questions;
        for text in [&mut questions.expected, &mut questions.actual, &mut questions.affected, &mut case.resolution] {
            text.iter_mut().for_each(&mut safe);
        }
        for piece in &mut case.pieces {
            safe(&mut piece.source);
            piece.calls.iter_mut().for_each(|call| safe(&mut call.headline));
        }
        for answer in &mut case.answers {
            answer.note.iter_mut().for_each(&mut safe);
        }
        case.marks.iter_mut().for_each(|mark| mark.note.iter_mut().for_each(&mut safe));
        steps.iter_mut().for_each(|step| safe(&mut step.because));
        if let Some(verdict) = &mut verdict {
            verdict.joined.iter_mut().for_each(|(_, headline)| safe(headline));
            verdict.others.iter_mut().for_each(|other| safe(&mut other.headline));
            if let Some(worked) = &mut verdict.worked {
                safe(&mut worked.headline);
            }
            verdict.diagnosis = shown(verdict.diagnosis.clone(), redactor);
        }
        let asked = verdict.as_ref().and_then(|verdict| verdict.diagnosis.checks.first());
        let next = asked.filter(|_| case.clock.resolved.is_none()).map(|check| Next {
            check: check.clone(),
            outcomes: knowledge
                .checks
                .iter()
                .find(|known| known.id == check.id)
                .map(|known| known.answers.iter().map(|answer| (*answer).to_owned()).collect())
                .unwrap_or_default(),
        });
        Self { case, verdict, steps, next, changed }
    }

    /// The id of the case.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.case.id
    }

    /// Where the case stands, in one line: its likeliest cause, and since when it is clear.
    #[must_use]
    pub fn standing(&self) -> Option<String> {
        let diagnosis = &self.verdict.as_ref()?.diagnosis;
        if !diagnosis.failed {
            return Some("nothing failed in the evidence so far".to_owned());
        }
        let clear = match parts(&self.case.clock)[1] {
            Some(took) if diagnosis.probability >= crate::CLEAR => format!("; clear {} after detection", span(took)),
            Some(_) => "; it was clear before".to_owned(),
            None if !diagnosis.attributed => "; the evidence does not attribute the failure yet".to_owned(),
            None => String::new(),
        };
        Some(format!("now {:.0}% {}{clear}", diagnosis.probability * 100.0, diagnosis.cause))
    }

    /// The id of the check to do next.
    #[must_use]
    pub fn asked(&self) -> Option<&str> {
        self.next.as_ref().map(|next| next.check.id.as_str())
    }

    /// The first open step and what would do it.
    #[must_use]
    pub fn open_step_words(&self) -> Option<String> {
        self.open_step().map(|step| format!("open step {}: {} ({})", step.number, step.title, step.because))
    }

    /// How long the case took, for its last line.
    #[must_use]
    pub fn took(&self) -> String {
        parts(&self.case.clock)[2].map_or_else(String::new, |took| format!(", {} after detection", span(took)))
    }

    /// The verdict, when something failed.
    pub(crate) fn failure(&self) -> Option<&CaseVerdict> {
        self.verdict.as_ref().filter(|verdict| verdict.diagnosis.failed)
    }

    /// The first step that is open.
    pub(crate) fn open_step(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.state == StepState::Open)
    }

    /// Where a piece of evidence stands: `2:14` is line 14 of piece 2.
    pub(crate) fn source(&self, evidence: &firstfault_model::Evidence, words: bool) -> String {
        let span = evidence.span;
        if span.line == 0 && self.case.answers.iter().any(|answer| answer.check == evidence.rule) {
            return "answer".to_owned();
        }
        if words || span.line == 0 { span.place() } else { format!("{}:{}", span.piece, span.line) }
    }
}

/// A verdict as every renderer may show it.
fn shown(diagnosis: Diagnosis, redactor: &mut Redactor) -> Diagnosis {
    let call = Call {
        diagnosis,
        form: "case",
        method: None,
        url: None,
        status: None,
        span: firstfault_model::Span::default(),
        repeats: 1,
        seen: None,
        exchange: None,
        contract: None,
    };
    let report = Report { calls: vec![call], ..Report::default() };
    let safe = Safe::new(report, redactor);
    safe.report().calls[0].diagnosis.clone()
}
