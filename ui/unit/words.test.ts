import { beforeEach, expect, test } from "vitest";
import { ago, bytes, duration, exactTime, percent, useLanguage } from "../src/text/index.svelte";

beforeEach(() => useLanguage("en"));

test("durations say their two largest units", () => {
  expect([0, 59, 60, 3599, 3600, 7500, 90_000].map(duration)).toEqual(["0 s", "59 s", "1 min", "59 min", "1 h", "2 h 5 min", "1 d 1 h"]);
});

test("sizes and parts are written the language's way", () => {
  expect(bytes(0)).toBe("0 B");
  expect(bytes(1536)).toBe("2 KiB");
  expect(bytes(5 * 1024 * 1024 + 300_000)).toBe("5.3 MiB");
  expect(percent(0.9745)).toBe("97.5%");
  useLanguage("de");
  expect(percent(0.9745)).toBe("97,5\u00a0%");
});

test("an age is told in the language that is chosen", () => {
  expect(ago(1_000_000 - 180_000, 1_000_000)).toBe("3 minutes ago");
  expect(ago(1_000_000, 1_000_001)).toBe("just now");
  useLanguage("de");
  expect(ago(1_000_000 - 180_000, 1_000_000)).toBe("vor 3 Minuten");
});

test("an exact time carries its offset from UTC", () => {
  expect(exactTime(Date.UTC(2026, 10, 21, 12))).toMatch(/UTC([+−]\d{1,2}(:\d\d)?)?$/);
});
