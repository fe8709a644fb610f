//! The request as it is: does it fail, and how often.

use crate::asker::Asker;
use crate::oracle::{Answer, Candidate, Oracle};
use crate::report::{Confidence, Outcome, Settings};

/// So often a request is sent that never failed yet.
const PATIENCE: u32 = 6;
/// So many failures of an intermittent kind tell its rate well enough.
const ENOUGH: u32 = 5;

/// What the whole request does.
pub(crate) struct Base {
    /// What its message names.
    pub names: Vec<String>,
    pub confidence: Confidence,
}

/// Sends the whole request until it is known how often it fails.
pub(crate) async fn measure<O: Oracle>(
    asker: &mut Asker<'_, O>,
    failing: &Candidate,
    settings: &Settings,
) -> Result<Base, Outcome> {
    let (mut same, mut asked, mut unsure) = (0, 0, 0);
    let mut names: Vec<String> = Vec::new();
    let mut instead = String::from("the budget ended before it was sent");
    while asked < settings.base_repeats.max(settings.confirmations) && unsure < PATIENCE {
        let Some(reply) = asker.raw(failing).await else { break };
        match &reply.answer {
            Answer::Same => {
                same += 1;
                names.extend(reply.names.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
            }
            Answer::Unsure(why) => {
                unsure += 1;
                instead.clone_from(why);
                continue;
            }
            other => {
                asker.usual(other);
                instead = words(other);
            }
        }
        asked += 1;
        let is_constant = same == asked && same >= settings.confirmations.max(1);
        if is_constant || same >= ENOUGH.max(settings.confirmations) || same == 0 && asked >= PATIENCE {
            break;
        }
    }
    if same == 0 {
        return Err(Outcome::NotReproduced(instead));
    }
    let mut confidence = Confidence { asked, same, ..Confidence::default() };
    if same < asked {
        let rate = rate(same, asked);
        confidence.rate = Some(rate);
        asker.intermittent(rate);
    }
    Ok(Base { names, confidence })
}

/// A careful rate: rather too low, which costs repeats, than too high, which costs the result.
pub(crate) fn rate(same: u32, asked: u32) -> f64 {
    let (same, asked) = (f64::from(same), f64::from(asked.max(1)));
    let share = same / asked;
    // One standard error below (Agresti and Coull's adjusted share), never below half of what was seen.
    let adjusted = (same + 1.0) / (asked + 2.0);
    let error = (adjusted * (1.0 - adjusted) / (asked + 2.0)).sqrt();
    (adjusted - error).max(share / 2.0).clamp(0.02, 0.98)
}

/// An answer that is not the same failure, in words.
pub(crate) fn words(answer: &Answer) -> String {
    match answer {
        Answer::Same => "it fails in the same way".to_owned(),
        Answer::Works => "it works".to_owned(),
        Answer::Other(words) | Answer::Unsure(words) => words.clone(),
    }
}
