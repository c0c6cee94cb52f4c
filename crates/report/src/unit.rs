//! The unit: details of a test, details of a repair, the units inside.

use serde_json::Value;

use crate::object::wsjf_object;
use crate::report::BinaryFile;
use crate::{Number, Scalar, Timestamp};

wsjf_object! {
    /// Details of a test. Keys that only say how a number is shown (`…Format`) live in `extra`.
    Uut, "test details (a JSON object)", {
        /// Who tested.
        user: Option<String> = "user",
        /// A remark.
        comment: Option<String> = "comment",
        /// How long the test took, in seconds.
        exec_time: Option<Number> = "execTime",
        /// The socket of a parallel tester.
        test_socket_index: Option<Number> = "testSocketIndex",
        /// Serial number of the batch.
        batch_sn: Option<String> = "batchSN",
        /// Failures in the batch so far.
        batch_fail_count: Option<Number> = "batchFailCount",
        /// Place in the batch.
        batch_loop_index: Option<Number> = "batchLoopIndex",
        /// The fixture.
        fixture_id: Option<String> = "fixtureId",
        /// Code of what went wrong.
        error_code: Option<Scalar> = "errorCode",
        /// What went wrong.
        error_message: Option<String> = "errorMessage",
        /// Id of the step that made the unit fail.
        step_id_caused_uut_failure: Option<Scalar> = "stepIdCausedUUTFailure",
        /// Repairs that refer to this test, any JSON; said by the server.
        referenced_by_uurs: Vec<Value> = "referencedByUURs",
    }
}

wsjf_object! {
    /// Details of a repair.
    Uur, "repair details (a JSON object)", {
        /// Who repaired.
        user: Option<String> = "user",
        /// A remark.
        comment: Option<String> = "comment",
        /// How long the repair took, in seconds.
        exec_time: Option<Number> = "execTime",
        /// Number of the test operation in which the unit failed.
        process_code: Option<Number> = "processCode",
        /// Name of that test operation.
        process_name: Option<String> = "processName",
        /// UUID of the failed test.
        ref_uut: Option<String> = "refUUT",
        /// When the failure was confirmed.
        confirm_date: Option<Timestamp> = "confirmDate",
        /// When the repair was finished, in universal time.
        finalize_date: Option<Timestamp> = "finalizeDate",
        /// Whether this is the repair in force.
        active: Option<bool> = "active",
        /// The repair before this one, any JSON.
        parent: Option<Value> = "parent",
        /// The repairs after this one, any JSON.
        children: Option<Value> = "children",
    }
}

wsjf_object! {
    /// A unit inside the unit. In a repair idx 0 is the unit itself and failures hang on the units.
    SubUnit, "a sub-unit (a JSON object)", {
        /// What sort of part it is.
        part_type: Option<String> = "partType",
        /// Part number.
        pn: String = "pn",
        /// Revision of the part.
        rev: Option<String> = "rev",
        /// Serial number; empty in a repair where it is unknown.
        sn: String = "sn",
        /// Its number in the report (repair).
        idx: Option<Number> = "idx",
        /// The idx of the unit that holds it (repair).
        parent_idx: Option<Number> = "parentIdx",
        /// Its position in the unit.
        position: Option<Number> = "position",
        /// The idx of the unit it replaced (repair).
        replaced_idx: Option<Number> = "replacedIdx",
        /// What was wrong with it (repair).
        failures: Vec<Failure> = "failures",
    }
}

wsjf_object! {
    /// One thing that was wrong with a unit under repair.
    Failure, "a failure (a JSON object)", {
        /// Category of the failure on the server.
        category: Option<String> = "category",
        /// Code of the failure; it must exist on the server.
        code: Option<String> = "code",
        /// A remark.
        comment: Option<String> = "comment",
        /// The component, such as `R55`.
        com_ref: Option<String> = "comRef",
        /// The functional block.
        func_block: Option<String> = "funcBlock",
        /// Id of the failed test's step.
        ref_step_id: Option<Scalar> = "refStepId",
        /// Name of that step; said by the server.
        ref_step_name: Option<String> = "refStepName",
        /// Article number of the component.
        art_number: Option<String> = "artNumber",
        /// Revision of the component.
        art_rev: Option<String> = "artRev",
        /// Vendor of the component.
        art_vendor: Option<String> = "artVendor",
        /// Description of the component.
        art_description: Option<String> = "artDescription",
        /// Pictures and other files.
        attachments: Vec<BinaryFile> = "attachments",
    }
}
