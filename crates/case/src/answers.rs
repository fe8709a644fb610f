//! Checks answered by hand: which check and which of its outcomes a person means.

use firstfault_diagnose::{Answer, NEITHER};
use firstfault_knowledge::Knowledge;
use firstfault_knowledge::compiled::CheckSource;
use firstfault_model::Case;

/// What is stored when it could not be told.
const NOT_KNOWN: &str = "unknown";

/// The check of that id.
///
/// # Errors
/// That there is none, with those that are near.
pub fn find_check<'k>(knowledge: &'k Knowledge, id: &str) -> Result<&'k CheckSource<'static>, String> {
    if let Some(check) = knowledge.checks.iter().find(|check| check.id.eq_ignore_ascii_case(id)) {
        return Ok(check);
    }
    let mut near: Vec<(usize, &str)> =
        knowledge.checks.iter().map(|check| (distance(&id.to_ascii_lowercase(), check.id), check.id)).collect();
    near.sort_unstable();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, id)| id).collect();
    Err(format!("expected the id of a check, got {id:?}; near it: {}", near.join(", ")))
}

/// The outcome of a check that a person means, in the check's own words: by its number from 1, its words or some of them,
/// or words of a cause that it alone confirms; `none` (of them) and `unknown` always fit.
///
/// # Errors
/// That no outcome fits, or that several do, with those there are.
pub fn outcome(knowledge: &Knowledge, check: &CheckSource<'_>, said: &str) -> Result<String, String> {
    let typed = said.trim();
    let said = plain(said);
    match said.as_str() {
        "none" | "none of these" | "neither" | "other" => return Ok(NEITHER.to_owned()),
        "unknown" | "not known" | "skip" | "cannot tell" => return Ok(NOT_KNOWN.to_owned()),
        _ => {}
    }
    let number = said.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(answer) = number.and_then(|number| check.answers.get(number)) {
        return Ok((*answer).to_owned());
    }
    let words: Vec<&str> = said.split(' ').filter(|word| !word.is_empty()).collect();
    let all_in = |text: &str| {
        let text = plain(text);
        let there: Vec<&str> = text.split(' ').collect();
        !words.is_empty() && words.iter().all(|word| there.contains(word))
    };
    let causes = |number: usize| check.outcomes.get(number).into_iter().flatten();
    let cause = |number: &u16| knowledge.causes.get(usize::from(*number)).map_or("", |cause| cause.id);
    let fits: [Fit<'_>; 4] = [
        &|_, answer| plain(answer) == said,
        &|_, answer| plain(answer).starts_with(&format!("{said} ")),
        &|_, answer| all_in(answer),
        &|number, _| causes(number).any(|c| all_in(cause(c))),
    ];
    for fit in fits {
        let fitting: Vec<&str> =
            check.answers.iter().enumerate().filter(|(number, answer)| fit(*number, answer)).map(|(_, a)| *a).collect();
        match fitting.as_slice() {
            [] => {}
            [one] => return Ok((*one).to_owned()),
            several => {
                let listed: Vec<String> = several.iter().map(|answer| format!("{answer:?}")).collect();
                return Err(format!("{typed:?} may be one of {}: say more of it", listed.join(", ")));
            }
        }
    }
    // A yes-or-no question of which only the yes tells something.
    if said == "no" {
        return Ok(NEITHER.to_owned());
    }
    let known: Vec<String> =
        check.answers.iter().enumerate().map(|(number, answer)| format!("{}) {answer}", number + 1)).collect();
    Err(format!(
        "expected an outcome of {}, got {typed:?}; it knows: {}; none of these: none; cannot tell: unknown; in your own \
         words: --note TEXT",
        check.id,
        known.join(", ")
    ))
}

/// Whether an outcome, by number and words, is meant.
type Fit<'f> = &'f dyn Fn(usize, &str) -> bool;

/// The answers of a case as evidence; the last one to a check counts. One to a check or with an outcome that the
/// knowledge has no more is kept in the case and says nothing, and so does one without an outcome.
pub fn found(case: &Case, knowledge: &Knowledge) -> Vec<Answer> {
    let mut out: Vec<Answer> = Vec::new();
    for answered in &case.answers {
        out.retain(|earlier| earlier.check != answered.check);
        out.push(Answer::kept(&answered.check, answered.outcome.as_deref(), knowledge));
    }
    out
}

/// Lower case, with single spaces for everything that is no letter or digit.
fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many letters must change to make one word of the other; a word that holds the other is nearer than that.
fn distance(a: &str, b: &str) -> usize {
    let parts = |text: &str| text.split('-').filter(|part| part.len() > 2).map(str::to_owned).collect::<Vec<_>>();
    let shared = parts(a).iter().filter(|part| parts(b).contains(part)).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(40).collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()].saturating_sub(shared * 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_found_by_number_words_and_cause() {
        let knowledge = Knowledge::builtin();
        let check = find_check(&knowledge, "decode-token").unwrap();
        for (said, means) in [
            ("expired", "exp is in the past"),
            ("auth.expired_token", "exp is in the past"),
            ("1", "exp is in the past"),
            ("EXP is in the past", "exp is in the past"),
            ("aud", "aud names another API"),
            ("wrong audience", "aud names another API"),
            ("all of it is right", "all of it is right"),
            ("none", "none"),
            ("cannot tell", "unknown"),
        ] {
            assert_eq!(outcome(&knowledge, check, said).as_deref(), Ok(means), "{said}");
        }
        let wrong = outcome(&knowledge, check, "purple").unwrap_err();
        assert!(wrong.contains("1) exp is in the past") && wrong.contains("--note"), "{wrong}");
        let several = outcome(&knowledge, check, "is in the").unwrap_err();
        assert!(several.contains("nbf or iat"), "{several}");
    }

    #[test]
    fn near_checks_are_named() {
        let knowledge = Knowledge::builtin();
        for (asked, near) in
            [("decode_token", "decode-token"), ("token-decode", "decode-token"), ("gateway", "gateway-log")]
        {
            let error = find_check(&knowledge, asked).unwrap_err();
            assert!(error.contains(near), "{error}");
        }
    }
}
