// Curves and yields of an invented shift: two shifts a day, a pause at night, now and then a fault that comes in a row.
import type { Activity, InstanceSnapshot, Yield, YieldRange } from "../port";
import { between, chance, seedOf } from "./random";

const hour = 3_600_000;

/** How busy a tester is at an hour of the day, 0 to 1. */
function load(at: number): number {
  const h = new Date(at).getHours();
  return h >= 6 && h < 22 ? 0.75 + 0.25 * Math.sin(((h - 6) / 16) * Math.PI) : 0.08;
}

export function activityOf(instance: InstanceSnapshot, hours: number): Activity {
  const seed = seedOf(instance.id);
  const buckets = hours === 1 ? 60 : hours === 24 ? 96 : 168;
  const bucket_s = (hours * 3600) / buckets;
  const from_at = Date.now() - hours * hour;
  const down = instance.server?.status === "unreachable" ? 1571 : 0;
  const times = Array.from({ length: buckets }, (_, at) => from_at + at * bucket_s * 1000);
  const alive = times.map((at) => instance.sent !== null && Date.now() - at > down * 1000);
  const most = ((instance.sent?.today ?? 0) / 18) * (bucket_s / 3600) * 1.4;
  return {
    from_at,
    bucket_s,
    sent: times.map((at, n) => (alive[n] ? Math.round(most * load(at) * (0.7 + 0.6 * chance(seed, n))) : 0)),
    rejected: times.map((_, n) => (chance(seed + 1, n) > 0.985 ? 1 : 0)),
    refused: times.map((_, n) => (chance(seed + 2, n) > 0.99 ? 1 : 0)),
    latency_ms: times.map((_, n) => (alive[n] ? between(28, 60, seed + 3, n) + (chance(seed + 4, n) > 0.95 ? 120 : 0) : null)),
  };
}

export function yieldOf(instance: InstanceSnapshot, range: YieldRange): Yield {
  const seed = seedOf(instance.id);
  const hours = range === "day" ? 24 : 168;
  const from_at = Date.now() - hours * hour;
  const scale = ((instance.sent?.today ?? 0) / 412) * (range === "day" ? 1 : 6.3);
  const by_part = [
    { pn: "PSU-240-A", n: 210, good: 0.981 },
    { pn: "CTRL-88", n: 118, good: 0.932 },
    { pn: "AMP-12-R3", n: 61, good: 0.869 },
  ].map(({ pn, n, good }) => {
    const units = Math.round(n * scale);
    const first_pass = Math.round(units * good);
    return { pn, units, first_pass, passed: Math.min(units, first_pass + Math.round((units - first_pass) * 0.6)) };
  });
  const units = by_part.reduce((sum, part) => sum + part.units, 0);
  const first_pass = by_part.reduce((sum, part) => sum + part.first_pass, 0);
  const passed = by_part.reduce((sum, part) => sum + part.passed, 0);
  const failures = [
    { step: "Power/Ripple 5 V at full load", pn: "AMP-12-R3", n: 7 },
    { step: "CAN/Loopback 500 kbit/s", pn: "CTRL-88", n: 5 },
    { step: "Power/Standby current", pn: "CTRL-88", n: 3 },
    { step: "Audio/THD+N at 1 kHz", pn: "AMP-12-R3", n: 2 },
    { step: "Safety/Insulation resistance", pn: "PSU-240-A", n: 1 },
  ];
  return {
    range,
    from_at,
    units,
    first_pass,
    first_pass_yield: units === 0 ? null : first_pass / units,
    passed,
    failed: units - passed,
    reports: Math.round(units * 1.07),
    by_part: by_part.filter((part) => part.units > 0),
    failures: failures.map(({ step, pn, n }) => ({ step, pn, units: Math.round(n * scale) })).filter((row) => row.units > 0),
    by_hour: Array.from({ length: hours }, (_, n) => {
      const at = from_at + n * hour;
      const tested = Math.round(((units / hours) * load(at) * (0.7 + 0.6 * chance(seed, n))) / 0.65);
      return { at, units: tested, first_pass: Math.max(0, tested - (chance(seed + 9, n) > 0.6 ? 1 : 0)) };
    }),
  };
}
