//! HTML and XML as text: tags removed, entities decoded, scripts and styles dropped; and the few
//! elements that name an error.
//!
//! It refuses to build a tree and to know what any page means.

use memchr::memchr;

/// How many elements of an XML body are looked at.
const ELEMENTS: usize = 400;

/// The text of a page. With `attributes`, also the values of attributes (XML puts codes there).
pub(crate) fn text(markup: &str, attributes: bool) -> String {
    let mut out = String::with_capacity(markup.len() / 2);
    let bytes = markup.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some(tag) = memchr(b'<', &bytes[at..]).map(|offset| at + offset) else {
            decode(&markup[at..], &mut out);
            break;
        };
        decode(&markup[at..tag], &mut out);
        let rest = &markup[tag..];
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = memchr::memmem::find(data.as_bytes(), b"]]>").unwrap_or(data.len());
            out.push_str(&data[..end]);
            at = (tag + 9 + end + 3).min(bytes.len());
            continue;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            at = memchr::memmem::find(comment.as_bytes(), b"-->").map_or(bytes.len(), |end| tag + 4 + end + 3);
            continue;
        }
        // a lone `<` is text
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            out.push('<');
            at = tag + 1;
            continue;
        }
        let Some(close) = tag_end(bytes, tag) else { break };
        let name = tag_name(&markup[tag + 1..close]);
        if attributes && !rest.starts_with("<?") {
            attribute_values(&markup[tag + 1..close], &mut out);
        }
        at = close + 1;
        if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") || name.eq_ignore_ascii_case("svg")
        {
            at = end_of(markup, at, name);
        }
        if !out.is_empty() && !out.ends_with(['\n', ' ']) {
            out.push(if inline(name) { ' ' } else { '\n' });
        }
    }
    tidy(&out)
}

fn inline(name: &str) -> bool {
    matches!(
        name.trim_start_matches('/'),
        "a" | "b" | "i" | "em" | "strong" | "span" | "code" | "small" | "u" | "font" | "abbr" | "wbr"
    )
}

/// Collapses runs of white space, keeping line breaks.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let before = out.len();
        for word in line.split_whitespace() {
            if out.len() > before {
                out.push(' ');
            }
            out.push_str(word);
        }
        if out.len() > before {
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Where the tag that begins at `tag` ends (its `>`), quotes respected within reason.
fn tag_end(bytes: &[u8], tag: usize) -> Option<usize> {
    let limit = bytes.len().min(tag + 4096);
    let mut at = tag + 1;
    while at < limit {
        match bytes[at] {
            b'>' => return Some(at),
            quote @ (b'"' | b'\'') if bytes[at - 1] == b'=' => {
                at = memchr(quote, &bytes[at + 1..limit]).map_or(at + 1, |end| at + 1 + end + 1);
            }
            _ => at += 1,
        }
    }
    memchr(b'>', &bytes[tag..]).map(|end| tag + end)
}

fn tag_name(tag: &str) -> &str {
    let end =
        tag.find(|c: char| c.is_whitespace() || (c == '/' && !tag.starts_with('/')) || c == '>').unwrap_or(tag.len());
    &tag[..end]
}

/// One past the closing tag of an element whose content is dropped.
fn end_of(markup: &str, from: usize, name: &str) -> usize {
    let bytes = markup.as_bytes();
    let mut at = from;
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        at += offset + 1;
        let closes = bytes.get(at) == Some(&b'/')
            && bytes.get(at + 1..at + 1 + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()));
        if closes {
            return memchr(b'>', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
        }
    }
    bytes.len()
}

fn attribute_values(tag: &str, out: &mut String) {
    let mut rest = tag;
    while let Some(at) = rest.find('=') {
        let name = rest[..at].rsplit(char::is_whitespace).next().unwrap_or_default();
        let value = &rest[at + 1..];
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            rest = value;
            continue;
        };
        let Some(end) = value[1..].find(quote) else { return };
        if !name.starts_with("xmlns") && !name.contains("schemaLocation") {
            out.push(' ');
            decode(&value[1..=end], out);
            out.push(' ');
        }
        rest = &value[end + 2..];
    }
}

/// Appends `text` with character references decoded (the named ones that error pages use).
pub(crate) fn decode(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after.bytes().take(10).position(|b| b == b';');
        let decoded = end.and_then(|end| {
            let name = &after[..end];
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" | "rsquo" | "lsquo" => '\'',
                "ldquo" | "rdquo" => '"',
                "nbsp" => ' ',
                "ndash" | "mdash" => '-',
                "hellip" => '…',
                "copy" => '©',
                _ => {
                    let digits = name.strip_prefix('#')?;
                    let code = match digits.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => digits.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((character, end))
        });
        match decoded {
            Some((character, end)) => {
                out.push(character);
                rest = &after[end + 1..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

/// The text of the first element of that name (lower case, `h1`), within the first 64 KiB.
pub(crate) fn element(markup: &str, name: &str) -> Option<String> {
    let bytes = &markup.as_bytes()[..markup.len().min(64 * 1024)];
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        at += offset + 1;
        let word = bytes.get(at..at + name.len())?;
        if !word.eq_ignore_ascii_case(name.as_bytes())
            || !matches!(bytes.get(at + name.len()), Some(b'>' | b' ' | b'\n' | b'\t' | b'\r'))
        {
            continue;
        }
        let open = tag_end(bytes, at)?;
        let close = end_of(markup, open + 1, name);
        let inner = markup.get(open + 1..close)?;
        let inner = match inner.rfind("</") {
            Some(end) => &inner[..end],
            None => inner,
        };
        let inner = text(inner, false).replace('\n', " ");
        return Some(inner).filter(|text| !text.is_empty());
    }
    None
}

/// What a page's `<title>` says.
pub(crate) fn title(page: &str) -> Option<&str> {
    let lower = page.get(..page.len().min(4096)).unwrap_or(page).to_ascii_lowercase();
    let from = lower.find("<title")?;
    let open = from + lower.get(from..)?.find('>')? + 1;
    let len = lower.get(open..)?.find("</title")?;
    page.get(open..open + len).map(str::trim).filter(|title| !title.is_empty())
}

/// Whether markup is a page: by what it begins with.
pub(crate) fn is_html(markup: &str) -> bool {
    let mut start = markup.trim_start();
    for _ in 0..8 {
        if let Some(comment) = start.strip_prefix("<!--") {
            start = comment.split_once("-->").map_or("", |(_, rest)| rest).trim_start();
        } else if start.starts_with("<?xml") {
            start = start.split_once("?>").map_or("", |(_, rest)| rest).trim_start();
        } else {
            break;
        }
    }
    let head = start.as_bytes();
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<h1",
        "<h2",
        "<center",
        "<p>",
        "<p ",
        "<div",
        "<pre",
        "<br",
        "<meta",
        "<script",
        "<b>",
        "<font",
        "<span",
    ]
    .iter()
    .any(|tag| head.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes())))
}

/// One element of XML that has text or attributes, by local name.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    /// Local name of the element around it, empty at the top.
    pub(crate) parent: &'a str,
    /// The tag's inside, for attributes.
    tag: &'a str,
    /// Text up to the next tag, decoded.
    pub(crate) text: String,
    pub(crate) at: usize,
    pub(crate) depth: usize,
}

impl<'a> Element<'a> {
    /// The value of an attribute by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.tag;
        while let Some(at) = rest.find('=') {
            let found = rest[..at].trim_end().rsplit([' ', '\n', '\t', ':']).next().unwrap_or_default();
            let value = rest[at + 1..].trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let end = value[1..].find(quote)? + 1;
            if found.eq_ignore_ascii_case(name) {
                return Some(&value[1..end]);
            }
            rest = &value[end + 1..];
        }
        None
    }
}

/// The elements of an XML text, in order, at most [`ELEMENTS`].
pub(crate) fn elements(xml: &str) -> Vec<Element<'_>> {
    let bytes = xml.as_bytes();
    let mut found = Vec::new();
    let mut stack: Vec<&str> = Vec::new();
    let mut at = 0;
    while found.len() < ELEMENTS {
        let Some(open) = memchr(b'<', &bytes[at..]).map(|offset| at + offset) else { break };
        let rest = &xml[open..];
        if rest.starts_with("<?") || rest.starts_with("<!") {
            let end = if rest.starts_with("<!--") {
                memchr::memmem::find(rest.as_bytes(), b"-->").map(|e| e + 3)
            } else {
                memchr(b'>', rest.as_bytes()).map(|e| e + 1)
            };
            let Some(end) = end else { break };
            at = open + end;
            continue;
        }
        let Some(close) = tag_end(bytes, open) else { break };
        at = close + 1;
        let tag = &xml[open + 1..close];
        if tag.starts_with('/') {
            stack.pop();
            continue;
        }
        let closed = tag.ends_with('/');
        let name = local(tag_name(tag.trim_end_matches('/')));
        if name.is_empty() {
            continue;
        }
        let (text, next) = following_text(xml, at);
        found.push(Element {
            name,
            parent: stack.last().copied().unwrap_or_default(),
            tag,
            text: if closed { String::new() } else { text },
            at: open,
            depth: stack.len(),
        });
        if !closed {
            at = next;
            if stack.len() < 64 {
                stack.push(name);
            }
        }
    }
    found
}

/// The text after an opening tag, up to the next tag; a CDATA section counts as text.
fn following_text(xml: &str, from: usize) -> (String, usize) {
    let rest = &xml[from..];
    let trimmed = rest.trim_start();
    if let Some(data) = trimmed.strip_prefix("<![CDATA[") {
        let end = memchr::memmem::find(data.as_bytes(), b"]]>").unwrap_or(data.len());
        return (data[..end].trim().to_owned(), xml.len() - data.len() + (end + 3).min(data.len()));
    }
    let end = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
    let mut text = String::new();
    decode(rest[..end].trim(), &mut text);
    (text, from + end)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_text() {
        let page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>b{}</style><script>if (a<b) x</script></head>\n<body><center><h1>502 Bad&nbsp;Gateway</h1></center><hr>That&#39;s <b>nginx</b> a < b</body>";
        assert_eq!(text(page, false), "502 Bad Gateway\n502 Bad Gateway\nThat's nginx a < b");
        assert_eq!(element(page, "title").as_deref(), Some("502 Bad Gateway"));
        assert_eq!(element(page, "h1").as_deref(), Some("502 Bad Gateway"));
        assert!(is_html(page) && !is_html("<?xml version=\"1.0\"?><Error/>"));
    }

    #[test]
    fn xml_elements_have_local_names_and_parents() {
        let xml = "<?xml version='1.0'?><s:Envelope xmlns:s='x'><s:Fault code='7'><faultcode>s:Client</faultcode><d><![CDATA[a<b]]></d></s:Fault></s:Envelope>";
        let found: Vec<_> = elements(xml).into_iter().map(|e| (e.name, e.parent, e.text)).collect();
        assert_eq!(found[2], ("faultcode", "Fault", "s:Client".to_owned()));
        assert_eq!(found[3], ("d", "Fault", "a<b".to_owned()));
        assert_eq!(elements(xml)[1].attribute("code"), Some("7"));
    }

    #[test]
    fn hostile_markup_is_bounded() {
        for sample in [
            "<".repeat(99_999),
            "<a ".repeat(50_000),
            "<a='".repeat(20_000),
            "&#".repeat(50_000),
            "<é>ü&é;<![CDATA[".to_owned(),
            "<script".repeat(9_000),
        ] {
            let _ = (text(&sample, true), elements(&sample), element(&sample, "title"), is_html(&sample));
        }
        let page = "<é a=\"ü>\"><!-- é --><![CDATA[é]]>&eacute;&#233;</é><title>é</title>";
        for end in (0..page.len()).filter(|end| page.is_char_boundary(*end)) {
            let _ = (text(&page[..end], true), elements(&page[..end]), element(&page[..end], "title"));
        }
    }
}
