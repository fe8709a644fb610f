//! All pages as a folder of Markdown: `docs/knowledge/`.

use crate::book::{Book, Pack};
use crate::markdown::{body, escape, heading, markdown};
use crate::page::{Item, Page};
use crate::{compose, entry};
use firstfault_model::{Bucket, Layer};
use std::fmt::Write as _;

/// What stands at the head of every generated file.
const GENERATED: &str =
    "<!-- Generated from knowledge/ by `cargo xtask knowledge`; a test holds it to that. Do not edit it here. -->\n\n";

/// The files of `docs/knowledge/`, by path relative to it, in order.
#[must_use]
pub fn browse(book: &Book) -> Vec<(String, String)> {
    let mut files = vec![("README.md".to_owned(), index(book))];
    let buckets = Bucket::FAILURES.iter().map(|bucket| compose::bucket(book, *bucket));
    files.push(("buckets.md".to_owned(), together("The five buckets and their runbooks", buckets)));
    let layers = Layer::ALL.iter().map(|layer| compose::layer(book, *layer));
    files.push(("layers.md".to_owned(), together("The six layers", layers)));
    let statuses = book.statuses.iter().map(|(code, status)| compose::status(book, *code, status));
    files.push(("statuses.md".to_owned(), together("Status codes", statuses)));
    files.extend(compose::envelope(book).map(|mut page| {
        page.see.clear();
        ("envelope.md".to_owned(), format!("{GENERATED}{}", markdown(&page)))
    }));
    for bucket in Bucket::FAILURES {
        let causes = book.causes.values().filter(|cause| cause.bucket == bucket);
        let title = format!("Causes of the bucket {}", bucket.word());
        let pages = causes.map(|cause| compose::cause(book, cause));
        files.push((format!("causes-{}.md", bucket.word()), together(&title, pages)));
    }
    for pack in &book.packs {
        let mut page = entry::pack(book, pack);
        page.see.clear();
        files.push((path(pack), format!("{GENERATED}{}", markdown(&page))));
    }
    files
}

fn path(pack: &Pack) -> String {
    format!("{}/{}.md", pack.folder, pack.file)
}

/// Several pages in one file.
fn together(title: &str, pages: impl Iterator<Item = Page>) -> String {
    let mut out = format!("{GENERATED}# {title}\n");
    for page in pages {
        out.push('\n');
        heading(&mut out, &page, 2);
        body(&mut out, &page, 3);
    }
    out
}

fn index(book: &Book) -> String {
    let contents = compose::contents(book);
    let mut out = format!("{GENERATED}# What firstfault knows\n\n{}\n\n", escape(&contents.meaning));
    out.push_str("The same pages at the terminal: `firstfault explain`, `firstfault explain 403`, `firstfault explain envoy:UF`.\n\n");
    out.push_str("- [The five buckets and their runbooks](buckets.md)\n- [The six layers](layers.md)\n- [Status codes](statuses.md)\n- [The recommended error envelope](envelope.md)\n");
    for bucket in Bucket::FAILURES {
        let _ = writeln!(out, "- [Causes of the bucket {0}](causes-{0}.md)", bucket.word());
    }
    let mut folder = "";
    for pack in &book.packs {
        if folder != pack.folder {
            folder = &pack.folder;
            let _ = writeln!(out, "\n## {folder}\n");
        }
        let item = Item::named(pack.title(), Book::entries(&pack.source).count().to_string());
        let _ = writeln!(out, "- [{}]({}): {} rules and rows", escape(&item.name), path(pack), item.text);
    }
    out
}
