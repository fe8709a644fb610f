//! The fifteen questions of a good triage, each answered from the data or left open with the command that answers it;
//! and what confirms the verdict quickest.
//!
//! An answer says where it is from. A question is open where the data cannot tell: "no" is an answer, silence is none.

use crate::commands::Commands;
use firstfault_model::incident::{Hop, Incident, Isolation, Question, Signature, Triage};
use firstfault_model::said::{attributes, between, clock, count, date, duration, share, some};
use firstfault_model::{Bucket, Check, Layer, LayerState};

/// Canonical attributes that say who calls.
const CALLER: &[&str] = &["tenant", "role", "user", "api_key", "client_ip", "client", "client_version"];

/// The questions about one incident, always all fifteen and in this order (docs/triage.md).
#[must_use]
pub fn answer(incident: &Incident, triage: &Triage) -> Vec<Question> {
    let commands = Commands::of(incident, triage);
    let asked: [(&str, &str, Option<String>, Option<String>); 15] = [
        ("started", "When did it start, and when did it last work?", Some(started(incident)), Some(commands.again(""))),
        ("changed", "What changed then?", changed(incident), Some(commands.again(" --changes changes.json"))),
        (
            "scope",
            "Is it everyone or some: which tenant, role, region, client version, host?",
            scope(incident),
            Some(commands.again(" --show-mapping")),
        ),
        (
            "endpoints",
            "Which endpoints and methods fail?",
            endpoints(incident),
            Some(commands.again(" --show-mapping")),
        ),
        ("answer", "What exactly comes back: status, code, message?", returned(incident), Some(commands.diagnose())),
        (
            "first_layer",
            "Did the request reach the backend, and which layer failed first?",
            first_layer(incident),
            Some(commands.trace()),
        ),
        ("always", "Does the same call fail always, or sometimes?", always(incident), Some(commands.repeat())),
        (
            "other_caller",
            "Does it fail with another client or credential?",
            other_caller(incident),
            Some(commands.as_another()),
        ),
        ("dependency", "Is a dependency slow or failing?", dependency(incident), Some(commands.trace())),
        ("limits", "Do limits or quotas play a part?", limits(incident), Some(commands.limits())),
        ("retries", "Do retries make it worse?", retries(incident), Some(commands.again(" --map FIELD=attempt"))),
        (
            "latency",
            "Did calls slow down before they failed?",
            latency(incident, triage),
            Some(commands.again(" --map FIELD=latency")),
        ),
        ("impact", "Who is hit, and how many?", impact(incident, triage), Some(commands.again(" --map FIELD=user"))),
        ("ongoing", "Is it still going on?", ongoing(incident, triage), Some(commands.again(""))),
        ("confirm", "What would confirm it quickest?", None, None),
    ];
    let mut questions: Vec<Question> = asked
        .into_iter()
        .map(|(id, question, answer, command)| Question {
            id: id.to_owned(),
            question: question.to_owned(),
            command: command.filter(|_| answer.is_none()),
            answer,
        })
        .collect();
    if let Some(last) = questions.last_mut() {
        let check = confirming(incident, triage);
        last.answer = check.as_ref().map(|c| format!("{} ({} s by hand)", c.question, c.seconds));
        last.command = check.map_or_else(|| Some(commands.diagnose()), |check| check.command);
    }
    questions
}

/// The fastest check that confirms or refutes the bucket, with the values of the representative call; `None` where the
/// bucket is not known.
#[must_use]
pub fn confirming(incident: &Incident, triage: &Triage) -> Option<Check> {
    let commands = Commands::of(incident, triage);
    let check = |id: &str, question: String, seconds, risk: &str, command: String| Check {
        id: id.to_owned(),
        question,
        seconds,
        risk: risk.to_owned(),
        command: Some(command),
        decides: vec![incident.cause.clone()],
    };
    let what = commands.what();
    Some(match incident.bucket? {
        Bucket::Client => check(
            "confirm-client",
            format!("Does {what} pass once the field that the answer complains about is corrected?"),
            60,
            "none",
            commands.diagnose(),
        ),
        Bucket::Auth => check(
            "confirm-auth",
            format!("What does the credential of {what} say, and does the identity endpoint take the same one?"),
            30,
            "read",
            commands.identity(),
        ),
        Bucket::RateLimit => check(
            "confirm-rate-limit",
            format!("What do the limit headers of {what} say is left, and how many calls does each key make?"),
            30,
            "read",
            commands.limits(),
        ),
        Bucket::Upstream => check(
            "confirm-upstream",
            match &incident.upstream {
                Some(upstream) => format!("Does {upstream} fail in the same way when it is called past the gateway?"),
                None => format!("Does {what} fail in the same way when the system behind is called past the gateway?"),
            },
            60,
            "read",
            commands.past_the_gateway(),
        ),
        Bucket::Server => check(
            "confirm-server",
            format!("Which exception does the application log for the request id of {what}?"),
            60,
            "none",
            commands.trace(),
        ),
        Bucket::None => return None,
    })
}

/// What to do next: what confirms the bucket, then what the representative's own verdict asks.
#[must_use]
pub fn checks(incident: &Incident, triage: &Triage) -> Vec<Check> {
    let own = incident.representative.as_ref().and_then(|r| r.diagnosis.as_deref());
    let own = own.map_or(&[][..], |diagnosis| &diagnosis.checks);
    confirming(incident, triage).into_iter().chain(own.iter().take(3).cloned()).collect()
}

fn started(incident: &Incident) -> String {
    let (from, to) = incident.interval;
    let mut out = format!(
        "{} UTC, between {} and {} with 95 % certainty, as a {}",
        date(incident.onset),
        clock(from),
        clock(to),
        incident.course.word()
    );
    if let Some(isolation) = incident.isolation.first().filter(|i| i.rate_before.is_finite()) {
        out += &format!("; before it {} of these calls failed", share(isolation.rate_before));
    }
    if let Some(worked) = last_worked(incident) {
        out += &format!("; the last step without more failures than usual began at {}", clock(worked));
    }
    out
}

/// The begin of the last step before the onset in which no more failed than was to be expected.
fn last_worked(incident: &Incident) -> Option<i64> {
    let series = &incident.series;
    let begins = |at: usize| i64::try_from(at).ok()?.checked_mul(series.step)?.checked_add(series.start);
    #[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    let usual = |at: &usize| {
        let point = series.points[*at];
        point.calls > 0
            && point.expected.is_some_and(|(_, high)| point.failed as f64 <= high)
            && begins(*at).is_some_and(|begin| begin.saturating_add(series.step) <= incident.onset)
    };
    (0..series.points.len()).rev().find(usual).and_then(begins)
}

fn changed(incident: &Incident) -> Option<String> {
    if let Some(change) = &incident.change {
        let what = if change.what.is_empty() { String::new() } else { format!(" ({})", change.what) };
        let because = if change.because.is_empty() { String::new() } else { format!(": {}", change.because) };
        let when = offset(change.at, incident.onset);
        return Some(format!("{}{what}, {when}, with {}{because}", change.id, share(change.probability)));
    }
    let likeliest = incident.changes.first()?;
    Some(format!(
        "None of the {} explains it; the likeliest is {} with {}",
        some(incident.changes.len() as u64, "known change"),
        likeliest.id,
        share(likeliest.probability)
    ))
}

fn offset(at: i64, onset: i64) -> String {
    if at <= onset {
        format!("{} before the onset", between(at, onset))
    } else {
        format!("{} after the onset", between(onset, at))
    }
}

fn scope(incident: &Incident) -> Option<String> {
    if let Some(isolation) = incident.isolation.first() {
        let more: Vec<String> = incident.isolation.iter().skip(1).take(2).map(|i| attributes(&i.attributes)).collect();
        let more = if more.is_empty() { String::new() } else { format!("; also {}", more.join("; ")) };
        return Some(format!(
            "Some: {} has {} of the failures; {} of its calls fail, {} elsewhere{more}",
            attributes(&isolation.attributes),
            share(isolation.share),
            share(isolation.rate_inside),
            share(isolation.rate_outside)
        ));
    }
    let tried = incident.combinations_tried;
    (tried > 0).then(|| format!("Everyone: none of {} combinations of attributes isolates it", count(tried)))
}

fn endpoints(incident: &Incident) -> Option<String> {
    let mut found: Vec<(String, u64)> = Vec::new();
    for signature in &incident.signatures {
        let Some(name) = endpoint(signature) else { continue };
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += signature.count,
            None => found.push((name, signature.count)),
        }
    }
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let routes = incident.affected.routes;
    if found.is_empty() {
        return routes.map(|n| format!("{}, each with a part of the failures", some(n, "route")));
    }
    let shown: Vec<String> = found.iter().take(3).map(|(name, n)| format!("{name} ({})", count(*n))).collect();
    let all = routes.filter(|n| *n > 1).map_or(String::new(), |n| format!("; {} in all", some(n, "route")));
    Some(format!("{}{all}", shown.join(", ")))
}

fn endpoint(signature: &Signature) -> Option<String> {
    let parts: Vec<&str> = [&signature.method, &signature.route].into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn returned(incident: &Incident) -> Option<String> {
    let top = incident.signatures.first()?;
    let mut parts: Vec<String> = top.status.iter().map(ToString::to_string).collect();
    parts.extend(top.error_code.clone().filter(|code| !code.is_empty()));
    if !top.message.is_empty() {
        parts.push(format!("\"{}\"", short(&top.message)));
    }
    if parts.is_empty() {
        return None;
    }
    let more = incident.signatures.len().saturating_sub(1) as u64;
    let more = if more == 0 { String::new() } else { format!("; and {}", some(more, "other signature")) };
    Some(format!("{}, {} times{more}", parts.join(" "), count(top.count)))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn first_layer(incident: &Incident) -> Option<String> {
    let layer = incident.layer?;
    let reached = match layer {
        Layer::Client | Layer::Network | Layer::Gateway | Layer::Auth => "No, it did not reach the backend",
        Layer::Backend | Layer::Dependency => "Yes, it reached the backend",
    };
    let mut out = format!("{reached}: the {layer} layer failed first");
    let verdict = incident.representative.as_ref().and_then(|r| r.diagnosis.as_deref());
    let because = verdict.and_then(|d| d.layers.iter().find(|l| l.layer == layer && l.state == LayerState::Failed));
    if let Some(because) = because.filter(|l| !l.because.is_empty()) {
        out += &format!(", because {}", because.because);
    }
    if let Some(origin) = incident.origins.first() {
        out += &format!("; {} began at {}", some(origin.count, "failing request"), origin.service);
    }
    Some(out)
}

fn always(incident: &Incident) -> Option<String> {
    let (failures, calls, rate) = match incident.isolation.first() {
        Some(Isolation { failures, calls, rate_inside, .. }) if *calls > 0 => (*failures, *calls, *rate_inside),
        _ if incident.calls > 0 => (incident.failures, incident.calls, ratio(incident.failures, incident.calls)),
        _ => return None,
    };
    // Half a per cent of others is noise of any log: late answers, probes, the minute of the onset itself.
    let word = if rate >= 0.995 {
        "Always"
    } else if rate >= 0.9 {
        "Nearly always"
    } else {
        "Sometimes"
    };
    Some(format!("{word}: {} of {} calls there failed ({})", count(failures), count(calls), share(rate)))
}

#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn other_caller(incident: &Incident) -> Option<String> {
    let caller = |i: &&Isolation| i.attributes.iter().any(|(name, _)| CALLER.contains(&name.as_str()));
    if let Some(isolation) = incident.isolation.iter().find(caller) {
        let outside = if isolation.rate_outside > 0.0 {
            format!("only {} of the calls fail", share(isolation.rate_outside))
        } else {
            "none of the calls fails".to_owned()
        };
        return Some(format!("Not as this: outside {} {outside}", attributes(&isolation.attributes)));
    }
    let a = incident.affected;
    let many: Vec<String> = [(a.users, "user"), (a.tenants, "tenant"), (a.client_versions, "client version")]
        .into_iter()
        .filter_map(|(n, word)| n.filter(|n| *n > 1).map(|n| some(n, word)))
        .collect();
    (!many.is_empty()).then(|| format!("Yes: {} meet it", many.join(", ")))
}

fn dependency(incident: &Incident) -> Option<String> {
    if let Some(timeout) = incident.short_timeouts.first() {
        return Some(format!(
            "Slow: {} gave up after {}, {} answered after {} ({} times)",
            timeout.gateway,
            duration(timeout.gave_up),
            timeout.backend,
            duration(timeout.answered),
            count(timeout.count)
        ));
    }
    if let Some(upstream) = &incident.upstream {
        let way = if incident.latency_led_seconds.is_some() { "slow, then failing" } else { "failing" };
        return Some(format!("Yes: {upstream} is {way}"));
    }
    if incident.layer == Some(Layer::Dependency) {
        return Some("Yes: the dependency layer failed first; no line names the system".to_owned());
    }
    let way = incident.representative.as_ref().map_or(&[][..], |r| &r.way);
    let behind: Vec<&Hop> = way.iter().filter(|hop| hop.layer == Some(Layer::Dependency)).collect();
    if behind.is_empty() {
        return None;
    }
    let said = |hop: &&Hop| {
        let took = hop.duration.map_or(String::new(), |ms| format!(" in {}", duration(ms)));
        let status = hop.status.map_or(String::new(), |status| format!(" with {status}"));
        format!("{} {}{status}{took}", hop.service, if hop.failed { "failed" } else { "answered" })
    };
    let failed = behind.iter().any(|hop| hop.failed);
    let all: Vec<String> = behind.iter().take(3).map(said).collect();
    Some(format!("{}: on the way of the representative call {}", if failed { "Yes" } else { "No" }, all.join(", ")))
}

fn limits(incident: &Incident) -> Option<String> {
    if incident.signatures.is_empty() {
        return None;
    }
    let limited = |s: &&Signature| s.bucket == Some(Bucket::RateLimit) || s.status == Some(429);
    let refused: u64 = incident.signatures.iter().filter(limited).map(|s| s.count).sum();
    let all: u64 = incident.signatures.iter().map(|s| s.count).sum();
    Some(if refused == 0 {
        format!("No: none of {} was refused by a limit", some(all, "failing call"))
    } else {
        format!("Yes: a limit refused {} of {}", count(refused), some(all, "failing call"))
    })
}

fn retries(incident: &Incident) -> Option<String> {
    let retries = &incident.retries;
    let factor = retries.amplification?;
    let mut out = match (retries.storm, factor > 1.05) {
        (true, _) => format!("Yes, a retry storm: {factor:.1} calls for each intended one"),
        (false, true) => format!("A little: {factor:.1} calls for each intended one, no storm"),
        (false, false) => format!("No: {factor:.1} calls for each intended one"),
    };
    if let Some(success) = retries.success {
        out += &format!("; {} of the repeated calls succeeded in the end", share(success));
    }
    if let Some((name, value, n)) = retries.without_backoff.first() {
        out += &format!("; {} {value} repeats without growing pauses ({} times)", name.replace('_', " "), count(*n));
    }
    if let Some((name, value, n)) = retries.against_retry_after.first() {
        out += &format!(
            "; {} {value} repeats before Retry-After has passed ({} times)",
            name.replace('_', " "),
            count(*n)
        );
    }
    Some(out)
}

fn latency(incident: &Incident, triage: &Triage) -> Option<String> {
    if let Some(seconds) = incident.latency_led_seconds {
        let place = incident.latency_led_where.as_ref().map_or(String::new(), |place| format!(", at {place}"));
        return Some(format!("Yes: {} before they failed{place}", duration(seconds * 1000.0)));
    }
    let timed = [&incident.series, &triage.series].iter().any(|s| s.points.iter().any(|p| p.latency.is_some()));
    timed.then(|| "No: durations were as usual until the onset".to_owned())
}

fn impact(incident: &Incident, triage: &Triage) -> Option<String> {
    let a = incident.affected;
    let who: Vec<String> = [
        (a.users, "user"),
        (a.tenants, "tenant"),
        (a.routes, "route"),
        (a.hosts, "host"),
        (a.regions, "region"),
        (a.client_versions, "client version"),
    ]
    .into_iter()
    .filter_map(|(n, word)| n.map(|n| some(n, word)))
    .collect();
    if who.is_empty() {
        return None;
    }
    let of = ratio(incident.failures, triage.calls);
    Some(format!(
        "{} with {} ({} of all calls read)",
        who.join(", "),
        some(incident.failures, "failing call"),
        share(of)
    ))
}

fn ongoing(incident: &Incident, triage: &Triage) -> Option<String> {
    if let Some(end) = incident.end {
        return Some(format!("No: it ended at {} UTC, after {}", date(end), between(incident.onset, end)));
    }
    let last = triage.span?.1;
    Some(format!("Yes, when the logs end at {} UTC, {} after the onset", date(last), between(incident.onset, last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::incident::{Affected, Representative, ScoredChange, Series};

    fn told() -> (Incident, Triage) {
        let incident = Incident {
            onset: 1_795_170_067_000,
            interval: (1_795_170_060_000, 1_795_170_070_000),
            isolation: vec![Isolation {
                attributes: vec![("tenant".to_owned(), "acme".to_owned())],
                failures: 97,
                calls: 100,
                rate_inside: 0.97,
                rate_outside: 0.01,
                rate_before: 0.0,
                share: 0.92,
                bits: 100.0,
            }],
            change: Some(ScoredChange {
                id: "config-1".to_owned(),
                at: 1_795_170_058_000,
                probability: 0.9,
                ..ScoredChange::default()
            }),
            bucket: Some(Bucket::Auth),
            layer: Some(Layer::Auth),
            cause: "auth.bad_signature".to_owned(),
            failures: 105,
            calls: 4_000,
            affected: Affected { users: Some(31), ..Affected::default() },
            signatures: vec![Signature {
                method: Some("GET".to_owned()),
                route: Some("/v1/users/{id}".to_owned()),
                status: Some(401),
                message: "invalid signature".to_owned(),
                count: 97,
                ..Signature::default()
            }],
            representative: Some(Representative {
                input: "it's a log.ndjson.gz".to_owned(),
                line: 17,
                ..Representative::default()
            }),
            series: Series::default(),
            ..Incident::default()
        };
        let triage = Triage {
            calls: 8_000,
            span: Some((1_795_168_800_000, 1_795_172_400_000)),
            inputs: vec![firstfault_model::incident::ReadInput {
                name: "it's a log.ndjson.gz".to_owned(),
                ..firstfault_model::incident::ReadInput::default()
            }],
            ..Triage::default()
        };
        (incident, triage)
    }

    fn of<'a>(questions: &'a [Question], id: &str) -> &'a Question {
        questions.iter().find(|q| q.id == id).unwrap()
    }

    #[test]
    fn fifteen_questions_answered_or_open_with_a_command() {
        let (incident, triage) = told();
        for incident in [incident, Incident::default()] {
            let questions = answer(&incident, &triage);
            assert_eq!(questions.len(), 15);
            for question in &questions {
                let open = question.answer.is_none();
                assert!(!open || question.command.is_some(), "{}: open, and no command answers it", question.id);
                assert!(question.id == "confirm" || open || question.command.is_none(), "{}", question.id);
                assert!(question.question.ends_with('?'));
            }
            let mut ids: Vec<&str> = questions.iter().map(|q| q.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 15, "each id once");
        }
    }

    #[test]
    fn the_guide_lists_the_same_questions() {
        let guide = include_str!("../../../docs/triage.md");
        let (incident, triage) = told();
        let rows: Vec<String> =
            answer(&incident, &triage).iter().map(|q| format!("| `{}` | {} |", q.id, q.question)).collect();
        let mut rest = guide;
        for row in &rows {
            let at =
                rest.find(row.as_str()).unwrap_or_else(|| panic!("docs/triage.md lists no {row}, or not in its place"));
            rest = &rest[at + row.len()..];
        }
    }

    #[test]
    fn answers_carry_their_evidence() {
        let (incident, triage) = told();
        let questions = answer(&incident, &triage);
        for (id, part) in [
            ("started", "2026-11-20 10:21:07 UTC, between 10:21:00 and 10:21:10"),
            ("changed", "config-1, 9.0 s before the onset, with 90%"),
            ("scope", "tenant acme has 92% of the failures"),
            ("endpoints", "GET /v1/users/{id} (97)"),
            ("answer", "401 \"invalid signature\", 97 times"),
            ("first_layer", "No, it did not reach the backend: the auth layer failed first"),
            ("always", "Nearly always: 97 of 100 calls"),
            ("other_caller", "outside tenant acme only 1.0% of the calls fail"),
            ("limits", "none of 97 failing calls"),
            ("impact", "31 users with 105 failing calls (1.3% of all calls read)"),
            ("ongoing", "Yes, when the logs end at 2026-11-20 11:00:00 UTC"),
        ] {
            let answer = of(&questions, id).answer.clone().unwrap_or_default();
            assert!(answer.contains(part), "{id}: {answer}");
        }
        for id in ["dependency", "retries", "latency"] {
            assert_eq!(of(&questions, id).answer, None, "{id}: the data cannot tell");
        }
    }

    #[test]
    fn every_bucket_has_its_check_with_the_call_s_values() {
        let (mut incident, triage) = told();
        for bucket in Bucket::FAILURES {
            incident.bucket = Some(bucket);
            let check = confirming(&incident, &triage).unwrap();
            let command = check.command.unwrap();
            assert!(check.question.contains("GET /v1/users/{id}"), "{bucket}: {}", check.question);
            assert!(command.contains("firstfault"), "{bucket}: {command}");
        }
        incident.bucket = None;
        assert_eq!(confirming(&incident, &triage), None);
    }
}
