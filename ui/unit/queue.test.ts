import { render, screen, within } from "@testing-library/svelte";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import App from "../src/App.svelte";
import { useBackend } from "../src/backend";
import { type Fake, fakeBackend, type Scenario } from "../src/backend/fake";
import { indented } from "../src/screens/report/json";
import { stepLines } from "../src/screens/report/steps";
import { wishesFor } from "../src/screens/queue/standing";
import type { Json, QueueRow } from "../src/backend/port";
import { live } from "../src/state/live.svelte";
import sample from "../src/backend/fake/preview.json";

async function opened(path: string, scenario: Scenario): Promise<Fake> {
  const fake = fakeBackend(scenario);
  useBackend(fake);
  live.snapshot = null;
  location.hash = path;
  render(App);
  await screen.findByRole("heading", { level: 1 });
  return fake;
}

const calls = (fake: Fake, name: string): unknown[][] => fake.calls.filter(([called]) => called === name).map(([, args]) => args);

test("what is refused is tried again, one and many, with the mouse and by keyboard", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/queue?state=error", "outage");
  const rows = await screen.findAllByRole("option");
  expect(rows).toHaveLength(3);
  expect(rows[0]?.textContent).toContain("Refused");
  await user.click(rows[0]!);
  await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
  expect(screen.getAllByRole("option").map((row) => row.getAttribute("aria-selected"))).toEqual(["true", "true", "true"]);
  await user.keyboard(" ");
  await user.click(screen.getByRole("button", { name: "Try again (2)" }));
  expect(calls(fake, "retry")).toEqual([["ict", [439, 438]]]);
  await expect.poll(() => screen.queryAllByRole("option").length).toBe(1);
  expect(screen.getByText("2 reports are tried again")).toBeTruthy();
});

test("discarding asks first, and says for how long it can be taken back", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/queue?state=error", "outage");
  const list = await screen.findByRole("listbox");
  list.focus();
  await user.keyboard("{Control>}a{/Control}");
  await user.click(screen.getByRole("button", { name: "Discard… (3)" }));
  const dialog = screen.getByRole("dialog", { name: "Discard 3 reports?" });
  expect(dialog.textContent).toContain("30 days");
  expect(calls(fake, "discard")).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Discard" }));
  expect(calls(fake, "discard")).toEqual([["ict", [439, 438, 437]]]);
  expect(await screen.findByText("Nothing is stuck")).toBeTruthy();
  await user.click(screen.getByRole("radio", { name: "Discarded" }));
  await expect.poll(() => screen.queryAllByRole("option").length).toBe(3);
});

test("a filter is part of the address, and a text narrows the list", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/queue", "outage");
  await screen.findAllByRole("option");
  await user.type(screen.getByRole("searchbox"), "nothing like it");
  expect(await screen.findByText("No such report")).toBeTruthy();
  expect(location.hash).toBe("#/i/ict/queue?state=owed&text=nothing+like+it");
  expect(calls(fake, "queue").at(-1)).toEqual(["ict", { state: "owed", text: "nothing like it", before: null, limit: 500 }]);
});

test("with nothing but refused reports the refused ones are shown first", async () => {
  const fake = fakeBackend("outage");
  fake.change("ict", { queue: { queued: 0, processing: 0, error: 3, oldest_age_s: null } });
  useBackend(fake);
  live.snapshot = null;
  location.hash = "/i/ict/queue";
  render(App);
  expect(await screen.findByRole("radio", { name: "Refused 3", checked: true })).toBeTruthy();
});

test("a report opens with its steps, the server's answers and its JSON to copy", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/queue?state=error", "outage");
  await user.dblClick((await screen.findAllByRole("option"))[0]!);
  const dialog = await screen.findByRole("dialog", { name: /Report of NW-/ });
  expect(await within(dialog).findByText("Standby current")).toBeTruthy();
  expect(within(dialog).getByRole("table", { name: "Answers of the server" }).textContent).toContain("422");
  await user.click(within(dialog).getByRole("button", { name: "Copy the JSON" }));
  const body = (await fake.queueReport("ict", 439)).body;
  expect(await navigator.clipboard.readText()).toBe(body);
  await user.click(within(dialog).getByRole("button", { name: "Show the file" }));
  await expect.poll(() => calls(fake, "openPath").length).toBe(1);
  await user.click(within(dialog).getAllByRole("button", { name: "Close" })[1]!);
  await expect.poll(() => location.hash).toBe("#/i/ict/queue?state=error");
});

test("each wish is for the reports it makes sense for", () => {
  const row = (ticket: number, change: Partial<QueueRow>): QueueRow =>
    ({ ticket, discarded_at: null, next_at: null, ...change }) as QueueRow;
  const rows = [
    row(1, { state: "queued" }),
    row(2, { state: "queued", next_at: 5 }),
    row(3, { state: "processing" }),
    row(4, { state: "completed" }),
    row(5, { state: "error" }),
    row(6, { state: "error", discarded_at: 7 }),
  ];
  expect(wishesFor(rows)).toEqual({ retry: [2, 5, 6], discard: [1, 2, 5], resend: [4] });
});

test("JSON gets lines and loses no digit", () => {
  expect(indented('{"a":[1.0,1e400],"b":{},"c":"x,{\\"}"}')).toBe(
    '{\n  "a": [\n    1.0,\n    1e400\n  ],\n  "b": {},\n  "c": "x,{\\"}"\n}',
  );
  expect(indented('{"cut":"in the mid')).toBe('{\n  "cut": "in the mid');
});

test("steps become lines with limits in signs", () => {
  const { lines, more } = stepLines(sample.reports[0]?.report as Json, 6);
  expect(lines.map(({ depth, name, value, limits, result }) => [depth, name, value, limits, result])).toEqual([
    [0, "MainSequence Callback", "", "", "F"],
    [1, "Power", "", "", "F"],
    [2, "Standby current", "41.7 mA", "20 … 60", "P"],
    [2, "5 V rail", "5.031 V", "4.9 … 5.1", "P"],
    [2, "Ripple 5 V at full load", "61.4 mV", "0 … 50", "F"],
    [1, "Safety", "", "", "P"],
  ]);
  expect(more).toBe(3);
});
