//! Looks at what a connection carries: how much came, how it began, how it ended.

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
    pub broke: Option<(crate::exchange::Wrong, String)>,
}

/// What was seen, shared with the connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Mutex<Seen>>);

impl Watch {
    pub(crate) fn snapshot(&self) -> Seen {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn broke(&self, error: &io::Error) {
        // The first report is the one that says why: a write that learned of a RST leaves none for the next read.
        self.with(|seen| {
            seen.broke.get_or_insert_with(|| super::broken(error));
        });
    }
}

/// A connection that is watched.
pub(crate) struct Tap {
    inner: Box<dyn Wire>,
    watch: Watch,
}

impl Tap {
    pub(crate) fn new(inner: Box<dyn Wire>) -> (Self, Watch) {
        let watch = Watch::default();
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
                self.watch.with(|seen| {
                    seen.received += new.len() as u64;
                    seen.closed |= new.is_empty();
                    let room = FIRST.saturating_sub(seen.first.len()).min(new.len());
                    seen.first.extend_from_slice(new.get(..room).unwrap_or_default());
                });
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

/// The number of a fatal alert (RFC 8446 section 6) that the other end sent, when this error is one.
pub(crate) fn alert(error: &io::Error) -> Option<u8> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}
