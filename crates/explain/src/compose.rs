//! Pages of what is general: statuses, causes, buckets, layers, and the list of contents.

use crate::book::{Book, Cause, Entry};
use crate::page::{Item, Kind, Page};
use firstfault_knowledge::pack::{CheckEntry, EnvelopeAnswer, EnvelopeExample, StatusSource};
use firstfault_model::{Bucket, Layer, Owner, Retry, Strength};

/// How many packs a cause's page names.
const PACK_LIMIT: usize = 12;
/// How many checks a cause's page offers.
const CHECK_LIMIT: usize = 3;
/// Seconds that any check takes at least: reading the question.
const LEAST_SECONDS: f64 = 3.0;

/// What a status code means.
pub fn status(book: &Book, code: u16, status: &StatusSource) -> Page {
    let name = if code == 0 { format!("0 {}", status.name) } else { format!("{code} {}", status.name) };
    let mut page = Page::new(Kind::Status, code.to_string(), name, &status.meaning);
    page.fact("registered with IANA", if status.registered { "yes" } else { "no" });
    let mut likely: Vec<(&str, Strength)> = status.priors.iter().map(|(c, s)| (c.as_str(), *s)).collect();
    likely.sort_by_key(|(_, strength)| std::cmp::Reverse(*strength));
    if let Some(cause) = likely.first().and_then(|(id, _)| book.causes.get(*id)) {
        page.fact("retry, when nothing else is known", retry(cause.source.retry));
    }
    page.section("Often mistaken", vec![Item::said(&status.mistaken_for)]);
    page.section("First place to look", vec![Item::said(&status.first_look)]);
    page.section(
        "What it usually is, when the status is all there is",
        likely.iter().map(|(id, _)| Item::named(*id, title(book, id))).collect(),
    );
    if let Some((cause, _)) = likely.first() {
        page.section("Fastest confirming check", checks(book, cause));
    }
    page.section("Who means something of their own by it", dialects_of(book, code));
    page.source(if status.source.is_empty() { &book.status_source } else { &status.source });
    page.see = likely.iter().take(3).map(|(id, _)| (*id).to_owned()).collect();
    page
}

/// Packs whose rules read this very status and take it for something decided.
fn dialects_of(book: &Book, code: u16) -> Vec<Item> {
    let code = code.to_string();
    let mut items = Vec::new();
    for pack in &book.packs {
        for entry in Book::entries(&pack.source) {
            let Entry::Rule(rule) = entry else { continue };
            let decided = entry.supports().first().is_some_and(|(_, strength)| *strength == Strength::Decisive);
            if decided && rule.status.len() == 1 && rule.status.contains(&code) {
                items.push(Item::named(pack.title(), &rule.because));
            }
        }
    }
    items.dedup_by(|a, b| a.name == b.name);
    items.truncate(PACK_LIMIT);
    items
}

/// All that is known of a cause.
pub fn cause(book: &Book, cause: &Cause) -> Page {
    let source = &cause.source;
    let mut page = Page::new(Kind::Cause, &cause.id, &source.title, sentence(&source.meaning));
    page.fact("bucket", cause.bucket.word());
    page.fact("layer", source.layer.word());
    page.fact("who acts", owner(source.owner));
    page.fact("retry", retry(source.retry));
    if let Some(guide) = &cause.guide {
        page.section("What it usually is", vec![Item::said(&guide.usually)]);
        let told = |m: &firstfault_knowledge::pack::Mistaken| Item::named(&m.cause, &m.tell);
        page.section("Often mistaken for", guide.mistaken_for.iter().map(told).collect());
        page.steps("Checklist", guide.checklist.iter().map(Item::said).collect());
        page.section("First place to look", vec![Item::said(&guide.first_look)]);
    }
    page.section("Fastest confirming check", checks(book, &cause.id));
    page.section("When the evidence is thin, what would decide", vec![Item::said(sentence(&cause.words.missing))]);
    page.section("For whoever makes the call", vec![Item::said(&cause.words.client)]);
    page.section("For whoever runs the API", vec![Item::said(&cause.words.provider)]);
    page.section("The one question to ask them", vec![Item::said(&cause.words.question)]);
    page.section("In plain words", vec![Item::said(&cause.words.plain)]);
    let statuses = book.statuses.iter().filter(|(_, s)| s.priors.contains_key(&cause.id));
    let statuses: Vec<String> = statuses.map(|(code, _)| code.to_string()).collect();
    page.section("Statuses that it comes with", vec![Item::said(statuses.join(", "))]);
    page.section("Where it is recognised", recognised(book, &cause.id));
    if let Some(guide) = &cause.guide {
        page.source(&guide.source);
        page.see = guide.mistaken_for.iter().map(|m| m.cause.clone()).take(3).collect();
    }
    page.see.push(cause.bucket.word().to_owned());
    page
}

/// The packs that know the most ways in which a cause shows.
fn recognised(book: &Book, id: &str) -> Vec<Item> {
    let mut counted: Vec<(usize, &str, &str)> = book
        .packs
        .iter()
        .map(|pack| {
            let first = |entry: &Entry<'_>| entry.supports().first().is_some_and(|(cause, _)| *cause == id);
            (Book::entries(&pack.source).filter(first).count(), pack.title(), pack.source.pack.name.as_str())
        })
        .filter(|(count, ..)| *count > 0)
        .collect();
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(b.2)));
    let total: usize = counted.iter().map(|(count, ..)| count).sum();
    let shown: Vec<String> =
        counted.iter().take(PACK_LIMIT).map(|(count, title, _)| format!("{title} ({count})")).collect();
    let rest = counted.len().saturating_sub(PACK_LIMIT);
    let more = if rest > 0 { format!(" and {rest} more packs") } else { String::new() };
    match total {
        0 => Vec::new(),
        1 => vec![Item::said(format!("one rule: {}", shown.join(", ")))],
        _ => vec![Item::said(format!("{total} rules: {}{more}", shown.join(", ")))],
    }
}

/// The checks that confirm a cause, those that decide most per second first.
pub fn checks(book: &Book, cause: &str) -> Vec<Item> {
    let confirming = |check: &CheckEntry| -> Option<(f64, String)> {
        if !check.run.is_empty() && check.command.is_empty() {
            return None; // the probe's own, without a command for a person
        }
        let outcome = check.outcomes.iter().find(|o| o.confirms.iter().any(|c| c == cause))?;
        #[expect(clippy::cast_precision_loss, reason = "a handful of causes")]
        let shared = outcome.confirms.len() as f64;
        Some((shared * (f64::from(check.seconds) + LEAST_SECONDS), outcome.answer.clone()))
    };
    let mut found: Vec<(f64, &CheckEntry, String)> =
        book.checks.iter().filter_map(|check| confirming(check).map(|(cost, answer)| (cost, check, answer))).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    found.into_iter().take(CHECK_LIMIT).map(|(_, check, answer)| check_item(check, Some(&answer))).collect()
}

fn check_item(check: &CheckEntry, answer: Option<&str>) -> Item {
    let confirmed = answer.map_or_else(String::new, |answer| format!(" Confirmed by: {answer}."));
    let risk = match check.risk.as_str() {
        "none" => "",
        "read" => ", sends a safe request",
        _ => ", may change something",
    };
    Item {
        name: check.id.clone(),
        text: format!("{}{confirmed} ({} s{risk})", plain(&check.question), check.seconds),
        command: plain(&check.command),
        block: String::new(),
    }
}

/// A bucket's runbook.
pub fn bucket(book: &Book, bucket: Bucket) -> Page {
    let guide = book.bucket(bucket);
    let title = guide.map_or(bucket.word(), |g| g.title.as_str());
    let mut page = Page::new(Kind::Bucket, bucket.word(), title, guide.map_or("", |g| g.meaning.as_str()));
    if let Some(guide) = guide {
        page.section("Often mistaken", vec![Item::said(&guide.mistaken_for)]);
        page.section("First place to look", vec![Item::said(&guide.first_look)]);
        page.steps("Runbook", guide.checklist.iter().map(Item::said).collect());
        let known = |id: &String| book.checks.iter().find(|check| check.id == *id);
        page.steps("Fastest next checks", guide.checks.iter().filter_map(known).map(|c| check_item(c, None)).collect());
        page.section("What to capture first", guide.capture.iter().map(Item::said).collect());
    }
    let causes = book.causes.values().filter(|cause| cause.bucket == bucket);
    page.section("Its causes", causes.map(|c| Item::named(&c.id, &c.source.title)).collect());
    page
}

/// What an API of one's own should answer when it fails.
pub fn envelope(book: &Book) -> Option<Page> {
    let guide = book.guide.envelope.as_ref()?;
    let mut page = Page::new(Kind::Guide, "envelope", &guide.title, &guide.meaning);
    let example = |example: &EnvelopeExample| Item {
        text: sentence(&example.title),
        block: format!("{}\n\n{}", example.head.trim(), example.body.trim()),
        ..Item::default()
    };
    page.section("Examples", guide.example.iter().map(example).collect());
    page.section("Its members", guide.member.iter().map(|m| Item::named(&m.name, &m.text)).collect());
    let answer = |a: &EnvelopeAnswer| Item::named(&a.bucket, format!("{}. {}", a.codes.join(", "), a.text));
    page.section("Status and code for each bucket", guide.answer.iter().map(answer).collect());
    page.steps("Rules", guide.rules.iter().map(Item::said).collect());
    guide.sources.iter().for_each(|source| page.source(source));
    page.see = guide.answer.iter().map(|a| a.bucket.clone()).collect();
    Some(page)
}

/// What tells that a layer was passed or failed.
pub fn layer(book: &Book, layer: Layer) -> Page {
    let guide = book.guide.layer.get(layer.word());
    let place = Layer::ALL.iter().position(|l| *l == layer).map_or(0, |i| i + 1);
    let title = format!("The layer {}, {place} of {} on the way", layer.word(), Layer::ALL.len());
    let mut page =
        Page::new(Kind::Layer, format!("layer:{}", layer.word()), title, guide.map_or("", |g| g.meaning.as_str()));
    if let Some(guide) = guide {
        page.section("What proves that it was passed", guide.passed.iter().map(Item::said).collect());
        page.section("What shows that it failed", guide.failed.iter().map(Item::said).collect());
        page.section("First place to look", vec![Item::said(&guide.first_look)]);
    }
    let causes = book.causes.values().filter(|cause| cause.source.layer == layer);
    page.section("Causes that fail here first", causes.map(|c| Item::named(&c.id, &c.source.title)).collect());
    page
}

/// Everything that can be asked for.
pub fn contents(book: &Book) -> Page {
    let rules: usize = book.packs.iter().map(|pack| Book::entries(&pack.source).count()).sum();
    let meaning = format!(
        "{} causes in five buckets, {} statuses, {rules} rules and table rows in {} packs.",
        book.causes.len(),
        book.statuses.len(),
        book.packs.len()
    );
    let mut page = Page::new(Kind::Contents, "", "What firstfault knows", meaning);
    let example = |query: &str, says: &str| Item::named(query, says);
    page.section(
        "Ask for",
        vec![
            example("403", "a status code"),
            example("auth.wrong_audience", "a cause"),
            example("rate_limit", "a bucket, with its runbook"),
            example("layer:gateway", "a layer: what proves that it was passed"),
            example("envoy:UF", "a gateway's mark; likewise haproxy:sH--, cloudflare:522, heroku:H12, nginx:499"),
            example("curl:60", "a client's code; likewise errno:ECONNRESET, net:ERR_CERT_DATE_INVALID, grpc:14"),
            example("aadsts:70011", "a vendor's code; likewise stripe:card_declined, postgres:53300"),
            example("stripe", "everything about one system"),
            example("\"upstream timed out\"", "words of a message"),
            example("envelope", "what an API of your own should answer when it fails"),
        ],
    );
    let bucket = |bucket: &Bucket| Item::named(bucket.word(), book.bucket(*bucket).map_or("", |g| g.meaning.as_str()));
    page.section("Buckets", Bucket::FAILURES.iter().map(bucket).collect());
    let layers: Vec<&str> = Layer::ALL.iter().map(|l| l.word()).collect();
    page.section("Layers, in order of travel", vec![Item::said(layers.join(" → "))]);
    let mut folders: Vec<(&str, Vec<&str>)> = Vec::new();
    for pack in &book.packs {
        match folders.last_mut().filter(|(folder, _)| *folder == pack.folder) {
            Some((_, names)) => names.push(&pack.source.pack.name),
            None => folders.push((&pack.folder, vec![&pack.source.pack.name])),
        }
    }
    page.section("Packs", folders.into_iter().map(|(folder, names)| Item::named(folder, names.join(", "))).collect());
    page
}

/// The title of a cause.
pub fn title(book: &Book, id: &str) -> String {
    book.causes.get(id).map_or_else(String::new, |cause| cause.source.title.clone())
}

/// The owner in words.
pub const fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Caller => "the caller",
        Owner::Provider => "the provider",
        Owner::Path => "whoever runs what lies between",
    }
}

/// The retry advice in words.
pub const fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "never: fix first",
        Retry::Backoff => "with growing pauses: it may pass",
        Retry::Wait => "wait until the limit resets",
    }
}

/// A template's slots as placeholders.
fn plain(template: &str) -> String {
    template.replace('{', "<").replace('}', ">")
}

/// A definition as a sentence. A first word that is a name (`aud/resource`) keeps its letters.
pub fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default().trim_end_matches([',', ':']);
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    if plain { format!("{}{}{end}", first.to_uppercase(), characters.as_str()) } else { format!("{text}{end}") }
}
