//! The files of the knowledge, opened: packs as written, causes, checks, the guide.

use firstfault_knowledge::pack::{
    self, BucketGuide, CauseGuide, CauseSource, CheckEntry, CheckFile, Guide, PackFile, RowSource, RuleSource,
    Sentences, StatusSource, TableSource,
};
use firstfault_knowledge::{PackError, SourceFile};
use firstfault_model::Bucket;
use std::collections::BTreeMap;

/// A cause with all that is known of it.
#[derive(Debug)]
pub struct Cause {
    /// `auth.wrong_audience`.
    pub id: String,
    /// Its bucket.
    pub bucket: Bucket,
    /// Layer, owner, retry, title, meaning.
    pub source: CauseSource,
    /// What to tell each side.
    pub words: Sentences,
    /// What is worth knowing beyond the definition.
    pub guide: Option<CauseGuide>,
}

/// A pack and the folder that it lies in.
#[derive(Debug)]
pub struct Pack {
    /// `gateways`, `vendors`, …; the user's own folder for their packs.
    pub folder: String,
    /// File name without folders and ending.
    pub file: String,
    /// What it says.
    pub source: PackFile,
}

/// Something of a pack that can be looked up by itself.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'b> {
    /// A row of a table, by its key.
    Row(&'b TableSource, &'b str, &'b RowSource),
    /// A rule.
    Rule(&'b RuleSource),
}

/// All of it.
#[derive(Debug, Default)]
pub struct Book {
    /// By id.
    pub(crate) causes: BTreeMap<String, Cause>,
    /// By status code, with the name of the file's default source.
    pub(crate) statuses: BTreeMap<u16, StatusSource>,
    pub(crate) status_source: String,
    /// In file order.
    pub(crate) checks: Vec<CheckEntry>,
    /// In order of folder and name; the statuses are not among them.
    pub(crate) packs: Vec<Pack>,
    pub(crate) guide: Guide,
}

impl Book {
    /// Opens the files of a knowledge folder (`Knowledge::builtin_sources`, with a user's own where there are some).
    ///
    /// # Errors
    /// Every file that does not parse.
    pub fn open(files: &[SourceFile]) -> Result<Self, Vec<PackError>> {
        let mut book = Self::default();
        let mut errors = Vec::new();
        let mut sentences: BTreeMap<String, Sentences> = BTreeMap::new();
        let mut sections = BTreeMap::new();
        for file in files {
            let parsed = match pack::special(&file.name) {
                Some("causes.toml") => pack::parse_causes(&file.name, &file.text).map(|map| sections = map),
                Some("sentences.toml") => pack::parse_special(&file.name, &file.text).map(|map| sentences = map),
                Some("general.toml") => Ok(()),
                Some("checks.toml") => {
                    pack::parse_special(&file.name, &file.text).map(|file: CheckFile| book.checks = file.check)
                }
                Some(_) => pack::parse_special(&file.name, &file.text).map(|guide| book.guide = guide),
                None => pack::parse(&file.name, &file.text).map(|source| book.pack(&file.name, source)),
            };
            errors.extend(parsed.err());
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        for (section, causes) in sections {
            for (name, source) in causes {
                let id = format!("{section}.{name}");
                let word = source.bucket.as_deref().unwrap_or(&section);
                let bucket = Bucket::from_word(word).unwrap_or(Bucket::None);
                let words = sentences.remove(&id).unwrap_or_default();
                let guide = book.guide.cause.remove(&id);
                book.causes.insert(id.clone(), Cause { id, bucket, source, words, guide });
            }
        }
        book.packs.sort_by(|a, b| (&a.folder, &a.file).cmp(&(&b.folder, &b.file)));
        Ok(book)
    }

    fn pack(&mut self, path: &str, mut source: PackFile) {
        let mut parts = path.rsplit(['/', '\\']);
        let file = parts.next().unwrap_or(path).trim_end_matches(".toml").to_owned();
        let folder = parts.next().unwrap_or_default().to_owned();
        if !source.status.is_empty() {
            self.status_source.clone_from(&source.pack.source);
            let rows = std::mem::take(&mut source.status);
            self.statuses.extend(rows.into_iter().filter_map(|(code, s)| Some((code.parse().ok()?, s))));
        }
        if !source.rule.is_empty() || !source.table.is_empty() {
            self.packs.push(Pack { folder, file, source });
        }
    }

    /// The runbook of a bucket.
    pub(crate) fn bucket(&self, bucket: Bucket) -> Option<&BucketGuide> {
        self.guide.bucket.get(bucket.word())
    }

    /// Every row and rule of a pack, in file order, tables first.
    pub(crate) fn entries(pack: &PackFile) -> impl Iterator<Item = Entry<'_>> {
        let rows = pack
            .table
            .iter()
            .flat_map(|table| table.rows.iter().map(move |(key, row)| Entry::Row(table, key.as_str(), row)));
        rows.chain(pack.rule.iter().map(Entry::Rule))
    }
}

impl Pack {
    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.source.pack.title.is_empty() { &self.source.pack.name } else { &self.source.pack.title }
    }
}

impl<'b> Entry<'b> {
    /// Rule id, or table id and row.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Row(table, key, _) => format!("{}.{key}", table.id),
            Self::Rule(rule) => rule.id.clone(),
        }
    }

    /// The causes that it speaks for, with the words for how strongly, the strongest first.
    pub(crate) fn supports(&self) -> Vec<(&'b str, firstfault_model::Strength)> {
        let mut list: Vec<(&'b str, firstfault_model::Strength)> = match self {
            Self::Row(_, _, row) => {
                let strength = row.strength.unwrap_or(firstfault_model::Strength::Decisive);
                let first = row.cause.as_deref().map(|cause| (cause, strength));
                first.into_iter().chain(row.also.iter().map(|(c, s)| (c.as_str(), *s))).collect()
            }
            Self::Rule(rule) => rule.supports.iter().map(|(c, s)| (c.as_str(), *s)).collect(),
        };
        list.sort_by_key(|(_, strength)| std::cmp::Reverse(*strength));
        list
    }
}
