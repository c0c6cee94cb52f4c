import { expect, test } from "vitest";

test("on a computer without a language the page is written as in English", async () => {
  Object.defineProperty(navigator, "language", { value: "C", configurable: true });
  await import("../src/locale");
  expect(() => new Intl.NumberFormat(navigator.language)).not.toThrow();
});
