//! Prints the TLS facts of a server: `cargo run --release -p firstfault-probe --example tls_facts -- HOST PORT [ROOTS.pem]`.
//! For `bench/probe`, and for a look at what the handshake and the survey measure.
#![allow(clippy::print_stdout, clippy::print_stderr)] // an example speaks

use firstfault_probe::{Connect, tls};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(host), Some(port)) = (arguments.next(), arguments.next().and_then(|port| port.parse::<u16>().ok()))
    else {
        eprintln!("tls_facts HOST PORT [ROOTS.pem]");
        return ExitCode::from(2);
    };
    let connect = Connect { roots: arguments.map(Into::into).collect(), insecure: true, ..Connect::default() };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::from(2);
    };
    match runtime.block_on(facts(&host, port, &connect)) {
        Ok(marks) => {
            for (name, value) in marks {
                println!("{name} = {value}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{host}:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn facts(host: &str, port: u16, connect: &Connect) -> std::io::Result<Vec<(String, String)>> {
    tls::read_ahead(connect);
    let stream = tokio::net::TcpStream::connect((host, port)).await?;
    let peer = stream.peer_addr()?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let mut shaken = tls::handshake(stream, host, connect, now).await;
    // Some servers take one connection at a time.
    drop(shaken.stream.take());
    shaken.marks.extend(tls::survey(peer, host, connect).await.marks);
    Ok(shaken.marks)
}
