//! What a placeholder says of what it stands for, and how placeholders are written and recognised.

/// Opens a placeholder.
pub const OPEN: char = '‹';
/// Closes a placeholder.
pub const CLOSE: char = '›';

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The kinds of secrets and of personal data. A closed list: what a placeholder may be called.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $variant,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in a placeholder.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The kind that a word names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

kinds! {
    /// A bearer credential or whatever else is called a token.
    Token = "token",
    /// An API key.
    Key = "key",
    /// A shared secret.
    Secret = "secret",
    /// A password.
    Password = "password",
    /// The value of a cookie.
    Cookie = "cookie",
    /// A signature or MAC.
    Signature = "signature",
    /// The credential of the Basic scheme.
    Basic = "basic",
    /// A PEM block with a private key.
    PrivateKey = "private-key",
    /// An e-mail address.
    Email = "email",
    /// A telephone number.
    Phone = "phone",
    /// The number of a payment card.
    Card = "card",
    /// An account number.
    Iban = "iban",
    /// An IP address.
    Ip = "ip",
    /// What a field with a name, an address or a number of a person holds.
    Person = "person",
}

impl Kind {
    /// Its place in [`Kind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// True for what is replaced only where personal data goes too.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Card | Self::Iban | Self::Ip | Self::Person)
    }
}

/// `a1` … `a9`, `b1` … `z9`, `aa1` …: the number of a placeholder in letters and a digit, never ambiguous.
#[must_use]
pub fn numeral(number: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = number / 9;
    loop {
        letters.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
        if rest == 0 {
            break;
        }
        rest -= 1;
    }
    letters.iter().rev().chain([&char::from(b'1' + u8::try_from(number % 9).unwrap_or(0))]).collect()
}

/// The number that [`numeral`] wrote.
fn number(numeral: &str) -> Option<usize> {
    let (letters, digit) = numeral.split_at_checked(numeral.len().checked_sub(1)?)?;
    let digit = digit.bytes().next().filter(|b| (b'1'..=b'9').contains(b))?;
    if letters.is_empty() || letters.len() > 6 {
        return None;
    }
    let mut high = 0usize;
    for (i, letter) in letters.bytes().enumerate() {
        if !letter.is_ascii_lowercase() {
            return None;
        }
        high = (high + usize::from(i > 0)) * 26 + usize::from(letter - b'a');
    }
    Some(high * 9 + usize::from(digit - b'1'))
}

/// The placeholder that `text` begins with: its length in bytes, its kind and its number.
#[must_use]
pub fn placeholder_at(text: &str) -> Option<(usize, Kind, usize)> {
    let inner = text.strip_prefix(OPEN)?;
    let close = inner.bytes().take(32).position(|b| b == 0xe2).filter(|i| inner[*i..].starts_with(CLOSE))?;
    let (word, numeral) = inner[..close].split_once(':')?;
    Some((OPEN.len_utf8() + close + CLOSE.len_utf8(), Kind::from_word(word)?, number(numeral)?))
}

/// A placeholder as it is written.
#[must_use]
pub fn write(kind: Kind, number: usize) -> String {
    let mut out = String::new();
    append(kind, number, &mut out);
    out
}

/// Writes a placeholder behind other text.
pub fn append(kind: Kind, number: usize, out: &mut String) {
    out.push(OPEN);
    out.push_str(kind.word());
    out.push(':');
    out.push_str(&numeral(number));
    out.push(CLOSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_unique_and_read_back() {
        let all: Vec<String> = (0..20_000).map(numeral).collect();
        assert_eq!(all[0], "a1");
        assert_eq!(all[9], "b1");
        assert_eq!(all[26 * 9], "aa1");
        for (i, numeral) in all.iter().enumerate() {
            assert_eq!(number(numeral), Some(i), "{numeral}");
        }
    }

    #[test]
    fn only_well_formed_placeholders_are_placeholders() {
        assert_eq!(placeholder_at("‹token:a1› and"), Some(("‹token:a1›".len(), Kind::Token, 0)));
        for text in ["‹hunter2›", "‹hunter:a1›", "‹token:a›", "‹token:11›", "‹token:a1", "‹token:A1›", "‹‹token:a1›"]
        {
            assert_eq!(placeholder_at(text), None, "{text}");
        }
    }
}
