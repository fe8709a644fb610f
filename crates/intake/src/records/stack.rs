//! The words in a stack trace that a record carries in one string.
//!
//! Only the lines that say what went wrong are kept; this file refuses to know where the frames point.
//! Traces that stand in lines of their own belong to the exceptions reader.

/// The lines that head a trace or a cause within it, outermost first, root cause last; at most 16.
pub(crate) fn headers(trace: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // Python prints the outermost last and says `Traceback` first.
    let python = trace.contains("Traceback (most recent call last)");
    for line in trace.lines().take(2000) {
        let text = line.trim();
        let text = ["Caused by: ", "Caused by ", "[cause]: ", "---> ", "Suppressed: ", "Uncaught "]
            .iter()
            .find_map(|label| text.strip_prefix(label))
            .unwrap_or(text);
        let indented = line.starts_with([' ', '\t']);
        let caused = line.trim_start().len() != text.len();
        if text.is_empty() || is_frame(text) || (indented && !caused) {
            continue;
        }
        // A first line may be words of any kind; further ones only count as headers of causes.
        if (found.is_empty() && !python) || caused || is_headed(text) {
            found.push(text.to_owned());
        }
        if found.len() == 16 {
            break;
        }
    }
    if python {
        found.reverse();
    }
    found
}

/// True for a text with stack frames on lines of their own.
pub(crate) fn is_trace(text: &str) -> bool {
    text.lines().skip(1).take(8).any(|line| line.starts_with([' ', '\t']) && is_frame(line.trim_start()))
}

/// True for `Type: words` where the type is a class by its name.
pub(crate) fn is_headed(text: &str) -> bool {
    text.split_once(": ").is_some_and(|(name, _)| is_class(name)) || is_class(text)
}

/// True for the name of an exception class: `java.net.SocketTimeoutException`, `TypeError`,
/// `Stripe::IdempotencyError`, `System.Net.Http.HttpRequestException`.
pub(crate) fn is_class(name: &str) -> bool {
    let last = name.rsplit(['.', ':', '\\', '$']).next().unwrap_or(name);
    let named = ["Error", "Exception", "Failure", "Fault", "Timeout", "Refused", "Interrupt", "Warning"];
    name.len() < 200
        && name.len() > 5
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'_' | b'$' | b'\\' | b'/'))
        && last.starts_with(|c: char| c.is_ascii_uppercase())
        && (named.iter().any(|word| last.contains(word)) || name.matches('.').count() >= 2 || name.contains("::"))
}

fn is_frame(text: &str) -> bool {
    const FRAMES: &[&str] = &[
        "at ",
        "File \"",
        "from ",
        "... ",
        "#",
        "Traceback",
        "During handling",
        "The above exception",
        "goroutine ",
        "^",
        "~",
        "--- End of",
    ];
    FRAMES.iter().any(|frame| text.starts_with(frame))
}

#[cfg(test)]
mod tests {
    use super::{headers, is_class};

    #[test]
    fn only_the_words_are_kept() {
        let java = "java.lang.RuntimeException: outer\n\tat a.B.c(B.java:1)\n\
                    Caused by: java.net.SocketTimeoutException: Read timed out\n\t... 3 more";
        assert!(super::is_trace(java));
        assert_eq!(
            headers(java),
            ["java.lang.RuntimeException: outer", "java.net.SocketTimeoutException: Read timed out"]
        );
        let python = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    x()\nValueError: inner\n\n\
                      During handling of the above exception, another exception occurred:\n\nKeyError: outer";
        assert_eq!(headers(python), ["KeyError: outer", "ValueError: inner"]);
        assert_eq!(headers("Error: connect ECONNREFUSED\n    at x (y.js:1:2)"), ["Error: connect ECONNREFUSED"]);
        assert_eq!(headers("dial tcp: refused\nmain.f\n\t/a.go:1\nmain.g\n\t/b.go:2"), ["dial tcp: refused"]);
        assert!(is_class("org.springframework.web.client.ResourceAccessException"));
        assert!(!is_class("timeout") && !is_class("500") && !is_class("NOT_FOUND"));
    }
}
