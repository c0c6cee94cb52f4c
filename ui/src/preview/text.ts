// A source text as rows that can be drawn one by one, and the bytes of another source as rows of a hex view. Pure.
import type { Span } from "../backend/port";

/** A row of the text: a line, or a part of a long one; then only its first part has the line's number. */
export type TextRow = { start: number; end: number; line: number | null };

/** A range in the text (UTF-16 units from its beginning), or in bytes. */
export type Range = { start: number; end: number };

export const bytesPerRow = 16;
/** Columns of a tab, at most. */
export const tabWidth = 4;

export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) === text.length && starts.length > 1) starts.pop();
  return starts;
}

/** Lines that are wider than so many columns go on in the next row: a report in one line must not be one row of a million characters. */
export function textRows(text: string, starts: number[], firstLine: number, columns: number): TextRow[] {
  const rows: TextRow[] = [];
  starts.forEach((start, n) => {
    let end = n + 1 < starts.length ? starts[n + 1]! - 1 : text.length;
    while (end > start && (text[end - 1] === "\r" || text[end - 1] === "\n")) end--;
    let from = start;
    do {
      const to = rowEnd(text, from, end, columns);
      rows.push({ start: from, end: to, line: from === start ? firstLine + n : null });
      from = to;
    } while (from < end);
  });
  return rows;
}

/** How far a row reaches: to the last gap between words that fits, where there is one not too far back. */
function rowEnd(text: string, from: number, end: number, columns: number): number {
  let [at, width, gap] = [from, 0, from];
  while (at < end) {
    const units = unitsAt(text, at);
    width += text[at] === "\t" ? tabWidth : units;
    if (width > columns && at > from) return gap > from + (at - from) / 2 ? gap : at;
    at += units;
    if (text[at - 1] === "\t" || text[at - 1] === " ") gap = at;
  }
  return end;
}

/**
 * Where a span is in the text that is shown; null when it is outside. The span counts bytes of the file, the text has characters: the line and column say where it begins,
 * and its bytes, counted in the encoding of the file, how far it reaches.
 */
export function rangeOf(span: Span, text: string, starts: number[], firstLine: number, encoding: string): Range | null {
  const start = starts[span.line - firstLine];
  if (start === undefined) return null;
  const from = start + unitsOf(text, start, span.column - 1);
  let end = from + (span.end - span.start);
  if (!encoding.startsWith("UTF-16") && plain.test(text.slice(from, end))) return { start: from, end };
  end = from;
  for (let left = span.end - span.start; left > 0 && end < text.length;) {
    left -= bytesOf(text.codePointAt(end) ?? 0, encoding);
    end += unitsAt(text, end);
  }
  return { start: from, end };
}

/** Text in which a character is a byte in every encoding but the wide ones. */
const plain = /^[\u0000-\u007f]*$/;
const pairs = /[\ud800-\udbff]/;

/** How many units so many characters take from here. */
function unitsOf(text: string, from: number, characters: number): number {
  if (!pairs.test(text.slice(from, from + characters))) return characters;
  let at = from;
  for (let n = 0; n < characters && at < text.length; n++) at += unitsAt(text, at);
  return at - from;
}

function unitsAt(text: string, at: number): number {
  return isHighSurrogate(text.charCodeAt(at)) && at + 1 < text.length ? 2 : 1;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function bytesOf(character: number, encoding: string): number {
  if (encoding.startsWith("UTF-16")) return character > 0xffff ? 4 : 2;
  if (encoding !== "UTF-8") return 1;
  return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

/** The same text, character for character, in which nothing acts: control characters are drawn as their symbols, marks that turn the direction of writing as a box. */
export function visible(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, (c) => (c === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + c.charCodeAt(0))))
    .replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "\u25a1");
}

export function bytesFrom(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

/** A byte as it is printed beside the hex digits. */
export function printed(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}

/** The row that holds a position: rows are in order. */
export function rowAt(rows: Range[], position: number): number {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.start <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
