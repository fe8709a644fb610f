//! A phrase (the first line) in a text (the rest).
#![no_main]

use firstfault_knowledge::{Knowledge, Matcher, SourceFile};
use firstfault_model::{Observations, Place, Span, Text};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let Some((phrase, text)) = input.split_once('\n').filter(|(phrase, _)| !phrase.contains(['\'', '\r'])) else {
        return;
    };
    let rule = format!(
        "[pack]\nname = 'x'\ntitle = 'x'\nsource = 'https://x.example'\n[[rule]]\nid = 'x.x'\ntext = ['{phrase}']\nfor = {{ 'client.missing_field' = 'weak' }}\nbecause = 'x'\nmatch = ['x']\nsilent = ['x']\n"
    );
    let mut files: Vec<SourceFile> =
        Knowledge::builtin_sources().into_iter().filter(|file| file.name == "causes.toml").collect();
    files.push(SourceFile { name: "x.toml".to_owned(), text: rule });
    let Ok(knowledge) = Knowledge::from_sources(&files) else { return };
    let texts = vec![Text { place: Place::Body, text: text.to_owned(), span: Span::default(), depth: 0 }];
    drop(Matcher::new(&knowledge).firings(&Observations { facts: Vec::new(), texts }));
});
