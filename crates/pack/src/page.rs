//! report.html: one file that a browser shows without network and without scripts.
//!
//! One function, so that a richer page can take its place.

use crate::escape::html as escape;
use crate::sections::{Block, Section};
use firstfault_report::Safe;
use std::fmt::Write as _;

/// The page of the first call of a report, with the sections of its pack.
#[must_use]
pub fn html(safe: &Safe, sections: &[Section]) -> String {
    let report = safe.report();
    let mut out = String::from(HEAD);
    if let Some(call) = report.calls.get(report.first) {
        let d = &call.diagnosis;
        let _ = writeln!(out, "<title>{}</title>\n</head>\n<body>\n<main>", escape(&d.headline));
        let _ = writeln!(out, "<h1>{}</h1>\n<p class=\"summary\">{}</p>", escape(&d.headline), escape(&d.summary));
        let layer = d.layer.map_or("none", firstfault_model::Layer::word);
        let _ = writeln!(
            out,
            "<p>{} bucket · failed first: {layer} · {} ({:.0}%) · {} acts · retry: {}</p>\n<ol class=\"way\">",
            d.bucket,
            escape(&d.cause),
            d.probability * 100.0,
            d.owner,
            d.retry
        );
        for verdict in &d.layers {
            let state = verdict.state.word();
            let because = escape(&verdict.because);
            let _ = writeln!(out, "<li class=\"{state}\"><b>{}</b> {state}<br>{because}</li>", verdict.layer);
        }
        out.push_str("</ol>\n");
    }
    for section in sections {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(section.title));
        section.blocks.iter().for_each(|block| self::block(&mut out, block));
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Text(text) => {
            let _ = writeln!(out, "<p>{}</p>", escape(text));
        }
        Block::Steps(steps) => {
            out.push_str("<ol>\n");
            for (what, command) in steps {
                let command = command.iter().map(|c| format!("<pre>{}</pre>", escape(c))).collect::<String>();
                let _ = writeln!(out, "<li>{}{command}</li>", escape(what));
            }
            out.push_str("</ol>\n");
        }
        Block::Rows(rows) => {
            out.push_str("<dl>\n");
            for (name, value) in rows {
                let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
            }
            out.push_str("</dl>\n");
        }
        Block::Code(text) => {
            let _ = writeln!(out, "<pre>{}</pre>", escape(text));
        }
    }
}

/// No script, no picture, no request: the policy says so to the browser too.
const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:0}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.3rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin-top:2rem}
.summary{font-size:1.1rem}
.way{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;list-style:none}
.way li{flex:1 1 8rem;border:1px solid;border-radius:.4rem;padding:.4rem;font-size:.85rem;overflow-wrap:anywhere}
.way .failed{border-width:3px}.way .unknown{opacity:.7}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid;border-radius:.4rem;padding:.5rem;font-size:.85rem}
dt{font-weight:600;margin-top:.4rem}dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.85rem}
</style>
"#;
