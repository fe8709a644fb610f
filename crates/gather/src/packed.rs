//! What the first bytes say an input is, and unpacking it within bounds.

use flate2::read::MultiGzDecoder;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Unpacked bytes for each packed one. Deflate cannot pass 1,032; logs come to 10 or 30, equal lines to some hundred.
const RATIO: u64 = 1_100;

/// Unpacked before the ratio counts.
const SLACK: u64 = 64 << 20;

/// Unpacked bytes of one input.
const TOTAL: u64 = 256 << 30;

/// What an input is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Gzip,
    Zstd,
    Parquet,
    /// UTF-16 with its mark, little end first or not.
    Wide {
        little: bool,
    },
    /// Something that is not read, and what to do.
    Not(&'static str),
}

/// How many first bytes [`form`] wants to see.
pub(crate) const HEAD: usize = 4 << 10;

/// What an input is by its first bytes; its name decides nothing.
pub(crate) fn form(head: &[u8]) -> Form {
    let archive = head.get(257..262) == Some(b"ustar");
    match head {
        [0x1f, 0x8b, ..] => Form::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Form::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Form::Parquet,
        [0xff, 0xfe, ..] => Form::Wide { little: true },
        [0xfe, 0xff, ..] => Form::Wide { little: false },
        [b'P', b'K', 3, 4, ..] => {
            Form::Not("expected logs, got a zip archive: unpack it first (unzip -p FILE | firstfault triage -)")
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Form::Not("packed with xz, which is not read: xz -dc FILE | firstfault triage -")
        }
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
            Form::Not("packed with bzip2, which is not read: bzip2 -dc FILE | firstfault triage -")
        }
        [0x04, 0x22, 0x4d, 0x18, ..] => {
            Form::Not("packed with lz4, which is not read: lz4 -dc FILE | firstfault triage -")
        }
        _ if archive => {
            Form::Not("expected logs, got a tar archive: unpack it first (tar -xOf FILE | firstfault triage -)")
        }
        _ if memchr::memchr(0, head).is_some() && !head.split(|b| *b == b'\n').any(is_text) => {
            Form::Not("expected logs, got binary data: not read")
        }
        _ => Form::Plain,
    }
}

/// Whether a line is one that a program wrote for people: long enough to be no accident, and nearly all of it printable.
fn is_text(line: &[u8]) -> bool {
    const LEAST: usize = 16;
    let printable = line.iter().filter(|b| matches!(b, b' '..=b'~' | b'\t' | b'\r' | 0x1b)).count();
    line.len() >= LEAST && printable * 10 >= line.len() * 9
}

/// The first bytes, as many as [`form`] wants or there are, and all of it again; an error only where not even one came.
pub(crate) fn peek(mut reader: Box<dyn Read + Send>) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    while filled < HEAD {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if filled == 0 => return Err(error),
            Err(error) => {
                reader = Box::new(Failed(Some(error)));
                break;
            }
        }
    }
    head.truncate(filled);
    let whole = Box::new(io::Cursor::new(head.clone()).chain(reader));
    Ok((head, whole))
}

/// Says once more what went wrong.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Counts what is read of it.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends with an error where unpacked bytes become too many.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        if self.unpacked > packed.saturating_mul(RATIO).saturating_add(SLACK) {
            return Err(io::Error::other(format!(
                "unpacks to more than {RATIO} times its size: what came before was read, the rest was not"
            )));
        }
        if self.unpacked > TOTAL {
            return Err(io::Error::other(format!(
                "unpacks to more than {} GiB: what came before was read, the rest was not",
                TOTAL >> 30
            )));
        }
        Ok(count)
    }
}

/// UTF-16 as UTF-8; halves of pairs that stand alone become U+FFFD.
struct Wide<R> {
    inner: BufReader<R>,
    little: bool,
    /// Made and not yet handed out.
    made: Vec<u8>,
    given: usize,
    /// The first half of a pair.
    half: Option<u16>,
}

impl<R: Read> Wide<R> {
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut pair = [0_u8; 2];
        match self.inner.read_exact(&mut pair) {
            Ok(()) => Ok(Some(if self.little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn make(&mut self) -> io::Result<()> {
        self.made.clear();
        self.given = 0;
        let mut units: Vec<u16> = self.half.take().into_iter().collect();
        while units.len() < 32 << 10 {
            match self.unit()? {
                Some(unit) => units.push(unit),
                None => break,
            }
        }
        // A pair must not be parted by the end of this piece.
        if units.len() > 1 && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)) {
            self.half = units.pop();
        }
        for decoded in char::decode_utf16(units) {
            let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.made.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.made.len() {
            self.make()?;
        }
        let count = buffer.len().min(self.made.len() - self.given);
        buffer[..count].copy_from_slice(&self.made[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The bytes that are meant, whatever they are packed in. `raw` begins at the first byte.
pub(crate) fn unpack(form: Form, raw: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let packed = Arc::new(AtomicU64::new(0));
    let counted = Counted { inner: raw, read: Arc::clone(&packed) };
    Ok(match form {
        Form::Gzip => {
            let inner = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, counted));
            nested(Box::new(Bounded { inner, packed, unpacked: 0 }))?
        }
        Form::Zstd => {
            nested(Box::new(Bounded { inner: zstd::stream::read::Decoder::new(counted)?, packed, unpacked: 0 }))?
        }
        Form::Wide { little } => wide(Box::new(counted), little),
        Form::Plain | Form::Parquet | Form::Not(_) => counted.inner,
    })
}

fn wide(raw: Box<dyn Read + Send>, little: bool) -> Box<dyn Read + Send> {
    Box::new(Wide { inner: BufReader::new(raw), little, made: Vec::new(), given: 0, half: None })
}

/// What was packed may be UTF-16, or something that is not read; packed twice it is not.
fn nested(unpacked: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (head, whole) = peek(unpacked)?;
    match form(&head) {
        Form::Plain => Ok(whole),
        Form::Wide { little } => Ok(wide(whole, little)),
        Form::Not(problem) => Err(io::Error::other(problem)),
        Form::Gzip | Form::Zstd => Err(io::Error::other("is packed twice: unpack it once first")),
        Form::Parquet => Err(io::Error::other("is a packed Parquet file: unpack it first")),
    }
}
