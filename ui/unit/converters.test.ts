import { screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { useBackend } from "../src/backend";
import { type Fake, fakeBackend } from "../src/backend/fake";
import { formats } from "../src/backend/fake/chores";
import type { Json } from "../src/backend/port";
import { optionFields, wordsOf } from "../src/screens/converters/options";
import { copyOf, moved, newRule, rulesOf, standing } from "../src/screens/converters/rules";
import { drops } from "../src/state/drops.svelte";
import { de } from "../src/text/de";
import { openAt } from "./page";

const savedRules = async (fake: Fake) => rulesOf((await fake.loadSettings("ict")).settings);

test("every kind of schema becomes the field that fits, and what none fits is offered as JSON", () => {
  const schema: Json = {
    $defs: { Zone: { type: "string", description: "A zone." }, Mode: { oneOf: [{ const: "strict" }, { const: "loose" }] } },
    properties: {
      zone: { anyOf: [{ $ref: "#/$defs/Zone" }, { type: "null" }], description: "Which zone." },
      code: { type: ["integer", "null"], minimum: 0, maximum: 9, default: 4 },
      strict: { type: "boolean", default: true },
      mode: { $ref: "#/$defs/Mode", default: "loose" },
      letter: { enum: ["a", "b", null] },
      names: { type: "array", items: { type: "string" } },
      columns: { type: "array", items: { type: "object" } },
      either: { type: ["string", "number"] },
    },
  };
  const fields = optionFields(schema);
  expect(fields.map(({ key, kind }) => [key, kind])).toEqual([
    ["zone", "text"],
    ["code", "number"],
    ["strict", "switch"],
    ["mode", "choice"],
    ["letter", "choice"],
    ["names", "lines"],
    ["columns", "json"],
    ["either", "json"],
  ]);
  expect(fields[0]?.description).toBe("Which zone.");
  expect(fields[1]).toMatchObject({ fallback: 4, min: 0, max: 9 });
  expect(fields[3]).toMatchObject({ fallback: "loose", choices: ["strict", "loose"] });
  expect(fields[4]?.choices).toEqual(["a", "b"]);
  expect(wordsOf("default_process_code")).toBe("Default process code");
});

test("every option of every format is explained in German too", () => {
  const keys = formats.flatMap((format) => optionFields(format.options_schema).map((field) => field.key));
  expect(keys.length).toBeGreaterThan(5);
  expect(keys.filter((key) => !(key in de.converters.optionWords))).toEqual([]);
});

test("a new rule takes the files of its format under a name no other rule has, and a copy waits for a folder of its own", () => {
  const wstf = formats.find((format) => format.name === "wstf") ?? null;
  const first = newRule(wstf, "New", []);
  expect(first).toMatchObject({ name: "WATS Standard Text Format", format: "wstf", file_patterns: ["*.txt"], watch_folder: "" });
  expect(newRule(wstf, "New", [first])["name"]).toBe("WATS Standard Text Format 2");
  expect(newRule(null, "New", [])).toMatchObject({ name: "New", format: "detect", file_patterns: ["*"] });
  const copy = copyOf({ ...first, watch_folder: "/a", priority: 3 }, [first]);
  expect(copy).toMatchObject({ name: "WATS Standard Text Format 2", watch_folder: "", priority: 3 });
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
});

test("the state of a rule tells the most important thing first", async () => {
  const instance = (await fakeBackend("healthy").snapshot()).instances.find(({ id }) => id === "ict") ?? null;
  const rule = { name: instance?.converters[0]?.name ?? "", enabled: true };
  expect(standing(rule, true, 0, instance)).toMatchObject({ word: "status", tone: "ok" });
  expect(standing(rule, true, 2, instance)).toMatchObject({ word: "problems", tone: "warning" });
  expect(standing(rule, false, 0, instance)).toMatchObject({ word: "unsaved" });
  expect(standing({ ...rule, enabled: false }, true, 0, instance)).toMatchObject({ word: "off", tone: "off" });
  expect(standing(rule, true, 0, instance && { ...instance, running: false })).toMatchObject({ word: "stopped", tone: "off" });
});

test("a converter is begun with a sample, lacks a folder until one is given, and is saved with its option as a number", async () => {
  const { fake, user } = await openAt("/i/ict/converters", "healthy");
  await user.click(await screen.findByRole("button", { name: "Add a converter" }));
  await user.click(await screen.findByRole("button", { name: "Choose a sample…" }));
  await user.click(await screen.findByRole("button", { name: /WATS Standard Text Format \(WSTF\) · 98 %/ }));
  const folder = await screen.findByLabelText("Folder");
  expect(await screen.findByText("must be a full path, for example /srv/tester/results")).toBeTruthy();
  expect(folder.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
  await user.type(folder, "/srv/testers/new");
  await user.type(screen.getByLabelText("Default process code"), "77");
  expect(await screen.findByText(/31 files are here already/)).toBeTruthy();
  await expect.poll(() => screen.getByRole("button", { name: "Save" }).hasAttribute("disabled")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Save" }));
  await expect.poll(async () => (await savedRules(fake)).length).toBe(3);
  expect((await savedRules(fake))[2]).toEqual({
    name: "WATS Standard Text Format",
    enabled: true,
    watch_folder: "/srv/testers/new",
    format: "wstf",
    file_patterns: ["*.txt"],
    options: { default_process_code: 77 },
  });
});

test("removing is asked about, duplicating makes a second one, and nothing is written before Save", async () => {
  const { fake, user } = await openAt("/i/ict/converters", "healthy");
  await user.click(await screen.findByRole("button", { name: "Duplicate ICT results" }));
  expect(await screen.findByRole("link", { name: "ICT results 2" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Remove Boundary scan" }));
  const question = within(await screen.findByRole("dialog"));
  await user.click(question.getByRole("button", { name: "Remove" }));
  expect(screen.queryByRole("link", { name: "Boundary scan" })).toBeNull();
  expect((await savedRules(fake)).map((rule) => rule["name"])).toEqual(["ICT results", "Boundary scan"]);
  await user.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(await screen.findByRole("link", { name: "Boundary scan" })).toBeTruthy();
});

test("what is dropped goes to what is in front, and back to what is behind when that is gone", () => {
  const fake = fakeBackend("healthy");
  useBackend(fake);
  const got: string[] = [];
  const stops = (["dialog", "instance", "screen"] as const).map((level) => drops.take(level, ([file]) => got.push(`${level} ${file}`)));
  fake.drop(["1"]);
  stops[0]?.();
  fake.drop(["2"]);
  stops[2]?.();
  fake.drop(["3"]);
  stops[1]?.();
  fake.drop(["4"]);
  expect(got).toEqual(["dialog 1", "screen 2", "instance 3"]);
});
