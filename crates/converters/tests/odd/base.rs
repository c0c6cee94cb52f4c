//! One plain report, written in each format, with blanks for what an oddity puts there.

/// A text with letters beyond ASCII that every encoding of testers has.
pub(crate) const TEXT: &str = "Prüfung 5 µF ±1 °C";

/// What stands in the report. Texts are written as they are: who puts a quote into one means it.
#[derive(Clone)]
pub(crate) struct Fields {
    pub(crate) sn: String,
    pub(crate) pn: String,
    /// The name of the step.
    pub(crate) text: String,
    pub(crate) value: String,
    pub(crate) low: String,
    /// Local start; none leaves the key out.
    pub(crate) start: Option<String>,
    pub(crate) start_utc: Option<String>,
    /// Put inside of the root step, behind the step.
    pub(crate) more: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            sn: "SN-1".into(),
            pn: "PN-1".into(),
            text: TEXT.into(),
            value: "1.50".into(),
            low: "1".into(),
            start: Some("2026-03-04T08:15:30".into()),
            start_utc: None,
            more: String::new(),
        }
    }
}

/// The file of a format with these fields.
pub(crate) fn text(format: &str, fields: &Fields) -> String {
    match format {
        "wsjf" => json(fields),
        "wstf" => lines(fields),
        _ => format!("{}{}{}", head(format), record(format, fields), "</Reports>\n"),
    }
}

/// The reports of a format alone, so that many can stand in one file between [`head`] and [`tail`].
pub(crate) fn record(format: &str, fields: &Fields) -> String {
    match format {
        "wsjf" => json(fields),
        "wstf" => lines(fields),
        "wsxf" => nested(fields),
        _ => flat(fields),
    }
}

/// What stands before the first report of a file.
pub(crate) fn head(format: &str) -> String {
    let space = match format {
        "wsxf" => "http://wats.virinco.com/schemas/WATS/Report/wsxf",
        "wrml" => "http://wats.virinco.com/schemas/WATS/Report",
        _ => return String::new(),
    };
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Reports xmlns=\"{space}\">\n")
}

/// What stands behind the last report of a file.
pub(crate) fn tail(format: &str) -> &'static str {
    if matches!(format, "wsxf" | "wrml") { "</Reports>\n" } else { "" }
}

fn json(fields: &Fields) -> String {
    let Fields { sn, pn, text, value, low, more, .. } = fields;
    let time = |key: &str, time: &Option<String>| time.as_ref().map_or_else(String::new, |time| format!("\"{key}\": \"{time}\", "));
    let (start, start_utc) = (time("start", &fields.start), time("startUTC", &fields.start_utc));
    format!(
        r#"{{"type": "T", "pn": "{pn}", "sn": "{sn}", "rev": "A", "processCode": 20, "result": "P", {start}{start_utc}"root": {{"stepType": "SequenceCall", "name": "Main", "status": "P",
 "seqCall": {{"name": "m", "path": "m", "version": "1"}}, "steps": [{{"stepType": "ET_NLT", "name": "{text}", "status": "P",
  "numericMeas": [{{"value": {value}, "compOp": "GELE", "lowLimit": {low}, "highLimit": 9, "unit": "V", "status": "P"}}]}}{more}]}}}}
"#
    )
}

fn lines(fields: &Fields) -> String {
    let Fields { sn, pn, text, value, low, more, .. } = fields;
    let time = |key: &str, time: &Option<String>| time.as_ref().map_or_else(String::new, |time| format!("{key}\t{time}\n"));
    let (start, start_utc) = (time("StartDateTime", &fields.start), time("UTCStartDateTime", &fields.start_utc));
    format!(
        "--Header-Start--\nSerialNumber\t{sn}\nPartNumber\t{pn}\nRevision\tA\nOperationTypeCode\t20\n{start}{start_utc}--Step-Data-Start--\n\
         NumericLimitTest\t{text}\t\t{value}\t{low}\t9\tGELE\tV\tPassed\n{more}--Step-Data-End--\nUUTStatus\tPassed\n--UUT-End--\n"
    )
}

fn report(fields: &Fields) -> String {
    let Fields { sn, pn, .. } = fields;
    let time = |key: &str, time: &Option<String>| time.as_ref().map_or_else(String::new, |time| format!(" {key}=\"{time}\""));
    let (start, start_utc) = (time("Start", &fields.start), time("Start_utc", &fields.start_utc));
    format!("<Report type=\"UUT\" Result=\"Passed\" PN=\"{pn}\" SN=\"{sn}\" Rev=\"A\"{start}{start_utc}>\n<UUT/><Process Code=\"20\"/>\n")
}

fn nested(fields: &Fields) -> String {
    let Fields { text, value, low, more, .. } = fields;
    format!(
        "{}<Step Id=\"1\" Name=\"Main\" StepType=\"SequenceCall\" Status=\"Passed\"><SequenceCall Name=\"m\" Filepath=\"m\" Version=\"1\"/>\n\
         <Step Id=\"2\" Name=\"{text}\" StepType=\"ET_NLT\" Status=\"Passed\">\
         <NumericLimit NumericValue=\"{value}\" Units=\"V\" CompOperator=\"GELE\" LowLimit=\"{low}\" HighLimit=\"9\" Status=\"Passed\"/></Step>{more}\n\
         </Step></Report>\n",
        report(fields)
    )
}

fn flat(fields: &Fields) -> String {
    let Fields { text, value, low, more, .. } = fields;
    format!(
        "{}<Step StepID=\"1\" Name=\"Main\" StepType=\"SequenceCall\" Status=\"Passed\"/><SequenceCall StepID=\"1\" Name=\"m\" Filepath=\"m\" Version=\"1\"/>\n\
         <Step StepID=\"2\" ParentStepID=\"1\" Name=\"{text}\" StepType=\"ET_NLT\" Status=\"Passed\"/>\n\
         <NumericLimit StepID=\"2\" NumericValue=\"{value}\" Units=\"V\" CompOperator=\"GELE\" LowLimit=\"{low}\" HighLimit=\"9\" Status=\"Passed\"/>{more}\n\
         </Report>\n",
        report(fields)
    )
}
