// A text cut at the line and at the place in it that is marked. Pure. The span's line and column count from 1, in the whole file.
import type { Span } from "../../backend/port";

export type Around = { lines: number; before: string; line: { before: string; marked: string; after: string } | null; after: string };

export function around(text: string, firstLine: number, marked: Span | null): Around {
  const lines = text.split("\n");
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  const at = marked === null ? -1 : marked.line - firstLine;
  const line = lines[at];
  if (marked === null || line === undefined) return { lines: lines.length, before: lines.join("\n"), line: null, after: "" };
  const start = Math.min(Math.max(0, marked.column - 1), line.length);
  const end = Math.min(line.length, start + Math.max(1, marked.end - marked.start));
  return {
    lines: lines.length,
    before: at === 0 ? "" : `${lines.slice(0, at).join("\n")}\n`,
    line: { before: line.slice(0, start), marked: line.slice(start, end), after: line.slice(end) },
    after: at === lines.length - 1 ? "" : `\n${lines.slice(at + 1).join("\n")}`,
  };
}
