// The queue of the invented instances. Every row is computed from its number, so that 100,000 of them cost nothing until they are looked at.
import type { InstanceSnapshot, QueueFilter, QueueRow, ReportDetail, SourceRow } from "../port";
import { between, chance, pick, seedOf } from "./random";
import sample from "./preview.json";

const refusals = [
  "422: the process code 7781 does not exist on the server. Add it there, or set the default operation code of the station.",
  "400: part number is longer than 100 characters",
  // What a server says is text, whatever it looks like.
  '400: <img src=x onerror="alert(1)"> <b>Invalid</b> \u001b[31mrev\u001b[0m \u202Egnp.exe',
] as const;

const began = Date.now();

type Counts = { error: number; processing: number; queued: number; completed: number };

function countsOf(instance: InstanceSnapshot): Counts {
  const queue = instance.queue ?? { error: 0, processing: 0, queued: 0 };
  return { error: queue.error, processing: queue.processing, queued: queue.queued, completed: Math.min(instance.sent?.today ?? 0, 5000) };
}

export function common(
  seed: number,
  ticket: number,
): Pick<QueueRow, "ticket" | "report_id" | "source" | "rule" | "path" | "sn" | "pn" | "process" | "size" | "priority"> {
  const sn = `NW-26${String(10000 + (ticket % 89999))}`;
  const hex = (n: number): string =>
    between(0, 0xffff, seed, ticket * 8 + n)
      .toString(16)
      .padStart(4, "0");
  return {
    ticket,
    report_id: `${hex(0)}${hex(1)}-${hex(2)}-5${hex(3).slice(1)}-a${hex(4).slice(1)}-${hex(5)}${hex(6)}${hex(7)}`,
    source: ticket,
    rule: chance(seed, ticket) < 0.8 ? "ICT results" : "Boundary scan",
    path: `/srv/testers/ict/results/${sn}_${1000 + (ticket % 9000)}.txt`,
    sn,
    pn: pick(["PSU-240-A", "CTRL-88", "AMP-12-R3"], seed, ticket),
    process: pick(["ICT", "Boundary scan", "Programming"], seed + 1, ticket),
    size: between(1800, 64000, seed, ticket),
    priority: 5,
  };
}

function allOf(counts: Counts): number {
  return counts.error + counts.processing + counts.queued + counts.completed;
}

/** The row at a place of the list, newest ticket first: refused, being sent, waiting, sent. */
function rowAt(instance: InstanceSnapshot, at: number): QueueRow {
  const counts = countsOf(instance);
  const all = allOf(counts);
  const seed = seedOf(instance.id);
  const age = at < 0 ? -at * 100 : at < counts.error ? between(60, 4000, seed, at) : 40 + at * (counts.queued > 10_000 ? 1.9 : 9);
  const queued_at = began - age * 1000;
  const base = {
    ...common(seed, all - at),
    discarded_at: null,
    queued_at,
    start: new Date(queued_at - 90_000).toISOString(),
    result: chance(seed, at) < 0.93 ? "P" : "F",
  };
  const offline = instance.server?.status === "unreachable";
  if (at < 0) return { ...base, state: "completed", next_at: null, settled_at: queued_at + 1400, attempts: 1, note: null };
  if (at < counts.error)
    return {
      ...base,
      state: "error",
      next_at: null,
      settled_at: queued_at + 400,
      attempts: 1,
      note: refusals[at % refusals.length] ?? null,
    };
  if (at < counts.error + counts.processing)
    return { ...base, state: "processing", next_at: null, settled_at: null, attempts: offline ? 4 : 0, note: null };
  if (at < all - counts.completed) {
    const note = offline ? "connection timed out after 10 s" : null;
    return {
      ...base,
      state: "queued",
      next_at: offline ? Date.now() + between(5, 300, seed, at) * 1000 : null,
      settled_at: null,
      attempts: offline ? between(1, 6, seed, at) : 0,
      note,
    };
  }
  return { ...base, state: "completed", next_at: null, settled_at: queued_at + 1400, attempts: 1, note: null };
}

/** The rows of an instance with what was done to them since. */
export class Reports {
  #changed = new Map<number, Partial<QueueRow>>();

  constructor(readonly instance: () => InstanceSnapshot) {}

  page(filter: QueueFilter): { rows: QueueRow[]; total: number } {
    const counts = countsOf(this.instance());
    const all = allOf(counts);
    const text = filter.text?.toLowerCase() ?? "";
    const rows: QueueRow[] = [];
    for (let at = this.#first(filter, counts); at < all && rows.length < filter.limit; at++) {
      const row = this.#row(at);
      if (matches(row, filter.state) && [row.sn, row.pn, row.report_id].some((value) => value.toLowerCase().includes(text))) rows.push(row);
    }
    return { rows, total: this.#total(filter.state, counts) };
  }

  /** The reports that came from a source: one, unless it was no good. */
  ofSource(source: SourceRow): QueueRow[] {
    return source.outcome === "converted" ? [{ ...this.#row(allOf(countsOf(this.instance())) - source.id), path: source.path }] : [];
  }

  detail(ticket: number): ReportDetail {
    const counts = countsOf(this.instance());
    const row = this.#row(allOf(counts) - ticket);
    const attempts = Array.from({ length: row.attempts }, (_, n) => ({
      n: n + 1,
      at: row.queued_at + n * 30_000,
      latency_ms: row.state === "queued" ? 10_000 : 44,
      status: row.state === "queued" ? null : row.state === "error" ? 422 : 200,
      message: row.note ?? "the report is stored",
      verdict: row.state === "queued" ? "again" : row.state === "error" ? "refused" : "accepted",
    }));
    const warnings = row.result === "F" ? ["line 14: the step has no unit; it is sent without"] : [];
    return { row, warnings, attempts, body: JSON.stringify({ ...sample.reports[0]?.report, sn: row.sn, pn: row.pn, result: row.result }) };
  }

  change(tickets: number[], change: Partial<QueueRow>): void {
    for (const ticket of tickets) this.#changed.set(ticket, change);
  }

  #row(at: number): QueueRow {
    const row = rowAt(this.instance(), at);
    return { ...row, ...this.#changed.get(row.ticket) };
  }

  /** The places before which nothing fits need not be looked at. */
  #first(filter: QueueFilter, counts: Counts): number {
    const all = allOf(counts);
    const after = filter.before === null ? 0 : all - filter.before + 1;
    const starts = { owed: counts.error, error: 0, discarded: all, completed: all - counts.completed };
    return filter.state === null || this.#changed.size > 0 ? after : Math.max(after, starts[filter.state]);
  }

  #total(state: QueueFilter["state"], counts: Counts): number {
    const all = allOf(counts);
    const totals = { owed: counts.queued + counts.processing, error: counts.error, discarded: 0, completed: counts.completed };
    const moved = [...this.#changed.keys()].map(
      (ticket) => Number(matches(this.#row(all - ticket), state)) - Number(matches(rowAt(this.instance(), all - ticket), state)),
    );
    return moved.reduce((sum, one) => sum + one, state === null ? all : totals[state]);
  }
}

function matches(row: QueueRow, state: QueueFilter["state"]): boolean {
  if (row.discarded_at !== null) return state === "discarded";
  if (state === null) return true;
  if (state === "owed") return row.state === "queued" || row.state === "processing";
  return row.state === state;
}
