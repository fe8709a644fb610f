//! What tokens look like: prefixes that their issuers document.

/// Prefix, least number of characters after it, and kind. Sources: the issuers' own pages on token formats
/// (GitHub, GitLab, Slack, Stripe, AWS, Google, Shopify, SendGrid, npm, PyPI, DigitalOcean, Hugging Face, OpenAI,
/// Anthropic, Notion, Airtable, Atlassian, Databricks, Vault, Doppler, Linear, Postman, Square, Twilio, Mailgun, Telegram).
const PREFIXES: &[(&str, usize, &str)] = &[
    ("ghp_", 20, "token"),
    ("gho_", 20, "token"),
    ("ghu_", 20, "token"),
    ("ghs_", 20, "token"),
    ("ghr_", 20, "token"),
    ("github_pat_", 20, "token"),
    ("glpat-", 12, "token"),
    ("gldt-", 12, "token"),
    ("glrt-", 12, "token"),
    ("xoxb-", 10, "token"),
    ("xoxp-", 10, "token"),
    ("xoxa-", 10, "token"),
    ("xoxr-", 10, "token"),
    ("xoxs-", 10, "token"),
    ("xapp-", 10, "token"),
    ("xoxe.", 10, "token"),
    ("sk_live_", 8, "key"),
    ("sk_test_", 8, "key"),
    ("rk_live_", 8, "key"),
    ("rk_test_", 8, "key"),
    ("pk_live_", 8, "key"),
    ("pk_test_", 8, "key"),
    ("whsec_", 10, "secret"),
    ("sk-ant-", 8, "key"),
    ("sk-proj-", 8, "key"),
    ("sk-", 20, "key"),
    ("AKIA", 12, "key"),
    ("ASIA", 12, "key"),
    ("AIza", 25, "key"),
    ("ya29.", 10, "token"),
    ("1//0", 20, "token"),
    ("shpat_", 16, "token"),
    ("shpca_", 16, "token"),
    ("shppa_", 16, "token"),
    ("shpss_", 16, "secret"),
    ("SG.", 20, "key"),
    ("npm_", 20, "token"),
    ("pypi-", 20, "token"),
    ("dop_v1_", 20, "token"),
    ("hf_", 20, "token"),
    ("secret_", 20, "secret"),
    ("ntn_", 20, "token"),
    ("patp", 20, "token"),
    ("ATATT3", 20, "token"),
    ("dapi", 28, "token"),
    ("hvs.", 16, "token"),
    ("hvb.", 16, "token"),
    ("s.FAKE", 10, "token"),
    ("dp.pt.", 16, "token"),
    ("lin_api_", 16, "key"),
    ("PMAK-", 16, "key"),
    ("EAAA", 30, "token"),
    ("sq0atp-", 16, "token"),
    ("sq0csp-", 16, "secret"),
    ("key-", 28, "key"),
    ("NRAK-", 16, "key"),
    ("NRII-", 16, "key"),
    ("fo1_", 20, "token"),
    ("rpa_", 20, "key"),
    ("r8_", 20, "token"),
    ("gsk_", 20, "key"),
    ("xai-", 20, "key"),
    ("pplx-", 20, "key"),
    ("sbp_", 20, "token"),
    ("dckr_pat_", 12, "token"),
];

/// The kind of a token that this word is, when its shape is documented.
#[must_use]
pub fn known(word: &str) -> Option<&'static str> {
    if word.len() < 12 {
        return None;
    }
    PREFIXES
        .iter()
        .find(|(prefix, least, _)| {
            word.starts_with(prefix) && word.len() - prefix.len() >= *least && !word[prefix.len()..].contains('/')
        })
        .map(|(_, _, kind)| *kind)
        .or_else(|| is_telegram(word).then_some("token"))
}

/// `123456789:AA…`, also behind `bot` in a path.
fn is_telegram(word: &str) -> bool {
    let word = word.strip_prefix("bot").unwrap_or(word);
    word.split_once(':').is_some_and(|(id, rest)| {
        (6..=12).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && rest.len() >= 30
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    })
}

/// Where a JWT's signature begins, when `word` is one: three base64url parts, the first a JSON object.
#[must_use]
pub fn jwt_signature(word: &str) -> Option<usize> {
    let first = word.find('.')?;
    let second = first + 1 + word[first + 1..].find('.')?;
    let base64url = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'='));
    let parts = [&word[..first], &word[first + 1..second], &word[second + 1..]];
    (word.starts_with("eyJ") && parts[0].len() > 8 && parts.iter().all(|p| base64url(p)) && !parts[2].is_empty())
        .then_some(second + 1)
}
