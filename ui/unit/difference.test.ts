import { expect, test } from "vitest";
import { differences, onTopOf, setAt, valueAt } from "../src/state/difference";

test("every changed, added and removed value is named by its pointer", () => {
  const before = { a: 1, gone: true, list: [{ x: 1 }, { x: 2 }], "odd/key": 1 };
  const after = { a: 2, list: [{ x: 1 }, { x: 3 }], new: "n", "odd/key": 2 };
  expect(differences(before, after)).toEqual([
    { pointer: "/a", before: 1, after: 2 },
    { pointer: "/gone", before: true, after: undefined },
    { pointer: "/list/1/x", before: 2, after: 3 },
    { pointer: "/odd~1key", before: 1, after: 2 },
    { pointer: "/new", before: undefined, after: "n" },
  ]);
});

test("my changes go on top of theirs, and what only they changed stays", () => {
  const base = { address: "a", location: "Hall 1", proxy: { mode: "system", port: 8080 } };
  const mine = { address: "mine", location: "Hall 1", proxy: { mode: "manual", port: 8080 } };
  const theirs = { address: "a", location: "Hall 2", proxy: { mode: "system", port: 3128 }, kept: 1 };
  expect(onTopOf(base, mine, theirs)).toEqual({ address: "mine", location: "Hall 2", proxy: { mode: "manual", port: 3128 }, kept: 1 });
});

test("what I took away stays away, and a list both changed is mine as a whole", () => {
  expect(onTopOf({ a: 1, b: 2 }, { b: 2 }, { a: 1, b: 3 })).toEqual({ b: 3 });
  expect(onTopOf({ list: [1] }, { list: [1, 2] }, { list: [0] })).toEqual({ list: [1, 2] });
});

test("a value is read and written at its pointer, and undefined takes it away", () => {
  const settings = { proxy: { host: "" }, list: [{ name: "a" }] };
  setAt(settings, "/proxy/host", "proxy.example");
  setAt(settings, "/list/0/name", "b");
  setAt(settings, "/new/deep", 1);
  expect(settings).toEqual({ proxy: { host: "proxy.example" }, list: [{ name: "b" }], new: { deep: 1 } });
  setAt(settings, "/proxy/host", undefined);
  expect(valueAt(settings, "/proxy/host")).toBeUndefined();
  expect(valueAt(settings, "/list/0/name")).toBe("b");
});
