//! Values that say nothing, and words that tell of a failure.

/// By first byte: how long the values are that say nothing, a bit for each length.
const NOTHING: [u16; 256] = {
    let mut lengths = [0; 256];
    lengths[b'-' as usize] = 1 << 1 | 1 << 2;
    lengths[b'"' as usize] = 1 << 2;
    lengths[b'n' as usize] = 1 << 3 | 1 << 4;
    lengths[b'N' as usize] = 1 << 3 | 1 << 4;
    lengths[b'<' as usize] = 1 << 5;
    lengths[b'(' as usize] = 1 << 6;
    lengths[b'u' as usize] = 1 << 9;
    lengths
};

/// True for a value that stands where there is none.
#[inline(always)]
pub(crate) fn is_nothing(value: &[u8]) -> bool {
    let Some(first) = value.first() else { return true };
    value.len() < 16 && NOTHING[usize::from(*first)] >> value.len() & 1 != 0 && is_word_for_nothing(value)
}

#[inline(never)]
fn is_word_for_nothing(value: &[u8]) -> bool {
    match value.len() {
        1 => value == b"-",
        2 => value == b"\"\"" || value == b"--",
        3 => value.eq_ignore_ascii_case(b"nil") || value.eq_ignore_ascii_case(b"n/a"),
        4 => value.eq_ignore_ascii_case(b"null") || value == b"None",
        5 => value == b"<nil>",
        6 => value == b"(null)",
        9 => value == b"undefined",
        _ => false,
    }
}

/// True for what a field of errors says when there is none.
pub(crate) fn is_harmless(value: &[u8]) -> bool {
    const HARMLESS: [&[u8]; 13] = [
        b"0",
        b"false",
        b"ok",
        b"none",
        b"no",
        b"success",
        b"no error",
        b"noerror",
        b"[]",
        b"{}",
        b"no_error",
        b"succeeded",
        b"200",
    ];
    if value.is_empty() {
        return true;
    }
    is_nothing(value) || HARMLESS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// Beginnings of words that tell of a failure, in lower case.
const FAILURE: &[&[u8]] = &[
    b"abort",
    b"bad",
    b"broken",
    b"cannot",
    b"closed",
    b"conflict",
    b"corrupt",
    b"could",
    b"crash",
    b"deadlock",
    b"denied",
    b"deny",
    b"disconnect",
    b"drop",
    b"duplicate",
    b"err",
    b"exceed",
    b"exception",
    b"exhaust",
    b"expire",
    b"fail",
    b"fatal",
    b"fault",
    b"forbidden",
    b"illegal",
    b"incorrect",
    b"insufficient",
    b"invalid",
    b"kill",
    b"limit",
    b"malformed",
    b"mismatch",
    b"missing",
    b"not",
    b"oom",
    b"overflow",
    b"overload",
    b"panic",
    b"problem",
    b"quota",
    b"refuse",
    b"reject",
    b"reset",
    b"retry",
    b"revoke",
    b"shed",
    b"stale",
    b"throttl",
    b"timed",
    b"timeout",
    b"too",
    b"unable",
    b"unauthori",
    b"unavailable",
    b"unexpected",
    b"unhandled",
    b"unhealthy",
    b"unknown",
    b"unprocess",
    b"unreachable",
    b"unsupported",
    b"violat",
    b"wrong",
];

/// Where the words of each letter begin in the table.
const STARTS: [u8; 27] = {
    let mut starts = [0_u8; 27];
    let mut letter = 0;
    while letter < 27 {
        let mut index = 0;
        while index < FAILURE.len() && (FAILURE[index][0] as usize) < b'a' as usize + letter {
            index += 1;
        }
        starts[letter] = index as u8;
        letter += 1;
    }
    starts
};

/// True when a word of a message tells of a failure. It need not be one: it is only looked at more closely then.
pub(crate) fn tells_failure(message: &[u8]) -> bool {
    let mut inside = false;
    for (index, byte) in message.iter().take(2048).enumerate() {
        let letter = byte | 0x20;
        if !letter.is_ascii_lowercase() {
            inside = false;
            continue;
        }
        // `ConnectionError` holds two words.
        let begins = !inside || (byte.is_ascii_uppercase() && message[index - 1].is_ascii_lowercase());
        inside = true;
        if begins {
            let at = usize::from(letter - b'a');
            let candidates = &FAILURE[usize::from(STARTS[at])..usize::from(STARTS[at + 1])];
            let rest = &message[index..];
            if candidates.iter().any(|word| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word)) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing() {
        for value in
            ["", "-", "--", "\"\"", "nil", "NIL", "n/a", "N/A", "null", "NULL", "None", "<nil>", "(null)", "undefined"]
        {
            assert!(is_nothing(value.as_bytes()), "{value}");
        }
        for value in
            ["0", "none", "-1", "no", "nul", "u12345678", "undefined1", "(nil)", "an order", "<none>", "n", "\""]
        {
            assert!(!is_nothing(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn words_of_failure_are_found_at_their_beginning() {
        assert!(FAILURE.is_sorted());
        for message in
            ["Timeout waiting", "upstream: connection refused", "ConnectionError", "was NOT found", "read: reset"]
        {
            assert!(tells_failure(message.as_bytes()), "{message}");
        }
        for message in ["", "request completed", "GET /v1/users 200", "terror", "informed"] {
            assert!(!tells_failure(message.as_bytes()), "{message}");
        }
    }
}
