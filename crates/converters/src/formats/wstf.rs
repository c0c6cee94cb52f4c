//! WSTF, the WATS Standard Text Format: lines cut by tabs, any number of reports per file.
//!
//! Keys, columns, step types and the rule which row belongs to which step are those of the vendor's article; the demo file of the
//! vendor settles what the article leaves open.
//!
//! What the source says goes before what could be computed from it; what it leaves out is computed the way WATS does. What it says
//! wrongly (an unknown step type, a number of another culture) is refused with its place, never guessed. A file without its end
//! marker may still be growing and is then looked at again; once final it is taken with a warning as long as its last line is whole.

mod block;
mod chart;
mod culture;
mod header;
mod measure;
mod reading;
mod row;
mod step_row;
mod steps;

use encoding_rs::Encoding;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::complete::Completion;
use crate::failure::{Failure, Rejection};
use crate::format::{About, Confidence, Format};
use crate::input::{Context, Input, Sink};
use crate::options::{self, OptionProblem};
use crate::text;
use crate::trace::Trace;
use block::{Blocks, Marker};
use culture::Culture;
use reading::{Read, read};

/// The format.
pub(crate) struct Wstf;

/// Options of a watch rule for WSTF.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Time zone of local start times, by its IANA name such as `Europe/Oslo`. Without it the station's own zone.
    time_zone: Option<Zone>,
    /// How numbers and dates are written, `invariant` or a name such as `nb-NO`. A `cultureCode` in the header goes before it.
    culture: Culture,
    /// Encoding of the text, such as `windows-1252` or `utf-8`. Without it UTF-8 where the text is valid UTF-8, else windows-1252. A byte order
    /// mark goes before it.
    encoding: Option<Charset>,
    /// Code of the test operation for reports that name none, such as 10. Goes before the instance's own default.
    default_process_code: Option<u32>,
    /// Name of the test operation for reports that name none. Goes before every default code.
    default_process_name: Option<String>,
}

/// A time zone known by name.
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
struct Zone(TimeZone);

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        TimeZone::get(&name)
            .map(Zone)
            .map_err(|_| format!("the time zone `{name}` is not known; write a name such as `Europe/Oslo` or `UTC`"))
    }
}

/// A text encoding known by name.
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
struct Charset(&'static Encoding);

impl TryFrom<String> for Charset {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = Encoding::for_label_no_replacement(name.as_bytes()).filter(|encoding| !text::is_wide(encoding));
        known.map(Charset).ok_or_else(|| format!("the encoding `{name}` is not known; write a name such as `windows-1252` or `utf-8`"))
    }
}

impl Options {
    /// What the station knows, with this rule's word going before it.
    fn context(&self, station: &Context) -> Context {
        let mut context = station.clone();
        if let Some(Zone(zone)) = &self.time_zone {
            context.time_zone = zone.clone();
        }
        context.defaults.process_code = self.default_process_code.map(i64::from).or(context.defaults.process_code);
        context
    }
}

impl Format for Wstf {
    fn name(&self) -> &'static str {
        "wstf"
    }

    fn about(&self) -> About {
        About {
            title: "WATS Standard Text Format (WSTF)",
            extensions: &["txt"],
            summary: "Tab-separated text with a header and one line per measurement; several reports per file.",
            binary: false,
            source_of_rules: "support.virinco.com, article 207424623",
        }
    }

    fn options_schema(&self) -> Value {
        options::schema::<Options>()
    }

    fn option_problems(&self, options: &Value) -> Vec<OptionProblem> {
        options::problems::<Options>(options)
    }

    fn detect(&self, file_name: &str, head: &[u8]) -> Confidence {
        let encoding = text::announced(head).map_or(encoding_rs::WINDOWS_1252, |(encoding, _)| encoding);
        let (head, _) = encoding.decode_with_bom_removal(head);
        let first = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let named = file_name.to_ascii_lowercase().ends_with(".txt");
        match Marker::of(first.as_bytes()) {
            Some(Marker::HeaderStart) => Confidence(if named { 98 } else { 90 }),
            _ => Confidence::NONE,
        }
    }

    fn convert(&self, input: Input<'_>, sink: &mut dyn Sink) -> Result<(), Failure> {
        let options: Options = options::read(input.options)?;
        let context = options.context(input.context);
        let mut blocks = Blocks::open(input.reader, options.encoding.as_ref().map(|charset| charset.0), input.may_grow)?;
        let mut completion = Completion::new(&context, input.tracing, sink);
        while let Some(block) = blocks.next_block()? {
            if block.last && input.may_grow {
                let rejection = Rejection::new("`--UUT-End--` did not come yet", "write the whole report before the file is handed over");
                return Err(Failure::Incomplete(rejection.at(blocks.at())));
            }
            let Read { mut report, warnings, trace } = read(&block, options.culture, Trace::new(input.tracing))?;
            if report.process_code.is_none() && report.process_name.is_none() {
                report.process_name.clone_from(&options.default_process_name);
            }
            completion.deliver(report, warnings, |wanted| match input.tracing {
                true => trace,
                false => read(&block, options.culture, wanted).map(|read| read.trace).unwrap_or_default(),
            })?;
        }
        if completion.next_index() == 0 {
            let rejection = Rejection::new("there is no report in the file", "begin a report with `--Header-Start--`").at(blocks.at());
            return Err(Failure::cut(rejection, input.may_grow));
        }
        Ok(())
    }
}
