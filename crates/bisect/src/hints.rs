//! Names in error messages: which they are, and which part of a request each one means.

/// How many names of one message are taken.
const NAMES: usize = 32;
/// The longest name.
const LONGEST: usize = 120;

/// What a message quotes: `'caseType'`, `"items[0].price"`, `` `page` ``, and the word behind `field`, `parameter`,
/// `header` or `property`. Sentences and values with blanks are no names.
#[must_use]
pub fn names_in(message: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = name.trim_matches(|c: char| matches!(c, ':' | ',' | '.' | ';' | '(' | ')'));
        let named = !name.is_empty()
            && name.len() <= LONGEST
            && name.chars().all(|c| c.is_alphanumeric() || "_-.[]/$@".contains(c))
            && name.chars().any(char::is_alphabetic);
        if named && names.len() < NAMES && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for quote in ['"', '\'', '`'] {
        // Between two equal quotes, each both as an opening and as a closing one: an apostrophe shifts the pairs.
        let pieces: Vec<&str> = message.split(quote).collect();
        if pieces.len() > 2 {
            pieces[1..pieces.len() - 1].iter().for_each(|piece| add(piece));
        }
    }
    let mut words = message.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let word: String = word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        let introduces = ["field", "fields", "parameter", "parameters", "param", "header", "property", "properties"];
        if introduces.contains(&word.as_str()) {
            while let Some(next) = words.peek() {
                let listed = next.ends_with(',');
                // A plain word may be the sentence going on, so that only what looks like a name is one.
                if next.contains(['_', '-', '.', '[']) || next.chars().skip(1).any(char::is_uppercase) || listed {
                    add(next);
                }
                if !listed {
                    break;
                }
                words.next();
            }
        }
    }
    names
}

/// A name or path cut into folded segments: `$.Items[2].unit-price` is `items 2 unitprice`.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split(['.', '/', '[', ']'])
        .map(|part| part.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>())
        .filter(|part| !part.is_empty())
        .collect()
}

/// True when `name` means the part at `path`. A name without positions means the field of every item.
pub(crate) fn means(name: &[String], path: &[String]) -> bool {
    let is_named = |part: &&String| !part.bytes().all(|b| b.is_ascii_digit());
    let ends = |name: &[&String], path: &[&String]| !name.is_empty() && path.ends_with(name);
    let whole: Vec<&String> = path.iter().collect();
    let named: Vec<&String> = name.iter().collect();
    if ends(&named, &whole) {
        return true;
    }
    let fields: Vec<&String> = path.iter().filter(is_named).collect();
    let plain: Vec<&String> = name.iter().filter(is_named).collect();
    // `body.items.price`: where it lies is said too.
    let inner = match plain.first().map(|first| first.as_str()) {
        Some("body" | "data" | "query" | "params" | "headers" | "header" | "request") if plain.len() > 1 => &plain[1..],
        _ => &plain[..],
    };
    plain.len() == name.len() && (ends(&plain, &fields) || ends(inner, &fields))
        || inner.len() < plain.len() && ends(&named[1..], &whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_messages() {
        for (message, expected) in [
            ("Missing required field 'caseType'.", vec!["caseType"]),
            (
                r#"{"error":"items[0].price must be positive","field":"items[0].price"}"#,
                vec!["error", "field", "items[0].price"],
            ),
            ("Missing required fields: alert_type, severity", vec!["alert_type"]),
            ("The parameter `page` isn't known, nor is `size`", vec!["page", "size"]),
            ("header X-Api-Key is not valid", vec!["X-Api-Key"]),
            ("the field was wrong", vec![]),
        ] {
            let found = names_in(message);
            for name in &expected {
                assert!(found.iter().any(|f| f == name), "{message}: {found:?}");
            }
            assert!(!expected.is_empty() || found.is_empty(), "{message}: {found:?}");
        }
    }

    #[test]
    fn names_mean_parts() {
        let is = |name: &str, path: &str| means(&segments(name), &segments(path));
        assert!(is("price", "items[2].price"));
        assert!(is("items.price", "items[2].price"));
        assert!(is("$.items[2].price", "items[2].price"));
        assert!(is("/items/2/price", "items[2].price"));
        assert!(is("body.items.2.price", "items[2].price"));
        assert!(is("x_api_key", "X-Api-Key"));
        assert!(is("unit_price", "unitPrice"));
        assert!(!is("items[1].price", "items[2].price"));
        assert!(!is("rice", "items[2].price"));
        assert!(!is("price", "price.currency"));
        assert!(!is("", "price"));
    }
}
