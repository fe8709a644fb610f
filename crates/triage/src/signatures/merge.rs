//! Which masked messages are one template.
//!
//! First those that agree in all but their names (dotted names, paths, names with numbers), since names vary more often
//! than words. Then, again and again, those that agree in all but one place: where one of them has a value there, or where
//! so many different words were seen that they must be values. Every step looks at all templates at once and takes the
//! strongest case first, so that the order of arrival plays no part.
//!
//! The numbers below say how much it takes. They are few and matter little: `bench/README.md` says what others would do to the
//! public samples.

use super::lists::shortened;
use super::tokens::{Form, Tokens};

/// Rounds of merging by one place; each makes new templates that may be alike in turn.
const ROUNDS: usize = 3;
/// How often a group of templates is parted by a name that does not vary enough, before it is left as it is.
const DEPTH: usize = 8;
/// Words that must agree for a value to stand for what is more than a word; for a plain word.
const AROUND: (usize, usize) = (2, 4);

/// How many different names make a place vary, by how many words agree.
const fn names_needed(words: usize) -> usize {
    match words {
        0 => usize::MAX,
        1 => 5,
        2 => 3,
        _ => 2,
    }
}

/// The same for letters with a number: `eth<*>` and `lo<*>` are seldom the same to whoever wrote it.
const NUMBERED_NEEDED: usize = 4;

/// How much a token speaks for a value where tokens vary.
const fn weight(form: Form) -> usize {
    match form {
        Form::Mark | Form::Status | Form::Telling => 0,
        Form::Code => 1,
        Form::Word => 2,
        Form::Name => 3,
        Form::Path | Form::Numbered => 4,
        Form::Value => 6,
    }
}

/// How much is needed, by how many words agree: twelve different words beside one or two that agree, six beside three,
/// five beside more.
const fn weight_needed(around: usize) -> usize {
    match around {
        0 => usize::MAX,
        1 | 2 => 24,
        3 => 12,
        _ => 10,
    }
}

/// Messages of one template.
struct Template {
    tokens: Vec<u32>,
    members: Vec<u32>,
}

/// The template of each text, and the templates. The texts are masked, sorted and distinct.
pub fn merge(texts: &[&str]) -> (Vec<u32>, Vec<String>) {
    let mut tokens = Tokens::new();
    let mut list = Vec::with_capacity(texts.len());
    for (text, n) in texts.iter().zip(0..) {
        let split = tokens.split(text);
        list.push(Template { tokens: shortened(&split, &tokens), members: vec![n] });
    }
    let mut list = by_names(equal(list), &tokens);
    for _ in 0..ROUNDS {
        list = by_value(list, &tokens);
        let before = list.len();
        list = by_words(list, &tokens);
        if list.len() == before {
            break;
        }
    }
    let mut group = vec![0; texts.len()];
    let mut names = Vec::with_capacity(list.len());
    for (template, n) in list.iter().zip(0..) {
        for member in &template.members {
            group[*member as usize] = n;
        }
        names.push(template.tokens.iter().map(|token| tokens.text(*token)).collect());
    }
    (group, names)
}

/// Templates with the same tokens are one. Sorted by tokens.
fn equal(mut list: Vec<Template>) -> Vec<Template> {
    list.sort_unstable_by(|a, b| (&a.tokens, &a.members).cmp(&(&b.tokens, &b.members)));
    list.dedup_by(|next, kept| {
        let same = next.tokens == kept.tokens;
        if same {
            kept.members.append(&mut next.members);
        }
        same
    });
    list
}

/// Merges templates that agree in all but their names.
fn by_names(list: Vec<Template>, tokens: &Tokens<'_>) -> Vec<Template> {
    let without_names = |template: &Template| -> Vec<u32> {
        let masked = template.tokens.iter().map(|token| match tokens.form(*token) {
            Form::Path | Form::Numbered => tokens.value(*token),
            _ => *token,
        });
        masked.collect()
    };
    let mut keyed: Vec<(Vec<u32>, Template)> = list.into_iter().map(|t| (without_names(&t), t)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Vec::with_capacity(keyed.len());
    let mut rest = keyed.into_iter().peekable();
    while let Some((key, first)) = rest.next() {
        let mut members = vec![first];
        while let Some((_, next)) = rest.next_if(|(other, _)| *other == key) {
            members.push(next);
        }
        let words = key.iter().filter(|token| tokens.form(**token).is_word()).count();
        part_or_merge(members, words, DEPTH, tokens, &mut out);
    }
    equal(out)
}

/// Parts templates of one width by the place with the fewest different names, as long as those are too few to be values;
/// what then varies is a value.
fn part_or_merge(mut members: Vec<Template>, words: usize, depth: usize, tokens: &Tokens<'_>, out: &mut Vec<Template>) {
    let width = members.first().map_or(0, |first| first.tokens.len());
    if members.len() < 2 || depth == 0 {
        out.append(&mut members);
        return;
    }
    let different = |at: usize| {
        let mut seen: Vec<u32> = members.iter().map(|member| member.tokens[at]).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    let counts: Vec<usize> = (0..width).map(different).collect();
    let varying = counts.iter().zip(0..).filter(|(count, _)| **count > 1);
    let Some((least, at)) = varying.map(|(count, at)| (*count, at)).min() else {
        out.append(&mut members);
        return;
    };
    let numbered = members.iter().any(|member| tokens.form(member.tokens[at]) == Form::Numbered);
    let needed = names_needed(words).max(if numbered { NUMBERED_NEEDED } else { 0 });
    if least < needed {
        members.sort_by_key(|member| member.tokens[at]);
        let mut rest = members.into_iter().peekable();
        while let Some(first) = rest.next() {
            let token = first.tokens[at];
            let mut part = vec![first];
            while let Some(next) = rest.next_if(|other| other.tokens[at] == token) {
                part.push(next);
            }
            part_or_merge(part, words, depth - 1, tokens, out);
        }
        return;
    }
    let first = &members[0].tokens;
    let merged: Vec<u32> =
        first.iter().zip(&counts).map(|(token, n)| if *n > 1 { tokens.value(*token) } else { *token }).collect();
    let all = members.iter().flat_map(|member| member.members.iter().copied()).collect();
    out.push(Template { tokens: shortened(&merged, tokens), members: all });
}

/// Merges a template into another that has a value where this one has something composed (`LOCAL(<*>)`, `#<*>#`): what
/// stands in the place of a value is one.
fn by_value(list: Vec<Template>, tokens: &Tokens<'_>) -> Vec<Template> {
    let mut into: Vec<usize> = (0..list.len()).collect();
    for (n, template) in list.iter().enumerate() {
        let words = template.tokens.iter().filter(|token| tokens.form(**token).is_word()).count();
        let found = places(&template.tokens, tokens).into_iter().find_map(|place| {
            let inner = template.tokens[place.clone()].iter().filter(|token| tokens.form(**token).is_word()).count();
            if words - inner < AROUND.0 {
                return None;
            }
            let mut wanted = template.tokens[..place.start].to_vec();
            wanted.push(tokens.value(template.tokens[place.start]));
            wanted.extend_from_slice(&template.tokens[place.end..]);
            list.binary_search_by(|other| other.tokens.cmp(&wanted)).ok()
        });
        into[n] = found.unwrap_or(n);
    }
    let target = |n: usize| (0..ROUNDS).fold(n, |at, _| into[at]);
    let merged =
        (0..list.len()).map(|n| Template { tokens: list[target(n)].tokens.clone(), members: list[n].members.clone() });
    equal(merged.collect())
}

/// The composed parts of a template between spaces and equals signs, without the marks that end them.
fn places(all: &[u32], tokens: &Tokens<'_>) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for next in 1..=all.len() {
        let goes_on = all.get(next).is_some_and(|token| !tokens.spaced(*token)) && tokens.text(all[next - 1]) != "=";
        if goes_on {
            continue;
        }
        let mut end = next;
        while end > start + 1 && matches!(tokens.text(all[end - 1]), "," | ";" | ":" | "." | "=") {
            end -= 1;
        }
        if end > start + 1 || matches!(tokens.form(all[start]), Form::Path | Form::Numbered) {
            out.push(start..end);
        }
        start = next;
    }
    out
}

/// Merges templates that agree in all but one token, where that must be a value.
fn by_words(list: Vec<Template>, tokens: &Tokens<'_>) -> Vec<Template> {
    let mut found = Vec::new();
    for (at, members) in alike(&list, tokens) {
        let first = &list[members[0] as usize].tokens;
        let around = |token: &u32| tokens.form(*token).is_word() || weight(tokens.form(*token)) == weight(Form::Path);
        let around = first.iter().enumerate().filter(|(n, token)| *n != at && around(token)).count();
        let forms: Vec<Form> = members.iter().map(|n| tokens.form(list[*n as usize].tokens[at])).collect();
        let weight: usize = forms.iter().map(|form| weight(*form)).sum();
        let beside_value = forms.contains(&Form::Value)
            && !forms.contains(&Form::Code)
            && !forms.contains(&Form::Telling)
            && around >= AROUND.1;
        if weight >= weight_needed(around) || beside_value {
            found.push((at, members));
        }
    }
    found.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.1.cmp(&b.1)).then(a.0.cmp(&b.0)));
    let mut gone = vec![false; list.len()];
    let mut merged = Vec::new();
    for (at, members) in found {
        if members.iter().any(|n| gone[*n as usize]) {
            continue;
        }
        let mut of = list[members[0] as usize].tokens.clone();
        of[at] = tokens.value(of[at]);
        members.iter().for_each(|n| gone[*n as usize] = true);
        let all = members.iter().flat_map(|n| list[*n as usize].members.iter().copied()).collect();
        merged.push(Template { tokens: shortened(&of, tokens), members: all });
    }
    let left = list.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(template, _)| template);
    merged.extend(left);
    equal(merged)
}

/// Every place with the templates (two or more) that agree in all but it.
fn alike(list: &[Template], tokens: &Tokens<'_>) -> Vec<(usize, Vec<u32>)> {
    // The hash of a template is a sum over its places, so that one place is left out by subtracting it.
    let hash = |at: usize, token: u32| {
        let mixed = ((at as u64) << 32 | u64::from(token)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 31)).wrapping_mul(0xd6e8_feb8_6659_fd93)
    };
    let mut keys: Vec<(u64, u32, u32)> = Vec::new();
    for (template, n) in list.iter().zip(0..) {
        let whole = template.tokens.iter().zip(0..).fold(0, |sum: u64, (token, at)| sum.wrapping_add(hash(at, *token)));
        for (token, at) in template.tokens.iter().zip(0..) {
            if tokens.form(*token) != Form::Mark {
                let spaced = hash(at as usize, tokens.value(*token));
                keys.push((whole.wrapping_sub(hash(at as usize, *token)).wrapping_add(spaced), at, n));
            }
        }
    }
    keys.sort_unstable();
    let agree = |a: u32, b: u32, at: usize| {
        let (a, b) = (&list[a as usize].tokens, &list[b as usize].tokens);
        a.len() == b.len() && a[..at] == b[..at] && a[at + 1..] == b[at + 1..]
    };
    let same = |a: &(u64, u32, u32), b: &(u64, u32, u32)| a.0 == b.0 && a.1 == b.1 && agree(a.2, b.2, a.1 as usize);
    let runs = keys.chunk_by(same).filter(|run| run.len() > 1);
    runs.map(|run| (run[0].1 as usize, run.iter().map(|key| key.2).collect())).collect()
}
