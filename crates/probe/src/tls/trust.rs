//! The roots that a chain is verified against: those of this machine, or the files of `--cacert` in their place.
//!
//! The machine's are read once per process, when TLS first needs them. This file refuses to know chains.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Where an administrator puts roots of their own, before they are merged into the system's bundle: Debian, Fedora,
/// Arch, openSUSE, Alpine (`update-ca-certificates(8)`, `update-ca-trust(8)`).
const LOCAL_FOLDERS: [&str; 4] = [
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/ca-certificates/trust-source/anchors",
    "/etc/pki/trust/anchors",
];
/// How many files of one such folder are read.
const LOCAL_FILES: usize = 200;
/// How large a file of roots may be, in bytes: Mozilla's bundle has 230 KB.
const FILE_BYTES: u64 = 8 << 20;

/// Roots, ready to verify with.
#[derive(Debug)]
pub(super) struct Trust {
    /// For webpki.
    pub store: RootCertStore,
    /// The same as they were read.
    pub certificates: Vec<CertificateDer<'static>>,
    /// True when `--cacert` named them.
    pub given: bool,
    /// What could not be read, in words.
    pub problems: Vec<String>,
}

/// The roots to verify with: those in `files`, or the machine's when there are none.
pub(super) fn roots(files: &[PathBuf]) -> Arc<Trust> {
    if files.is_empty() { system() } else { Arc::new(read_given(files)) }
}

/// The machine's roots, read the first time.
fn system() -> Arc<Trust> {
    static SYSTEM: OnceLock<Arc<Trust>> = OnceLock::new();
    Arc::clone(SYSTEM.get_or_init(|| {
        let read = rustls_native_certs::load_native_certs();
        let problems = read.errors.iter().take(3).map(ToString::to_string).collect();
        Arc::new(build(read.certs, false, problems))
    }))
}

/// Reads the machine's roots ahead, on a thread of its own, so that a handshake does not wait for them.
pub(super) fn read_ahead(files: &[PathBuf]) {
    if files.is_empty() && tokio::runtime::Handle::try_current().is_ok() {
        drop(tokio::task::spawn_blocking(system));
    }
}

fn build(certificates: Vec<CertificateDer<'static>>, given: bool, problems: Vec<String>) -> Trust {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates.iter().cloned());
    Trust { store, certificates, given, problems }
}

fn read_given(files: &[PathBuf]) -> Trust {
    let (mut certificates, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match read_certificates(file) {
            Ok(read) if read.is_empty() => problems.push("a file of roots holds no PEM certificate".to_owned()),
            Ok(read) => certificates.extend(read),
            Err(fault) => problems.push(format!("a file of roots cannot be read: {fault}")),
        }
    }
    build(certificates, true, problems)
}

/// The certificates of a PEM file.
pub(super) fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let about = std::fs::metadata(file).map_err(|fault| fault.kind().to_string())?;
    if about.len() > FILE_BYTES {
        return Err(format!("{} bytes, at most {FILE_BYTES} are read", about.len()));
    }
    let bytes = std::fs::read(file).map_err(|fault| fault.kind().to_string())?;
    Ok(CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect())
}

/// The roots that an administrator added to this machine, as far as the system keeps them apart.
pub(super) fn local() -> &'static [CertificateDer<'static>] {
    static LOCAL: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    LOCAL.get_or_init(|| LOCAL_FOLDERS.iter().flat_map(|folder| read_folder(Path::new(folder), 2)).collect())
}

fn read_folder(folder: &Path, depth: u8) -> Vec<CertificateDer<'static>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten().take(LOCAL_FILES) {
        let path = entry.path();
        if path.is_dir() {
            if depth > 0 {
                found.extend(read_folder(&path, depth - 1));
            }
            continue;
        }
        match read_certificates(&path) {
            Ok(read) if read.is_empty() => {
                // Fedora's folder takes DER too.
                found.extend(std::fs::read(&path).ok().filter(|b| b.first() == Some(&0x30)).map(CertificateDer::from));
            }
            Ok(read) => found.extend(read),
            Err(_) => {}
        }
    }
    found
}
