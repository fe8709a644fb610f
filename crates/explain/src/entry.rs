//! Pages of what one system says: a row of its table, a rule, the whole pack.

use crate::book::{Book, Entry, Pack};
use crate::compose::{checks, owner, retry, sentence, title};
use crate::page::{Item, Kind, Page};
use firstfault_model::{Layer, Owner, Retry, Strength};

/// One row or rule.
pub fn entry(book: &Book, pack: &Pack, entry: Entry<'_>) -> Page {
    let (name, meaning) = match entry {
        Entry::Row(table, key, row) => {
            let because = table.because.replace("{key}", key).replace("{meaning}", &row.meaning);
            (format!("{} {key}", pack.title()), if because.is_empty() { row.meaning.clone() } else { because })
        }
        Entry::Rule(rule) => {
            let first = rule.text.first().map_or_else(String::new, |text| format!(": {text}"));
            (format!("{}{first}", pack.title()), rule.because.clone())
        }
    };
    let mut page = Page::new(Kind::Entry, entry.id(), name, sentence(&meaning));
    let supports = entry.supports();
    let cause = supports.first().and_then(|(id, _)| book.causes.get(*id));
    let said = said(entry);
    if let Some(cause) = cause {
        page.fact("cause", &cause.id);
        page.fact("bucket", cause.bucket.word());
        page.fact("layer", said.layer.unwrap_or(cause.source.layer).word());
        page.fact("who acts", owner(said.owner.unwrap_or(cause.source.owner)));
        page.fact("retry", retry(said.retry.unwrap_or(cause.source.retry)));
    }
    if !said.passed.is_empty() {
        let layers: Vec<&str> = said.passed.iter().map(|l| l.word()).collect();
        page.fact("proves as passed", layers.join(", "));
    }
    let supported = supports.iter().map(|(id, s)| Item::named(*id, format!("{} ({})", title(book, id), says(*s))));
    page.section("What it speaks for", supported.collect());
    let against = said.against.iter().map(|(id, s)| Item::named(*id, says(*s)));
    page.section("What it speaks against", against.collect());
    if supports.is_empty() && said.against.is_empty() {
        page.section("What it speaks for", vec![Item::said("Nothing by itself: it is known, and decides no cause.")]);
    }
    page.section("Where it is seen", vec![Item::said(seen(entry))]);
    if let Entry::Rule(rule) = entry {
        page.section("Messages", rule.text.iter().map(Item::said).collect());
    }
    if let Some(cause) = cause {
        if let Some(guide) = &cause.guide {
            let told = |m: &firstfault_knowledge::pack::Mistaken| Item::named(&m.cause, &m.tell);
            page.section("Often mistaken for", guide.mistaken_for.iter().map(told).collect());
            page.section("First place to look", vec![Item::said(&guide.first_look)]);
        }
        page.section("Fastest confirming check", checks(book, &cause.id));
        page.section("For whoever makes the call", vec![Item::said(&cause.words.client)]);
    }
    page.source(said.source);
    page.source(&pack.source.pack.source);
    page.sources.truncate(1);
    page.see = supports.iter().map(|(id, _)| (*id).to_owned()).take(3).collect();
    page.see.push(pack.source.pack.name.clone());
    page
}

/// What rows and rules have in common.
struct Said<'e> {
    layer: Option<Layer>,
    retry: Option<Retry>,
    owner: Option<Owner>,
    passed: &'e [Layer],
    against: Vec<(&'e str, Strength)>,
    source: &'e str,
}

fn said(entry: Entry<'_>) -> Said<'_> {
    match entry {
        Entry::Row(table, _, row) => Said {
            layer: row.layer,
            retry: row.retry,
            owner: row.owner,
            passed: &row.passed,
            against: row.against.iter().map(|(c, s)| (c.as_str(), *s)).collect(),
            source: &table.source,
        },
        Entry::Rule(rule) => Said {
            layer: rule.layer,
            retry: rule.retry,
            owner: rule.owner,
            passed: &rule.passed,
            against: rule.against.iter().map(|(c, s)| (c.as_str(), *s)).collect(),
            source: &rule.source,
        },
    }
}

/// The conditions of an entry in words.
fn seen(entry: Entry<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let (status, when, unless) = match entry {
        Entry::Row(table, key, _) => {
            parts.push(match (&table.fact, table.code) {
                (Some(fact), _) => format!("the fact {fact} is {key}"),
                (None, true) => format!("the error code is {key}"),
                (None, false) => format!("{key} is in what a program said"),
            });
            (&table.status, &table.when, &table.unless)
        }
        Entry::Rule(rule) => {
            if !rule.text.is_empty() {
                parts.push("one of its messages is in what a program said".to_owned());
            }
            if !rule.code.is_empty() {
                parts.push(format!("the error code is {}", rule.code.join(" or ")));
            }
            if !rule.method.is_empty() {
                parts.push(format!("the method is {}", rule.method.join(" or ")));
            }
            (&rule.status, &rule.when, &rule.unless)
        }
    };
    if !status.is_empty() {
        parts.push(format!("the status is {}", status.join(" or ")));
    }
    parts.extend(when.iter().map(|condition| format!("`{condition}` holds")));
    parts.extend(unless.iter().map(|condition| format!("`{condition}` does not hold")));
    sentence(&parts.join(", and "))
}

/// How much it says, in words that need no manual.
const fn says(strength: Strength) -> &'static str {
    match strength {
        Strength::Decisive => "documented to mean just this",
        Strength::Strong => "usually settles it",
        Strength::Moderate => "right more often than not",
        Strength::Weak => "tips a balance",
    }
}

/// Everything about one system.
pub fn pack(book: &Book, pack: &Pack) -> Page {
    let source = &pack.source;
    let rows = Book::entries(source).count();
    let meaning = format!("{rows} rules and rows in {}.", pack.folder);
    let mut page = Page::new(Kind::Pack, &source.pack.name, pack.title(), meaning);
    let marks: Vec<&str> = source.pack.hosts.iter().chain(&source.pack.headers).map(String::as_str).collect();
    if !marks.is_empty() {
        page.fact("known by", marks.join(", "));
    }
    if let Some(layer) = source.pack.layer {
        page.fact("its own answers come from", layer.word());
    }
    let rows = source.table.iter().flat_map(|table| &table.rows).map(|(key, row)| {
        let cause = row.cause.as_deref().or_else(|| row.also.keys().next().map(String::as_str));
        let cause = cause.map_or_else(String::new, |cause| format!(" → {cause}"));
        Item::named(key, format!("{}{cause}", row.meaning))
    });
    page.section("Codes and marks", rows.collect());
    let rules = source.rule.iter().map(|rule| {
        let entry = Entry::Rule(rule);
        let cause = entry.supports().first().map_or_else(String::new, |(cause, _)| format!(" → {cause}"));
        let shown = rule.text.first().or_else(|| rule.code.first()).map_or_else(|| rule.id.clone(), Clone::clone);
        Item::named(shown, format!("{}{cause}", rule.because))
    });
    page.section("Messages and signs", rules.collect());
    page.source(&source.pack.source);
    for table in &source.table {
        page.source(&table.source);
    }
    for rule in &source.rule {
        page.source(&rule.source);
    }
    let mut causes: Vec<&str> = Book::entries(source).filter_map(|e| e.supports().first().map(|(id, _)| *id)).collect();
    causes.sort_unstable();
    causes.dedup();
    page.see = causes.into_iter().filter(|id| book.causes.contains_key(*id)).take(5).map(ToOwned::to_owned).collect();
    page
}
