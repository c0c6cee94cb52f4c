//! Odd shapes: nested without end, repeated, wide, and the bombs of XML.

use crate::base::{Fields, text};
use crate::oddities::{Oddity, odd};

/// How deep the deepest is nested.
const DEEP: usize = 100_000;

fn more(format: &str, more: impl Into<String>) -> String {
    text(format, &Fields { more: more.into(), ..Fields::default() })
}

/// The shapes of a format.
pub(crate) fn shapes(format: &str) -> Vec<Oddity> {
    match format {
        "wsjf" => json(),
        "wstf" => lines(),
        _ => xml(format),
    }
}

fn json() -> Vec<Oddity> {
    let plain = text("wsjf", &Fields::default());
    let step =
        r#"{"stepType": "SequenceCall", "name": "s", "status": "P", "seqCall": {"name": "m", "path": "m", "version": "1"}, "steps": ["#;
    let nested = |depth: usize| more("wsjf", format!(", {}{}", step.repeat(depth), "]}".repeat(depth)));
    let member = |member: &str| plain.replacen('{', &format!("{{{member}, "), 1);
    let many = |count: usize, one: fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(", ");
    vec![
        odd("100,000 lists in each other", "[".repeat(DEEP) + &"]".repeat(DEEP)),
        odd("100,000 objects in each other", "{\"a\":".repeat(DEEP) + "1" + &"}".repeat(DEEP)),
        odd("100,000 lists in each other in an unknown key", member(&format!("\"x\": {}{}", "[".repeat(DEEP), "]".repeat(DEEP)))),
        odd("steps 58 deep", nested(58)),
        odd("steps 59 deep", nested(59)),
        odd("steps 100,000 deep", nested(DEEP)),
        odd("a key twice", member("\"sn\": \"other\"")),
        odd("a key twice, in another case", member("\"SN\": \"other\"")),
        odd("a step list twice", plain.replacen("\"steps\": [", "\"steps\": [], \"steps\": [", 1)),
        odd("20,000 unknown keys", member(&many(20_000, |n| format!("\"x{n}\": {n}")))),
        odd("20,000 times the same key", member(&many(20_000, |_| "\"x\": 1".into()))),
        odd(
            "10,000 times the same key under a key of a megabyte",
            member(&format!("\"{}\": {{{}}}", "k".repeat(1 << 20), many(10_000, |_| "\"x\": 1".into()))),
        ),
        odd("a key of a megabyte", member(&format!("\"{}\": 1", "k".repeat(1 << 20)))),
        odd("a text of a megabyte in an unknown key", member(&format!("\"x\": \"{}\"", "x".repeat(1 << 20)))),
        odd("a word of a megabyte", member(&format!("\"x\": {}", "x".repeat(1 << 20)))),
        odd("an unknown status of a megabyte", plain.replacen("\"P\"", &format!("\"{}\"", "x".repeat(1 << 20)), 1)),
        odd("an id of a megabyte", member(&format!("\"id\": \"{}\"", "x".repeat(1 << 20)))),
        odd("a step list that is a text", plain.replacen("\"steps\": [", "\"steps\": \"none\", \"x\": [", 1)),
        odd("a serial number that is a number", plain.replace("\"SN-1\"", "1234567890123456789012345")),
        odd("a serial number that is a list", plain.replace("\"SN-1\"", "[\"SN-1\"]")),
        odd("no serial number", plain.replace("\"sn\": \"SN-1\", ", "")),
        odd("a comment", format!("// a report\n{plain}")),
        odd("single quotes", plain.replace('"', "'")),
        odd("an unclosed text", plain.replacen("\"SN-1\"", "\"SN-1", 1)),
        odd("an empty object", "{}"),
        odd("an empty list", "[]"),
        odd("a list of numbers", "[1, 2]"),
        odd("null", "null"),
        odd(
            "3,000 steps",
            more(
                "wsjf",
                (0..3_000).map(|n| format!(",\n{{\"stepType\": \"ET_A\", \"name\": \"s{n}\", \"status\": \"D\"}}")).collect::<String>(),
            ),
        ),
        odd("20,000 empty lists in an unknown key", member(&format!("\"x\": [{}]", many(20_000, |_| "[]".into())))),
        odd("a chart of 20,000 points", chart_json(20_000)),
    ]
}

fn chart_json(points: usize) -> String {
    let axis = vec!["1.5"; points].join(";");
    let chart = format!(
        r#""chartType": "Line", "label": "c", "series": [{{"dataType": "XYG", "name": "a", "xdata": "{axis}", "ydata": "{axis}"}}]"#
    );
    more("wsjf", format!(r#", {{"stepType": "ET_A", "name": "c", "status": "D", "chart": {{{chart}}}}}"#))
}

fn xml(format: &str) -> Vec<Oddity> {
    bombs(format).into_iter().chain(tags(format)).collect()
}

/// What makes a careless reader of XML take too much, or read what is not in the file.
fn bombs(format: &str) -> Vec<Oddity> {
    let plain = text(format, &Fields::default());
    let behind_declaration = |dtd: &str| plain.replacen("?>\n", &format!("?>\n{dtd}\n"), 1).replace("SN-1", "&x;");
    let laughs: String = (1..=9).map(|n| format!("<!ENTITY x{n} \"{}\">", format!("&x{};", n - 1).repeat(10))).collect();
    let deep = |depth: usize| match format {
        "wsxf" => {
            let open =
                "<Step Name=\"s\" StepType=\"SequenceCall\" Status=\"Passed\"><SequenceCall Name=\"m\" Filepath=\"m\" Version=\"1\"/>";
            open.repeat(depth) + &"</Step>".repeat(depth)
        }
        _ => (0..depth)
            .map(|n| {
                format!("<Step StepID=\"{}\" ParentStepID=\"{}\" Name=\"s\" StepType=\"SequenceCall\" Status=\"Passed\"/>", n + 3, n + 2)
            })
            .collect(),
    };
    vec![
        odd("billion laughs", behind_declaration(&format!("<!DOCTYPE r [<!ENTITY x0 \"ha\">{laughs}<!ENTITY x \"&x9;\">]>"))),
        odd("an external entity", behind_declaration("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")),
        odd("an external document type", behind_declaration("<!DOCTYPE r SYSTEM \"http://127.0.0.1:9/r.dtd\">")),
        odd("an entity that nobody defined", plain.replace("SN-1", "&x;")),
        odd(
            "an inclusion",
            plain.replacen(
                "<UUT/>",
                "<UUT/><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>",
                1,
            ),
        ),
        odd("100,000 elements in each other", "<a>".repeat(DEEP) + &"</a>".repeat(DEEP)),
        odd("100,000 open elements in a report", plain.replacen("<UUT/>", &format!("<UUT/>{}", "<a>".repeat(DEEP)), 1)),
        odd("steps 57 deep", more(format, deep(57))),
        odd("steps 200 deep", more(format, deep(200))),
        odd("steps 499 deep", more(format, deep(499))),
        odd("steps 100,000 deep", more(format, deep(DEEP))),
    ]
}

/// Tags and texts that are wrong, repeated or endless.
fn tags(format: &str) -> Vec<Oddity> {
    let plain = text(format, &Fields::default());
    let huge = "x".repeat(1 << 20);
    let step = |n: usize| match format {
        "wsxf" => format!("\n<Step Id=\"{}\" Name=\"s{n}\" StepType=\"ET_A\" Status=\"Done\"/>", n + 3),
        _ => format!("\n<Step StepID=\"{}\" ParentStepID=\"1\" Name=\"s{n}\" StepType=\"ET_A\" Status=\"Done\"/>", n + 3),
    };
    vec![
        odd("an attribute twice", plain.replacen("SN=", "SN=\"other\" SN=", 1)),
        odd("an attribute twice, in another case", plain.replacen("SN=", "sn=\"other\" SN=", 1)),
        odd(
            "10,000 unknown attributes",
            plain.replacen("SN=", &format!("{} SN=", (0..10_000).map(|n| format!("a{n}=\"1\"")).collect::<Vec<_>>().join(" ")), 1),
        ),
        odd("an unknown attribute of a megabyte", plain.replacen("SN=", &format!("x=\"{huge}\" SN="), 1)),
        odd("an attribute name of a megabyte", plain.replacen("SN=", &format!("{huge}=\"1\" SN="), 1)),
        odd("an element name of a megabyte", plain.replacen("<UUT/>", &format!("<UUT/><{huge}/>"), 1)),
        odd("a reference of a megabyte", plain.replace("SN-1", &format!("&{huge};"))),
        odd("a status of a megabyte", plain.replacen("Status=\"Passed\"", &format!("Status=\"{huge}\""), 1)),
        odd("a text of a megabyte between the steps", more(format, &huge)),
        odd("a comment of a megabyte", plain.replacen("<UUT/>", &format!("<!--{}--><UUT/>", "x".repeat(1 << 20)), 1)),
        odd("CDATA for a text", plain.replacen("<UUT/>", "<UUT><Comment><![CDATA[<a> & ]]]]><![CDATA[>]]></Comment></UUT>", 1)),
        odd("no serial number", plain.replacen(" SN=\"SN-1\"", "", 1)),
        odd("no part number", plain.replacen(" PN=\"PN-1\"", "", 1)),
        odd("a raw < in a name", plain.replace("SN-1", "a<b")),
        odd("a raw > in a name", plain.replace("SN-1", "a>b")),
        odd("tags closed in the wrong order", plain.replacen("</Step></Report>", "</Report></Step>", 1)),
        odd("an end tag too many", plain.clone() + "</Reports>"),
        odd("text behind the end", plain.clone() + "over\n"),
        odd("another XML", "<?xml version=\"1.0\"?><note><to>you</to></note>"),
        odd("no Reports around the report", plain.replacen("<Reports", "<Other", 1).replacen("</Reports>", "</Other>", 1)),
        odd("3,000 steps", more(format, (0..3_000).map(step).collect::<String>())),
    ]
}

fn lines() -> Vec<Oddity> {
    let plain = text("wstf", &Fields::default());
    let behind = |key: &str, line: &str| plain.replacen(key, &format!("{line}\n{key}"), 1);
    let sequences = |depth: usize, closed: bool| {
        let end = if closed { "EndSequenceCall\ts\n".repeat(depth) } else { String::new() };
        more("wstf", "SequenceCall\ts\n".repeat(depth) + &end)
    };
    let huge = "x".repeat(1 << 20);
    vec![
        odd("sequences 57 deep", sequences(57, true)),
        odd("sequences 200 deep", sequences(200, true)),
        odd("sequences 100,000 deep", sequences(DEEP, true)),
        odd("100,000 sequences that are not ended", sequences(DEEP, false)),
        odd("100,000 ends of sequences that were not begun", more("wstf", "EndSequenceCall\ts\n".repeat(DEEP))),
        odd("a key twice", behind("SerialNumber", "SerialNumber\tother")),
        odd("a key twice, in another case", behind("SerialNumber", "serialnumber\tother")),
        odd("20,000 unknown keys", behind("SerialNumber", &(0..20_000).map(|n| format!("Key{n}\tv")).collect::<Vec<_>>().join("\n"))),
        odd("20,000 times the same key", behind("SerialNumber", &vec!["Comment\tv"; 20_000].join("\n"))),
        odd("an unknown key of a megabyte", behind("SerialNumber", &format!("{huge}\tv"))),
        odd("a value of a megabyte", behind("SerialNumber", &format!("Comment\t{huge}"))),
        odd("a line of a megabyte without a tab", behind("SerialNumber", &"x".repeat(1 << 20))),
        odd("200,000 tabs", behind("SerialNumber", &("Comment".to_owned() + &"\t".repeat(200_000)))),
        odd("a step of an unknown type of a megabyte", more("wstf", format!("{huge}\ts\n"))),
        odd("a status of a megabyte", plain.replacen("UUTStatus\tPassed", &format!("UUTStatus\t{huge}"), 1)),
        odd("a date of a megabyte", plain.replace("2026-03-04T08:15:30", &huge)),
        odd("no serial number", plain.replacen("SerialNumber\tSN-1\n", "", 1)),
        odd("no part number", plain.replacen("PartNumber\tPN-1\n", "", 1)),
        odd("a serial number without a tab", plain.replacen("SerialNumber\t", "SerialNumber ", 1)),
        odd("spaces for tabs", plain.replace('\t', "    ")),
        odd("commas for tabs", plain.replace('\t', ",")),
        odd("no end of the steps", plain.replacen("--Step-Data-End--\n", "", 1)),
        odd("no end of the report", plain.replacen("--UUT-End--\n", "", 1)),
        odd("steps before the header's end", plain.replacen("--Step-Data-Start--\n", "", 1)),
        odd("an empty report", "--Header-Start--\n--Step-Data-Start--\n--Step-Data-End--\n--UUT-End--\n"),
        odd("an unknown culture", behind("SerialNumber", "cultureCode\ttlh-XX")),
        odd("an unknown converter mode", behind("SerialNumber", "converterMode\tmagic")),
        odd("3,000 steps", more("wstf", (0..3_000).map(|n| format!("ActionStep\ts{n}\t\t\t\t\t\t\tDone\n")).collect::<String>())),
        odd("a row of results that belongs to no step", plain.replacen("NumericLimitTest\tPrüfung", "\tPrüfung", 1)),
    ]
}
