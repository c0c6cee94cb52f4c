// The places of a report's values in its source, both ways: from a value to its place, and from a place to its values. Pure.
import type { Preview, Span } from "../backend/port";
import { lineStarts, type Range, rangeOf, rowAt } from "./text";

/** A value of a report, by its RFC 6901 pointer. */
export type Value = { report: number; pointer: string };
export type Tone = "warning" | "error";
/** A stretch of the source from which values were read. Marks do not overlap: of places inside each other only the innermost is one. */
export type Mark = Range & { values: Value[] };
/** Something to know: a warning, what the check says of the report, or why nothing was read. */
export type Remark = { tone: Tone; message: string; fix: string | null; value: Value | null; range: Range | null; span: Span | null };
/** A stretch of a row, drawn alike. */
export type Piece = Range & { mark: number; tone: Tone | null; chosen: boolean };

export class Places {
  readonly marks: Mark[];
  readonly remarks: Remark[];
  #ranges = new Map<string, Range>();
  #spans = new Map<string, Span>();
  #all: Mark[];

  constructor(preview: Preview) {
    const locate = locator(preview);
    const found: Mark[] = [];
    preview.reports.forEach((shown, report) => {
      for (const [pointer, span] of Object.entries(shown.trace)) {
        const value = { report, pointer };
        const range = locate(span);
        this.#spans.set(keyOf(value), span);
        if (!range) continue;
        this.#ranges.set(keyOf(value), range);
        found.push({ ...range, values: [value] });
      }
    });
    this.#all = merged(found);
    // In this order a stretch holds others when the next one begins inside it.
    this.marks = this.#all.filter((mark, at) => mark.end > mark.start && (this.#all[at + 1]?.start ?? Infinity) >= mark.end);
    this.remarks = remarksOf(
      preview,
      (span) => (span ? locate(span) : null),
      (value) => this.rangeOf(value),
    );
  }

  rangeOf(value: Value): Range | null {
    return this.#ranges.get(keyOf(value)) ?? null;
  }

  /** The place as line and column, also where it is outside of what is shown. */
  spanOf(value: Value): Span | null {
    return this.#spans.get(keyOf(value)) ?? null;
  }

  /** The values that were read at a position: of the innermost place that holds it. */
  valuesAt(position: number): Value[] {
    let innermost: Mark | null = null;
    for (const mark of this.#all) {
      if (mark.start > position) break;
      if (position < mark.end && (!innermost || mark.end - mark.start <= innermost.end - innermost.start)) innermost = mark;
    }
    return innermost?.values ?? [];
  }

  /** A row cut where something begins or ends. */
  pieces(row: Range, chosen: Range | null): Piece[] {
    const flags = this.remarks.filter((remark) => remark.range && touches(remark.range, row));
    const cuts = new Set([row.start, row.end]);
    const cut = (range: Range | null): void => {
      if (range) [range.start, range.end].forEach((at) => void (at > row.start && at < row.end && cuts.add(at)));
    };
    const first = this.marks.length === 0 ? 0 : rowAt(this.marks, row.start);
    let last = first;
    for (; last < this.marks.length && this.marks[last]!.start < row.end; last++) cut(this.marks[last]!);
    flags.forEach((flag) => cut(flag.range));
    cut(chosen);
    const edges = [...cuts].sort((a, b) => a - b);
    return edges.slice(0, -1).map((start, n) => {
      const piece = { start, end: edges[n + 1]! };
      const within = (range: Range | null): boolean => range !== null && range.start <= start && start < range.end;
      const tones = flags.filter((flag) => within(flag.range)).map((flag) => flag.tone);
      const mark = this.marks.slice(first, last).findIndex(within);
      return {
        ...piece,
        mark: mark < 0 ? -1 : first + mark,
        tone: tones.includes("error") ? "error" : (tones[0] ?? null),
        chosen: within(chosen),
      };
    });
  }
}

export function keyOf({ report, pointer }: Value): string {
  return `${report}${pointer}`;
}

export function touches(range: Range, row: Range): boolean {
  return range.start < row.end && range.end > row.start;
}

function locator({ source }: Preview): (span: Span) => Range | null {
  if (source.kind === "bytes") return ({ start, end }) => ({ start, end });
  const starts = lineStarts(source.text);
  return (span) => rangeOf(span, source.text, starts, source.first_line, source.encoding);
}

/** By their beginning, of those that begin alike the longest first; values of one place together. */
function merged(found: Mark[]): Mark[] {
  const marks: Mark[] = [];
  for (const mark of found.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = marks.at(-1);
    if (last?.start === mark.start && last.end === mark.end) last.values.push(...mark.values);
    else marks.push(mark);
  }
  return marks;
}

function remarksOf(preview: Preview, locate: (span: Span | null) => Range | null, rangeOf: (value: Value) => Range | null): Remark[] {
  const list: Remark[] = [];
  const { failure } = preview;
  if (failure)
    list.push({ tone: "error", message: failure.message, fix: failure.fix, value: null, range: locate(failure.at), span: failure.at });
  preview.reports.forEach((shown, report) => {
    for (const { pointer, message, at } of shown.warnings) {
      const value = { report, pointer };
      list.push({ tone: "warning", message, fix: null, value, range: locate(at) ?? rangeOf(value), span: at });
    }
    for (const { pointer, message } of shown.issues) {
      const value = { report, pointer };
      list.push({ tone: "warning", message, fix: null, value, range: rangeOf(value), span: null });
    }
  });
  return list;
}
