//! How likely each change did it: the time that it takes a bad change to show, and how well what it touches covers what
//! fails. "None of these" competes with them.

use super::Change;
use crate::Judgement;
use firstfault_calls::{Attribute, Calls, Kind, NO_TIME};
use firstfault_model::Layer;
use firstfault_model::incident::{Incident, ScoredChange};

/// How likely some recorded change is the reason of an incident, before anything else is known. Published figures of
/// operators lie around two thirds (Google SRE book, chapter 1: "roughly 70 % of outages are due to changes"); not every
/// change is recorded, so a little less.
const PRIOR: f64 = 0.6;
/// Most bad changes show within minutes …
const SOON: (f64, f64) = (0.75, 90_000.0);
/// … some when a cache, a batch or a rollout gets there.
const LATE: (f64, f64) = (0.25, 1_200_000.0);
/// Clocks of the systems that keep changes and logs differ by this much, in milliseconds.
const CLOCKS: i64 = 30_000;
/// How much a change that shows slightly after the onset still counts.
const AFTER: f64 = 0.3;
/// A change of something that no call tells of, where the calls tell of little …
const UNKNOWN: f64 = 0.3;
/// … and where they name the systems that they pass, and it is none of them.
const FAR: f64 = 0.04;
/// The most and the least that scope can say.
const SCOPE: (f64, f64) = (40.0, 0.02);

/// Each change with its probability, likeliest first. What is missing to 1 is "none of these".
#[must_use]
pub fn score(changes: &[Change], calls: &Calls, judged: &[Judgement], incident: &Incident) -> Vec<ScoredChange> {
    if changes.is_empty() {
        return Vec::new();
    }
    let begin = calls.time.iter().copied().filter(|t| *t != NO_TIME).min().unwrap_or(incident.onset);
    let end = calls.time.iter().copied().filter(|t| *t != NO_TIME).max().unwrap_or(incident.onset);
    let earliest = changes.iter().map(|c| c.at).min().unwrap_or(begin).min(begin);
    // Without a change, any moment of what was looked at is as good as another.
    let span = as_f64((end - earliest).max(600_000));
    let candidates = changes.iter().filter(|c| c.at <= incident.interval.1 + CLOCKS).count().max(1);
    let prior = PRIOR / as_f64(candidates as i64) / (1.0 - PRIOR);
    let mut odds: Vec<(f64, String)> = changes
        .iter()
        .map(|change| {
            let (time, when) = time_ratio(change, incident, span);
            if time == 0.0 {
                return (0.0, when);
            }
            let (scope, why) = scope_ratio(change, calls, judged, incident);
            let because = if why.is_empty() { when } else { format!("{when}; {why}") };
            (prior * time * scope, because)
        })
        .collect();
    let sum: f64 = 1.0 + odds.iter().map(|(odds, _)| odds).sum::<f64>();
    let mut scored: Vec<ScoredChange> = changes
        .iter()
        .zip(odds.drain(..))
        .map(|(change, (odds, because))| ScoredChange {
            id: change.id.clone(),
            at: change.at,
            what: change.what.clone(),
            probability: odds / sum,
            because,
        })
        .collect();
    scored.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.at.cmp(&b.at)).then_with(|| a.id.cmp(&b.id)));
    scored
}

/// How much likelier the onset is at this time after the change than at any time.
fn time_ratio(change: &Change, incident: &Incident, span: f64) -> (f64, String) {
    let lag = incident.onset - change.at;
    if change.at > incident.interval.1.max(incident.onset) + CLOCKS {
        return (0.0, format!("{} after the onset", spoken(-lag)));
    }
    // Within the interval of the onset the exact lag is not known: the kindest one counts.
    let least = as_f64((incident.interval.0.min(incident.onset) - change.at).max(0));
    let (soon, late) = (SOON.0 / SOON.1 * (-least / SOON.1).exp(), LATE.0 / LATE.1 * (-least / LATE.1).exp());
    let ratio = (soon + late) * span;
    if lag < 0 {
        return (ratio * AFTER, format!("{} after the likeliest onset, within its interval", spoken(-lag)));
    }
    (ratio, format!("{} before the onset", spoken(lag)))
}

/// How much likelier the failures are where they are if the change did it.
fn scope_ratio(change: &Change, calls: &Calls, judged: &[Judgement], incident: &Incident) -> (f64, String) {
    let mut ratio = 1.0_f64;
    let mut why: Vec<String> = Vec::new();
    for (name, value) in &change.scope {
        let isolated = incident
            .isolation
            .first()
            .is_some_and(|best| best.attributes.iter().any(|(n, v)| n == name && v.eq_ignore_ascii_case(value)));
        match shares(calls, judged, incident, name, value) {
            Some((failing, all)) => {
                ratio *= ((failing + 0.02) / (all + 0.02)).clamp(SCOPE.1, SCOPE.0);
                if isolated {
                    ratio *= 3.0;
                }
                why.push(format!(
                    "{:.0} % of the failing calls and {:.0} % of all have {name} {value}",
                    failing * 100.0,
                    all * 100.0
                ));
            }
            None if name == "service" => {
                let (factor, because) = by_layer(value, calls, incident);
                ratio *= factor;
                why.extend(because);
            }
            None if calls.named(name).is_some() => {
                ratio *= UNKNOWN;
                why.push(format!("no call has {name} {value}"));
            }
            // The calls say nothing of that kind.
            None => {}
        }
    }
    if let Some(word) = mentioned(change, incident) {
        ratio *= 4.0;
        why.push(format!("it names {word}, which isolates the failures"));
    }
    (ratio.clamp(SCOPE.1 * SCOPE.1, SCOPE.0 * SCOPE.0), why.join(", "))
}

/// Share of the incident's failing calls, and of all calls, with that value; `None` when no call has it.
fn shares(calls: &Calls, judged: &[Judgement], incident: &Incident, name: &str, value: &str) -> Option<(f64, f64)> {
    let dimension = calls.named(name)?;
    let code = dimension.values.iter().position(|v| v.eq_ignore_ascii_case(value)).filter(|c| *c > 0)?;
    let code = u32::try_from(code).ok()?;
    let shapes: Vec<bool> = calls
        .shapes
        .iter()
        .zip(judged)
        .map(|(shape, judgement)| {
            judgement.failed && shape.kind == Kind::Call && Some(judgement.bucket) == incident.bucket
        })
        .collect();
    let end = incident.end.unwrap_or(i64::MAX);
    let (mut failing, mut failing_in, mut all, mut all_in) = (0_u64, 0_u64, 0_u64, 0_u64);
    for row in 0..calls.rows {
        let at = calls.time[row];
        if at < incident.onset || at > end {
            continue;
        }
        let weight = calls.weight(row);
        let inside = dimension.codes.get(row) == code;
        all += weight;
        all_in += if inside { weight } else { 0 };
        if shapes.get(calls.shape[row] as usize).copied().unwrap_or(false) {
            failing += weight;
            failing_in += if inside { weight } else { 0 };
        }
    }
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    Some((share(failing_in, failing), share(all_in, all)))
}

/// Words in names of systems that tell which layer they are.
const LAYERS: &[(Layer, &[&str])] = &[
    (Layer::Client, &["client", "web", "website", "mobile", "ios", "android", "sdk", "frontend", "spa"]),
    (Layer::Network, &["dns", "network", "firewall", "vpn", "vpc", "nat", "router"]),
    (
        Layer::Gateway,
        &["gateway", "waf", "cdn", "edge", "proxy", "ingress", "lb", "balancer", "nginx", "envoy", "kong", "istio"],
    ),
    (Layer::Auth, &["auth", "identity", "idp", "sso", "oauth", "oidc", "iam", "login", "keycloak", "okta"]),
    (Layer::Backend, BACKENDS),
    (Layer::Dependency, &["db", "database", "postgres", "mysql", "redis", "kafka", "queue", "storage", "cache"]),
];

/// Names for the system itself whose calls these are: what changes there may fail at any layer.
const BACKENDS: &[&str] =
    &["api", "backend", "server", "service", "core", "platform", "monolith", "app", "application"];

/// A service that no line names: what its name says about the layer, and whether the calls name their systems at all (then
/// one that is not among them is far from them).
fn by_layer(service: &str, calls: &Calls, incident: &Incident) -> (f64, Option<String>) {
    let lower = service.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let layer = LAYERS.iter().find(|(_, names)| words.iter().any(|word| names.contains(word))).map(|(layer, _)| *layer);
    let named: usize = [Attribute::Service, Attribute::Upstream]
        .iter()
        .filter_map(|attribute| calls.dimension(*attribute))
        .map(|dimension| dimension.values.len() - 1)
        .sum();
    let far = if named > 2 { FAR } else { UNKNOWN };
    match (layer, incident.layer) {
        (Some(layer), Some(failed)) if layer == failed => {
            (4.0, Some(format!("{service} is of the layer that failed, {layer}")))
        }
        (Some(Layer::Backend), _) => (1.0, None),
        (Some(layer), Some(failed)) => (far, Some(format!("{service} is of the layer {layer}, and {failed} failed"))),
        _ => (far, Some(format!("no call names the service {service}"))),
    }
}

/// A value of the best isolation that the change's words name.
fn mentioned(change: &Change, incident: &Incident) -> Option<String> {
    let text = format!("{} {}", change.id, change.what).to_ascii_lowercase();
    let scoped = |value: &str| change.scope.iter().any(|(_, v)| v.eq_ignore_ascii_case(value));
    let values = incident.isolation.first()?.attributes.iter().map(|(_, value)| value);
    let found = values.filter(|v| v.len() >= 4 && !scoped(v)).find(|v| text.contains(&v.to_ascii_lowercase()));
    found.cloned()
}

fn spoken(milliseconds: i64) -> String {
    match milliseconds / 1000 {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

fn as_f64(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::score;
    use crate::Change;
    use firstfault_calls::Calls;
    use firstfault_model::Layer;
    use firstfault_model::incident::{Incident, Isolation};

    fn change(id: &str, at: i64, what: &str, scope: &[(&str, &str)]) -> Change {
        let scope = scope.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Change { id: id.to_owned(), at, what: what.to_owned(), scope, ..Change::default() }
    }

    fn incident() -> Incident {
        Incident {
            onset: 3_000_000,
            interval: (2_990_000, 3_005_000),
            layer: Some(Layer::Gateway),
            isolation: vec![Isolation {
                attributes: vec![("tenant".to_owned(), "umbrella".to_owned())],
                ..Isolation::default()
            }],
            ..Incident::default()
        }
    }

    #[test]
    fn the_change_just_before_wins_and_a_distant_one_loses_to_none_of_these() {
        let calls = Calls { time: vec![0, 3_600_000], ..Calls::default() };
        let near = change("near", 2_985_000, "umbrella: limits", &[]);
        let far = change("far", 1_200_000, "x", &[("service", "docs")]);
        let late = change("late", 3_200_000, "x", &[]);
        let scored = score(&[near, far.clone(), late], &calls, &[], &incident());
        assert_eq!(scored[0].id, "near");
        assert!(scored[0].probability > 0.9, "{scored:?}");
        assert_eq!(scored.iter().find(|c| c.id == "late").unwrap().probability, 0.0);
        let scored = score(&[far], &calls, &[], &incident());
        assert!(scored[0].probability < 0.3, "{scored:?}");
    }

    #[test]
    fn what_a_change_touches_counts() {
        let calls = Calls { time: vec![0, 3_600_000], ..Calls::default() };
        let waf = change("waf", 2_900_000, "managed rules", &[("service", "waf")]);
        let web = change("web", 2_900_000, "unrelated", &[("service", "web")]);
        let scored = score(&[web, waf], &calls, &[], &incident());
        assert_eq!(scored[0].id, "waf");
        assert!(scored[0].probability > 5.0 * scored[1].probability, "{scored:?}");
    }
}
