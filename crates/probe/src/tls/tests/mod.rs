//! Handshakes on loopback: a server for each fault, those of today by rustls, those of yesterday by hand.

mod chains;
mod client;
mod hostile;
mod pki;
mod servers;
mod walks;

use super::{Handshake, handshake};
use crate::{Connect, Step};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpStream;

/// 2026-01-15T00:00:00Z
const NOW: i64 = 1_768_435_200_000;
const HOST: &str = "api.example.test";

fn marks<'a>(handshake: &'a Handshake, name: &str) -> Vec<&'a str> {
    handshake.marks.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
}

fn says(step: &Step, words: &str) -> bool {
    step.says.contains(words) || step.details.iter().any(|line| line.contains(words))
}

async fn shake(address: SocketAddr, host: &str, connect: &Connect) -> Handshake {
    let stream = TcpStream::connect(address).await.unwrap();
    handshake(stream, host, connect, NOW).await
}

/// A file that is gone when the test is over.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("firstfault-tls-{}-{number}.pem", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}
