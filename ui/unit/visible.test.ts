import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import PlainText from "../src/parts/PlainText.svelte";
import { fileName, piecesOf, visible } from "../src/parts/visible";

test("what acts on a screen or a terminal is marked, everything else stays", () => {
  expect(visible("\u001b[31mred\u0007 \u202Egnp.exe\u202C")).toBe("‹ESC›[31mred‹BEL› ‹U+202E›gnp.exe‹U+202C›");
  expect(visible("a\nb\tc\u007f\u0085\u200b\ufeff")).toBe("a‹LF›b‹TAB›c‹DEL›‹U+0085›‹U+200B›‹U+FEFF›");
  expect(visible("half a character: \ud800!")).toBe("half a character: ‹U+D800›!");
  expect(visible("Prüfling 测试 אבג 👩‍🔧 <b>&amp;")).toBe("Prüfling 测试 אבג 👩‍🔧 <b>&amp;");
});

test("lines stay lines where a text has them", () => {
  expect(piecesOf("a\r\n\tb\r", "", true).map((piece) => piece.text)).toEqual(["a\n\tb"]);
  expect(piecesOf("a\rb", "", true).map((piece) => piece.text)).toEqual(["a", "CR", "b"]);
});

test("what was looked for is found in any case, as often as it is there", () => {
  const kinds = piecesOf("Fail, FAIL and fai", "fail").map((piece) => `${piece.kind} ${piece.text}`);
  expect(kinds).toEqual(["found Fail", "text , ", "found FAIL", "text  and fai"]);
});

test("text with HTML in it is shown as text, from left to right", () => {
  const { container } = render(PlainText, { text: "<img src=x onerror=alert(1)>\u202Etxt.exe" });
  expect(container.querySelector("img")).toBeNull();
  expect(container.textContent).toBe("<img src=x onerror=alert(1)>U+202Etxt.exe");
  expect(container.querySelector("bdi")?.getAttribute("dir")).toBe("ltr");
});

test("the name of a file is found in paths of every system", () => {
  expect(fileName("/srv/results/a b.txt")).toBe("a b.txt");
  expect(fileName("C:\\results\\a.txt")).toBe("a.txt");
  expect(fileName("a.txt")).toBe("a.txt");
});
