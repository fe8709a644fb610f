//! From what a person asks to the pages that answer it.

use crate::book::{Book, Entry, Pack};
use crate::compose;
use crate::entry;
use crate::page::Page;
use firstfault_knowledge::{Knowledge, Matcher};
use firstfault_model::{Bucket, Layer, Observations, Place, Span, Text};

/// How many pages one question brings.
const PAGE_LIMIT: usize = 4;
/// How many other questions are offered.
const NEAR_LIMIT: usize = 8;

/// What a question came to.
#[derive(Debug, Default)]
pub struct Found {
    /// The pages that answer it, the best first; none when nothing is known of it.
    pub pages: Vec<Page>,
    /// Other questions: what else has that name, or what is written like it.
    pub near: Vec<String>,
}

/// Finds what is known of `query`: a status, cause, bucket, layer, pack, `PREFIX:CODE`, code, check or message.
/// An empty query gives the contents.
#[must_use]
pub fn find(book: &Book, knowledge: &Knowledge, query: &str) -> Found {
    let query = query.trim();
    let mut found = Found::default();
    if query.is_empty() {
        found.pages.push(compose::contents(book));
        return found;
    }
    let mut entries: Vec<(&Pack, Entry<'_>)> = Vec::new();
    if let Some((prefix, rest)) = query.split_once(':') {
        match prefix.to_ascii_lowercase().as_str() {
            "status" | "http" => found.pages.extend(status(book, rest)),
            "layer" => found.pages.extend(Layer::from_word(rest.trim()).map(|l| compose::layer(book, l))),
            "bucket" => found.pages.extend(bucket(book, rest)),
            prefix => entries = under(book, prefix, rest.trim()),
        }
    } else {
        found.pages.extend(status(book, query));
        found.pages.extend(named_causes(book, query));
        found.pages.extend(bucket(book, query));
        if query.eq_ignore_ascii_case("envelope") {
            found.pages.extend(compose::envelope(book));
        }
        if found.pages.is_empty() {
            found.pages.extend(Layer::from_word(&query.to_ascii_lowercase()).map(|l| compose::layer(book, l)));
        }
        if found.pages.is_empty() {
            let packs = book.packs.iter().filter(|p| is_pack(p, query));
            found.pages.extend(packs.map(|pack| entry::pack(book, pack)));
        }
        if found.pages.is_empty() {
            let all = book.packs.iter().flat_map(|pack| Book::entries(&pack.source).map(move |e| (pack, e)));
            let wanted = plain(query);
            entries = best(all.map(|(pack, entry)| (closeness(entry, query, &wanted), pack, entry)).collect());
        }
    }
    if found.pages.is_empty() && entries.is_empty() {
        entries = spoken(book, knowledge, query);
    }
    for (pack, one) in entries {
        if found.pages.len() < PAGE_LIMIT {
            found.pages.push(entry::entry(book, pack, one));
        } else if found.near.len() < NEAR_LIMIT {
            found.near.push(one.id());
        }
    }
    if found.pages.is_empty() {
        found.near = near(book, query);
    }
    found
}

fn status(book: &Book, word: &str) -> Option<Page> {
    let code: u16 = word.trim().parse().ok()?;
    book.statuses.get(&code).map(|s| compose::status(book, code, s))
}

fn bucket(book: &Book, word: &str) -> Option<Page> {
    let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let bucket = Bucket::from_word(&word).filter(|b| *b != Bucket::None)?;
    Some(compose::bucket(book, bucket))
}

/// The cause of that id, or every cause of that name: `wrong_scheme` is one of the client's and one of auth's.
fn named_causes(book: &Book, query: &str) -> Vec<Page> {
    let query = query.to_ascii_lowercase();
    if let Some(cause) = book.causes.get(&query) {
        return vec![compose::cause(book, cause)];
    }
    let query = query.replace([' ', '-'], "_");
    let named = book.causes.values().filter(|cause| cause.id.split('.').nth(1) == Some(&query));
    named.map(|cause| compose::cause(book, cause)).collect()
}

fn is_pack(pack: &Pack, query: &str) -> bool {
    [pack.source.pack.name.as_str(), pack.title(), pack.file.as_str()].iter().any(|name| plain(name) == plain(query))
}

/// `envoy:UF`: the entries called UF of the packs and tables that `envoy` stands for.
fn under<'b>(book: &'b Book, prefix: &str, key: &str) -> Vec<(&'b Pack, Entry<'b>)> {
    let stands_for = book.guide.prefix.get(prefix);
    let belongs = |pack: &Pack, entry: Entry<'_>| {
        let name = pack.source.pack.name.as_str();
        let table = match entry {
            Entry::Row(table, ..) => table.id.as_str(),
            Entry::Rule(_) => "",
        };
        match stands_for {
            Some(names) => names.iter().any(|n| n == name || n == table),
            None => plain(name) == plain(prefix) || plain(pack.title()) == plain(prefix) || table == prefix,
        }
    };
    let (written, joined) = (plain(key), format!("{prefix}{key}"));
    let wanted = plain(&joined);
    let mut scored = Vec::new();
    for pack in &book.packs {
        for entry in Book::entries(&pack.source).filter(|e| belongs(pack, *e)) {
            let close = closeness(entry, key, &written).max(closeness(entry, &joined, &wanted)).max(within(entry, key));
            scored.push((close, pack, entry));
        }
    }
    best(scored)
}

/// Keeps the closest matches.
fn best<'b>(mut scored: Vec<(u8, &'b Pack, Entry<'b>)>) -> Vec<(&'b Pack, Entry<'b>)> {
    let highest = scored.iter().map(|(score, ..)| *score).max().unwrap_or(0);
    scored.retain(|(score, ..)| *score == highest && highest > 0);
    scored.into_iter().map(|(_, pack, entry)| (pack, entry)).collect()
}

/// How well an entry's own name fits: as written, by its letters and digits (`wanted` is those of the key), not at all.
fn closeness(entry: Entry<'_>, key: &str, wanted: &str) -> u8 {
    let names: Vec<&str> = match entry {
        Entry::Row(_, name, _) => vec![name],
        Entry::Rule(rule) => rule.code.iter().map(String::as_str).chain([rule.id.as_str()]).collect(),
    };
    // HAProxy's sH-- is sH followed by nothing of note; its letters differ by case.
    let bare = key.trim_end_matches('-');
    if names.iter().any(|name| *name == key || *name == bare && !bare.is_empty()) {
        return 4;
    }
    u8::from(!wanted.is_empty() && names.iter().any(|name| plain(name) == wanted)) * 3
}

/// A rule that has the key among its statuses, or as a word of its messages.
fn within(entry: Entry<'_>, key: &str) -> u8 {
    let Entry::Rule(rule) = entry else { return 0 };
    let word = |text: &String| text.split(|c: char| !c.is_alphanumeric()).any(|w| w.eq_ignore_ascii_case(key));
    if rule.status.iter().any(|s| s == key) || rule.when.iter().any(|w| w.ends_with(&format!(" = {key}"))) {
        2
    } else {
        u8::from(rule.text.iter().any(word))
    }
}

/// The rules that fire on words of a message.
fn spoken<'b>(book: &'b Book, knowledge: &Knowledge, query: &str) -> Vec<(&'b Pack, Entry<'b>)> {
    let text = Text { place: Place::Message, text: query.to_owned(), span: Span::default(), depth: 0 };
    let observations = Observations { facts: Vec::new(), texts: vec![text] };
    let mut firings = Matcher::new(knowledge).firings(&observations);
    firings.retain(|firing| firing.text.is_some());
    let strongest = |rule: &firstfault_knowledge::compiled::Rule<'_>| rule.supports.iter().map(|(_, s)| *s).max();
    firings.sort_by_key(|firing| std::cmp::Reverse((!firing.out_of_place, strongest(&firing.rule))));
    let entry_of = |id: &str| {
        book.packs
            .iter()
            .flat_map(|pack| Book::entries(&pack.source).map(move |e| (pack, e)))
            .find(|(_, entry)| entry.id() == id)
    };
    firings.iter().filter_map(|firing| entry_of(firing.rule.id)).collect()
}

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What is written like the query.
fn near(book: &Book, query: &str) -> Vec<String> {
    let wanted = plain(query.rsplit([':', '.']).next().unwrap_or(query));
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut names: Vec<String> = book.causes.keys().cloned().collect();
    names.extend(Bucket::FAILURES.iter().map(|b| b.word().to_owned()));
    for pack in &book.packs {
        names.push(pack.source.pack.name.clone());
        for entry in Book::entries(&pack.source) {
            if let Entry::Row(_, key, _) = entry {
                names.push(format!("{}:{key}", pack.source.pack.name));
            }
        }
    }
    let allowed = 1 + wanted.len() / 6;
    let mut close: Vec<(usize, String)> = names
        .into_iter()
        .filter_map(|name| {
            let own = plain(name.rsplit([':', '.']).next().unwrap_or(&name));
            let inside = wanted.len() > 3 && own.contains(&wanted);
            let distance = if inside { 1 } else { edits(&own, &wanted, allowed)? };
            Some((distance, name))
        })
        .collect();
    close.sort();
    close.dedup_by(|a, b| a.1 == b.1);
    close.into_iter().take(NEAR_LIMIT).map(|(_, name)| name).collect()
}

/// Edits between two words, when they are at most `most`.
fn edits(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let kept = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}
