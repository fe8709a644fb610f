//! Plain files, read in parts by all threads. A line belongs to the part in which it begins.

use std::fs::File;
use std::io;

/// Bytes of one part: it fits the cache of a core beside what is looked up, and the lines of it are read where the kernel
/// just put them.
pub(crate) const PART: u64 = 1 << 18;

/// Bytes of one piece of work, in whole parts: to hand one out wakes two threads, which costs as much as reading some lines.
pub(crate) const PIECE: u64 = 1 << 20;

/// Bytes of one line; what is longer is cut there, and said so.
pub(crate) const LINE: usize = 16 << 20;

/// How much is read at first to find where a line ends; twice as much each time until it does.
const STEP: usize = 4 << 10;

/// … up to this.
const MOST: usize = 64 << 10;

/// A file that can be read at any place by several threads.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) file: File,
    /// Bytes when it was opened.
    pub(crate) size: u64,
    #[cfg(not(any(unix, windows)))]
    pub(crate) lock: std::sync::Mutex<()>,
}

/// What was read of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Where its first line begins in the buffer.
    pub(crate) start: usize,
    /// Why it is not whole.
    pub(crate) problem: Option<String>,
}

impl Plain {
    pub(crate) fn new(file: File, size: u64) -> Self {
        Self {
            file,
            size,
            #[cfg(not(any(unix, windows)))]
            lock: std::sync::Mutex::default(),
        }
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, buffer, offset)
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        use std::io::{Read as _, Seek as _};
        let _held = self.lock.lock().map_err(|_| io::Error::other("another thread failed while it read"))?;
        let mut file = &self.file;
        file.seek(io::SeekFrom::Start(offset))?;
        file.read(buffer)
    }

    /// Reads as much as there is into the buffer.
    pub(crate) fn fill(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Reads the lines that begin in `start..end` into the buffer, from [`Lines::start`] to the buffer's end.
    pub(crate) fn lines(&self, start: u64, end: u64, buffer: &mut Vec<u8>) -> io::Result<Lines> {
        let end = end.min(self.size);
        // One byte more in front says whether a line begins at the border.
        let from = start.saturating_sub(1);
        let wanted = usize::try_from(end.saturating_sub(from)).unwrap_or(0);
        buffer.resize(wanted, 0);
        let got = self.fill(buffer, from)?;
        buffer.truncate(got);
        let mut lines = Lines::default();
        if got < wanted {
            lines.problem = Some("became shorter while it was read".to_owned());
        }
        if start > 0 {
            match memchr::memchr(b'\n', buffer) {
                Some(at) => lines.start = at + 1,
                // The line that began before takes all of this part.
                None => {
                    buffer.clear();
                    return Ok(lines);
                }
            }
        }
        if lines.start >= buffer.len() {
            buffer.clear();
            lines.start = 0;
            return Ok(lines);
        }
        let mut next = from + got as u64;
        let mut wide = STEP;
        while got == wanted && buffer.last() != Some(&b'\n') && next < self.size {
            let old = buffer.len();
            let step = wide.min(usize::try_from(self.size - next).unwrap_or(wide));
            wide = (wide * 2).min(MOST);
            buffer.resize(old + step, 0);
            let more = self.fill(&mut buffer[old..], next)?;
            buffer.truncate(old + more);
            if let Some(at) = memchr::memchr(b'\n', &buffer[old..]) {
                buffer.truncate(old + at + 1);
            } else if buffer.len() - lines.start > LINE + usize::try_from(PART).unwrap_or(0) {
                lines.problem = Some(format!("a line is longer than {} MiB: cut there", LINE >> 20));
                break;
            }
            if more == 0 {
                break;
            }
            next += more as u64;
        }
        Ok(lines)
    }
}
