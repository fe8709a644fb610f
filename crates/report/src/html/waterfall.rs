//! Where the time went: one bar a phase, and the usual time limit that the wait is like.

use firstfault_model::Timings;
use maud::{Markup, html};

/// Usual time limits in seconds, and who has them by default, from the vendors' documentation. Those without a name are
/// round numbers that people set.
const LIMITS: &[(f64, &str)] = &[
    (5.0, ""),
    (10.0, ""),
    (15.0, "Envoy's routes"),
    (20.0, ""),
    (29.0, "Amazon API Gateway"),
    (30.0, "Heroku's router, Google's load balancers"),
    (60.0, "nginx, Amazon's load balancers"),
    (90.0, ""),
    (100.0, "Cloudflare, .NET's HttpClient"),
    (120.0, ""),
    (180.0, ""),
    (230.0, "Azure App Service"),
    (300.0, ""),
    (600.0, ""),
];

/// A phase on the way, from its start to its end, in milliseconds.
struct Bar {
    name: &'static str,
    meaning: &'static str,
    start: f64,
    length: f64,
}

/// The section; nothing where no phase was measured.
pub fn section(timings: &Timings) -> Markup {
    let Some((bars, total)) = bars(timings) else { return html! {} };
    let limit =
        bars.iter().filter(|b| matches!(b.name, "wait" | "total")).find_map(|bar| like(bar.length).map(|l| (l, bar)));
    let end = limit.map_or(total, |((seconds, _), bar)| total.max(bar.start + seconds * 1000.0)).max(f64::MIN_POSITIVE);
    html! {
        section {
            h2 { "Where the time went" }
            div.waterfall role="list" {
                @for bar in &bars {
                    div.phase role="listitem" {
                        span.name title=(bar.meaning) { (bar.name) }
                        span.track aria-hidden="true" {
                            span class={"bar " (bar.name)} style={
                                "left:" (percent(bar.start / end)) ";width:" (percent(bar.length / end))
                            } {}
                            @if let Some(((seconds, _), of)) = limit {
                                span.mark style={"left:" (percent((of.start + seconds * 1000.0) / end))} {}
                            }
                        }
                        span.time { (milliseconds(bar.length)) }
                    }
                }
            }
            @if let Some(((seconds, who), bar)) = limit {
                p.limit {
                    "The " (bar.name) " of " (milliseconds(bar.length)) " is like a usual time limit: " (seconds) " s"
                    @if !who.is_empty() { " (the usual one of " (who) ", for example)" }
                    ". Whose clock ran out?"
                }
            }
            p.quiet { "Phases that were not measured are left out." }
        }
    }
}

/// The phases that were seen, one after the other, and the whole.
fn bars(timings: &Timings) -> Option<(Vec<Bar>, f64)> {
    let phases = [
        ("dns", "name resolution", timings.dns),
        ("connect", "TCP connection", timings.connect),
        ("tls", "TLS handshake", timings.tls),
        ("send", "sending the request", timings.send),
        ("wait", "waiting for the first byte", timings.wait),
        ("receive", "receiving the answer", timings.receive),
    ];
    let sane = |ms: f64| ms.is_finite() && (0.0..=1e9).contains(&ms);
    let mut bars = Vec::new();
    let mut at = 0.0;
    for (name, meaning, value) in phases {
        if let Some(length) = value.filter(|ms| sane(*ms)) {
            bars.push(Bar { name, meaning, start: at, length });
            at += length;
        }
    }
    let total = timings.total.filter(|ms| sane(*ms));
    if let Some(length) = total {
        bars.push(Bar { name: "total", meaning: "all of it", start: 0.0, length });
    }
    let whole = total.unwrap_or(0.0).max(at);
    (!bars.is_empty() && whole > 0.0).then_some((bars, whole))
}

/// The usual limit that a time is like: clocks round, and timers fire a little late.
fn like(ms: f64) -> Option<(f64, &'static str)> {
    LIMITS.iter().copied().find(|(seconds, _)| {
        let limit = seconds * 1000.0;
        ms >= limit - 10.0 && ms <= limit + (limit * 0.025).max(250.0)
    })
}

fn percent(part: f64) -> String {
    format!("{:.2}%", part.clamp(0.0, 1.0) * 100.0)
}

fn milliseconds(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.2} s", ms / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_recognised_and_marked() {
        assert_eq!(like(29_998.0).map(|l| l.0), Some(30.0));
        assert_eq!(like(60_420.0).map(|l| l.0), Some(60.0));
        assert_eq!(like(12_345.0), None);
        let timings = Timings { dns: Some(12.0), wait: Some(60_010.0), total: Some(60_022.0), ..Timings::default() };
        let page = section(&timings).into_string();
        assert!(page.contains("usual time limit: 60 s (the usual one of nginx"), "{page}");
        assert!(!page.contains(">tls<") && page.contains(">dns<"), "{page}");
    }

    #[test]
    fn nothing_measured_is_no_section() {
        assert_eq!(section(&Timings::default()).into_string(), "");
        let odd = Timings { wait: Some(f64::NAN), total: Some(-1.0), dns: Some(f64::INFINITY), ..Timings::default() };
        assert_eq!(section(&odd).into_string(), "");
    }
}
