//! Tables of calls and of counts.

use super::{read, read_as, same, say, settings};
use crate::Settings;

#[test]
fn calls_with_a_header() {
    let text = "timestamp,service,method,path,status,duration_ms,tenant,message\n\
        2026-11-20T10:00:00Z,api,GET,/v1/users/7,200,12,acme,\n\
        2026-11-20T10:00:01Z,api,POST,/v1/orders,500,31,acme,\"said \"\"no\"\",\ntwice\"\n";
    let (layout, calls) = read(text);
    assert_eq!((layout.form.as_str(), calls.rows, layout.splittable()), ("csv", 2, false));
    say(
        &calls,
        0,
        text,
        &[("route", "/v1/users/{id}"), ("latency", "12"), ("tenant", "acme"), ("time", "1795168800000")],
    );
    say(&calls, 1, text, &[("status", "500"), ("message", "said \"no\",\ntwice")]);
    assert!(
        calls.shapes.iter().all(|s| s.sample.starts_with("{\"timestamp\":")),
        "a record says nothing without its header"
    );
    // records with line breaks have no line of their own; the others are the same as their records
    same("time;status;method;route\n2026-11-20T10:00:00Z;200;GET;/a\n2026-11-20T10:00:01Z;503;GET;/b\n");
    for delimiter in ["\t", ";", "|"] {
        let text = text.replace(",\n", "\n").replace(',', delimiter).replace("acme\n", &format!("acme{delimiter}\n"));
        assert_eq!(read(&text).1.rows, 2, "{text}");
    }
}

#[test]
fn a_byte_order_mark_and_what_excel_writes() {
    let text = "\u{feff}sep=;\r\ntime;status;path\r\n2026-11-20 10:00:00;404;/a\r\n";
    let (_, calls) = read(text);
    assert_eq!(calls.rows, 1);
    say(&calls, 0, text, &[("status", "404"), ("route", "/a")]);
    let (_, calls) = read("\u{feff}time,status,path\n2026-11-20 10:00:00,404,/a\n");
    assert_eq!((calls.rows, calls.inputs[0].aside, calls.inputs[0].unreadable), (1, 1, 0));
}

#[test]
fn counts_that_the_user_names() {
    let text = "min,value,cnt,cdn,isp\n1596686580,4,65,7,a\n1596686580,0,12,7,b\n1596686640,3,3,5,a\n1596686640,9,3,5,a\n1596686640,x,3,5,a\n";
    let asked = Settings { total: Some("cnt".to_owned()), failed: Some("value".to_owned()), ..settings() };
    let (layout, calls) = read_as(text.as_bytes(), &asked);
    assert_eq!((layout.form.as_str(), calls.rows), ("table of counts", 4));
    let rows: Vec<(u64, bool)> =
        (0..4).map(|r| (calls.weight(r), calls.shapes[calls.shape[r] as usize].counted)).collect();
    assert_eq!(rows, [(4, true), (61, false), (12, false), (3, true)]);
    say(&calls, 0, text, &[("time", "1596686580000"), ("cdn", "7"), ("isp", "a")]);
    say(&calls, 1, text, &[("time", "1596686580000"), ("cdn", "7"), ("isp", "a")]);
    let input = &calls.inputs[0];
    assert_eq!(input.unreadable, 2);
    assert!(input.examples[0].1.contains("more failed than there were"), "{:?}", input.examples);
    assert!(input.examples[1].1.contains("no whole numbers"), "{:?}", input.examples);
}

#[test]
fn counts_that_show_themselves() {
    let text =
        "minute,region,requests,errors,p95\n2026-11-20 10:00:00,eu,100,3,12.5\n2026-11-20 10:01:00,us,90,0,11.5\n";
    let (layout, calls) = read(text);
    assert_eq!((layout.form.as_str(), calls.rows), ("table of counts", 3));
    say(&calls, 0, text, &[("weight", "3"), ("counted", "true"), ("region", "eu")]);
    assert!(calls.named("p95").is_none(), "a measure is no dimension");
    // without a time, or where more failed than there were, they are columns like others
    let (layout, _) = read("path,status,requests,errors\n/a,200,1,5\n/b,200,2,9\n");
    assert_eq!(layout.form, "csv");
}

#[test]
fn a_column_that_is_not_there_is_said() {
    let asked = Settings { total: Some("count".to_owned()), failed: Some("bad".to_owned()), ..settings() };
    let (layout, calls) = read_as(b"time,status,path\n2026-11-20T10:00:00Z,200,/a\n", &asked);
    let problem = layout.problem().expect("a problem");
    assert!(problem.contains("--total count and --failed bad") && problem.contains("time, status, path"), "{problem}");
    assert_eq!(calls.rows, 1);
}

#[test]
fn day_and_time_of_day_may_stand_apart() {
    let text = "Date,Time,Level,Content\n2015-10-18,\"18:01:47,978\",ERROR,could not save\n";
    let (_, calls) = read(text);
    say(&calls, 0, text, &[("time", "1445191307978"), ("kind", "event"), ("suspect", "true")]);
    same(text);
}
