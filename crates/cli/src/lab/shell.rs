//! Commands as they are typed into a POSIX shell.

use firstfault_lab::Symptom;

/// A word that the shell reads back as it is.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// `curl` with these arguments.
pub fn curl(arguments: &[String]) -> String {
    joined(std::iter::once("curl".to_owned()).chain(arguments.iter().map(|argument| word(argument))))
}

/// The call of a symptom, with its environment before it.
pub fn call(symptom: &Symptom) -> String {
    joined(environment(symptom).chain([curl(&symptom.curl)]))
}

/// The same call as `firstfault probe` takes it.
pub fn probe(symptom: &Symptom) -> String {
    let own = symptom.probe.iter().map(|argument| word(argument));
    let before = environment(symptom).chain(["firstfault probe".to_owned()]).chain(own);
    joined(before.chain(["--".to_owned(), curl(&symptom.curl)]))
}

fn environment(symptom: &Symptom) -> impl Iterator<Item = String> {
    symptom.environment.iter().map(|(name, value)| format!("{name}={}", word(value)))
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_words_back() {
        let words = ["-H", "X-Key: a'b", "", "{\"a\":\"$b\"}", "http://127.0.0.1:1/x", "a\\b", "*", "new\nline", "a&b"];
        let arguments: Vec<String> = words.map(str::to_owned).to_vec();
        let line = curl(&arguments);
        let read = firstfault_curl::split(&format!("$ {line}"));
        assert_eq!(read.first().map(|command| command.arguments.clone()), Some(arguments), "{line}");
    }
}
