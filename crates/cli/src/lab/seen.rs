//! What a learner sees of a call: it is sent once, and the answer or the failure is shown as curl shows it.

use firstfault_curl::NoFiles;
use firstfault_lab::Symptom;
use firstfault_probe::{Exchange, Target};
use firstfault_redact::Redactor;
use firstfault_report::one_line;

/// Lines of a body that are shown.
const LINES: usize = 12;
/// Columns of a line that are shown.
const COLUMNS: usize = 300;

/// Sends the call of a symptom once and shows what came of it; nothing when there is no call.
///
/// # Errors
/// What cannot be sent as asked.
pub async fn seen(symptom: &Symptom) -> Result<Vec<String>, String> {
    let parsed = firstfault_curl::parse(&symptom.curl, &NoFiles);
    let Some(transfer) = parsed.transfers.first() else { return Ok(Vec::new()) };
    let environment = |name: &str| symptom.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let mut target = Target::from_transfer(transfer, &environment).map_err(|problems| problems.join("; "))?;
    let resolver = symptom.probe.iter().skip_while(|argument| *argument != "--resolver").nth(1);
    if let Some(server) = resolver.and_then(|server| server.parse().ok()) {
        target.connect.resolver = Some(server);
    }
    Ok(lines(&firstfault_probe::exchange(&target).await))
}

fn lines(exchange: &Exchange) -> Vec<String> {
    let mut redactor = Redactor::new();
    let mut out = Vec::new();
    if let Some(response) = &exchange.response {
        let status = response.status.map(|status| status.to_string()).unwrap_or_default();
        let version = response.version.as_deref().unwrap_or("HTTP/1.1");
        out.push(format!("< {version} {status} {}", response.reason.as_deref().unwrap_or_default()));
        for header in &response.headers.0 {
            out.push(format!("< {}: {}", header.name, header.value));
        }
        if let Some(body) = &response.body {
            out.extend(body.text.lines().take(LINES).map(str::to_owned));
        }
    }
    if let Some(failure) = &exchange.failure {
        out.push(format!("* {}", failure.words));
    }
    out.iter().map(|line| one_line(&redactor.text(line), COLUMNS)).collect()
}
