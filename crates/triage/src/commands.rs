//! Commands that answer what the data left open, with the values of the representative call.
//!
//! Values come from logs, and commands are copied into shells: whatever is no plain word is quoted, and what a log does
//! not hold (a credential, the address of an API) is a variable that the reader sets.

use firstfault_model::incident::{Incident, Signature, Triage};

/// How many inputs a command names before it says `LOGS…`.
const NAMED: usize = 4;
/// Ids of one request, the best first, as `diagnose` and logs name them.
const IDS: &[&str] = &["trace", "request", "correlation"];

/// What commands are made of.
pub struct Commands {
    files: String,
    line: Option<String>,
    id: Option<String>,
    method: String,
    route: String,
    upstream: Option<String>,
}

impl Commands {
    pub fn of(incident: &Incident, triage: &Triage) -> Self {
        let names: Vec<String> = triage.inputs.iter().take(NAMED + 1).map(|input| word(&input.name)).collect();
        let files = match names.len() {
            0 => "LOGS…".to_owned(),
            n if n > NAMED => format!("{} …", names[..NAMED].join(" ")),
            _ => names.join(" "),
        };
        let representative = incident.representative.as_ref();
        let line = representative.filter(|r| r.line > 0 && !r.input.is_empty() && r.input != "-").map(|r| {
            let (name, line) = (word(&r.input), r.line);
            let ends = |end: &str| r.input.to_ascii_lowercase().ends_with(end);
            if ends(".gz") {
                format!("zcat {name} | sed -n {line}p")
            } else if ends(".zst") {
                format!("zstdcat {name} | sed -n {line}p")
            } else {
                format!("sed -n {line}p {name}")
            }
        });
        let ids = representative.and_then(|r| r.diagnosis.as_deref()).map_or(&[][..], |d| &d.ids);
        let id = IDS.iter().find_map(|kind| ids.iter().find(|(name, _)| name.to_ascii_lowercase().contains(kind)));
        let id = id.or(ids.first()).map(|(_, value)| value.as_str());
        let id = id.or_else(|| representative.and_then(|r| id_in(&r.text)));
        let signature = incident.signatures.first();
        let of = |pick: fn(&Signature) -> &Option<String>| signature.and_then(|s| pick(s).clone());
        // Signatures of several routes have none: then the representative call's own is as good.
        let headline = representative.and_then(|r| r.diagnosis.as_deref()).map_or("", |d| d.headline.as_str());
        let own = headline.split(" → ").next().and_then(|call| call.split_once(' '));
        let own = own.filter(|(method, path)| method.bytes().all(|b| b.is_ascii_uppercase()) && path.starts_with('/'));
        Self {
            files,
            line,
            id: id.map(word),
            method: of(|s| &s.method).or_else(|| own.map(|o| o.0.to_owned())).unwrap_or_default(),
            route: of(|s| &s.route).or_else(|| own.map(|o| o.1.to_owned())).unwrap_or_default(),
            upstream: incident.upstream.clone(),
        }
    }

    /// The representative call in words: `GET /v1/me`.
    pub fn what(&self) -> String {
        let text = format!("{} {}", self.method, self.route);
        if text.trim().is_empty() { "the representative call".to_owned() } else { text.trim().to_owned() }
    }

    /// The same triage with more said.
    pub fn again(&self, more: &str) -> String {
        format!("firstfault triage {}{more}", self.files)
    }

    /// The representative line, judged alone.
    pub fn diagnose(&self) -> String {
        match &self.line {
            Some(line) => format!("{line} | firstfault diagnose --verbose -"),
            None => self.again(" --verbose"),
        }
    }

    /// The way of the representative call.
    pub fn trace(&self) -> String {
        format!("firstfault trace {} {}", self.id.as_deref().unwrap_or("REQUEST_ID"), self.files)
    }

    /// The call again, to see whether it fails each time.
    pub fn repeat(&self) -> String {
        self.probe("$TOKEN", "$API")
    }

    /// The call with another credential.
    pub fn as_another(&self) -> String {
        self.probe("$OTHER_TOKEN", "$API")
    }

    /// What the limit headers say.
    pub fn limits(&self) -> String {
        self.probe("$TOKEN", "$API")
    }

    /// The credential at the identity endpoint.
    pub fn identity(&self) -> String {
        "firstfault probe -- curl -H \"Authorization: Bearer $TOKEN\" \"$ISSUER/userinfo\"".to_owned()
    }

    /// The system behind, past the gateway.
    pub fn past_the_gateway(&self) -> String {
        let host = self.upstream.as_deref().filter(|upstream| is_host(upstream));
        let base = host.map_or_else(|| "$UPSTREAM".to_owned(), |host| format!("http://{host}"));
        self.probe("$TOKEN", &base)
    }

    fn probe(&self, token: &str, base: &str) -> String {
        let read = matches!(self.method.as_str(), "" | "GET" | "HEAD" | "OPTIONS");
        let consent = if read { "" } else { " --allow-side-effects" };
        let method = if matches!(self.method.as_str(), "" | "GET") {
            String::new()
        } else {
            format!(" -X {}", word(&self.method))
        };
        // In double quotes for the variable, the rest in single quotes for the evidence.
        let route = if self.route.is_empty() { String::new() } else { word(&self.route) };
        format!("firstfault probe{consent} -- curl{method} -H \"Authorization: Bearer {token}\" \"{base}\"{route}")
    }
}

/// The id that a line names: what stands behind the name of such a field.
fn id_in(line: &str) -> Option<&str> {
    const NAMES: &[&str] = &["trace_id", "traceid", "request_id", "requestid", "request-id", "correlation_id"];
    let lower = line.to_ascii_lowercase();
    NAMES.iter().find_map(|name| {
        let rest = line.get(lower.find(name)? + name.len()..)?;
        let rest = rest.trim_start_matches(['"', '\'', ':', '=', ' ']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(rest.len());
        // Shorter is a number or a word, and so is what has no digit.
        rest.get(..end).filter(|id| (6..=64).contains(&id.len()) && id.bytes().any(|b| b.is_ascii_digit()))
    })
}

/// True for a name or address with a dot or port, which can be called.
fn is_host(text: &str) -> bool {
    text.len() <= 253
        && text.contains(['.', ':'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}

/// A word of a shell: bounded, on one line, quoted unless it is plain.
fn word(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
    let plain = !text.is_empty()
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b'+' | b',' | b':' | b'='));
    match text.strip_prefix('-') {
        _ if plain => text,
        // A name that begins like a flag is none.
        Some(_) if text != "-" && !text.contains('\'') => format!("'./{text}'"),
        _ if text == "-" => text,
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::incident::{ReadInput, Representative, Signature};

    #[test]
    fn evidence_cannot_end_its_quotes() {
        assert_eq!(word("gateway.log"), "gateway.log");
        assert_eq!(word("a'; rm -rf ~ #"), r"'a'\''; rm -rf ~ #'");
        assert_eq!(word("$(reboot)\n`x`"), "'$(reboot)`x`'");
        assert_eq!(word("--force"), "'./--force'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn a_line_names_its_id() {
        assert_eq!(id_in(r#"{"requestId": "d87f84529298", "x": 1}"#), Some("d87f84529298"));
        assert_eq!(id_in("status=401 request_id=d87f-84 trace_id=00f067aa0ba902b7 x"), Some("00f067aa0ba902b7"));
        assert_eq!(id_in("request_id=none trace_id="), None);
    }

    #[test]
    fn commands_name_the_line_and_the_files() {
        let incident = Incident {
            representative: Some(Representative {
                input: "a b.log.gz".to_owned(),
                line: 17,
                ..Representative::default()
            }),
            signatures: vec![Signature {
                method: Some("POST".to_owned()),
                route: Some("/v1/{id}".to_owned()),
                ..Signature::default()
            }],
            upstream: Some("crm.internal:8080".to_owned()),
            ..Incident::default()
        };
        let input = |name: &str| ReadInput { name: name.to_owned(), ..ReadInput::default() };
        let triage = Triage { inputs: (0..9).map(|n| input(&format!("{n}.log"))).collect(), ..Triage::default() };
        let commands = Commands::of(&incident, &triage);
        assert_eq!(commands.diagnose(), "zcat 'a b.log.gz' | sed -n 17p | firstfault diagnose --verbose -");
        assert_eq!(commands.trace(), "firstfault trace REQUEST_ID 0.log 1.log 2.log 3.log …");
        assert_eq!(
            commands.past_the_gateway(),
            "firstfault probe --allow-side-effects -- curl -X POST -H \"Authorization: Bearer $TOKEN\" \
             \"http://crm.internal:8080\"'/v1/{id}'"
        );
    }
}
