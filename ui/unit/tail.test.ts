import { expect, test } from "vitest";
import type { LogFilter, LogLine, LogPage } from "../src/backend/port";
import { copyOf, timeOf } from "../src/screens/log/lines";
import { Tail } from "../src/screens/log/tail.svelte";

const width = 100;
const everything = { level: null, text: null, file: null };

/** Log files by name, newest first, each line `width` bytes long; a page looks at no more than `looks` lines. */
class Logs {
  asked = 0;
  onask: (asked: number) => unknown = () => undefined;
  constructor(
    public files: Record<string, LogLine["level"][]>,
    readonly looks = 1000,
  ) {}

  ask = async (name: string | null, before: number | null, after: number | null, filter: LogFilter, limit: number): Promise<LogPage> => {
    this.onask(++this.asked);
    const names = Object.keys(this.files);
    const file = name ?? names[0] ?? "";
    const levels = this.files[file] ?? [];
    const fits = (at: number): boolean => filter.level === null || levels[at] === filter.level;
    const lineAt = (at: number): LogLine => ({
      ...{ at: "2026-11-21T14:00:00Z", level: levels[at] ?? "INFO", target: "", message: `${file} ${at}`, fields: {}, offset: at * width },
    });
    const lines: LogLine[] = [];
    const page = { size: levels.length * width, file, files: names };
    if (after !== null) {
      let at = after / width;
      for (let looked = 0; at < levels.length && lines.length < limit && looked < this.looks; at++, looked++)
        if (fits(at)) lines.push(lineAt(at));
      return { ...page, lines, before: after, after: at * width };
    }
    const end = Math.min(levels.length, before === null ? levels.length : before / width);
    let at = end;
    for (let looked = 0; at > 0 && lines.length < limit && looked < this.looks; looked++) if (fits(--at)) lines.unshift(lineAt(at));
    return { ...page, lines, before: at === 0 ? null : at * width, after: end * width };
  };
}

const info = (n: number): LogLine["level"][] => Array.from({ length: n }, () => "INFO" as const);
const shown = (tail: Tail): string[] => tail.entries.map((entry) => entry.line.message);

test("a log of any length opens with one page, and older lines come when they are asked for", async () => {
  const logs = new Logs({ a: info(5000) });
  const tail = new Tail(logs.ask);
  await tail.open();
  expect([logs.asked, tail.entries.length, shown(tail).at(-1), tail.live]).toEqual([1, 400, "a 4999", true]);
  await tail.older();
  expect([tail.entries.length, shown(tail)[0], tail.first]).toEqual([800, "a 4200", -400]);
});

test("days follow each other as one log, down to the beginning of the oldest", async () => {
  const tail = new Tail(new Logs({ b: info(3), a: info(2) }).ask);
  await tail.open();
  expect(shown(tail)).toEqual(["a 0", "a 1", "b 0", "b 1", "b 2"]);
  expect(tail.atBeginning).toBe(true);
  await tail.open({ file: "b", filter: everything });
  expect(shown(tail)).toEqual(["b 0", "b 1", "b 2"]);
});

test("new lines are added, also those of a new day's file", async () => {
  const logs = new Logs({ a: info(2) });
  const tail = new Tail(logs.ask);
  await tail.open();
  logs.files = { b: info(1), a: info(3) };
  await tail.newer();
  expect(shown(tail)).toEqual(["a 0", "a 1", "a 2", "b 0"]);
  expect(tail.live).toBe(true);
});

test("a rare line is looked for page by page, and what is in between is not held", async () => {
  const levels = info(9000);
  levels[123] = "ERROR";
  levels[7000] = "ERROR";
  const logs = new Logs({ b: info(10), a: levels });
  const tail = new Tail(logs.ask);
  await tail.open();
  const first = await tail.error("older", tail.entries.length);
  expect(shown(tail)[first ?? -1]).toBe("a 7000");
  expect([tail.entries.length, tail.live]).toEqual([400, false]);
  const second = await tail.error("older", first ?? -1);
  expect(shown(tail)[second ?? -1]).toBe("a 123");
  expect(await tail.error("older", second ?? -1)).toBeNull();
  const back = await tail.error("newer", second ?? -1);
  expect(shown(tail)[back ?? -1]).toBe("a 7000");
  expect(await tail.error("newer", back ?? -1)).toBeNull();
});

test("from an older part the newest is reached again by going down", async () => {
  const levels = info(1000);
  levels[100] = "ERROR";
  const tail = new Tail(new Logs({ a: levels }).ask);
  await tail.open();
  await tail.error("older", tail.entries.length);
  expect([shown(tail).at(-1), tail.live]).toEqual(["a 299", false]);
  await tail.newer();
  await tail.newer();
  await tail.newer();
  expect([shown(tail).at(-1), tail.live]).toEqual(["a 999", true]);
  expect(new Set(shown(tail)).size).toBe(tail.entries.length);
});

test("a search that is stopped says nothing, and what it still finds is dropped", async () => {
  const levels = info(500_000);
  levels[0] = "ERROR";
  const logs = new Logs({ a: levels });
  const tail = new Tail(logs.ask);
  await tail.open();
  logs.onask = (asked) => asked === 5 && tail.stop();
  expect(await tail.error("older", tail.entries.length)).toBeUndefined();
  expect([shown(tail).at(-1), tail.working]).toEqual(["a 499999", false]);
  expect(logs.asked).toBe(5);
});

test("a view that was cleared shows what comes after, and does not fetch the old again", async () => {
  const logs = new Logs({ a: info(10) });
  const tail = new Tail(logs.ask);
  await tail.open();
  tail.clear();
  await tail.older();
  logs.files["a"]?.push("WARN");
  await tail.newer();
  expect(shown(tail)).toEqual(["a 10"]);
  await tail.open();
  expect(tail.entries.length).toBe(11);
});

test("a copied line has its marks, and a time that is none stays", () => {
  const line: LogLine = {
    at: "2026-11-21T14:00:00Z",
    level: "WARN",
    target: "convert",
    message: "\u001b[31mred",
    fields: { sn: "a\u202Eb" },
    offset: 0,
  };
  expect(copyOf(line)).toBe("2026-11-21T14:00:00Z WARN  convert: ‹ESC›[31mred sn=a‹U+202E›b");
  expect(timeOf("soon")).toEqual({ day: "", time: "soon" });
});
