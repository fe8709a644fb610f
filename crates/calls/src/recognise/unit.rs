//! Units of durations that no name says: by the convention of who wrote the log, else by the looks of the values.

use super::Form;

/// Who wrote a log, told by names that only one system uses, and the unit of its bare durations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Convention {
    /// A name that tells.
    mark: &'static str,
    /// What its `duration` and `latency` are in.
    unit: Form,
}

/// Sources: Envoy `%DURATION%` (ms); Traefik `Duration` (ns); Caddy `duration` (s, float); Datadog `duration` (ns); ECS
/// `event.duration` (ns) is in the table of names; lograge `duration` (ms).
const CONVENTIONS: &[Convention] = &[
    Convention { mark: "response_flags", unit: Form::Millis },
    Convention { mark: "upstream_cluster", unit: Form::Millis },
    Convention { mark: "OriginDuration", unit: Form::Nanos },
    Convention { mark: "RouterName", unit: Form::Nanos },
    Convention { mark: "DownstreamStatus", unit: Form::Nanos },
    Convention { mark: "resp_headers", unit: Form::Seconds },
    Convention { mark: "dd.trace_id", unit: Form::Nanos },
    Convention { mark: "ddsource", unit: Form::Nanos },
    Convention { mark: "http.status_code", unit: Form::Nanos },
    Convention { mark: "responseElements", unit: Form::Millis },
];

impl Convention {
    /// The convention that one of the names of a log tells.
    pub fn of(names: &[&str]) -> Option<Self> {
        CONVENTIONS
            .iter()
            .find(|known| {
                names
                    .iter()
                    .any(|n| *n == known.mark || n.starts_with(known.mark) && n[known.mark.len()..].starts_with('.'))
            })
            .copied()
    }
}

/// The unit that the ending of a name says.
pub(crate) fn of_name(name: &str) -> Option<Form> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|e| lower.ends_with(e));
    if ends(&["_ms", ".ms", "millis", "milliseconds", "msec"]) || name.ends_with("Ms") {
        Some(Form::Millis)
    } else if ends(&["_us", ".us", "micros", "microseconds"]) || name.ends_with("Us") {
        Some(Form::Micros)
    } else if ends(&["_ns", ".ns", "nanos", "nanoseconds"]) || name.ends_with("Ns") {
        Some(Form::Nanos)
    } else if ends(&["_s", ".s", "_sec", "seconds"]) {
        Some(Form::Seconds)
    } else {
        None
    }
}

/// Values of one field, bounded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    values: Vec<f64>,
    fractions: bool,
}

impl Samples {
    /// Takes one value; what is no bare number has its unit with it and counts nothing.
    pub fn add(&mut self, value: &str) {
        if self.values.len() < 1000
            && let Some(number) = super::number(value.as_bytes())
        {
            self.fractions |= value.contains('.');
            self.values.push(number);
        }
    }

    /// The unit, as a convention says or as the values look: most calls take between a millisecond and a minute, and no log
    /// writes milliseconds below one without a fraction.
    pub fn unit(mut self, convention: Option<Convention>) -> Form {
        if self.values.is_empty() {
            return Form::Millis;
        }
        self.values.sort_by(f64::total_cmp);
        let median = self.values[self.values.len() / 2];
        if let Some(convention) = convention
            // Datadog's names are also those of older OpenTelemetry, which had milliseconds.
            && (convention.unit != Form::Nanos || median >= 20_000.0)
        {
            return convention.unit;
        }
        if self.fractions && median < 5.0 {
            Form::Seconds
        } else if median < 20_000.0 {
            Form::Millis
        } else if median < 1e6 && !self.fractions {
            Form::Micros
        } else if self.fractions {
            Form::Millis
        } else {
            Form::Nanos
        }
    }
}
