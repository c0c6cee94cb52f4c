// Lines of the log as they are shown and copied. Pure.
import type { LogLine } from "../../backend/port";
import { visible } from "../../parts/visible";

const two = (n: number): string => String(n).padStart(2, "0");

/** Local time, `11-21 15:04:05.123`; what is no time stays as it is. */
export function timeOf(at: string): { day: string; time: string } {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return { day: "", time: visible(at) };
  const time = `${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}.${String(when.getMilliseconds()).padStart(3, "0")}`;
  return { day: `${two(when.getMonth() + 1)}-${two(when.getDate())}`, time };
}

/** What is about a file: its value narrows the log to that file. */
export function namesFile(field: string): boolean {
  return field === "path" || field === "file" || field === "source";
}

/** For copying: with its marks, so that pasting into a terminal does nothing. */
export function copyOf(line: LogLine): string {
  const fields = Object.entries(line.fields).map(([name, value]) => `${name}=${value}`);
  return visible([line.at, line.level.padEnd(5), line.target && `${line.target}:`, line.message, ...fields].filter(Boolean).join(" "));
}
