import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";
import { afterEach, expect, test } from "vitest";
import { host } from "../src/backend/host";
import type { Snapshot } from "../src/backend/port";

afterEach(() => clearMocks());

test("a command gets its arguments by their names and gives its value", async () => {
  const asked: [string, unknown][] = [];
  mockIPC((command, given) => {
    asked.push([command, given]);
    return "/trash/ict-1";
  });
  expect(await host.removeInstance("ict")).toBe("/trash/ict-1");
  await host.saveSettings("ict", { location: "Hall 2" }, "h1");
  expect(asked).toEqual([
    ["remove_instance", { id: "ict" }],
    ["save_settings", { id: "ict", settings: { location: "Hall 2" }, expectedHash: "h1" }],
  ]);
});

test("what the app refuses is thrown as it is, and a command that breaks is told in the same shape", async () => {
  const refused = { code: "running", message: "ict runs", hint: "Stop it first." };
  const thrown: unknown[] = [refused, "command not found", new Error("the app is gone")];
  mockIPC(() => {
    throw thrown.shift();
  });
  await expect(host.removeInstance("ict")).rejects.toEqual(refused);
  await expect(host.removeInstance("ict")).rejects.toMatchObject({ code: "internal", message: "command not found" });
  await expect(host.removeInstance("ict")).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("the app is gone") });
});

test("events reach who listens, until they stop", async () => {
  mockIPC(() => undefined, { shouldMockEvents: true });
  const heard: unknown[] = [];
  const stops = [
    host.onNavigate((path) => heard.push(path)),
    host.onFilesDragging((over) => heard.push(over)),
    host.onSnapshot((snapshot) => heard.push(snapshot.root)),
  ];
  await emit("navigate", { path: "/i/ict" });
  await emit("files-dragging", { over: true });
  await emit("snapshot", { root: "/home" } as Snapshot);
  stops.forEach((stop) => stop());
  await emit("navigate", { path: "/settings" });
  expect(heard).toEqual(["/i/ict", true, "/home"]);
});
