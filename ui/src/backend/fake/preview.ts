// Samples that the real converters have read once (preview.json; preview-notes.json with something to know of it), and how it looks in another format, cut off, or as bytes.
import type { Json, Preview } from "../port";
import noted from "./preview-notes.json";
import sample from "./preview.json";

// Printed by the real program, so they have the shape; the compiler only sees the files' literal types.
const printed: { [file: string]: unknown } = { sample, noted };
const wstf = printed["sample"] as Preview;
const wsxf = printed["noted"] as Preview;

export function previewOf(file: string, format: string | null, options: Json): Preview {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  if (/\.(stdf?|bin|gz|bad)$/i.test(name)) return binary(file);
  const read = /\.xml$/i.test(name) ? wsxf : wstf;
  const chosen = format === null || format === "detect" ? read.format : format;
  const preview = { ...read, file, format: chosen };
  if (chosen !== read.format) {
    const beginning = read === wsxf ? "<?xml" : "--Header-Start--";
    const message = `line 1, column 1: this is no ${chosen?.toUpperCase()}: it begins with \`${beginning}\``;
    const at = { start: 0, end: beginning.length, line: 1, column: 1 };
    return { ...preview, reports: [], failure: { message, fix: "Choose another format, or let it be detected.", at } };
  }
  return read === wstf && hasFields(options) && options["culture"] === "de-DE" ? inGerman(preview) : preview;
}

function hasFields(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** With the wrong culture the first number cannot be read: the preview must follow. */
function inGerman(preview: Preview): Preview {
  const text = preview.source.kind === "text" ? preview.source.text : "";
  const start = text.indexOf("41.7");
  const line = text.slice(0, start).split("\n").length;
  const column = start - text.lastIndexOf("\n", start);
  const message = `line ${line}, column ${column}: \`41.7\` is no number here: the culture is \`de-DE\``;
  return {
    ...preview,
    reports: [],
    failure: { message, fix: "Set the option `culture` to `invariant`.", at: { start, end: start + 4, line, column } },
  };
}

function binary(file: string): Preview {
  const bytes = Array.from({ length: 512 }, (_, at) => (at < 6 ? [2, 0, 0, 10, 2, 4][at]! : (at * 37 + (at >> 3)) % 256));
  const base64 = btoa(String.fromCharCode(...bytes));
  return {
    ...wstf,
    ...{ file, size: 48_112, format: null, guesses: [], reports: [], source: { kind: "bytes", base64, truncated: true } },
    failure: {
      message: "no format knows these bytes",
      fix: "Choose the format by hand, or ask for a converter of this tester.",
      at: { start: 0, end: 6, line: 1, column: 1 },
    },
  };
}
