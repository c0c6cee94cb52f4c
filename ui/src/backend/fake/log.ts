// Logs of 40,000 lines, each computed from its number. Offsets are line number times a fixed width, which is all that paging needs.
import type { LogFilter, LogLine, LogPage } from "../port";
import { between, chance, pick } from "./random";

const lines = 40_000;
const width = 160;
const levels = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
const file = "worker.2026-11-21.jsonl";
const routine: [[string, string], ...[string, string][]] = [
  ["upload", "accepted"],
  ["convert", "converted"],
  ["enqueue", "queued"],
  ["settle", "settled"],
];
const files = [file, "worker.2026-11-20.jsonl", "worker.2026-11-19.jsonl"];

function lineAt(at: number, last: number): LogLine {
  const when = new Date(Date.now() - (last - at) * 870).toISOString();
  const sn = `NW-26${10000 + (at % 89999)}`;
  const line = (level: LogLine["level"], target: string, message: string, fields: LogLine["fields"] = {}): LogLine => ({
    ...{ at: when, level, target, message, fields, offset: at * width },
  });
  if (at % 997 === 13)
    return line("ERROR", "upload", "the server does not answer: connection timed out after 10 s", {
      attempt: String(between(1, 6, 3, at)),
    });
  if (at % 811 === 7)
    return line("WARN", "convert", '<script>alert("not HTML")</script> \u001b[31mred?\u001b[0m \u202Egnp.exe', {
      path: `/srv/testers/ict/results/${sn}.txt`,
    });
  if (at % 211 === 5)
    return line("WARN", "convert", "rejected: line 14, column 18: `41,7` is no number here", {
      path: `/srv/testers/ict/results/${sn}.txt`,
    });
  const [target, message] = pick(routine, 4, at);
  return line(chance(8, at) < 0.7 ? "INFO" : "DEBUG", target, message, { sn, latency_ms: String(between(20, 90, 2, at)) });
}

/** Lines that came since the page was opened: one a second. */
const opened = Date.now();

export function logPage(wanted: string | null, before: number | null, after: number | null, filter: LogFilter, limit: number): LogPage {
  const last = lines + Math.floor((Date.now() - opened) / 1000);
  const level = filter.level === null ? levels.length : levels.indexOf(filter.level);
  const text = filter.text?.toLowerCase() ?? "";
  const fits = (line: LogLine): boolean =>
    levels.indexOf(line.level) <= level &&
    (text === "" || `${line.message} ${line.target} ${Object.values(line.fields).join(" ")}`.toLowerCase().includes(text)) &&
    (filter.file === null || line.fields["path"] === filter.file);
  const found: LogLine[] = [];
  let at = after === null ? (before === null ? last : Math.min(last, before / width)) - 1 : after / width;
  const looked = 4 * 1024 * 1024;
  const end = after === null ? Math.max(0, at - looked / width) : last;
  if (after === null) for (; at >= end && found.length < limit; at--) found.unshift(...[lineAt(at, last)].filter(fits));
  else for (; at < end && found.length < limit; at++) found.push(...[lineAt(at, last)].filter(fits));
  const first = after === null ? (at + 1) * width : null;
  return {
    lines: found,
    before: first === 0 ? null : first,
    after: after === null ? last * width : at * width,
    size: last * width,
    file: wanted ?? file,
    files,
  };
}
