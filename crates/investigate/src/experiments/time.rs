//! What happens at another time.

use super::{Came, Experiment, Trial, usual};
use crate::Base;
use firstfault_model::Response;
use std::collections::BTreeSet;
use std::time::Duration;

/// The same request again, several times.
pub(super) const REPEAT: Experiment =
    Experiment { run: "repeat", trials: repeat, until_works: false, read: read_repeat };

/// The same request when the limit says that it may come again.
pub(super) const AFTER_THE_WINDOW: Experiment =
    Experiment { run: "after-the-window", trials: after, until_works: false, read: usual };

/// How often it is repeated: five calls in all tell one in two from always in 97 of 100 cases.
const REPEATS: usize = 4;
/// The longest wait that is worth it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

fn repeat(base: &Base) -> Vec<Trial> {
    if base.status() == Some(429) {
        return Vec::new();
    }
    vec![Trial::new("the same again", base.target.clone(), ""); REPEATS]
}

/// `always`, `sometimes`, or `no-more` when every repeat works; before `sometimes` `by-version` or `by-instance` where what
/// the answers say of their server tells those that fail from those that do not.
fn read_repeat(base: &Base, came: &[Came]) -> Vec<String> {
    let failed = came.iter().filter(|c| !c.works()).count();
    let same = came.iter().filter(|c| c.same(base)).count();
    let word = match failed {
        0 => "no-more",
        _ if failed == came.len() && same == came.len() => "always",
        _ if failed == came.len() => "always-otherwise",
        _ => "sometimes",
    };
    let mut words = vec![word.to_owned()];
    if word == "sometimes" {
        words.extend(divides(base, came).map(str::to_owned));
    }
    words
}

/// Fields that name a release, by words of their names.
const OF_VERSION: &[&str] = &["version", "release", "build", "revision", "commit", "deployment"];
/// Fields that name an instance, by words of their names.
const OF_INSTANCE: &[&str] =
    &["served", "backend", "instance", "server", "node", "pod", "upstream", "origin", "host", "worker", "via"];

/// By what the failing answers differ from those that work: `by-version` or `by-instance`, when a field that names one has
/// no value on both sides, and a value comes twice, so that it is no mere id of a request.
fn divides(base: &Base, came: &[Came]) -> Option<&'static str> {
    let failed = came.iter().filter(|c| !c.works()).filter_map(|c| c.exchange.response.as_ref()).chain(base.response());
    let failed: Vec<&Response> = failed.collect();
    let sound: Vec<&Response> =
        came.iter().filter(|c| c.works()).filter_map(|c| c.exchange.response.as_ref()).collect();
    let fields = failed.iter().flat_map(|response| &response.headers.0).map(|header| header.name.to_ascii_lowercase());
    let fields: BTreeSet<String> = fields.collect();
    let divides = |names: &[&str]| {
        fields.iter().filter(|field| field.split(['-', '_']).any(|word| names.contains(&word))).any(|field| {
            let of = |all: &[&Response]| -> Vec<String> {
                all.iter().filter_map(|r| r.headers.first(field).map(str::to_owned)).collect()
            };
            let (bad, good) = (of(&failed), of(&sound));
            let repeats = |values: &[String]| values.iter().any(|v| values.iter().filter(|w| *w == v).count() > 1);
            let everywhere = bad.len() == failed.len() && good.len() == sound.len() && !good.is_empty();
            everywhere && bad.iter().all(|value| !good.contains(value)) && (repeats(&bad) || repeats(&good))
        })
    };
    if divides(OF_VERSION) {
        Some("by-version")
    } else if divides(OF_INSTANCE) {
        Some("by-instance")
    } else {
        None
    }
}

fn after(base: &Base) -> Vec<Trial> {
    let wait = base
        .response()
        .and_then(|response| response.headers.first("retry-after"))
        .and_then(|value| value.trim().parse::<u64>().ok())
        .map(Duration::from_secs);
    let Some(wait) = wait.filter(|wait| *wait <= LONGEST_WAIT) else { return Vec::new() };
    // The guard of whoever sends waits; here it is only known that it will.
    vec![Trial::new(format!("the same after {} s", wait.as_secs()), base.target.clone(), "")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Judging;
    use firstfault_engine::Clock;
    use firstfault_knowledge::Knowledge;
    use firstfault_model::{Call, Origin, Span, Vantage};
    use firstfault_probe::{Exchange, Target};

    fn answer(status: u16, field: &str, value: &str) -> Response {
        let mut response = Response { status: Some(status), ..Response::default() };
        response.headers.push(field, value, Span::default());
        response
    }

    /// What divides failing from working answers that carry these values of a field; the first is the call's own.
    fn divided(field: &str, answers: &[(u16, &str)]) -> Option<&'static str> {
        let knowledge = Knowledge::builtin();
        let mut judging = Judging::new(&knowledge, Clock::default());
        let mut call = Call::new(Origin::Probe, Vantage::Client);
        let mut all = answers.iter().map(|(status, value)| answer(*status, field, value));
        call.response = all.next();
        let came: Vec<Came> = all
            .map(|response| {
                let exchange = Exchange { response: Some(response), ..Exchange::default() };
                let walk = firstfault_probe::Walk { exchanges: vec![exchange.clone()], ..Default::default() };
                let (_, diagnosis) = judging.verdict(&walk.call());
                Came { trial: Trial::new("again", Target::default(), ""), exchange, diagnosis }
            })
            .collect();
        divides(&Base::new(Target::default(), call), &came)
    }

    #[test]
    fn only_a_field_with_no_value_on_both_sides_divides() {
        let apart = [(500, "2.1"), (200, "2.0"), (500, "2.1"), (200, "2.0")];
        assert_eq!(divided("X-App-Version", &apart), Some("by-version"));
        assert_eq!(divided("X-Served-By", &apart), Some("by-instance"));
        assert_eq!(divided("X-Colour", &apart), None);
        assert_eq!(divided("X-Served-By", &[(500, "a"), (200, "b"), (200, "a")]), None);
        // Ids of requests are different each time.
        assert_eq!(divided("X-Server-Request", &[(500, "1"), (200, "2"), (500, "3"), (200, "4")]), None);
    }
}
