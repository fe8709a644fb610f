//! Records and cells of a table: RFC 4180 with any delimiter, quoted cells with line breaks and doubled quotes.

/// No table has more columns.
pub(super) const CELLS: usize = 256;
/// A quoted cell that is not closed within so many bytes was never meant as one.
const OPEN: usize = 64 * 1024;

/// One cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    /// What stands in it, without its quotes.
    pub text: &'a [u8],
    /// It has doubled quotes inside, which stand for one.
    pub doubled: bool,
}

impl Cell<'_> {
    /// As meant.
    pub fn value(&self) -> std::borrow::Cow<'_, [u8]> {
        if !self.doubled {
            return self.text.into();
        }
        let mut out = Vec::with_capacity(self.text.len());
        let mut before = false;
        for byte in self.text {
            before = *byte == b'"' && !before;
            if *byte != b'"' || before {
                out.push(*byte);
            }
        }
        out.into()
    }
}

/// The record at the start of `text` without its line end, and where the next one begins.
pub(super) fn record(text: &[u8]) -> (&[u8], usize) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let (mut stop, mut quotes) = (end, odd(&text[..end]));
    // with an odd number of quotes the record goes on
    while quotes && stop < text.len() && stop < OPEN {
        let next = memchr::memchr(b'\n', &text[stop + 1..]).map_or(text.len(), |at| stop + 1 + at);
        quotes ^= odd(&text[stop + 1..next]);
        stop = next;
    }
    let stop = if quotes { end } else { stop };
    let record = &text[..stop];
    (record.strip_suffix(b"\r").unwrap_or(record), (stop + 1).min(text.len()))
}

fn odd(text: &[u8]) -> bool {
    memchr::memchr_iter(b'"', text).count() % 2 == 1
}

/// Cuts a record into cells; how many there are.
pub(super) fn cells<'a>(record: &'a [u8], delimiter: u8, out: &mut [Cell<'a>; CELLS]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while count < CELLS {
        let (cell, next) = cell(record, at, delimiter);
        out[count] = cell;
        count += 1;
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    count
}

/// The cell that begins at `at`, and where the next one does.
fn cell(record: &[u8], at: usize, delimiter: u8) -> (Cell<'_>, Option<usize>) {
    let rest = &record[at..];
    if rest.first() == Some(&b'"')
        && let Some((length, doubled)) = closing(&rest[1..], delimiter)
    {
        let next = at + 1 + length + 1;
        let more = record.get(next) == Some(&delimiter);
        return (Cell { text: &rest[1..=length], doubled }, more.then_some(next + 1));
    }
    match memchr::memchr(delimiter, rest) {
        Some(end) => (Cell { text: rest[..end].trim_ascii(), doubled: false }, Some(at + end + 1)),
        None => (Cell { text: rest.trim_ascii(), doubled: false }, None),
    }
}

/// Where the quote is that ends a cell: a delimiter or the end of the record stands behind it.
fn closing(text: &[u8], delimiter: u8) -> Option<(usize, bool)> {
    let (mut at, mut doubled) = (0, false);
    while let Some(found) = memchr::memchr(b'"', text.get(at..)?) {
        let quote = at + found;
        match text.get(quote + 1) {
            Some(b'"') => {
                doubled = true;
                at = quote + 2;
            }
            None => return Some((quote, doubled)),
            Some(next) if *next == delimiter => return Some((quote, doubled)),
            Some(_) => at = quote + 1,
        }
    }
    None
}

/// Where the last whole record of `bytes` ends, which begin where one begins; 0 for none.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let mut open = odd(bytes);
    let mut end = bytes.len();
    // backwards to a line end with an even number of quotes before it
    while let Some(at) = memchr::memrchr(b'\n', &bytes[..end]) {
        open ^= odd(&bytes[at..end]);
        if !open {
            return at + 1;
        }
        if bytes.len() - at > OPEN {
            break;
        }
        end = at;
    }
    // a quote that is never closed: cut at any line
    memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let mut out = [Cell::default(); CELLS];
        let count = cells(text.as_bytes(), b',', &mut out);
        out[..count].iter().map(|c| String::from_utf8_lossy(&c.value()).into_owned()).collect()
    }

    #[test]
    fn cells_as_rfc_4180_writes_them() {
        assert_eq!(cut("a,b,c"), ["a", "b", "c"]);
        assert_eq!(cut("\"a,b\",\"say \"\"hi\"\"\","), ["a,b", "say \"hi\"", ""]);
        assert_eq!(cut("a, b ,\"c\nd\""), ["a", "b", "c\nd"]);
        assert_eq!(cut("\"never closed,b"), ["\"never closed", "b"]);
        assert_eq!(cut("5\" disk,b"), ["5\" disk", "b"]);
    }

    #[test]
    fn records_go_over_line_breaks_inside_quotes() {
        let text = b"a,\"b\nc\",d\r\nnext";
        let (first, next) = record(text);
        assert_eq!(first, b"a,\"b\nc\",d");
        assert_eq!(record(&text[next..]).0, b"next");
        assert_eq!(whole(b"x,y\na,\"b\n"), 4);
        assert_eq!(whole(b"a,\"b\nc\"\nd"), 8);
        // a quote that is never closed takes its own line only
        let long = [b"x,\"y\n".as_slice(), &b"z,w\n".repeat(40_000)].concat();
        assert_eq!(record(&long).0, b"x,\"y");
    }
}
