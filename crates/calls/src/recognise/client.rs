//! The calling program from its `User-Agent`.

/// Browsers by the token that tells them, the more particular first; each stands under `Mozilla/`.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// The program with its version and the program alone. A browser is reduced to its name and major version, any other
/// agent to its first product (`web/8.14.0`).
pub(crate) fn client_of(agent: &str) -> (String, String) {
    if agent.starts_with("Mozilla/") {
        for (token, name) in BROWSERS {
            if let Some(at) = agent.find(token) {
                let major: String =
                    agent[at + token.len()..].chars().take(4).take_while(char::is_ascii_digit).collect();
                return (format!("{name}/{major}"), (*name).to_owned());
            }
        }
        if let Some(robot) = agent.split("compatible; ").nth(1) {
            return client_of(robot.split([';', ')', ' ']).next().unwrap_or(robot));
        }
    }
    let whole = agent.split([' ', '(']).next().unwrap_or(agent);
    // `okhttp/4.9` keeps its version, `My App 1.2` its words.
    let version = if whole.contains('/') || !agent.contains(char::is_whitespace) { whole } else { agent };
    let name = version.split('/').next().unwrap_or(version);
    (version.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::client_of;

    #[test]
    fn agents() {
        for (agent, version, name) in [
            ("web/8.14.0", "web/8.14.0", "web"),
            ("python-requests/2.31.0", "python-requests/2.31.0", "python-requests"),
            ("okhttp/4.9.3 (Android)", "okhttp/4.9.3", "okhttp"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
                "Chrome/120",
                "Chrome",
            ),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot/2.1", "Googlebot"),
            ("My App 1.2", "My App 1.2", "My App 1.2"),
        ] {
            assert_eq!(client_of(agent), (version.to_owned(), name.to_owned()), "{agent}");
        }
    }
}
