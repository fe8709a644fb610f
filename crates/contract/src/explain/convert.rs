//! The same value in the type that is described.

use serde_json::{Number, Value};

/// Seconds and milliseconds since the Unix epoch that are taken for times: 2001 to 2100.
const SECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000..=4_102_444_800;

/// What a value may have been meant as, likeliest first. Each is the same value in another type; whether it fits is to
/// be tried.
pub(super) fn candidates(value: &Value, types: &[String], format: Option<&str>) -> Vec<Value> {
    let wants = |name: &str| types.iter().any(|t| t == name);
    let mut out = Vec::new();
    match value {
        Value::String(text) => {
            let trimmed = text.trim();
            if wants("boolean") {
                match trimmed.to_ascii_lowercase().as_str() {
                    "true" => out.push(Value::Bool(true)),
                    "false" => out.push(Value::Bool(false)),
                    _ => {}
                }
            }
            if (wants("integer") || wants("number"))
                && let Ok(number) = serde_json::from_str::<Number>(trimmed)
            {
                out.push(Value::Number(number));
            }
            if wants("null") && (trimmed.is_empty() || trimmed.eq_ignore_ascii_case("null")) {
                out.push(Value::Null);
            }
            if (wants("object") || wants("array"))
                && trimmed.starts_with(['{', '['])
                && let Ok(inner) = serde_json::from_str(trimmed)
            {
                out.push(inner);
            }
        }
        Value::Number(number) => {
            if wants("string") {
                let time = number.as_i64().and_then(|n| epoch(n, format));
                out.extend(time.map(Value::String));
                if out.is_empty() && format.is_none_or(|f| !matches!(f, "date-time" | "date" | "time")) {
                    out.push(Value::String(number.to_string()));
                }
            }
            if wants("integer") && number.as_f64().is_some_and(|f| f.fract() == 0.0 && f.abs() < 9e15) {
                out.extend(number.as_f64().map(|f| Value::from(f as i64)));
            }
            if wants("boolean") {
                match number.as_i64() {
                    Some(0) => out.push(Value::Bool(false)),
                    Some(1) => out.push(Value::Bool(true)),
                    _ => {}
                }
            }
        }
        Value::Bool(flag) if wants("string") => out.push(Value::String(flag.to_string())),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => {}
    }
    out
}

/// A text in the format that is described, where it is plain which one was meant.
pub(super) fn reformat(text: &str, format: &str) -> Vec<String> {
    let mut out = Vec::new();
    match format {
        "date-time" => {
            let text = text.trim();
            if let Some(time) = text.parse::<i64>().ok().and_then(|n| epoch(n, Some(format))) {
                out.push(time);
            }
            if text.len() == 10 {
                out.push(format!("{text}T00:00:00Z"));
            }
            let joined = text.replacen(' ', "T", 1);
            out.push(format!("{joined}Z"));
            out.push(joined);
        }
        "date" => {
            if let Some(time) = text.parse::<i64>().ok().and_then(|n| epoch(n, Some(format))) {
                out.push(time);
            }
            out.extend(text.get(..10).map(str::to_owned));
        }
        "uuid" => {
            let bare = text.trim().trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
            out.push(bare.to_owned());
            if bare.len() == 32 && bare.is_ascii() {
                let parts = [&bare[..8], &bare[8..12], &bare[12..16], &bare[16..20], &bare[20..]];
                out.push(parts.join("-"));
            }
        }
        "uri" | "email" | "hostname" | "ipv4" | "ipv6" => out.push(text.trim().to_owned()),
        _ => {}
    }
    out.retain(|candidate| candidate != text);
    out
}

/// Seconds or milliseconds since the Unix epoch as a time (RFC 3339) or a date, in UTC.
fn epoch(number: i64, format: Option<&str>) -> Option<String> {
    let millis = if SECONDS.contains(&number) {
        number * 1000
    } else if SECONDS.contains(&number.div_euclid(1000)) {
        number
    } else {
        return None;
    };
    let moment = firstfault_model::rfc3339(millis);
    match format? {
        "date" => moment.split_once('T').map(|(date, _)| date.to_owned()),
        "date-time" => Some(moment),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{candidates, reformat};
    use serde_json::{Value, json};

    fn types(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn texts_become_what_they_say() {
        assert_eq!(candidates(&json!("true"), &types(&["boolean"]), None), [json!(true)]);
        assert_eq!(candidates(&json!(" 5 "), &types(&["integer"]), None), [json!(5)]);
        assert_eq!(candidates(&json!(""), &types(&["integer", "null"]), None), [Value::Null]);
        assert_eq!(candidates(&json!("yes"), &types(&["boolean"]), None), [] as [Value; 0]);
    }

    #[test]
    fn epochs_become_times() {
        let time = |n: i64| candidates(&json!(n), &types(&["string"]), Some("date-time"));
        assert_eq!(time(1_700_000_000), [json!("2023-11-14T22:13:20Z")]);
        assert_eq!(time(1_709_164_800_250), [json!("2024-02-29T00:00:00.250Z")]);
        assert_eq!(time(12), [] as [Value; 0]);
        assert_eq!(candidates(&json!(5), &types(&["string"]), None), [json!("5")]);
    }

    #[test]
    fn dates_become_times() {
        assert_eq!(reformat("2024-01-01", "date-time")[0], "2024-01-01T00:00:00Z");
        assert_eq!(reformat("2024-01-01T10:00:00", "date")[0], "2024-01-01");
    }
}
