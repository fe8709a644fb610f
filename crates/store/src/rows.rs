//! Values as rows hold them.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A list as JSON.
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}

/// A list out of JSON; a value that cannot be read is damage, which the database's own error type tells.
pub fn from_json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| damage(column, error))
}

/// A word of a closed list.
pub fn word<T>(column: usize, word: Option<String>, read: fn(&str) -> Option<T>) -> rusqlite::Result<Option<T>> {
    match word {
        None => Ok(None),
        Some(word) => match read(&word) {
            Some(value) => Ok(Some(value)),
            None => Err(damage(column, format!("expected a word that is known, got {word:?}"))),
        },
    }
}

fn damage(column: usize, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
}

/// SQLite counts with signs.
pub fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `3-crm-tickets`: short, readable, and safe in a shell and a file name. A placeholder gives no word.
pub fn id(number: u32, title: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in title.chars() {
        match c {
            '‹' => inside = true,
            '›' => inside = false,
            _ if inside => {}
            c if c.is_ascii_alphanumeric() => words.push(c.to_ascii_lowercase()),
            '\'' | '’' => {}
            _ => words.push(' '),
        }
    }
    let mut out = number.to_string();
    for word in words.split(' ').filter(|word| !word.is_empty() && !FILLERS.contains(word)).take(3) {
        if out.len() + word.len() > 26 {
            break;
        }
        out.push('-');
        out.push_str(word);
    }
    out
}

/// Words that tell no two cases apart.
const FILLERS: &[&str] = &["a", "an", "the", "is", "are", "of", "to", "in", "on", "with", "and", "our", "we", "for"];

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn ids_are_short_and_readable() {
        assert_eq!(id(3, "The CRM tickets are refused with 400"), "3-crm-tickets-refused");
        assert_eq!(id(4, "‹token:a1› ../../etc; rm -rf"), "4-etc-rm-rf");
        assert_eq!(id(5, "日本"), "5");
        assert_eq!(id(6, &"x".repeat(300)), "6");
    }
}
