//! Two example stations, ours from first to last: an in-circuit tester for a power supply, four boards to a panel, and a functional tester for a radio module.
//! They make the same units for the same seed, with failures and retests, so a demo can be told twice.

use jiff::{Timestamp, ToSpan, Zoned, tz};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// One tested unit, before it is written in any format.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) station: &'static str,
    pub(crate) process: (u32, &'static str),
    pub(crate) part: &'static str,
    pub(crate) revision: &'static str,
    pub(crate) serial: String,
    pub(crate) operator: &'static str,
    /// Place in the panel, 1 to 4; none when the unit is tested alone.
    pub(crate) socket: Option<u8>,
    pub(crate) start: Zoned,
    pub(crate) seconds: f64,
    pub(crate) groups: Vec<Group>,
}

/// Tests that belong together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) tests: Vec<Test>,
}

/// One test with what it measured.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Numeric { name: String, value: f64, low: f64, high: f64, unit: &'static str },
    PassFail { name: &'static str, passed: bool },
    Text { name: &'static str, value: String, limit: &'static str },
}

impl Test {
    pub(crate) fn passed(&self) -> bool {
        match self {
            Self::Numeric { value, low, high, .. } => low <= value && value <= high,
            Self::PassFail { passed, .. } => *passed,
            Self::Text { value, limit, .. } => value == limit,
        }
    }
}

impl Group {
    pub(crate) fn passed(&self) -> bool {
        self.tests.iter().all(Test::passed)
    }
}

impl Unit {
    pub(crate) fn passed(&self) -> bool {
        self.groups.iter().all(Group::passed)
    }
}

/// Makes units one after the other, a few seconds of station time apart.
pub(crate) struct Line {
    chance: StdRng,
    clock: Zoned,
    made: u32,
}

impl Line {
    /// Testers write whole seconds, so the day begins on one.
    pub(crate) fn new(seed: u64, begin: Timestamp) -> Self {
        let begin = Timestamp::from_second(begin.as_second()).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { chance: StdRng::seed_from_u64(seed), clock: begin.to_zoned(tz::TimeZone::fixed(tz::offset(1))), made: 0 }
    }

    /// Four power supplies of one panel, tested one behind the other.
    pub(crate) fn panel(&mut self) -> Vec<Unit> {
        (1..=4).map(|socket| self.power_supply(Some(socket))).collect()
    }

    /// A power supply on the in-circuit tester.
    pub(crate) fn power_supply(&mut self, socket: Option<u8>) -> Unit {
        let fault = self.fault();
        let mut resistors: Vec<Test> = (1..=8u32).map(|n| self.near(format!("R10{n}"), f64::from(n) * 1_000.0, 0.05, "Ohm")).collect();
        let capacitors = (1..=4u32).map(|n| self.near(format!("C20{n}"), f64::from(n) * 10.0, 0.1, "uF")).collect();
        let mut rails = vec![self.near("24 V rail".into(), 24.0, 0.02, "V"), self.near("5 V rail".into(), 5.0, 0.03, "V")];
        rails.push(self.near("Ripple".into(), 35.0, 0.4, "mV"));
        match fault {
            Some(0) => spoil(&mut resistors[2]),
            Some(1) => spoil(&mut rails[0]),
            _ => {}
        }
        let shorts = vec![Test::PassFail { name: "No shorts", passed: fault != Some(2) }];
        let groups = vec![
            Group { name: "Shorts", tests: shorts },
            Group { name: "Resistors", tests: resistors },
            Group { name: "Capacitors", tests: capacitors },
            Group { name: "Power rails", tests: rails },
        ];
        self.unit("ICT-07", (20, "ICT"), "PSU-24-10", "PS", socket, groups)
    }

    /// A radio module on the functional tester.
    pub(crate) fn radio(&mut self) -> Unit {
        let fault = self.fault();
        let mut transmit = vec![self.near("Output power".into(), 14.0, 0.06, "dBm"), self.near("Supply current".into(), 42.0, 0.1, "mA")];
        if fault == Some(1) {
            spoil(&mut transmit[0]);
        }
        let version = if fault == Some(0) { "2.3.9" } else { "2.4.1" };
        let boot = vec![
            Test::Text { name: "Firmware", value: version.to_owned(), limit: "2.4.1" },
            Test::PassFail { name: "Self-test", passed: fault != Some(2) },
        ];
        let receive = vec![self.near("Sensitivity".into(), -108.0, -0.03, "dBm"), self.near("Frequency error".into(), 1.2, 0.8, "ppm")];
        let groups = vec![
            Group { name: "Boot", tests: boot },
            Group { name: "Transmit", tests: transmit },
            Group { name: "Receive", tests: receive },
        ];
        self.unit("FCT-02", (30, "FCT"), "RDX-868", "RD", None, groups)
    }

    /// The same unit tested again, its fault mended.
    pub(crate) fn retest(&mut self, failed: &Unit) -> Unit {
        let mut again = if failed.part == "RDX-868" { self.radio() } else { self.power_supply(failed.socket) };
        again.serial.clone_from(&failed.serial);
        again.groups.iter_mut().flat_map(|group| &mut group.tests).for_each(mend);
        again
    }

    fn unit(
        &mut self,
        station: &'static str,
        process: (u32, &'static str),
        part: &'static str,
        prefix: &str,
        socket: Option<u8>,
        groups: Vec<Group>,
    ) -> Unit {
        self.made += 1;
        let seconds = f64::from(self.chance.random_range(180..900)) / 10.0;
        self.clock = &self.clock + 7.seconds();
        Unit {
            station,
            process,
            part,
            revision: "C",
            serial: format!("{prefix}26{:06}", 410_000 + self.made),
            operator: ["Ada", "Björn", "Chiara"][self.made as usize % 3],
            socket,
            start: self.clock.clone(),
            seconds,
            groups,
        }
    }

    /// One unit in eleven has a fault of one of three kinds.
    fn fault(&mut self) -> Option<u8> {
        self.chance.random_bool(1.0 / 11.0).then(|| self.chance.random_range(0..3))
    }

    /// A value inside `nominal ± share`, with limits there; four digits behind the point at most.
    fn near(&mut self, name: String, nominal: f64, share: f64, unit: &'static str) -> Test {
        let width = nominal * share;
        let value = nominal + width * self.chance.random_range(-0.8..0.8);
        Test::Numeric { name, value: round(value), low: round(nominal - width), high: round(nominal + width), unit }
    }
}

fn spoil(test: &mut Test) {
    if let Test::Numeric { value, high, low, .. } = test {
        *value = round(*high + (*high - *low) * 0.7);
    }
}

fn mend(test: &mut Test) {
    match test {
        Test::Numeric { value, low, high, .. } => *value = round((*low + *high) / 2.0),
        Test::PassFail { passed, .. } => *passed = true,
        Test::Text { value, limit, .. } => (*limit).clone_into(value),
    }
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_failures_and_every_retest_passes() {
        let mut line = Line::new(7, Timestamp::UNIX_EPOCH);
        let units: Vec<Unit> =
            (0..100).flat_map(|_| line.panel()).chain((0..100).map(|_| Line::new(9, Timestamp::UNIX_EPOCH).radio())).collect();
        let failed: Vec<&Unit> = units.iter().filter(|unit| !unit.passed()).collect();
        assert!((10..120).contains(&failed.len()), "{} of {} failed", failed.len(), units.len());
        for unit in failed {
            let again = line.retest(unit);
            assert!(again.passed() && again.serial == unit.serial);
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_units() {
        let serials = |seed| format!("{:?}", Line::new(seed, Timestamp::UNIX_EPOCH).panel());
        assert_eq!(serials(3), serials(3));
        assert_ne!(serials(3), serials(4));
    }
}
