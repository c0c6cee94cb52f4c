// Queue and history of the invented instances. Every row is computed from its number, so that 100,000 of them cost nothing until they are looked at.
import type { HistoryFilter, InstanceSnapshot, LogLine, QueueFilter, QueueRow, ReportDetail, SourceDetail, SourceRow } from "../port";
import { between, chance, pick, seedOf } from "./random";
import sample from "./preview.json";

const refusals = [
  "422: the process code 7781 does not exist on the server. Add it there, or set the default operation code of the station.",
  "400: part number is longer than 100 characters",
  // What a server says is text, whatever it looks like.
  '400: <img src=x onerror="alert(1)"> <b>Invalid</b> \u001b[31mrev\u001b[0m \u202Egnp.exe',
] as const;

type Counts = { error: number; processing: number; queued: number; completed: number };

function countsOf(instance: InstanceSnapshot): Counts {
  const queue = instance.queue ?? { error: 0, processing: 0, queued: 0 };
  return { error: queue.error, processing: queue.processing, queued: queue.queued, completed: Math.min(instance.sent?.today ?? 0, 5000) };
}

function common(
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

/** The row at a place of the list, newest ticket first: refused, being sent, waiting, sent. */
function rowAt(instance: InstanceSnapshot, at: number): QueueRow {
  const counts = countsOf(instance);
  const all = counts.error + counts.processing + counts.queued + counts.completed;
  const seed = seedOf(instance.id);
  const age = at < counts.error ? between(60, 4000, seed, at) : 40 + at * (counts.queued > 10_000 ? 1.9 : 9);
  const queued_at = Date.now() - age * 1000;
  const base = {
    ...common(seed, all - at),
    discarded_at: null,
    queued_at,
    start: new Date(queued_at - 90_000).toISOString(),
    result: chance(seed, at) < 0.93 ? "P" : "F",
  };
  const offline = instance.server?.status === "unreachable";
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
    const all = counts.error + counts.processing + counts.queued + counts.completed;
    const text = filter.text?.toLowerCase() ?? "";
    const rows: QueueRow[] = [];
    let total = 0;
    for (let at = 0; at < all; at++) {
      const early = text === "" && rows.length >= filter.limit && this.#changed.size === 0;
      if (early) return { rows, total: this.#totalOf(filter.state, counts, all) };
      const row = this.#row(at);
      if (!matches(row, filter.state)) continue;
      total++;
      if (filter.before !== null && row.ticket >= filter.before) continue;
      if (text !== "" && ![row.sn, row.pn, row.path, row.note ?? ""].some((value) => value.toLowerCase().includes(text))) continue;
      if (rows.length < filter.limit) rows.push(row);
    }
    return { rows, total };
  }

  detail(ticket: number): ReportDetail {
    const counts = countsOf(this.instance());
    const row = this.#row(counts.error + counts.processing + counts.queued + counts.completed - ticket);
    const attempts = Array.from({ length: row.attempts }, (_, n) => ({
      n: n + 1,
      at: row.queued_at + n * 30_000,
      latency_ms: row.state === "queued" ? 10_000 : 44,
      status: row.state === "queued" ? null : row.state === "error" ? 422 : 200,
      message: row.note ?? "accepted",
      verdict: row.state === "queued" ? "Again" : row.state === "error" ? "Refused" : "Accepted",
    }));
    return { row, warnings: [], attempts, body: JSON.stringify({ ...sample.reports[0]?.report, sn: row.sn, pn: row.pn }, null, 2) };
  }

  change(tickets: number[], change: Partial<QueueRow>): void {
    for (const ticket of tickets) this.#changed.set(ticket, change);
  }

  #row(at: number): QueueRow {
    const row = rowAt(this.instance(), at);
    return { ...row, ...this.#changed.get(row.ticket) };
  }

  #totalOf(state: QueueFilter["state"], counts: Counts, all: number): number {
    const totals = { owed: counts.queued + counts.processing, error: counts.error, discarded: 0, completed: counts.completed };
    return state === null ? all : totals[state];
  }
}

function matches(row: QueueRow, state: QueueFilter["state"]): boolean {
  if (row.discarded_at !== null) return state === "discarded";
  if (state === null) return true;
  if (state === "owed") return row.state === "queued" || row.state === "processing";
  return row.state === state;
}

const rejection =
  "line 14, column 18: `41,7` is no number here: the culture is `invariant`. Set the option `culture` of the converter, for example `de-DE`.";

function sourceAt(instance: InstanceSnapshot, at: number): SourceRow {
  const seed = seedOf(instance.id);
  const all = sourceCount(instance);
  const row = common(seed, all - at);
  const when = Date.now() - (30 + at * 190) * 1000;
  const outcome = at % 61 === 3 ? "rejected" : at % 47 === 11 ? "duplicate" : "converted";
  return {
    id: row.ticket,
    rule: row.rule,
    path: row.path,
    size: row.size,
    hash: row.report_id.replaceAll("-", ""),
    format: row.rule === "ICT results" ? "wstf" : "wsxf",
    outcome,
    reason: outcome === "rejected" ? rejection : outcome === "duplicate" ? "The same content was converted before." : null,
    of: outcome === "duplicate" ? row.ticket - 9 : null,
    at: when,
    filed: true,
    filed_at: row.path.replace("/results/", outcome === "rejected" ? "/results/Error/" : "/results/Done/"),
    reports: outcome === "converted" ? 1 : 0,
  };
}

function sourceCount(instance: InstanceSnapshot): number {
  return Math.min((instance.sent?.today ?? 0) * 12, 60_000);
}

export function historyOf(instance: InstanceSnapshot, filter: HistoryFilter): { rows: SourceRow[] } {
  const rows: SourceRow[] = [];
  const text = filter.text?.toLowerCase() ?? "";
  for (let at = 0; at < sourceCount(instance) && rows.length < filter.limit; at++) {
    const row = sourceAt(instance, at);
    if (filter.before !== null && row.id >= filter.before) continue;
    if (filter.outcome !== null && row.outcome !== filter.outcome) continue;
    if (filter.rule !== null && row.rule !== filter.rule) continue;
    if (filter.day !== null && new Date(row.at).toISOString().slice(0, 10) !== filter.day) continue;
    if (text !== "" && !row.path.toLowerCase().includes(text)) continue;
    rows.push(row);
  }
  return { rows };
}

export function sourceOf(instance: InstanceSnapshot, id: number, reports: QueueRow[]): SourceDetail {
  const row = sourceAt(instance, sourceCount(instance) - id);
  const text = row.outcome === "rejected" ? sample.source.text.replace("41.7", "41,7") : sample.source.text;
  const start = text.indexOf("41,7");
  const log: LogLine[] = [
    {
      at: new Date(row.at).toISOString(),
      level: row.outcome === "rejected" ? "WARN" : "INFO",
      target: "convert",
      message: row.reason ?? "converted",
      fields: { path: row.path, rule: row.rule },
      offset: 18_220,
    },
  ];
  return {
    row,
    reports,
    file: row.filed_at,
    marked: start < 0 ? null : { start, end: start + 4, line: 10, column: 34 },
    text,
    first_line: 1,
    log,
  };
}
