//! The flat list to a tree.

use std::collections::HashMap;

use super::plot;
use crate::formats::wsxf::Notes;
use crate::xml::Element;

/// How deep steps may be nested; the same cap as for elements inside of each other.
const DEEPEST: usize = 500;
/// Elements whose `StepID` refers to a step of another report, or says nothing of where they belong.
const NOT_RESULTS: [&str; 3] = ["Failure", "Failures", "Binary"];

/// The steps of a report, by their place in the file.
#[derive(Default)]
struct Steps {
    elements: Vec<Option<Element>>,
    parents: Vec<Option<String>>,
    results: Vec<Vec<Element>>,
    places: HashMap<String, usize>,
}

/// Brings a flat report into the nested shape. What cannot be placed is a rejection.
pub(super) fn nest(notes: &mut Notes, mut report: Element) -> Element {
    let mut steps = Steps::default();
    let mut rest = Vec::new();
    for mut child in std::mem::take(&mut report.children) {
        if child.is("Step") {
            steps.add(notes, child);
        } else if child.attribute("StepID").is_some() && !NOT_RESULTS.iter().any(|name| child.is(name)) {
            rest.push(child);
        } else {
            if child.is("PartInfo") {
                child.name = "ReportUnitHierarchy".to_owned();
            }
            report.children.push(child);
        }
    }
    for result in rest {
        steps.add_result(notes, result);
    }
    report.children.extend(steps.tree(notes));
    report
}

impl Steps {
    fn add(&mut self, notes: &mut Notes, mut step: Element) {
        let parent = take_attribute(&mut step, "ParentStepID").filter(|parent| !parent.is_empty() && !parent.starts_with('-'));
        let place = self.elements.len();
        match step.attributes.iter_mut().find(|attribute| attribute.name.eq_ignore_ascii_case("StepID")) {
            Some(id) => {
                id.name = "Id".to_owned();
                if self.places.insert(id.value.trim().to_owned(), place).is_some() {
                    let message = format!("two steps have the StepID {}", id.value);
                    notes.reject_at(Some(step.at), message, "number each step of a report once");
                }
            }
            None => notes.reject_at(Some(step.at), "a step has no StepID", "number each step of a report"),
        }
        self.elements.push(Some(step));
        self.parents.push(parent);
        self.results.push(Vec::new());
    }

    fn add_result(&mut self, notes: &mut Notes, mut result: Element) {
        let id = take_attribute(&mut result, "StepID").unwrap_or_default();
        match self.places.get(&id) {
            Some(place) => self.results[*place].push(result),
            None => {
                let message = format!("<{}> names the StepID {id}, which no step has", result.name);
                notes.reject_at(Some(result.at), message, "write the step, or correct the StepID");
            }
        }
    }

    /// Puts each step into its parent; what remains are the roots.
    fn tree(mut self, notes: &mut Notes) -> Vec<Element> {
        let order = self.order(notes);
        let mut roots = Vec::new();
        let mut children: Vec<Vec<Element>> = self.elements.iter().map(|_| Vec::new()).collect();
        // from the last to the first, so that a step has all of its own when it is put into its parent
        for (place, parent) in order.into_iter().rev() {
            let Some(mut step) = self.elements[place].take() else { continue };
            step.children.extend(self.results_of(notes, place));
            step.children.extend(children[place].drain(..).rev());
            match parent {
                Some(parent) => children[parent].push(step),
                None => roots.push(step),
            }
        }
        if notes.rejections.is_empty()
            && let Some(lost) = self.elements.iter().flatten().next()
        {
            let message = "a step is inside of itself, by the ParentStepID of its parents";
            notes.reject_at(Some(lost.at), message, "correct the ParentStepID");
        }
        roots.reverse();
        roots
    }

    /// Every step that hangs on a root, parents first, with the place of its parent.
    fn order(&self, notes: &mut Notes) -> Vec<(usize, Option<usize>)> {
        let mut below: Vec<Vec<usize>> = self.elements.iter().map(|_| Vec::new()).collect();
        let mut open: Vec<(usize, Option<usize>, usize)> = Vec::new();
        for (place, parent) in self.parents.iter().enumerate() {
            match parent.as_ref().map(|id| (id, self.places.get(id))) {
                None => open.push((place, None, 1)),
                Some((_, Some(parent))) => below[*parent].push(place),
                Some((id, None)) => {
                    let message = format!("a step names the ParentStepID {id}, which no step has");
                    let at = self.elements[place].as_ref().map(|step| step.at);
                    notes.reject_at(at, message, "write the parent step, or correct the ParentStepID");
                }
            }
        }
        open.reverse();
        let mut order = Vec::new();
        while let Some((place, parent, depth)) = open.pop() {
            order.push((place, parent));
            if depth == DEEPEST {
                let message = format!("steps are nested more than {DEEPEST} deep");
                notes.reject_at(self.elements[place].as_ref().map(|step| step.at), message, "nest fewer steps");
                break;
            }
            open.extend(below[place].iter().rev().map(|child| (*child, Some(place), depth + 1)));
        }
        order
    }

    /// The results of a step in their order, its charts and files in WSXF's form.
    fn results_of(&mut self, notes: &mut Notes, place: usize) -> Vec<Element> {
        let (plots, mut results): (Vec<_>, Vec<_>) = std::mem::take(&mut self.results[place]).into_iter().partition(|one| one.is("Chart"));
        results.sort_by_key(|result| number(result, "MeasIndex"));
        results.extend(plot::plots(notes, plots));
        results
    }
}

/// An attribute that numbers; 0 where there is none.
pub(super) fn number(element: &Element, name: &str) -> i64 {
    element.attribute(name).and_then(|attribute| attribute.value.trim().parse().ok()).unwrap_or(0)
}

fn take_attribute(element: &mut Element, name: &str) -> Option<String> {
    let place = element.attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(name))?;
    Some(element.attributes.remove(place).value.trim().to_owned())
}
