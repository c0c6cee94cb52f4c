//! What tests could not try here: those that lack a right, a program or the samples print `skipped: why` and pass. nextest keeps what each test printed in its
//! report; from there it is told, so that nobody takes it for tried.

/// Test and reason of each such line in a report in `JUnit`'s format.
pub(crate) fn of(junit: &str) -> Vec<String> {
    let mut test = String::new();
    let mut found = Vec::new();
    for line in junit.lines() {
        if let Some(name) = line.split_once("<testcase name=\"").and_then(|(_, rest)| rest.split('"').next()) {
            name.clone_into(&mut test);
        }
        // The first line of what was printed stands behind its tag.
        let said = line.rsplit_once("<system-out>").or_else(|| line.rsplit_once("<system-err>")).map_or(line, |(_, said)| said);
        if let Some(why) = said.strip_prefix("skipped: ") {
            found.push(format!("{test}: {}", plain(why)));
        }
    }
    found
}

fn plain(text: &str) -> String {
    let end = text.split("</system-").next().unwrap_or_default();
    [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(end.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_a_test_could_not_try_is_told_with_its_reason() {
        let report = r#"<testsuite name="e2e">
<testcase name="disk::full" classname="e2e"><system-out>
running 1 test
</system-out><system-err>skipped: a &quot;disk&quot; needs root
</system-err></testcase>
<testcase name="clock::jumps" classname="e2e"><system-out>not skipped: it ran</system-out></testcase>
<testcase name="samples::all"><system-out>skipped: none here</system-out></testcase>"#;
        assert_eq!(of(report), [r#"disk::full: a "disk" needs root"#, "samples::all: none here"]);
    }
}
