//! WSXF, the WATS Standard XML Format: `<Reports>` of nested steps.
//!
//! The attributes are those of the vendor's article, completed by what the server's exports and the vendor's test files write.
//! The mapping to WSJF is one to one; words such as `Passed` and `Main` become letters. The rules beside it:
//!
//! - Any number of `<Report>` per file, with or without the namespace; names are matched without prefix, in any case.
//! - Empty attributes are absent values, except what was measured (`StringValue`, `StringLimit`). Text is trimmed, as the vendor does.
//! - `LE` and `LT` have their limit in `HighLimit`, as the vendor's client writes, or in `LowLimit`, as the server exports; WSJF has it
//!   in `lowLimit`, as the server's two exports of one and the same report show.
//! - `StepIndex`, `Idx`, `MeasIndex`, `MeasOrderNumber`, `order_no` number what the order of the document says already.
//! - Refused, as by the vendor's converter: no PN or SN, no Process (and no default), no UUT (UUR), not exactly one root step, two
//!   kinds of result in a step, a measurement without a name beside others, a series whose axes differ in length.
//! - A step that says Passed and holds a failed measurement is lowered to Failed, with a warning; `lower_passed_steps` says otherwise.
//! - NaN and infinities: the rules of `nonfinite`.
//! - A repair's failures hang on the unit that `PartIdx` names; its `<Binary>` files on the failure that `FailIdx` names.
//! - What has no place in WSJF is named in a warning.

mod chart;
mod fields;
mod head;
mod limits;
mod repair;
mod step;
#[cfg(test)]
mod tests;

use report::Report;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub(super) use fields::Notes;

use crate::complete::{Completion, unreadable};
use crate::named::Named;
use crate::options;
use crate::trace::Trace;
use crate::xml::{Element, XmlReader, preview};
use crate::{About, Confidence, Context, Failure, Format, Input, OptionProblem, Rejection, Sink, Warning};

/// The format.
pub(crate) struct Wsxf;

/// Options of WSXF and WRML.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// A step that says Passed and holds a failed measurement becomes Failed.
    pub(super) lower_passed_steps: bool,
    /// An attachment that is named but whose content is not in the file makes the report an error instead of a warning.
    pub(super) require_attachments: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { lower_passed_steps: true, require_attachments: false }
    }
}

impl Format for Wsxf {
    fn name(&self) -> &'static str {
        "wsxf"
    }

    fn about(&self) -> About {
        About {
            title: "WATS Standard XML Format",
            extensions: &["xml", "wsxf"],
            summary: "XML with nested steps, as WATS exports it and many testers write it; tests (UUT) and repairs (UUR).",
            binary: false,
            source_of_rules: "support.virinco.com, article 360013383500",
        }
    }

    fn options_schema(&self) -> Value {
        options::schema::<Options>()
    }

    fn option_problems(&self, options: &Value) -> Vec<OptionProblem> {
        options::problems::<Options>(options)
    }

    fn detect(&self, _file_name: &str, head: &[u8]) -> Confidence {
        let signs = Signs::of(head);
        Confidence(match signs.namespace {
            _ if !signs.reports => 0,
            Some(Namespace::Wsxf) if signs.flat => 40,
            Some(Namespace::Wsxf) => 100,
            _ if signs.flat => 0,
            _ if signs.nested => 80,
            _ if signs.unit => 50,
            _ => 0,
        })
    }

    fn convert(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        convert(input, sink, |_, report| report)
    }
}

/// The namespaces of the two WATS formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    Wsxf,
    Wrml,
}

/// What the start of a file shows of WSXF or WRML.
#[derive(Debug, Default)]
pub(super) struct Signs {
    pub(super) namespace: Option<Namespace>,
    /// The root is `<Reports>` or `<Report>`.
    pub(super) reports: bool,
    /// A report names a unit as WATS does.
    pub(super) unit: bool,
    /// Steps refer to each other by number.
    pub(super) flat: bool,
    /// Steps are inside of each other, or numbered as nested ones are.
    pub(super) nested: bool,
}

impl Signs {
    pub(super) fn of(head: &[u8]) -> Self {
        const NAMESPACE: &str = "http://wats.virinco.com/schemas/WATS/Report";
        let text = preview(head);
        let mut signs = Self::default();
        signs.namespace = text.split_once(NAMESPACE).and_then(|(_, rest)| match rest {
            _ if rest.starts_with("/wsxf") => Some(Namespace::Wsxf),
            _ if rest.starts_with(['"', '\'']) => Some(Namespace::Wrml),
            _ => None,
        });
        // where the document cannot be read, its namespace alone says what it is
        signs.reports = signs.namespace.is_some();
        let mut bytes = head;
        if let Ok(mut reader) = XmlReader::open(&mut bytes, true) {
            // the head is cut somewhere: what was seen until then counts
            let _ = reader.next(|depth, element| {
                signs.see(depth, element);
                false
            });
        }
        signs
    }

    fn see(&mut self, depth: usize, element: &Element) {
        if depth == 1 {
            self.reports = element.is("Reports") || element.is("Report");
        }
        if element.is("Report") {
            self.unit |= ["PN", "SN"].iter().any(|name| element.attribute(name).is_some());
        }
        if element.is("Step") {
            self.flat |= element.attribute("StepID").is_some();
            self.nested |= depth > 3 || element.attribute("Id").is_some();
        }
    }
}

/// Converts report by report; `arrange` brings each into the nested shape first.
pub(super) fn convert(input: Input<'_>, sink: &mut dyn Sink, arrange: fn(&mut Notes, Element) -> Element) -> Result<(), Failure> {
    let options: Options = options::read(input.options)?;
    let mut reader = XmlReader::open(input.reader, input.may_grow)?;
    let mut completion = Completion::new(input.context, input.tracing, sink);
    let mut conversion = OneReport { options, context: input.context, tracing: input.tracing, arrange };
    let mut pending = None;
    let mut strays = Named::default();
    // one report behind, so that what stands after the last report can still be said with it
    loop {
        let next = reader.next(|depth, element| depth > 1 || element.is("Report"))?;
        strays.extend(reader.take_warnings());
        match next {
            Some(report) if report.is("Report") => {
                if let Some(done) = pending.replace((report, std::mem::take(&mut strays))) {
                    conversion.deliver(&mut completion, done)?;
                }
            }
            Some(stray) => {
                let message = || format!("<{}> stands outside of a report and was left out", stray.name);
                strays.push(|| Warning::new("", message()).at(stray.at));
            }
            None => {
                let Some((report, mut warnings)) = pending else {
                    return Err(Rejection::new("the file holds no <Report>", "hand over a WSXF or WRML file").into());
                };
                warnings.append(strays);
                return conversion.deliver(&mut completion, (report, warnings));
            }
        }
    }
}

/// How each report of a source is converted.
struct OneReport<'a> {
    options: Options,
    context: &'a Context,
    tracing: bool,
    arrange: fn(&mut Notes, Element) -> Element,
}

impl OneReport<'_> {
    fn deliver(&mut self, completion: &mut Completion<'_>, (element, warnings): (Element, Named<Warning>)) -> Result<(), Failure> {
        let mut notes = Notes::new(Trace::new(self.tracing));
        notes.warnings = warnings;
        let element = (self.arrange)(&mut notes, element);
        let (around, root) = head::report(&mut notes, &self.options, &self.context.defaults, &element);
        if !notes.rejections.is_empty() {
            return Err(Failure::Rejected(notes.rejections.close()));
        }
        let Notes { warnings, trace, .. } = notes;
        let places = |wanted| match self.tracing {
            true => trace,
            false => {
                let mut again = Notes::new(wanted);
                head::report(&mut again, &self.options, &self.context.defaults, &element);
                again.trace
            }
        };
        match Report::from_value(around) {
            Ok(report) => completion.deliver(Report { root, ..report }, warnings, places),
            Err(error) => Err(unreadable(error, places)),
        }
    }
}
