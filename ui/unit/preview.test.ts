import { screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { previewOf } from "../src/backend/fake/preview";
import type { Preview } from "../src/backend/port";
import { Places } from "../src/preview/places";
import { Rows } from "../src/preview/rows";
import { lineStarts, rangeOf, textRows, visible } from "../src/preview/text";
import { cellsOf, type Node, pathTo, rootsOf } from "../src/preview/tree";
import { en } from "../src/text/en";
import { openAt } from "./page";

const wstf = previewOf("/a/NW-2671902.txt", null, {});
const wsxf = previewOf("/a/PSU-000417.xml", null, {});
const words = { ...en.preview.tree, keys: en.preview.keys };
const textOf = ({ source }: Preview): string => (source.kind === "text" ? source.text : "");

function everyRow(nodes: Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...everyRow(node.children())]);
}

test("a span of the file is found in the text whatever the encoding, the marks before it and the part that is shown", () => {
  const text = "é😀 µ=5\r\nzwei µ=6\n";
  const starts = lineStarts(text);
  const found = (span: { start: number; end: number; line: number; column: number }, encoding: string, first = 1): string | null => {
    const range = rangeOf(span, text, starts, first, encoding);
    return range && text.slice(range.start, range.end);
  };
  expect(found({ start: 7, end: 11, line: 1, column: 4 }, "UTF-8")).toBe("µ=5");
  expect(found({ start: 10, end: 14, line: 1, column: 4 }, "UTF-8")).toBe("µ=5");
  expect(found({ start: 5, end: 8, line: 2, column: 6 }, "windows-1252")).toBe("µ=6");
  expect(found({ start: 2, end: 8, line: 1, column: 1 }, "UTF-16LE")).toBe("é😀");
  expect(found({ start: 900, end: 903, line: 41, column: 6 }, "windows-1252", 40)).toBe("µ=6");
  expect(found({ start: 900, end: 903, line: 39, column: 1 }, "UTF-8", 40)).toBeNull();
});

test("a report in one very long line is many rows, and no character is torn", () => {
  const text = `${"x".repeat(199)}😀${"y".repeat(300)}\n\nend`;
  const rows = textRows(text, lineStarts(text), 7, 200);
  expect(rows.map((row) => row.line)).toEqual([7, null, null, 8, 9]);
  expect(
    rows
      .slice(0, 3)
      .map((row) => text.slice(row.start, row.end))
      .join(""),
  ).toBe(text.split("\n")[0]);
  expect(text.slice(rows[1]!.start, rows[1]!.start + 2)).toBe("😀");
  const words = "PartNumber\tPSU-240-A Rev\tC";
  expect(textRows(words, [0], 1, 20).map((row) => words.slice(row.start, row.end))).toEqual(["PartNumber\t", "PSU-240-A Rev\tC"]);
});

test("what would act on the screen is drawn instead, and no place moves by it", () => {
  const text = "\u001b[31mred\u202egpj.exe\u0007\t<b>";
  expect(visible(text)).toBe("␛[31mred□gpj.exe␇\t<b>");
  expect(visible(text)).toHaveLength(text.length);
});

test("every value that was traced leads to its text, and its text leads back to it", () => {
  for (const preview of [wstf, wsxf]) {
    const places = new Places(preview);
    const text = textOf(preview);
    const shown = preview.reports[0]!;
    for (const pointer of Object.keys(shown.trace)) {
      const range = places.rangeOf({ report: 0, pointer });
      expect(range, pointer).not.toBeNull();
      const span = shown.trace[pointer]!;
      expect(new TextEncoder().encode(text.slice(range!.start, range!.end)).length, pointer).toBe(span.end - span.start);
    }
    for (const mark of places.marks) expect(places.valuesAt(mark.start)).toEqual(mark.values);
  }
  const serial = new Places(wstf).rangeOf({ report: 0, pointer: "/sn" })!;
  expect(textOf(wstf).slice(serial.start, serial.end)).toBe("NW-2671902");
});

test("marks never overlap, and the pieces of a row are its whole text", () => {
  for (const preview of [wstf, wsxf]) {
    const places = new Places(preview);
    const text = textOf(preview);
    places.marks.slice(1).forEach((mark, at) => expect(mark.start).toBeGreaterThanOrEqual(places.marks[at]!.end));
    for (const row of textRows(text, lineStarts(text), 1, 40)) {
      const pieces = places.pieces(row, { start: 20, end: 60 });
      expect(pieces.map((piece) => text.slice(piece.start, piece.end)).join("")).toBe(text.slice(row.start, row.end));
    }
  }
});

test("nothing of a report is left out of the tree, and every value has one row", () => {
  for (const preview of [wstf, wsxf]) {
    const roots = rootsOf(preview, words);
    const rows = everyRow(roots);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
    const shown = new Set(rows.flatMap(cellsOf).map((cell) => cell.pointer));
    const leaves = (value: unknown, pointer: string): string[] =>
      typeof value !== "object" || value === null
        ? [pointer]
        : Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${pointer}/${key}`));
    expect(leaves(preview.reports[0]!.report, "").filter((pointer) => !shown.has(pointer))).toEqual([]);
    for (const pointer of leaves(preview.reports[0]!.report, "")) {
      const row = pathTo(roots, 0, pointer).at(-1)!;
      expect(
        cellsOf(row).map((cell) => cell.pointer),
        pointer,
      ).toContain(pointer);
    }
  }
});

test("a step shows its value, its limits the way they are read, and its result in one row", () => {
  const row = pathTo(rootsOf(wstf, words), 0, "/root/steps/0/steps/1/numericMeas/0/value").at(-1)!;
  expect([row.label.text, row.value.map((cell) => cell.text), row.limits.map((cell) => cell.text), row.status?.text]).toEqual([
    "5 V rail",
    ["5.031", "V"],
    ["≥ 4.9", "≤ 5.1"],
    "P",
  ]);
});

test("a warning stands below the row it is about, which is open for it", () => {
  const places = new Places(wsxf);
  const list = new Rows(rootsOf(wsxf, words), places.remarks, new Map()).list;
  expect(list.filter((row) => row.remark)).toHaveLength(wsxf.reports[0]!.warnings.length);
  const attachment = list.findIndex((row) => row.remark?.message.includes("front.png"));
  const owner = list.findLast((row, at) => at < attachment && row.remark === null);
  expect(owner?.node.label.text).toBe("Picture");
});

test("a value leads to its place and a place to its value, on the screen", async () => {
  const { fake, user } = await openAt("/i/ict/converters/0", "healthy");
  await screen.findByRole("button", { name: "Choose a sample…" });
  fake.drop(["/home/nora/samples/NW-2671902.txt"]);
  const tree = within(await screen.findByRole("tree", { name: "Report" }));
  const source = within(screen.getByRole("group", { name: /^Source/ }));
  await user.click(tree.getByText("PSU-240-A"));
  await expect.poll(() => source.getByText("PSU-240-A").classList.contains("chosen")).toBe(true);
  expect(screen.getByText("line 3, column 12")).toBeTruthy();
  await user.click(source.getByText("NW-2671902"));
  await expect.poll(() => tree.getByText("NW-2671902").closest(".marked")).not.toBeNull();
  expect(source.getByText("PSU-240-A").classList.contains("chosen")).toBe(false);
  await user.hover(source.getByText("C"));
  await expect.poll(() => tree.getByText("C").closest(".pointed")).not.toBeNull();
});

test("the tree goes by arrow keys, and what is current is chosen", async () => {
  const { fake, user } = await openAt("/i/ict/converters/0", "healthy");
  await screen.findByRole("button", { name: "Choose a sample…" });
  fake.drop(["/home/nora/samples/NW-2671902.txt"]);
  const tree = await screen.findByRole("tree", { name: "Report" });
  const current = (): string => tree.querySelector('[aria-selected="true"]')?.textContent ?? "";
  tree.focus();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(current()).toContain("Serial number");
  await user.keyboard("{ArrowLeft}");
  expect(current()).toContain("Report 1");
  await user.keyboard("{ArrowLeft}");
  expect(within(tree).getAllByRole("treeitem")).toHaveLength(1);
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowDown}");
  expect(current()).toContain("PSU-240-A");
  expect(screen.getByText("line 3, column 12")).toBeTruthy();
});

test("an option changes the preview, a failure is shown at its place, and an answer that was overtaken is dropped", async () => {
  const { fake, user } = await openAt("/i/ict/converters/0", "healthy");
  await screen.findByRole("button", { name: "Choose a sample…" });
  fake.drop(["/home/nora/samples/NW-2671902.txt"]);
  await screen.findByRole("tree", { name: "Report" });
  const culture = screen.getByLabelText("Culture");
  await user.type(culture, "de-DE");
  expect(await screen.findByText(/`41.7` is no number here/)).toBeTruthy();
  expect(screen.getByText("No report was read from this file.")).toBeTruthy();
  expect(screen.getByRole("group", { name: /^Source/ }).querySelector(".error.chosen")?.textContent).toBe("41.7");

  // The next answer but one comes first: the older is held back until then.
  const answer = fake.preview;
  let release = (): void => {};
  fake.preview = async (file, format, options, instance) => {
    fake.preview = answer;
    await new Promise<void>((resolve) => (release = resolve));
    return answer(file, format, options, instance);
  };
  await user.clear(culture);
  await expect.poll(() => fake.preview).toBe(answer);
  await user.type(culture, "de-DE");
  await user.clear(culture);
  expect(await screen.findByRole("tree", { name: "Report" })).toBeTruthy();
  await user.type(culture, "de-DE");
  await screen.findByText("No report was read from this file.");
  release();
  await user.type(screen.getByLabelText("Name"), "x");
  expect(screen.queryByRole("tree", { name: "Report" })).toBeNull();
});

test("what is to be known of a file leads to its place, by a button", async () => {
  const { fake, user } = await openAt("/i/ict/converters/1", "healthy");
  await screen.findByRole("button", { name: "Choose a sample…" });
  fake.drop(["/home/nora/samples/PSU-000417.xml"]);
  const list = within(await screen.findByRole("list", { name: "What to know of this file" }));
  expect(list.getAllByRole("button")).toHaveLength(wsxf.reports[0]!.warnings.length);
  await user.click(list.getByRole("button", { name: /Mood="good"/ }));
  await expect.poll(() => document.querySelector(".warning.chosen")?.textContent).toBe("good");
});
