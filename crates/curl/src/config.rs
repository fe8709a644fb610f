//! curl's config files (`-K`): one option a line, `name = value`, `name: value` or `name value`, quotes with
//! the escapes `\\ \" \t \n \r \v`, `#` for comments.

/// The arguments that a config file stands for.
pub(crate) fn arguments(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '/', '<']) {
            continue;
        }
        let dashed = line.starts_with('-');
        let stop = line.find(|c: char| c.is_whitespace() || !dashed && matches!(c, '=' | ':')).unwrap_or(line.len());
        let (name, rest) = line.split_at(stop);
        let rest = rest.trim_start();
        let rest = if dashed { rest } else { rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start() };
        // A short option may have its value in the same word, so that only long names get dashes.
        arguments.push(if dashed { name.to_owned() } else { format!("--{name}") });
        if let Some(quoted) = rest.strip_prefix('"') {
            arguments.push(unquote(quoted));
        } else if !rest.is_empty() && !rest.starts_with('#') {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            arguments.push(rest[..end].to_owned());
        }
    }
    arguments
}

fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('v') => out.push('\u{b}'),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}
