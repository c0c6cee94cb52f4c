//! WSJF, the WATS Standard JSON Format: what the server speaks. Passed through whole; what a strict reader would refuse is
//! repaired where only one reading is possible, and each repair is a warning.
//!
//! One object, an array of objects, JSON Lines, or objects one behind the other. The keys are those of the vendor's article; which
//! slips are repaired is our choice, made from what testers and the server's own exports write. Not repaired: what could mean two
//! things, such as `1,234` (a thousand, or one and a bit).

mod read;
mod repair;
mod shape;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::complete::{self, Completion};
use crate::failure::{Failure, Rejection};
use crate::format::{About, Confidence, Format};
use crate::input::{Input, Sink, Warning};
use crate::json::{self, Document, Remark, Splitter};
use crate::named::Named;
use crate::nonfinite::Moves;
use crate::options::{self, OptionProblem};
use crate::text::{self, Locator};
use crate::trace::Trace;
use read::{Read, Unreadable, read};
use repair::Repairs;

/// The format.
pub(crate) struct Wsjf;

/// Options of a watch rule for WSJF.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Code of the test operation for reports that name none, such as 10. Goes before the instance's own default.
    default_process_code: Option<u32>,
}

impl Format for Wsjf {
    fn name(&self) -> &'static str {
        "wsjf"
    }

    fn about(&self) -> About {
        About {
            title: "WATS Standard JSON Format (WSJF)",
            extensions: &["json", "jsonl"],
            summary: "A report as the WATS server takes it: one object, a list of objects, or one object per line. Nothing in it is lost.",
            binary: false,
            source_of_rules: "support.virinco.com, articles 360014879119 and 360015705199",
        }
    }

    fn options_schema(&self) -> Value {
        options::schema::<Options>()
    }

    fn option_problems(&self, options: &Value) -> Vec<OptionProblem> {
        options::problems::<Options>(options)
    }

    fn detect(&self, file_name: &str, head: &[u8]) -> Confidence {
        let encoding = text::announced(head).map_or(UTF_8, |(encoding, _)| encoding);
        let (head, _) = encoding.decode_with_bom_removal(head);
        let Some(body) = head.trim_start().strip_prefix(['{', '[']) else { return Confidence::NONE };
        let has = |key: &str| body.contains(&format!("\"{key}\""));
        let marks = ["pn", "sn", "rev", "machineName", "processCode", "root", "uut", "uur", "startUTC"];
        let named = file_name.to_ascii_lowercase();
        let named = u8::from(named.ends_with(".json") || named.ends_with(".jsonl"));
        match marks.into_iter().filter(|mark| has(mark)).count() {
            _ if !body.trim_start().starts_with(['"', '{', '}', ']']) => Confidence::NONE,
            0 => Confidence(named * 5),
            1 | 2 => Confidence(20 + named * 10),
            _ if has("pn") && has("sn") => Confidence(90 + named * 8),
            _ => Confidence(40 + named * 10),
        }
    }

    fn convert(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        let options: Options = options::read(input.options)?;
        let mut context = input.context.clone();
        context.defaults.process_code = options.default_process_code.map(i64::from).or(context.defaults.process_code);
        let mut splitter = Splitter::open(input.reader, input.may_grow)?;
        let mut completion = Completion::new(&context, input.tracing, sink);
        while let Some(document) = splitter.next_document()? {
            deliver(document, splitter.document_encoding(), splitter.announced(), &mut completion)?;
        }
        if completion.next_index() == 0 {
            return Err(Failure::cut(Rejection::new("there is no report in the file", "put at least one report into it"), input.may_grow));
        }
        Ok(())
    }
}

/// Turns one document into a report and hands it over. The document is let go before: it is not held beside what is sent.
fn deliver(
    document: Document,
    encoding: Option<&'static Encoding>,
    announced: Option<&'static Encoding>,
    completion: &mut Completion<'_>,
) -> Result<(), Failure> {
    let (text, used) = decode(&document, encoding)?;
    let written = announced.unwrap_or(used);
    let mut locator = Locator::new(&text, written, document.span);
    let mut repairs = Repairs::default();
    let read = read(&text, &mut repairs);
    let Repairs { warnings: repaired, moves, .. } = repairs;
    let Read { report, remarks } = read.map_err(|why| unreadable(why, &text, &mut locator, &moves))?;
    let mut warnings = Named::default();
    if used == WINDOWS_1252 {
        warnings.push(|| Warning::new("", "the text is not UTF-8; it was read as windows-1252").at(document.span));
    }
    warnings.append(remarked(remarks, &moves, &mut locator));
    warnings.append(repaired);
    drop(text);
    completion.deliver(report, warnings, move |trace| match decode(&document, encoding) {
        Ok((text, _)) => traced(&text, &mut Locator::new(&text, written, document.span), &moves, trace),
        Err(_) => trace,
    })
}

/// Why a document was not read, with its place.
fn unreadable(why: Unreadable, text: &str, locator: &mut Locator<'_>, moves: &Moves) -> Failure {
    match why {
        Unreadable::Json(wrong) => {
            let at = locator.span(wrong.offset..wrong.offset);
            Rejection::new(wrong.message, "correct the JSON").at(at).into()
        }
        Unreadable::Value(error) => complete::unreadable(error, |trace| traced(text, locator, moves, trace)),
    }
}

/// What the parser had to forgive, as warnings about the repaired report.
fn remarked(remarks: Named<Remark>, moves: &Moves, locator: &mut Locator<'_>) -> Named<Warning> {
    remarks.map(|mut remark| {
        moves.follow(&mut remark.pointer);
        Warning::new(remark.pointer, remark.message).at(locator.span(remark.range))
    })
}

/// The text of a document and the encoding it is in.
fn decode<'a>(document: &'a Document, encoding: Option<&'static Encoding>) -> Result<(Cow<'a, str>, &'static Encoding), Failure> {
    if let Some(text) = text::decode(&document.bytes, UTF_8) {
        return Ok((text, UTF_8));
    }
    let wrong = || Rejection::new("the text is not of the encoding its byte order mark announces", "save the file again as UTF-8");
    if encoding.is_some() {
        return Err(wrong().at(document.span).into());
    }
    let text = text::decode(&document.bytes, WINDOWS_1252).ok_or_else(|| wrong().at(document.span))?;
    Ok((text, WINDOWS_1252))
}

/// Fills the trace with where the values of the repaired report stood.
fn traced(text: &str, locator: &mut Locator<'_>, moves: &Moves, trace: Trace) -> Trace {
    // what moved is kept by its new place and stood elsewhere
    let mut trace = if moves.is_empty() { trace } else { Trace::new(true) };
    let Ok(mut places) = json::places(text, &|pointer| trace.keeps(pointer)) else { return trace };
    places.sort_by_key(|place| place.range.start);
    for place in places {
        let span = locator.span(place.range);
        trace.note(|| place.pointer, span);
    }
    moves.carry(&mut trace);
    trace
}
