// The history of the invented instances, newest first; every row is computed from its number.
import type { HistoryFilter, InstanceSnapshot, LogLine, QueueRow, SourceDetail, SourceRow } from "../port";
import sample from "./preview.json";
import { seedOf } from "./random";
import { common } from "./reports";

const began = Date.now();
const rejection =
  "line 11, column 35: `41,7` is no number here: the culture is `invariant`. Set the option `culture` of the converter, for example `de-DE`.";

function countOf(instance: InstanceSnapshot): number {
  return (instance.sent?.today ?? 0) * 12;
}

function sourceAt(instance: InstanceSnapshot, at: number): SourceRow {
  const row = common(seedOf(instance.id), countOf(instance) - at);
  const outcome = at % 61 === 3 ? "rejected" : at % 47 === 11 ? "duplicate" : "converted";
  const folders = { rejected: "Error", duplicate: "Done", converted: "Done" };
  // The sample that is shown of every file is a text.
  const rule = outcome === "rejected" ? "ICT results" : row.rule;
  return {
    id: row.ticket,
    rule,
    path: row.path,
    size: row.size,
    hash: row.report_id.replaceAll("-", "").repeat(2),
    format: rule === "ICT results" ? "wstf" : "wsxf",
    outcome,
    reason: outcome === "rejected" ? rejection : null,
    of: outcome === "duplicate" ? row.ticket - 9 : null,
    at: began - (30 + at * 190) * 1000,
    filed: true,
    filed_at: row.path.replace("/results/", `/results/${folders[outcome]}/`),
    reports: outcome === "converted" ? 1 : 0,
  };
}

export function historyOf(instance: InstanceSnapshot, filter: HistoryFilter): { rows: SourceRow[] } {
  const rows: SourceRow[] = [];
  const all = countOf(instance);
  const text = filter.text?.toLowerCase() ?? "";
  const dayOf = (at: number): string => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  for (let at = filter.before === null ? 0 : all - filter.before + 1; at < all && rows.length < filter.limit; at++) {
    const row = sourceAt(instance, at);
    if (filter.outcome !== null && row.outcome !== filter.outcome) continue;
    if (filter.rule !== null && row.rule !== filter.rule) continue;
    if (filter.day !== null && dayOf(row.at) !== filter.day) continue;
    // The file's name has the serial number in it; the part number is looked for like the real one does.
    const { pn } = common(seedOf(instance.id), row.id);
    if (![row.path, pn].some((value) => value.toLowerCase().includes(text))) continue;
    rows.push(row);
  }
  return { rows };
}

export function sourceOf(instance: InstanceSnapshot, id: number, reportsOf: (source: SourceRow) => QueueRow[]): SourceDetail {
  const row = sourceAt(instance, countOf(instance) - id);
  const text = row.outcome === "rejected" ? sample.source.text.replace("41.7", "41,7") : sample.source.text;
  const start = text.indexOf("41,7");
  const before = text.slice(0, Math.max(0, start));
  const at = (later: number): string => new Date(row.at + later).toISOString();
  const line = (level: LogLine["level"], target: string, message: string, later: number): LogLine => ({
    ...{ at: at(later), level, target, message, fields: { path: row.path, rule: row.rule }, offset: 18_220 + later },
  });
  const seen = [line("DEBUG", "settle", "settled", 0), line("INFO", "convert", "converted", 12), line("INFO", "upload", "accepted", 60)];
  return {
    row,
    reports: reportsOf(row),
    file: row.filed_at,
    marked: start < 0 ? null : { start, end: start + 4, line: before.split("\n").length, column: start - before.lastIndexOf("\n") },
    text,
    first_line: 1,
    log: row.outcome === "rejected" ? [...seen.slice(0, 1), line("WARN", "convert", `rejected: ${row.reason ?? ""}`, 12)] : seen,
  };
}
