//! One running set of systems: where they listen, what they wrote, what they logged.

use crate::server::{Answer, Asked, Wire, converse, perform};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
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
    journal: Journal,
}

/// Where a running system writes down what it does. A handler keeps this one: a [`World`] inside a handler would never end.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<State>>);

impl Journal {
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A system changed its state: every ticket made, token revoked, alert stored.
    pub fn wrote(&self, what: impl Into<String>) {
        self.with(|state| state.writes.push(what.into()));
    }

    /// A line of a system's own log, in its own format.
    pub fn log(&self, system: &'static str, line: impl Into<String>) {
        let line = line.into();
        self.with(|state| {
            if let Some(folder) = &state.files {
                let path = folder.join(format!("{system}.log"));
                // A log that cannot be written is still kept here.
                let file = std::fs::File::options().create(true).append(true).open(path);
                let _ = file.and_then(|mut file| writeln!(file, "{line}"));
            }
            state.logs.entry(system).or_default().push(line);
        });
    }
}

#[derive(Default)]
struct State {
    writes: Vec<String>,
    logs: BTreeMap<&'static str, Vec<String>>,
    places: Vec<(&'static str, SocketAddr)>,
    tasks: Vec<AbortHandle>,
    /// Where logs are written too.
    files: Option<PathBuf>,
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
        Ok(Self(Arc::new(Inner { ports, folder, journal: Journal::default() })))
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        self.0.journal.with(change)
    }

    /// Writes every log into its folder too, `SYSTEM.log` each, for people to read while it runs.
    pub fn keep_logs(&self) {
        let folder = self.0.folder.clone();
        self.with(|state| state.files = Some(folder));
    }

    /// What a handler keeps, to write down what its system does.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.0.journal.clone()
    }

    /// A system changed its state: every ticket made, token revoked, alert stored.
    pub fn wrote(&self, what: impl Into<String>) {
        self.0.journal.wrote(what);
    }

    /// What was changed so far, in order.
    #[must_use]
    pub fn writes(&self) -> Vec<String> {
        self.with(|state| state.writes.clone())
    }

    /// A line of a system's own log, in its own format.
    pub fn log(&self, system: &'static str, line: impl Into<String>) {
        self.0.journal.log(system, line);
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
        let place = self.place(port);
        let listener = TcpListener::bind(place).await.map_err(|error| taken(system, place, error))?;
        let place = listener.local_addr()?;
        self.with(|state| state.places.push((system, place)));
        Ok((listener, place))
    }

    fn place(&self, port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, if self.0.ports == Ports::Named { port } else { 0 }).into()
    }

    /// Receives datagrams on loopback, with the same choice of port.
    ///
    /// # Errors
    /// When the port is taken; the error names it.
    pub async fn datagrams(&self, system: &'static str, port: u16) -> io::Result<(UdpSocket, SocketAddr)> {
        let place = self.place(port);
        let socket = UdpSocket::bind(place).await.map_err(|error| taken(system, place, error))?;
        let place = socket.local_addr()?;
        self.with(|state| state.places.push((system, place)));
        Ok((socket, place))
    }

    /// A port on which nothing listens, kept from everyone else: a connection to it is refused.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn refusing(&self, system: &'static str, port: u16) -> io::Result<SocketAddr> {
        let place = self.place(port);
        let socket = TcpSocket::new_v4()?;
        socket.bind(place).map_err(|error| taken(system, place, error))?;
        let place = socket.local_addr()?;
        self.run(async move {
            let _kept = socket;
            std::future::pending::<()>().await;
        });
        Ok(place)
    }

    /// A black hole: a listener whose backlog is full and that never accepts. Linux then drops every further SYN, so that
    /// a connection gets no answer at all, as behind a firewall that drops packets.
    ///
    /// # Errors
    /// When the port is taken, or the kernel goes on accepting for the listener.
    pub async fn black_hole(&self, system: &'static str, port: u16) -> io::Result<SocketAddr> {
        let place = self.place(port);
        let socket = TcpSocket::new_v4()?;
        socket.bind(place).map_err(|error| taken(system, place, error))?;
        let listener = socket.listen(0)?;
        let place = listener.local_addr()?;
        let mut kept = Vec::new();
        for _ in 0..16 {
            match tokio::time::timeout(Duration::from_millis(250), TcpStream::connect(place)).await {
                Ok(stream) => kept.push(stream?),
                Err(_) => {
                    self.with(|state| state.places.push((system, place)));
                    self.run(async move {
                        let _kept = (listener, kept);
                        std::future::pending::<()>().await;
                    });
                    return Ok(place);
                }
            }
        }
        Err(io::Error::other(format!("{system}: expected a full backlog, found every connection made")))
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
                        Some(tls) => match TlsAcceptor::from(tls).accept(stream).into_fallible().await {
                            Ok(stream) => converse(stream, peer, &handler).await,
                            // The alert must arrive: a close with something unread would be a RST that overtakes it.
                            Err((_, stream)) => perform(stream, vec![Wire::HalfClose]).await,
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

fn taken(system: &str, place: SocketAddr, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{system}: expected port {} to be free, found: {error}", place.port()))
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in self.journal.with(|state| std::mem::take(&mut state.tasks)) {
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
