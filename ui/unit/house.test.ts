// Rules of the house that no compiler knows, read off the sources.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outlines } from "../src/parts/tones";

const root = join(import.meta.dirname, "../src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (name) => /\.(svelte|ts|css)$/.test(name) && !name.endsWith("bindings.ts"),
);
const text = (name: string): string => readFileSync(join(root, name), "utf8");

test("text of files and servers is never taken for HTML", () => {
  expect(files.filter((name) => /\{@html|innerHTML|insertAdjacentHTML/.test(text(name)))).toEqual([]);
});

test("colours stand in the palette alone", () => {
  const colour = /#[0-9a-f]{3,8}\b(?=\s*[;,)])|\b(rgb|rgba|hsl|hsla|oklch|oklab)\(/i;
  expect(files.filter((name) => name !== "tokens.css" && colour.test(text(name)))).toEqual([]);
});

test("a component fits on a few screens", () => {
  expect(files.filter((name) => name.endsWith(".svelte") && text(name).split("\n").length > 230)).toEqual([]);
});

test("nothing is of the type any", () => {
  expect(files.filter((name) => /: any\b|as any\b|<any>/.test(text(name)))).toEqual([]);
});

test("screens reach the app through the port alone", () => {
  const screens = files.filter((name) => /^(screens|parts)\//.test(name));
  expect(screens.filter((name) => /@tauri-apps|backend\/(host|fake|bindings)/.test(text(name)))).toEqual([]);
});

test("a state has the same shape in the window as in the tray", () => {
  for (const [tone, outline] of Object.entries(outlines)) {
    const drawing = readFileSync(join(import.meta.dirname, `../../icons/tray/${tone}.svg`), "utf8");
    expect(drawing, tone).toContain(`d="${outline}"`);
  }
});
