//! Looks at what a connection carries: how much came, how it began, how it ended.

use crate::exchange::Wrong;
use crate::tls::{ClientCertificate, Late, late, late_end};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many of the first bytes are kept.
const FIRST: usize = 512;

/// A connection of any kind.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Bytes that came, after TLS.
    pub received: u64,
    /// The first of them.
    pub first: Vec<u8>,
    /// The other end closed its direction.
    pub closed: bool,
    /// How it broke: what the system or TLS reported.
    pub broke: Option<(Wrong, String)>,
    /// The code of the last GOAWAY that came, when it is HTTP/2: the streams are not told of one that lets them go on.
    pub goaway: Option<u32>,
    /// What TLS says about an end before any byte of an answer.
    pub late: Option<Late>,
}

/// What was seen, shared with the connection.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    seen: Arc<Mutex<Seen>>,
    /// The connection is protected; the client certificate that the server asked for.
    secure: bool,
    asked: Option<ClientCertificate>,
    /// What comes are frames of HTTP/2.
    frames: Option<Arc<Mutex<Frames>>>,
}

impl Watch {
    pub(crate) fn snapshot(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn broke(&self, error: &io::Error) {
        // The first report is the one that says why: a write that learned of a RST leaves none for the next read.
        self.with(|seen| {
            if seen.broke.is_none() {
                seen.broke = Some(super::broken(error));
                seen.late = late(error, self.asked.as_ref()).filter(|_| self.secure && seen.received == 0);
            }
        });
    }

    fn came(&self, new: &[u8]) {
        self.with(|seen| {
            if new.is_empty() {
                seen.closed = true;
                if self.secure && seen.received == 0 && seen.late.is_none() {
                    seen.late = late_end(Wrong::Closed, None, self.asked.as_ref());
                }
            }
            seen.received += new.len() as u64;
            if let Some(frames) = &self.frames {
                let mut frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
                seen.goaway = frames.take(new).or(seen.goaway);
            }
            let room = FIRST.saturating_sub(seen.first.len()).min(new.len());
            seen.first.extend_from_slice(new.get(..room).unwrap_or_default());
        });
    }
}

/// A connection that is watched.
pub(crate) struct Tap {
    inner: Box<dyn Wire>,
    watch: Watch,
}

impl Tap {
    /// `frames` when HTTP/2 is spoken.
    pub(crate) fn new(
        inner: Box<dyn Wire>,
        secure: bool,
        asked: Option<ClientCertificate>,
        frames: bool,
    ) -> (Self, Watch) {
        let watch = Watch { seen: Arc::default(), secure, asked, frames: frames.then(Arc::default) };
        (Self { inner, watch: watch.clone() }, watch)
    }
}

impl AsyncRead for Tap {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, into);
        match &polled {
            Poll::Ready(Ok(())) => {
                let new = into.filled().get(before..).unwrap_or_default();
                self.watch.came(new);
            }
            Poll::Ready(Err(error)) => self.watch.broke(error),
            Poll::Pending => {}
        }
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        if let Poll::Ready(Err(error)) = &polled {
            self.watch.broke(error);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        if let Poll::Ready(Err(error)) = &polled {
            self.watch.broke(error);
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Walks over frames (RFC 9113 section 4.1) and looks at those of GOAWAY.
#[derive(Debug, Default)]
struct Frames {
    /// The head of a frame, and of a GOAWAY its first eight bytes, as far as they came.
    part: Vec<u8>,
    /// Bytes of a payload that are still to be passed over.
    skip: usize,
}

impl Frames {
    const GOAWAY: u8 = 7;

    /// Takes bytes as they come; the code of a GOAWAY among them.
    fn take(&mut self, bytes: &[u8]) -> Option<u32> {
        let mut found = None;
        for byte in bytes {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.part.push(*byte);
            let &[a, b, c, kind, _, _, _, _, _, ref payload @ ..] = self.part.as_slice() else { continue };
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            if kind != Self::GOAWAY || length < 8 {
                self.skip = length;
            } else if let &[_, _, _, _, w, x, y, z] = payload {
                found = Some(u32::from_be_bytes([w, x, y, z]));
                self.skip = length - 8;
            } else {
                continue;
            }
            self.part.clear();
        }
        found
    }
}

/// The number of a fatal alert (RFC 8446 section 6) that the other end sent, when this error is one.
pub(crate) fn alert(error: &io::Error) -> Option<u8> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}
