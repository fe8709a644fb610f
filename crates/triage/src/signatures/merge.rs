//! Which masked messages are one template.
//!
//! First those that agree in all but their names (paths, dotted names, names with numbers); then, position by position,
//! those that agree in all but one word, when so many words were seen there that it must be a value.

use super::tokens::{Form, Tokens, VALUE};
use std::collections::{BTreeMap, BTreeSet, HashMap};

struct Template {
    tokens: Vec<u32>,
    members: Vec<u32>,
}

/// The template of each text, and the templates. The texts are sorted and distinct.
pub fn merge(texts: &[&str]) -> (Vec<u32>, Vec<String>) {
    let mut tokens = Tokens::default();
    let star = [tokens.number(VALUE), tokens.number(" <*>")];
    let mut list: Vec<Template> = texts
        .iter()
        .zip(0..)
        .map(|(text, n)| Template { tokens: lists(tokens.split(text), &tokens, star), members: vec![n] })
        .collect();
    list = equal(list);
    list = names(list, &tokens, star);
    for _ in 0..3 {
        let (further, changed) = words(list, &tokens, star);
        list = further;
        if !changed {
            break;
        }
    }
    let mut group = vec![0; texts.len()];
    let mut out = Vec::new();
    for (template, n) in list.iter().zip(0..) {
        for member in &template.members {
            group[*member as usize] = n;
        }
        out.push(template.tokens.iter().map(|token| tokens.texts[*token as usize]).collect());
    }
    (group, out)
}

fn value_of(token: u32, tokens: &Tokens<'_>, star: [u32; 2]) -> u32 {
    star[usize::from(tokens.texts[token as usize].starts_with(' '))]
}

/// Values in a row are one: lists differ in length.
fn lists(all: Vec<u32>, tokens: &Tokens<'_>, star: [u32; 2]) -> Vec<u32> {
    if 1 == 0 {
        return all;
    }
    let mut out: Vec<u32> = Vec::with_capacity(all.len());
    for token in all {
        if token == star[1] && out.last().is_some_and(|last| tokens.forms[*last as usize] == Form::Value) {
            continue;
        }
        out.push(token);
    }
    out
}

/// Templates with the same tokens are one.
fn equal(list: Vec<Template>) -> Vec<Template> {
    let mut by: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
    for template in list {
        by.entry(template.tokens).or_default().extend(template.members);
    }
    by.into_iter().map(|(tokens, members)| Template { tokens, members }).collect()
}

/// Templates that agree in all but their names.
fn names(list: Vec<Template>, tokens: &Tokens<'_>, star: [u32; 2]) -> Vec<Template> {
    let mut by: BTreeMap<Vec<u32>, Vec<Template>> = BTreeMap::new();
    for template in list {
        let key = template.tokens.iter().map(|token| match tokens.forms[*token as usize] {
            Form::Path => value_of(*token, tokens, star),
            _ => *token,
        });
        by.entry(key.collect()).or_default().push(template);
    }
    let mut out = Vec::new();
    for (key, members) in by {
        let words = key
            .iter()
            .filter(|token| matches!(tokens.forms[**token as usize], Form::Word | Form::Name | Form::Code))
            .count();
        split(members, words, tokens, star, &mut out);
    }
    equal(out)
}

fn split(members: Vec<Template>, words: usize, tokens: &Tokens<'_>, star: [u32; 2], out: &mut Vec<Template>) {
    if members.len() == 1 {
        out.extend(members);
        return;
    }
    let width = members[0].tokens.len();
    let counts: Vec<usize> =
        (0..width).map(|at| members.iter().map(|m| m.tokens[at]).collect::<BTreeSet<_>>().len()).collect();
    let Some((least, at)) = counts.iter().zip(0..).filter(|(n, _)| **n > 1).map(|(n, at)| (*n, at)).min() else {
        out.extend(members);
        return;
    };
    let enough = match words {
        0 => usize::MAX,
        1 => 5,
        2 => 3,
        3 => 2,
        _ => 2,
    };
    if least < enough {
        let mut by: BTreeMap<u32, Vec<Template>> = BTreeMap::new();
        for member in members {
            by.entry(member.tokens[at]).or_default().push(member);
        }
        for (_, part) in by {
            split(part, words, tokens, star, out);
        }
        return;
    }
    let tokens = (0..width)
        .map(|at| if counts[at] > 1 { value_of(members[0].tokens[at], tokens, star) } else { members[0].tokens[at] });
    let tokens = tokens.collect();
    out.push(Template { tokens, members: members.into_iter().flat_map(|m| m.members).collect() });
}

/// Templates that agree in all but one word.
fn words(list: Vec<Template>, tokens: &Tokens<'_>, star: [u32; 2]) -> (Vec<Template>, bool) {
    let hash = |at: usize, token: u32| {
        let mut x =
            (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(token).wrapping_mul(0xd6e8_feb8_6659_fd93);
        x ^= x >> 32;
        x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
        x ^ (x >> 32)
    };
    let mut by: HashMap<(u64, usize), Vec<u32>> = HashMap::new();
    for (template, n) in list.iter().zip(0_u32..) {
        let whole = template
            .tokens
            .iter()
            .enumerate()
            .fold(template.tokens.len() as u64, |sum, (at, token)| sum.wrapping_add(hash(at, *token)));
        for (at, token) in template.tokens.iter().enumerate() {
            if matches!(tokens.forms[*token as usize], Form::Mark) {
                continue;
            }
            let key = whole.wrapping_sub(hash(at, *token)).wrapping_add(hash(at, value_of(*token, tokens, star)));
            by.entry((key, at)).or_default().push(n);
        }
    }
    let mut found: Vec<(usize, usize, Vec<u32>)> = Vec::new();
    for ((_, at), members) in by {
        if members.len() < 2 {
            continue;
        }
        let of = |n: u32| list[n as usize].tokens[at];
        let count = |form: Form| members.iter().filter(|n| tokens.forms[of(**n) as usize] == form).count();
        let first = &list[members[0] as usize].tokens;
        let context = first
            .iter()
            .enumerate()
            .filter(|(p, t)| {
                *p != at && matches!(tokens.forms[**t as usize], Form::Word | Form::Name | Form::Code | Form::Path)
            })
            .count();
        // How much it speaks for a value, against how much is needed.
        let sum = count(Form::Value) * 6
            + count(Form::Path) * 4
            + count(Form::Name) * 3
            + count(Form::Word) * 2
            + count(Form::Code);
        let need = match context {
            0 => usize::MAX,
            1 => 24,
            2 => 16,
            3 => 12,
            _ => 10,
        };
        if sum >= need {
            found.push((members.len(), at, members));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
    let mut gone = vec![false; list.len()];
    let mut merged = Vec::new();
    for (_, at, members) in &found {
        if members.iter().any(|n| gone[*n as usize]) {
            continue;
        }
        let mut tokens_of = list[members[0] as usize].tokens.clone();
        tokens_of[*at] = value_of(tokens_of[*at], tokens, star);
        let tokens_of = lists(tokens_of, tokens, star);
        let all = members.iter().flat_map(|n| list[*n as usize].members.iter().copied()).collect();
        members.iter().for_each(|n| gone[*n as usize] = true);
        merged.push(Template { tokens: tokens_of, members: all });
    }
    let changed = !merged.is_empty();
    let mut out: Vec<Template> = list.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(t, _)| t).collect();
    out.extend(merged);
    (equal(out), changed)
}
