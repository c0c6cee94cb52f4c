//! The operations this server knows, as `GET /api/App/Processes` lists them.

use serde::{Deserialize, Serialize};

/// One operation: a kind of test or repair, with the code reports name it by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Process {
    pub(crate) code: u32,
    pub(crate) name: &'static str,
    description: &'static str,
    is_test_operation: bool,
    is_repair_operation: bool,
    is_wip_operation: bool,
    process_index: u32,
    /// 1 = active, 0 = inactive.
    state: u8,
}

#[derive(Clone, Copy, PartialEq)]
enum Use {
    Test,
    Repair,
    Wip,
    Former,
}

const fn process(code: u32, name: &'static str, description: &'static str, kind: Use) -> Process {
    Process {
        code,
        name,
        description,
        is_test_operation: matches!(kind, Use::Test | Use::Former),
        is_repair_operation: matches!(kind, Use::Repair),
        is_wip_operation: matches!(kind, Use::Wip),
        process_index: code,
        state: !matches!(kind, Use::Former) as u8,
    }
}

static ALL: [Process; 12] = [
    process(10, "SW Debug", "Software development, not for production", Use::Test),
    process(20, "ICT", "In-circuit test", Use::Test),
    process(25, "Flying Probe", "In-circuit test without a fixture", Use::Test),
    process(28, "Boundary Scan", "Interconnect test by JTAG", Use::Test),
    process(30, "FCT", "Functional test", Use::Test),
    process(40, "Burn-in", "Run at raised temperature", Use::Test),
    process(50, "Final Function Test", "The finished unit", Use::Test),
    process(60, "EOL Test", "End of line", Use::Test),
    process(90, "Board Check 2019", "No longer used", Use::Former),
    process(200, "Assembly", "Work in progress", Use::Wip),
    process(500, "Repair", "Repair at the line", Use::Repair),
    process(510, "RMA Repair", "Repair of returned units", Use::Repair),
];

/// The query of `GET /api/App/Processes`; nothing asked for means every active operation.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Wanted {
    include_test_operations: bool,
    include_repair_operations: bool,
    include_wip_operations: bool,
    include_inactive_processes: bool,
}

/// The operations `wanted` asks for.
pub(crate) fn list(wanted: &Wanted) -> Vec<&'static Process> {
    let any_kind = !(wanted.include_test_operations || wanted.include_repair_operations || wanted.include_wip_operations);
    ALL.iter()
        .filter(|p| p.state == 1 || wanted.include_inactive_processes)
        .filter(|p| {
            any_kind
                || (wanted.include_test_operations && p.is_test_operation)
                || (wanted.include_repair_operations && p.is_repair_operation)
                || (wanted.include_wip_operations && p.is_wip_operation)
        })
        .collect()
}

/// Whether an active operation has exactly this name; upper and lower case count.
pub(crate) fn is_name(name: &str) -> bool {
    ALL.iter().any(|p| p.state == 1 && p.name == name)
}
