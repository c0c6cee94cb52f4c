//! The report itself and what hangs directly on it.

use serde::de::MapAccess;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::object::{Field, wsjf_object};
use crate::{Number, Outcome, Scalar, Step, SubUnit, Timestamp, Uur, Uut, words};

/// What a report tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// `T`: a unit under test (UUT).
    #[default]
    Test,
    /// `R`: a unit under repair (UUR).
    Repair,
}

impl Kind {
    /// The letter WATS uses.
    pub fn letter(self) -> &'static str {
        match self {
            Kind::Test => "T",
            Kind::Repair => "R",
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        words::read(deserializer, "\"T\" (test) or \"R\" (repair)", |text| match text {
            "T" => Some(Kind::Test),
            "R" => Some(Kind::Repair),
            _ => None,
        })
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        words::write(serializer, self.letter())
    }
}

impl Field for Kind {
    const REQUIRED: bool = true;

    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(Self, Option<Value>), A::Error> {
        Ok((map.next_value()?, None))
    }

    fn is_absent(&self) -> bool {
        false
    }
}

wsjf_object! {
    /// One test or repair of one unit, as WATS keeps it. Texts that a source leaves out are empty.
    Report, "a report (a JSON object)", {
        /// Test or repair; the one key without which a document cannot be read.
        kind: Kind = "type",
        /// A UUID; the same id sent again replaces the report on the server.
        id: Option<String> = "id",
        /// Part number.
        pn: String = "pn",
        /// Serial number.
        sn: String = "sn",
        /// Revision of the part.
        rev: String = "rev",
        /// Number of the process on the server: the test operation, or the repair operation (500 …).
        process_code: Option<Number> = "processCode",
        /// Name of the process on the server, upper and lower case matter.
        process_name: Option<String> = "processName",
        /// How it ended.
        result: Option<Outcome> = "result",
        /// The test station.
        machine_name: String = "machineName",
        /// Where the station stands.
        location: String = "location",
        /// What the station is for.
        purpose: String = "purpose",
        /// Start in local time with offset.
        start: Option<Timestamp> = "start",
        /// Start in universal time.
        start_utc: Option<Timestamp> = "startUTC",
        /// The outermost sequence of a test.
        root: Option<Step> = "root",
        /// Details of a test.
        uut: Option<Uut> = "uut",
        /// Details of a repair.
        uur: Option<Uur> = "uur",
        /// Free texts to search by.
        misc_infos: Vec<MiscInfo> = "miscInfos",
        /// Units inside the unit; in a repair the first (idx 0) is the unit itself.
        sub_units: Vec<SubUnit> = "subUnits",
        /// Tools and fixtures used.
        assets: Vec<Asset> = "assets",
        /// Files that belong to the report.
        binary_data: Vec<BinaryFile> = "binaryData",
        /// Structured data of the user.
        additional_data: Vec<AdditionalData> = "additionalData",
    }
}

impl Report {
    /// The id, when it is a UUID.
    pub fn uuid(&self) -> Option<Uuid> {
        self.id.as_deref().and_then(|id| Uuid::try_parse(id.trim()).ok())
    }

    /// How many steps the report has, the root included.
    pub fn step_count(&self) -> usize {
        self.root.as_ref().map_or(0, Step::count)
    }

    /// The step that made the unit fail: the innermost one that says so itself, else the first one that failed without a failed step
    /// inside. None where the report did not fail.
    pub fn cause(&self) -> Option<&Step> {
        let failed = self.result.as_ref().is_some_and(|result| result.severity() > 0);
        let root = self.root.as_ref().filter(|_| failed)?;
        root.to_blame(&|step| step.caused_uut_failure == Some(true)).or_else(|| root.first_failed())
    }
}

wsjf_object! {
    /// A free text with a name.
    MiscInfo, "a misc info (a JSON object)", {
        /// The server's number for it.
        id: Option<Scalar> = "id",
        /// Its name.
        description: String = "description",
        /// Its text.
        text: Option<String> = "text",
        /// Its value as a number; WATS has given this up for `text`.
        numeric: Option<Scalar> = "numeric",
    }
}

wsjf_object! {
    /// A tool or fixture with its own serial number.
    Asset, "an asset (a JSON object)", {
        /// Serial number of the asset.
        sn: String = "sn",
        /// Its type's name on the server.
        asset_type: Option<String> = "assetType",
        /// Its part number.
        part_number: Option<String> = "partNumber",
        /// How many uses this report adds.
        usage_count: Option<Number> = "usageCount",
        /// When it was last calibrated.
        calibration_date: Option<Timestamp> = "calibrationDate",
        /// When it is to be calibrated next.
        calibration_due: Option<Timestamp> = "calibrationDue",
    }
}

wsjf_object! {
    /// A file inside the report.
    BinaryFile, "a file (a JSON object)", {
        /// The server's id for it.
        id: Option<Scalar> = "id",
        /// File name.
        name: String = "name",
        /// Media type, such as `image/png`.
        content_type: Option<String> = "contentType",
        /// Contents in base64.
        data: Option<String> = "data",
    }
}

wsjf_object! {
    /// A named tree of properties.
    AdditionalData, "additional data (a JSON object)", {
        /// Its name.
        name: String = "name",
        /// Its properties.
        props: Vec<Property> = "props",
    }
}

wsjf_object! {
    /// One property of additional data, which may have properties of its own.
    Property, "a property (a JSON object)", {
        /// Its name.
        name: Option<String> = "name",
        /// The type's name in the source.
        property_type: Option<String> = "type",
        /// Flags of the source, any JSON.
        flags: Option<Value> = "flags",
        /// Its value, any JSON.
        value: Option<Value> = "value",
        /// A remark.
        comment: Option<String> = "comment",
        /// How its number is to be shown.
        num_format: Option<String> = "numFormat",
        /// Properties inside it.
        props: Vec<Property> = "props",
        /// The array it stands for, any JSON.
        array: Option<Value> = "array",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The cause of a report with this root.
    fn cause(result: &str, root: Value) -> Option<String> {
        let mut report = Report { result: Some(Outcome::parse(result)), ..Report::default() };
        report.root = serde_json::from_value(root).ok();
        assert!(report.root.is_some(), "no step");
        report.cause().map(|step| step.name.clone())
    }

    #[test]
    fn the_cause_of_a_failure_is_the_step_that_says_so_or_else_the_first_failed_one_inside() {
        let step = |name: &str, status: &str, steps: Value| json!({"stepType": "x", "name": name, "status": status, "steps": steps});
        let inner = step("rails", "F", json!([step("12 V", "P", json!([])), step("24 V", "F", json!([])), step("5 V", "F", json!([]))]));
        let root = step("main", "F", json!([step("setup", "P", json!([])), inner]));
        assert_eq!(cause("F", root.clone()).as_deref(), Some("24 V"));
        assert_eq!(cause("P", root.clone()), None);
        let mut said = root;
        said["causedUUTFailure"] = json!(true);
        said["steps"][1]["causedUUTFailure"] = json!(true);
        said["steps"][1]["steps"][2]["causedUUTFailure"] = json!(true);
        assert_eq!(cause("F", said).as_deref(), Some("5 V"));
        assert_eq!(cause("E", step("main", "E", json!([]))).as_deref(), Some("main"));
        assert_eq!(cause("T", step("main", "P", json!([]))), None);
    }
}
