use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ActionStep, AttachmentStep, BooleanStep, ChartError, ChartStep, ChartType, DuplicateName, ExeStep, Header, Limits, MultiBooleanStep,
    MultiNumericStep, MultiStringStep, Numeric, NumericStep, Plot, PopupStep, RepairReport, Sequence, StringStep, TestReport, Text,
    TextLimit,
};
use crate::{CompOp, Failure, Group, Number, Outcome, Report, Step, SubUnit, Timestamp, compare};

fn header() -> Header {
    Header {
        id: Some(Uuid::from_u128(7)),
        pn: "RADIO-7".to_owned(),
        sn: "R0001".to_owned(),
        rev: "B".to_owned(),
        start: Some(Timestamp::new("2026-01-31T08:00:00+01:00")),
        machine_name: "FCT-1".to_owned(),
        location: "Hall 1".to_owned(),
        purpose: "Production".to_owned(),
        process_code: Some(20),
        process_name: None,
    }
}

fn number(digits: &str) -> Number {
    Number::parse(digits).unwrap()
}

fn between(value: &str) -> Numeric {
    Numeric::new(number(value)).unit("V").limits(Limits::between(number("4.50"), number("5.50")))
}

fn status(step: impl Into<Step>) -> Outcome {
    step.into().status.unwrap()
}

/// One step of every kind, all passing.
fn everything() -> Sequence {
    let plot = || {
        Plot::new(ChartType::Line, "Ripple")
            .x("Time", "s")
            .y("Voltage", "")
            .series("raw", &[(0.into(), number("1.50")), (1.into(), 2.into())])
            .unwrap()
    };
    Sequence::new("Main")
        .path("radio.seq")
        .version("1.2")
        .push(NumericStep::new("Supply", between("5.00")).group(Group::Setup).seconds(number("0.250")))
        .push(MultiNumericStep::new("Rails").add("5V", between("5.1")).unwrap().add("core", Numeric::new(1)).unwrap().chart(plot()))
        .push(StringStep::new("Firmware", Text::new("v2").limit(TextLimit::Equal("v2".to_owned()))))
        .push(MultiStringStep::new("Labels").add("front", Text::new("A")).unwrap())
        .push(BooleanStep::new("Self test", true))
        .push(MultiBooleanStep::new("LEDs").add("red", true).unwrap().add("green", true).unwrap())
        .push(ActionStep::new("Warm up").report_text("ten seconds"))
        .push(PopupStep::new("Look", 1, "yes"))
        .push(ExeStep::new("Flash", 0))
        .push(AttachmentStep::new("Picture", "front.png", "image/png", b"not really a picture"))
        .push(ChartStep::new("Curve", plot()))
}

#[test]
fn what_is_built_has_no_issues_and_reads_back() {
    let report = TestReport::new(header())
        .operator("Kim")
        .misc("Oven", "3")
        .sub_unit(SubUnit { pn: "A".into(), sn: "1".into(), ..SubUnit::default() })
        .build(everything());
    assert_eq!(report.check(), []);
    assert_eq!((report.result.as_ref(), report.step_count()), (Some(&Outcome::Passed), 12));
    assert_eq!(Report::from_json(&report.to_json()), Ok(report));
}

#[test]
fn a_step_is_written_as_wats_wants_it() {
    let step = serde_json::to_value(Step::from(NumericStep::new("Supply", between("5.00")))).unwrap();
    let expected: Value = serde_json::from_str(
        r#"{"stepType":"ET_NLT","name":"Supply","status":"P",
            "numericMeas":[{"value":5.00,"unit":"V","compOp":"GELE","lowLimit":4.50,"highLimit":5.50,"status":"P"}]}"#,
    )
    .unwrap();
    assert_eq!(step, expected);
}

#[test]
fn a_failure_deep_inside_reaches_the_report() {
    let inner = Sequence::new("Inner").push(NumericStep::new("Supply", between("6"))).push(BooleanStep::new("LED", true));
    let report = TestReport::new(header()).build(Sequence::new("Main").push(inner).push(ActionStep::new("Off")));
    let root = report.root.unwrap();
    assert_eq!(
        (report.result, &root.status, &root.steps[0].status),
        (Some(Outcome::Failed), &Some(Outcome::Failed), &Some(Outcome::Failed))
    );
    assert_eq!((&root.steps[0].steps[1].status, &root.steps[1].status), (&Some(Outcome::Passed), &Some(Outcome::Passed)));
}

#[test]
fn the_worst_end_inside_decides() {
    let failed = || BooleanStep::new("a", false);
    let ended = |outcome| ActionStep::new("b").status(outcome);
    assert_eq!(status(Sequence::new("s").push(failed()).push(ended(Outcome::Terminated))), Outcome::Terminated);
    assert_eq!(status(Sequence::new("s").push(ended(Outcome::Error)).push(failed())), Outcome::Error);
    assert_eq!(status(Sequence::new("s").push(ended(Outcome::Skipped)).push(ended(Outcome::Done))), Outcome::Passed);
    assert_eq!(status(Sequence::new("s")), Outcome::Passed);
}

#[test]
fn a_given_status_stands_unless_lowering_is_asked_for() {
    let failed = || NumericStep::new("Supply", between("6"));
    assert_eq!(status(failed().status(Outcome::Passed)), Outcome::Passed);
    assert_eq!(status(failed().status(Outcome::Passed).lower()), Outcome::Failed);
    assert_eq!(status(failed().status(Outcome::Error).lower()), Outcome::Error);
    assert_eq!(status(Sequence::new("s").status(Outcome::Passed).push(failed())), Outcome::Passed);
    assert_eq!(status(Sequence::new("s").status(Outcome::Passed).lower().push(failed())), Outcome::Failed);
    assert_eq!(TestReport::new(header()).result(Outcome::Passed).build(Sequence::new("s").push(failed())).result, Some(Outcome::Passed));
}

#[test]
fn a_given_measurement_status_stands() {
    assert_eq!(status(NumericStep::new("Supply", between("6").status(Outcome::Passed))), Outcome::Passed);
    assert_eq!(status(StringStep::new("Firmware", Text::new("v2").status(Outcome::Failed))), Outcome::Failed);
}

#[test]
fn two_measurements_of_one_name_are_refused() {
    let refused = |name: &str| DuplicateName { name: name.to_owned() };
    assert_eq!(MultiNumericStep::new("Rails").add("5V", Numeric::new(5)).unwrap().add(" 5V", Numeric::new(6)).unwrap_err(), refused(" 5V"));
    assert_eq!(MultiStringStep::new("Labels").add("a", Text::new("")).unwrap().add("a", Text::new("")).unwrap_err(), refused("a"));
    assert_eq!(MultiBooleanStep::new("LEDs").add("a", true).unwrap().add("a", false).unwrap_err(), refused("a"));
}

#[test]
fn a_chart_takes_no_more_than_the_server_does() {
    let plot = || Plot::new(ChartType::LineLogXY, "Ripple");
    let point = (Number::from(1), Number::from(2));
    let full = (0..10).try_fold(plot(), |plot, index| plot.series(index.to_string(), std::slice::from_ref(&point))).unwrap();
    assert_eq!(full.series("one more", &[]).unwrap_err(), ChartError::TooManySeries { name: "one more".to_owned() });
    let many = vec![point; 10_001];
    assert_eq!(plot().series("long", &many).unwrap_err(), ChartError::TooManyPoints { name: "long".to_owned(), points: 10_001 });
    assert!(plot().series("just so", &many[1..]).is_ok());
}

#[test]
fn limits_and_operators_say_the_same() {
    for op in ["LOG", "EQ", "NE", "GT", "GE", "LT", "LE", "GTLT", "GELE", "GELT", "GTLE", "LTGT", "LEGE", "LEGT", "LTGE"] {
        let op = CompOp::parse(op);
        let (again, low, high) = Limits::of(&op, Some(1.into()), Some(3.into())).unwrap().into_parts();
        assert_eq!(again, op);
        for value in [0.0, 1.0, 2.0, 3.0, 4.0] {
            let limits = [&low, &high].map(|limit| limit.as_ref().map(Number::as_f64));
            assert_eq!(compare(&again, value, limits[0], limits[1]), compare(&op, value, Some(1.0), Some(3.0)), "{op} {value}");
        }
    }
    assert_eq!(Limits::of(&CompOp::Eqt, Some(1.into()), None), None);
    assert_eq!(Limits::of(&CompOp::CaseSensit, Some(1.into()), None), None);
}

#[test]
fn a_missing_limit_leaves_the_comparison_with_the_other() {
    for (op, low, high) in [
        ("GELE", "GE", "LE"),
        ("GTLT", "GT", "LT"),
        ("GELT", "GE", "LT"),
        ("GTLE", "GT", "LE"),
        ("LTGT", "LT", "GT"),
        ("LEGE", "LE", "GE"),
        ("LEGT", "LE", "GT"),
        ("LTGE", "LT", "GE"),
    ] {
        let limits = |low, high| Limits::of(&CompOp::parse(op), low, high).unwrap().into_parts();
        assert_eq!(limits(Some(1.into()), None), (CompOp::parse(low), Some(1.into()), None));
        assert_eq!(limits(None, Some(3.into())), (CompOp::parse(high), Some(3.into()), None));
        assert_eq!(limits(None, None), (CompOp::Log, None, None));
    }
}

#[test]
fn a_repair_always_names_the_unit_itself_first() {
    let failure = || Failure { category: Some("Solder".into()), code: Some("Bridge".into()), ..Failure::default() };
    let part = SubUnit { pn: "PA-1".into(), failures: vec![failure()], ..SubUnit::default() };
    let report = RepairReport::new(Header { process_code: Some(500), ..header() }, 20)
        .failed_test(Uuid::from_u128(6))
        .operator("Kim")
        .failure(failure())
        .sub_unit(part)
        .build();
    assert_eq!(report.check(), []);
    let written = serde_json::to_value(&report).unwrap();
    let units = json!([
        {"pn": "RADIO-7", "rev": "B", "sn": "R0001", "idx": 0, "failures": [{"category": "Solder", "code": "Bridge"}]},
        {"pn": "PA-1", "idx": 1, "parentIdx": 0, "failures": [{"category": "Solder", "code": "Bridge"}]}
    ]);
    assert_eq!((&written["subUnits"], &written["uur"]["processCode"]), (&units, &json!(20)));
    assert_eq!(Report::from_json(&report.to_json()), Ok(report));
}
