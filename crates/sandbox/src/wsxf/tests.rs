use super::*;

const WHOLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<Reports xmlns="http://wats.virinco.com/schemas/WATS/Report/wsxf">
  <Report type="UUT" ID="5A0F1D5E-6A1F-4B7C-9A55-0C9D1F2B3E4D" Start="2026-03-01T09:00:00+01:00"
      Start_utc="2026-03-01T08:00:00Z" Result="Failed" SN="S&amp;1" PN="RX-9" Rev="A" MachineName="FCT-1" Location="" Purpose="">
    <UUT UserLoginName="ben"/>
    <Process Code="30" Name="FCT"/>
    <Step Name="Main" StepType="SequenceCall" Status="Failed"><SequenceCall Name="Main"/><Step Name="Inner"/></Step>
  </Report>
</Reports>"#;

fn refusal(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from} is not in the report");
    inspect(WHOLE.replace(from, to).as_bytes()).unwrap_err()
}

#[test]
fn a_whole_report_is_taken_with_or_without_a_namespace() {
    let summary = inspect(WHOLE.as_bytes()).unwrap();
    assert_eq!((summary.kind, summary.result, summary.sn.as_str()), ("T", "F", "S&1"));
    assert_eq!(summary.process, "30 FCT");
    let bare = WHOLE.replace(r#" xmlns="http://wats.virinco.com/schemas/WATS/Report/wsxf""#, "");
    assert_eq!(inspect(bare.as_bytes()).unwrap(), summary);
}

#[test]
fn each_required_attribute_and_element_is_missed_by_name() {
    let names = ["type", "ID", "Start", "Start_utc", "Result", "SN", "PN", "Rev", "MachineName", "Location", "Purpose"];
    for name in names {
        assert_eq!(refusal(&format!("{name}="), &format!("x{name}=")), format!("The {name} field is required."));
    }
    assert_eq!(refusal(r#"<UUT UserLoginName="ben"/>"#, ""), "The UUT field is required.");
    assert_eq!(refusal(r#"<Process Code="30" Name="FCT"/>"#, ""), "The Process field is required.");
    assert_eq!(refusal("\"UUT\"", "\"UUR\""), "The UUR field is required.");
}

#[test]
fn each_wrong_value_gets_its_text() {
    let table = [
        ("\"Failed\" SN", "\"F\" SN", "The Result field must be one of Passed, Failed, Error, Terminated, but is 'F'."),
        ("Code=\"30\" Name=\"FCT\"", "Code=\"\" Name=\"\"", "The Process element needs a Code or a Name."),
        ("Code=\"30\"", "Code=\"thirty\"", "The Process Code must be an integer, but is 'thirty'."),
        ("Code=\"30\" Name=\"FCT\"", "Name=\"fct\"", "The Process Name 'fct' is not known"),
        ("<Process", "<Step/><Process", "A Report must hold exactly one Step, but holds 2."),
        ("</Reports>", "<Report/></Reports>", "The Reports element must hold exactly one Report, but holds 2."),
        ("</Reports>", "", "The XML ends before its elements are closed."),
        ("</Report>", "</Rapport>", "The XML cannot be read:"),
        ("<Reports ", "<!DOCTYPE x [<!ENTITY a \"b\">]><Reports ", "The XML must not have a DTD."),
    ];
    for (from, to, text) in table {
        let said = refusal(from, to);
        assert!(said.starts_with(text), "{said}");
    }
}

#[test]
fn another_root_and_bottomless_nesting_are_refused() {
    assert_eq!(inspect(b"<Report/>").unwrap_err(), "The root element must be Reports, but is Report.");
    let deep = format!("<Reports>{}", "<a>".repeat(600));
    assert_eq!(inspect(deep.as_bytes()).unwrap_err(), "The XML is nested deeper than 512 elements.");
    assert_eq!(inspect(b"\xFF\xFE<").unwrap_err(), "The XML is not UTF-8.");
}
