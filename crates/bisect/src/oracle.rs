//! Who is asked: something that sends a request and says whether it fails in the same way.

use firstfault_model::{Body, Request, Span};
use std::future::Future;

/// One request to be tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    /// Method, target, fields, and the body as text.
    pub request: Request,
    /// The bytes of the body; `None` for no body.
    pub body: Option<Vec<u8>>,
}

impl Candidate {
    /// A request with a body of these bytes.
    #[must_use]
    pub fn new(mut request: Request, body: Option<Vec<u8>>) -> Self {
        request.body = body.as_ref().map(|bytes| Body::bounded(&String::from_utf8_lossy(bytes), Span::default()));
        Self { request, body }
    }

    /// A request whose body is its text.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let body = request.body.as_ref().map(|body| body.text.clone().into_bytes());
        Self::new(request.clone(), body)
    }

    /// Bytes of the request line and the fields as HTTP/1.1 writes them, without those that a client adds.
    #[must_use]
    pub fn head_bytes(&self) -> usize {
        let line = self.request.method.as_deref().unwrap_or("GET").len() + self.request.url.target().len() + 12;
        line + self.request.headers.0.iter().map(|h| h.name.len() + h.value.len() + 4).sum::<usize>() + 2
    }

    /// Bytes of the body.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }

    /// Everything that is sent, so that no candidate is asked twice.
    pub(crate) fn wire(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.head_bytes() + self.body_bytes() + 64);
        let mut piece = |bytes: &[u8]| {
            out.extend_from_slice(&bytes.len().to_le_bytes());
            out.extend_from_slice(bytes);
        };
        piece(self.request.method.as_deref().unwrap_or_default().as_bytes());
        piece(self.request.url.to_string().as_bytes());
        for field in &self.request.headers.0 {
            piece(field.name.as_bytes());
            piece(field.value.as_bytes());
        }
        if let Some(body) = &self.body {
            piece(b"");
            piece(body);
        }
        out
    }
}

/// What came of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It fails in the same way: the same diagnosis.
    Same,
    /// It fails in another way, in words.
    Other(String),
    /// It works.
    Works,
    /// Nothing can be said: it did not arrive, or a limit of calls stood before it. Why, in words.
    Unsure(String),
}

/// An answer with the names that the error message quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What came of it.
    pub answer: Answer,
    /// Fields, parameters and header fields that the message names: `customer.zip`, `items[2].price`, `X-Api-Key`.
    pub names: Vec<String>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, names: Vec::new() }
    }
}

/// Sends candidates and judges what comes back.
pub trait Oracle {
    /// Tries one candidate.
    fn ask(&mut self, candidate: &Candidate) -> impl Future<Output = Reply>;

    /// True when no further request may be sent: time is over, or the server said to wait.
    fn is_spent(&self) -> bool {
        false
    }
}
