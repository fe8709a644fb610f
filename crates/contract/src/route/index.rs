//! All path templates as one tree, and all servers: made once for a description, asked for every call.

use super::names::{folded, letters};
use super::template::{Called, Piece, Segment, captures, read};
use crate::description::{Contract, Operation, Server};
use serde_json::Value;
use std::collections::HashMap;

/// The most templates that one path may match; what identical templates there are is then known.
const MATCH_LIMIT: usize = 64;

/// How calls find their operation.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Every server of the description, each once.
    pub bases: Vec<Base>,
    /// Every path of the description.
    pub templates: Vec<Template>,
    /// Literal segments, each once.
    pub words: Vec<Word>,
    nodes: Vec<Node>,
}

/// A literal segment of some template.
#[derive(Debug)]
pub(crate) struct Word {
    /// As described.
    pub text: String,
    /// Without case and separators.
    pub folded: String,
    /// Its letters.
    pub letters: u64,
}

impl Word {
    /// A literal as it is compared.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: folded(text), letters: letters(text) }
    }
}

/// A server as calls are held against it.
#[derive(Debug)]
pub(crate) struct Base {
    /// As described.
    pub server: Server,
    /// Its host; `None` for any.
    pub host: Option<Segment>,
    /// Its base path.
    pub segments: Vec<Segment>,
}

/// A path of the description.
#[derive(Debug)]
pub(crate) struct Template {
    /// As described.
    pub path: String,
    /// Its segments, without query and fragment.
    pub segments: Vec<Segment>,
    /// For each segment that is a literal, its index in [`Index::words`].
    pub words: Vec<Option<usize>>,
    /// What a query or fragment in the path asks for (`/#Action=Run`, `/?type=pdf`): query parameters, form fields or
    /// header fields, by which operations of one path are told apart.
    pub marks: Vec<(String, String)>,
    /// Its operations, as indices of the description.
    pub operations: Vec<usize>,
    /// Its servers, as indices of [`Index::bases`].
    pub bases: Vec<usize>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, usize>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    rest: Vec<usize>,
    templates: Vec<usize>,
}

/// A template that a path matches.
#[derive(Clone, Debug)]
pub(crate) struct Match<'p> {
    /// Index of the template.
    pub template: usize,
    /// What its parameters are, in the order of the path, as sent.
    pub values: Vec<&'p str>,
    /// Segments that matched literally.
    pub literal: usize,
}

impl Index {
    /// Reads the paths and servers of a description.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        let mut index = Self { nodes: vec![Node::default()], ..Self::default() };
        let mut by_path: HashMap<(&str, Vec<usize>), usize> = HashMap::new();
        let mut words: HashMap<String, usize> = HashMap::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let default = index.bases(&contract.servers, &mut known);
        for (i, operation) in contract.operations.iter().enumerate() {
            let bases = if operation.servers.is_empty() {
                default.clone()
            } else {
                index.bases(&operation.servers, &mut known)
            };
            let at = *by_path.entry((&operation.path, bases.clone())).or_insert_with(|| {
                let mut template = template(contract, operation);
                template.bases = bases;
                template.words = template.segments.iter().map(|s| index.word(s, &mut words)).collect();
                index.insert(template)
            });
            index.templates[at].operations.push(i);
        }
        index
    }

    fn word(&mut self, segment: &Segment, words: &mut HashMap<String, usize>) -> Option<usize> {
        let Segment::Literal(text) = segment else { return None };
        Some(*words.entry(text.clone()).or_insert_with(|| {
            self.words.push(Word::new(text));
            self.words.len() - 1
        }))
    }

    /// The indices of servers, each kept once; no server at all is one that fits every host.
    fn bases(&mut self, servers: &[Server], known: &mut HashMap<String, usize>) -> Vec<usize> {
        let any = [Server::default()];
        let servers = if servers.is_empty() { &any } else { servers };
        let mut out: Vec<usize> = Vec::new();
        for server in servers {
            let key = format!(
                "{:?} {:?} {:?} {} {:?}",
                server.scheme, server.host, server.port, server.base, server.variables
            );
            let at = *known.entry(key).or_insert_with(|| {
                let host = server.host.as_deref().map(|h| Segment::read(&h.to_ascii_lowercase()));
                self.bases.push(Base { server: server.clone(), host, segments: read(&server.base) });
                self.bases.len() - 1
            });
            if !out.contains(&at) {
                out.push(at);
            }
        }
        out
    }

    fn insert(&mut self, template: Template) -> usize {
        let at = self.templates.len();
        let mut node = 0;
        for segment in &template.segments {
            let next = match segment {
                Segment::Literal(text) => self.nodes[node].literals.get(text).copied(),
                Segment::Parameter(_) => self.nodes[node].parameter,
                Segment::Mixed(pieces) => {
                    let pieces = nameless(pieces);
                    self.nodes[node].mixed.iter().find(|(known, _)| *known == pieces).map(|(_, next)| *next)
                }
                Segment::Rest(_) => {
                    self.nodes[node].rest.push(at);
                    self.templates.push(template);
                    return at;
                }
            };
            node = next.unwrap_or_else(|| {
                let next = self.nodes.len();
                self.nodes.push(Node::default());
                let node = &mut self.nodes[node];
                match segment {
                    Segment::Literal(text) => _ = node.literals.insert(text.clone(), next),
                    Segment::Mixed(pieces) => {
                        node.mixed.push((nameless(pieces), next));
                        // More text is more of a literal.
                        let text = |pieces: &[Piece]| -> usize {
                            pieces.iter().map(|p| if let Piece::Text(text) = p { text.len() } else { 0 }).sum()
                        };
                        node.mixed.sort_by_key(|(pieces, _)| std::cmp::Reverse(text(pieces)));
                    }
                    Segment::Parameter(_) | Segment::Rest(_) => node.parameter = Some(next),
                }
                next
            });
        }
        self.nodes[node].templates.push(at);
        self.templates.push(template);
        at
    }

    /// The templates that a path matches, behind any base path: literals before parameters, as OpenAPI asks.
    #[must_use]
    pub fn matches<'p>(&self, path: &'p str, segments: &[Called<'p>]) -> Vec<Match<'p>> {
        let mut out = Vec::new();
        self.walk(0, path, segments, &mut Vec::new(), 0, &mut out);
        out
    }

    fn walk<'p>(
        &self,
        node: usize,
        path: &'p str,
        left: &[Called<'p>],
        values: &mut Vec<&'p str>,
        literal: usize,
        out: &mut Vec<Match<'p>>,
    ) {
        if out.len() >= MATCH_LIMIT {
            return;
        }
        let node = &self.nodes[node];
        let found = |template: &usize| Match { template: *template, values: values.clone(), literal };
        let Some((segment, rest)) = left.split_first() else {
            out.extend(node.templates.iter().map(found));
            return;
        };
        if let Some(next) = node.literals.get(segment.text.as_ref()) {
            self.walk(*next, path, rest, values, literal + 1, out);
        }
        if segment.raw.is_empty() {
            return;
        }
        for (pieces, next) in &node.mixed {
            if let Some(taken) = captures(pieces, segment.raw) {
                let before = values.len();
                values.extend(taken);
                self.walk(*next, path, rest, values, literal, out);
                values.truncate(before);
            }
        }
        if let Some(next) = node.parameter {
            values.push(segment.raw);
            self.walk(next, path, rest, values, literal, out);
            values.pop();
        }
        if !node.rest.is_empty() {
            let start = segment.raw.as_ptr().addr() - path.as_ptr().addr();
            values.push(&path[start..]);
            out.extend(node.rest.iter().map(|template| Match { template: *template, values: values.clone(), literal }));
            values.pop();
        }
    }
}

fn nameless(pieces: &[Piece]) -> Vec<Piece> {
    let nameless = |piece: &Piece| match piece {
        Piece::Name(_) => Piece::Name(String::new()),
        Piece::Text(_) => piece.clone(),
    };
    pieces.iter().map(nameless).collect()
}

fn template(contract: &Contract, operation: &Operation) -> Template {
    let path = &operation.path;
    let end = path.find(['#', '?']).unwrap_or(path.len());
    let mut segments = read(&path[..end]);
    if let Some(last @ Segment::Parameter(_)) = segments.last_mut()
        && let Segment::Parameter(name) = &*last
        && operation.parameters.iter().any(|p| p.name == *name && is_multi_segment(contract, p))
    {
        *last = Segment::Rest(name.clone());
    }
    let marks = path[end..].split(['#', '?', '&']).filter_map(|mark| mark.split_once('='));
    Template {
        path: path.clone(),
        segments,
        words: Vec::new(),
        marks: marks.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        operations: Vec::new(),
        bases: Vec::new(),
    }
}

/// `x-multi-segment: true`, by which GitHub's description marks parameters that take slashes.
fn is_multi_segment(contract: &Contract, parameter: &crate::Parameter) -> bool {
    let at = &parameter.at;
    let described = contract.documents.get(at.document).and_then(|d| d.value.pointer(&at.pointer));
    described.and_then(|p| p.get("x-multi-segment")).and_then(Value::as_bool).unwrap_or(false)
}
