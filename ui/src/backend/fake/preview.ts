// A sample that the real converter has read once (preview.json), and how it looks in another format, cut off, or as bytes.
import type { Json, Preview } from "../port";
import sample from "./preview.json";

const wstf = sample as Preview;

export function previewOf(file: string, format: string | null, options: Json): Preview {
  const name = file.split(/[\\/]/).at(-1) ?? file;
  if (/\.(stdf?|bin|gz)$/i.test(name)) return binary(file);
  const chosen = format === null || format === "detect" ? "wstf" : format;
  const preview = { ...wstf, file, format: chosen };
  if (chosen !== "wstf") {
    const message = `line 1, column 1: this is no ${chosen.toUpperCase()}: it begins with \`--Header-Start--\``;
    return {
      ...preview,
      reports: [],
      failure: { message, fix: "Choose WSTF, or let the format be detected.", at: { start: 0, end: 16, line: 1, column: 1 } },
    };
  }
  return hasFields(options) && options["culture"] === "de-DE" ? inGerman(preview) : preview;
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
    failure: { message: "no format knows these bytes", fix: "Choose the format by hand, or ask for a converter of this tester.", at: null },
  };
}
