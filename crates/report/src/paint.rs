//! Wrapping and colour. Colour only repeats what words and signs already say.

/// A colour of the terminal's own palette.
#[derive(Clone, Copy, Debug)]
pub enum Ink {
    /// What failed.
    Red,
    /// What is right, and lines added.
    Green,
    /// What is uncertain.
    Yellow,
    /// What is less important.
    Dim,
    /// What is most important.
    Bold,
}

/// `text` in `ink`, when `on`.
#[must_use]
pub fn paint(text: &str, ink: Ink, on: bool) -> String {
    if !on {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Red => "31",
        Ink::Green => "32",
        Ink::Yellow => "33",
        Ink::Dim => "2",
        Ink::Bold => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Columns that text takes: wide characters of East Asian scripts and emoji take two.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd) { 2 } else { 1 }).sum()
}

/// Breaks `text` at spaces into lines of at most `width` columns; a longer word is broken hard.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(10);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        loop {
            let gap = usize::from(!line.is_empty());
            if columns(&line) + gap + columns(&word) <= width {
                if gap == 1 {
                    line.push(' ');
                }
                line.push_str(&word);
                break;
            }
            if !line.is_empty() && columns(&word) <= width {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let room = width.saturating_sub(columns(&line) + gap);
            if room < 8 && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let cut = fitting(&word, room.max(2));
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(&word[..cut]);
            lines.push(std::mem::take(&mut line));
            word = word[cut..].to_owned();
            if word.is_empty() {
                break;
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// How many bytes of `text` fit into `room` columns, at least one character.
fn fitting(text: &str, room: usize) -> usize {
    let mut used = 0;
    for (i, c) in text.char_indices() {
        used += columns(c.encode_utf8(&mut [0; 4]));
        if used > room && i > 0 {
            return i;
        }
    }
    text.len()
}

/// `text` cut to `width` columns, with `…` where something was cut.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = columns(c.encode_utf8(&mut [0; 4]));
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit() {
        let text = "a sentence with a https://very-long.example.com/path/that/does/not/fit/into/the/width/at/all and more 日本語日本語日本語日本語";
        for width in 10..60 {
            for line in wrap(text, width) {
                assert!(columns(&line) <= width + 1, "{line:?} is wider than {width}");
            }
            assert!(columns(&cut(text, width)) <= width);
        }
        assert_eq!(wrap("", 20), Vec::<String>::new());
    }
}
