//! The tree from the list, where it matters that nothing runs away.

use super::nest::nest;
use crate::formats::wsxf::Notes;
use crate::trace::Trace;
use crate::xml::{Element, XmlReader};

fn nested(steps: &str) -> (Element, Vec<String>) {
    let text = format!("<Report>{steps}</Report>");
    let mut bytes = text.as_bytes();
    let report = XmlReader::open(&mut bytes, false).unwrap().next(|_, _| true).unwrap().unwrap();
    let mut notes = Notes::new(Trace::default());
    let report = nest(&mut notes, report);
    (report, notes.rejections.close().iter().map(ToString::to_string).collect())
}

fn outline(element: &Element) -> String {
    let id = element.attribute("Id").map_or(&*element.name, |id| &id.value);
    let inner: Vec<String> = element.children.iter().map(outline).collect();
    if inner.is_empty() { id.to_owned() } else { format!("{id}({})", inner.join(" ")) }
}

#[test]
fn siblings_stay_in_the_order_of_the_file() {
    let steps = "<Step StepID='4' ParentStepID='1'/><Step StepID='1'/><Step StepID='2' ParentStepID='1'/><Step StepID='3' ParentStepID='4'/>\
                 <PassFail StepID='3'/><PartInfo/>";
    let (report, rejections) = nested(steps);
    assert_eq!(outline(&report), "Report(ReportUnitHierarchy 1(4(3(PassFail)) 2))");
    assert!(rejections.is_empty(), "{rejections:?}");
}

#[test]
fn a_negative_parent_is_none() {
    assert_eq!(outline(&nested("<Step StepID='0' ParentStepID='-1'/><Step StepID='1' ParentStepID='0'/>").0), "Report(0(1))");
}

#[test]
fn a_chain_of_steps_is_capped() {
    let chain: String = (1..20_000).map(|id| format!("<Step StepID='{id}' ParentStepID='{}'/>", id - 1)).collect();
    let (_, rejections) = nested(&format!("<Step StepID='0'/>{chain}"));
    assert_eq!(rejections.len(), 1);
    assert!(rejections[0].contains("nested more than 500 deep"), "{rejections:?}");
}

#[test]
fn a_step_in_itself_is_found() {
    let (_, rejections) = nested("<Step StepID='1'/><Step StepID='2' ParentStepID='2'/>");
    assert!(rejections[0].contains("inside of itself"), "{rejections:?}");
}
