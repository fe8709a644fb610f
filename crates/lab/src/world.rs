//! One running set of systems: where they listen, what they wrote, what they logged.

use crate::server::{Answer, Asked, converse};
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

/// Which ports are listened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Whatever is free: many worlds side by side.
    Any,
    /// Those that a system names, so that commands can be typed again.
    Named,
}

/// What answers one request.
pub type Handler = Arc<dyn Fn(Asked) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// One running set of systems. Clones are the same world; with the last, everything stops and its folder goes.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    ports: Ports,
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    writes: Vec<String>,
    logs: BTreeMap<&'static str, Vec<String>>,
    places: Vec<(&'static str, SocketAddr)>,
    tasks: Vec<AbortHandle>,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

impl World {
    /// An empty world with a folder of its own for certificates and logs.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(ports: Ports) -> io::Result<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("firstfault-lab-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(Arc::new(Inner { ports, folder, state: Mutex::default() })))
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A system changed its state: every ticket made, token revoked, alert stored.
    pub fn wrote(&self, what: impl Into<String>) {
        self.with(|state| state.writes.push(what.into()));
    }

    /// What was changed so far, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<String> {
        self.with(|state| state.writes.clone())
    }

    /// A line of a system's own log, in its own format.
    pub fn log(&self, system: &'static str, line: impl Into<String>) {
        self.with(|state| state.logs.entry(system).or_default().push(line.into()));
    }

    /// The log of a system so far.
    #[must_use]
    pub fn logged(&self, system: &str) -> Vec<String> {
        self.with(|state| state.logs.get(system).cloned().unwrap_or_default())
    }

    /// Every system that logged something.
    #[must_use]
    pub fn systems(&self) -> Vec<&'static str> {
        self.with(|state| state.logs.keys().copied().collect())
    }

    /// What listens where, in the order in which it was started.
    #[must_use]
    pub fn places(&self) -> Vec<(&'static str, SocketAddr)> {
        self.with(|state| state.places.clone())
    }

    /// Listens on loopback: on `port` where ports are named, else on a free one. Nothing is accepted yet.
    ///
    /// # Errors
    /// When the port is taken; the error names it.
    pub async fn listen(&self, system: &'static str, port: u16) -> io::Result<(TcpListener, SocketAddr)> {
        let port = if self.0.ports == Ports::Named { port } else { 0 };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            io::Error::new(error.kind(), format!("{system}: expected port {port} to be free, found: {error}"))
        })?;
        let place = listener.local_addr()?;
        self.with(|state| state.places.push((system, place)));
        Ok((listener, place))
    }

    /// Runs something until the world ends.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(task).abort_handle();
        self.with(|state| state.tasks.push(handle));
    }

    /// Serves HTTP/1.1, over TLS where a configuration is given.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn serve<F, R>(
        &self,
        system: &'static str,
        port: u16,
        tls: Option<Arc<rustls::ServerConfig>>,
        handler: F,
    ) -> io::Result<SocketAddr>
    where
        F: Fn(Asked) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |asked| Box::pin(handler(asked)));
        let (listener, place) = self.listen(system, port).await?;
        self.run(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (handler, tls) = (handler.clone(), tls.clone());
                // A conversation holds no world, so that the last user of a world ends it.
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    // A peer that goes away in the middle is no fault of the lab.
                    let _ = match tls {
                        None => converse(stream, peer, &handler).await,
                        Some(tls) => match TlsAcceptor::from(tls).accept(stream).await {
                            Ok(stream) => converse(stream, peer, &handler).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
        });
        Ok(place)
    }

    /// Accepts connections and hands each over raw.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn raw<F, R>(&self, system: &'static str, port: u16, handler: F) -> io::Result<SocketAddr>
    where
        F: Fn(TcpStream) -> R + Send + Sync + 'static,
        R: Future<Output = io::Result<()>> + Send + 'static,
    {
        let (listener, place) = self.listen(system, port).await?;
        self.run(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let work = handler(stream);
                tokio::spawn(async move {
                    let _ = work.await;
                });
            }
        });
        Ok(place)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for task in &state.tasks {
            task.abort();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("folder", &self.0.folder).field("places", &self.places()).finish()
    }
}

/// What a system keeps of its world: where it writes down what it did. It does not keep the world alive, so that a
/// server that holds one ends with it.
#[derive(Clone, Debug)]
pub struct Ledger(Weak<Inner>);

impl World {
    /// A way for a system to count its writes and keep its log.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger(Arc::downgrade(&self.0))
    }
}

impl Ledger {
    /// As [`World::wrote`]; nothing when the world has ended.
    pub fn wrote(&self, what: impl Into<String>) {
        if let Some(inner) = self.0.upgrade() {
            World(inner).wrote(what);
        }
    }

    /// As [`World::log`]; nothing when the world has ended.
    pub fn log(&self, system: &'static str, line: impl Into<String>) {
        if let Some(inner) = self.0.upgrade() {
            World(inner).log(system, line);
        }
    }
}
