import { render, screen } from "@testing-library/svelte";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import App from "../src/App.svelte";
import { useBackend } from "../src/backend";
import { type Fake, fakeBackend } from "../src/backend/fake";
import type { Backend } from "../src/backend/port";
import { around } from "../src/screens/history/marked";
import { live } from "../src/state/live.svelte";

async function opened(path: string, change: Partial<Backend> = {}): Promise<Fake> {
  const fake = fakeBackend("healthy");
  useBackend(Object.assign(Object.create(fake) as Backend, change));
  live.snapshot = null;
  location.hash = path;
  render(App);
  await screen.findByRole("heading", { level: 1 });
  return fake;
}

const calls = (fake: Fake, name: string): unknown[][] => fake.calls.filter(([called]) => called === name).map(([, args]) => args);
const filter = { outcome: null, text: null, rule: null, day: null, before: null, limit: 500 };

test("files are found by outcome, converter and text, and the address keeps it", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/history?day=2001-02-03");
  await expect.poll(() => calls(fake, "history").at(-1)).toEqual(["ict", { ...filter, day: "2001-02-03" }]);
  await user.click(await screen.findByText("Show all"));
  await screen.findAllByRole("option");
  await user.click(screen.getByRole("radio", { name: "Rejected" }));
  await user.selectOptions(screen.getByRole("combobox", { name: "Converter" }), "Boundary scan");
  await user.type(screen.getByRole("searchbox"), "NW-26");
  await expect
    .poll(() => calls(fake, "history").at(-1))
    .toMatchObject(["ict", { outcome: "rejected", rule: "Boundary scan", text: "NW-26" }]);
  expect(location.hash).toBe("#/i/ict/history?outcome=rejected&text=NW-26&rule=Boundary+scan");
});

test("a rejected file shows the place that could not be read and is converted again", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/history/4941?outcome=rejected");
  expect(await screen.findByText("It could not be converted")).toBeTruthy();
  expect(document.querySelector("mark")?.textContent).toBe("41,7");
  expect(screen.getByText("Line 11 is marked.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Convert again" }));
  expect(calls(fake, "convertAgain")).toEqual([["ict", 4941]]);
  expect(screen.getByRole("link", { name: /All files/ }).getAttribute("href")).toBe("#/i/ict/history?outcome=rejected");
  expect(screen.getByRole("link", { name: "In the log" }).getAttribute("href")).toMatch(/^#\/i\/ict\/log\?about=%2Fsrv%2F/);
});

test("a converted file shows its report, the server's answer, and is sent again", async () => {
  const user = userEvent.setup();
  const fake = await opened("/i/ict/history/4940");
  expect(await screen.findByText("the report is stored")).toBeTruthy();
  expect(screen.getByText("Standby current")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Send again" }));
  expect(calls(fake, "resend")).toEqual([["ict", [4940]]]);
});

test("a duplicate leads to the file it is a copy of", async () => {
  await opened("/i/ict/history/4933");
  const link = await screen.findByRole("link", { name: "Show the first one" });
  expect(link.getAttribute("href")).toBe("#/i/ict/history/4924");
});

test("a file that is gone says so and cannot be converted again", async () => {
  const fake = fakeBackend("healthy");
  await opened("/i/ict/history/4941", {
    source: async (id, source) => ({ ...(await fake.source(id, source)), file: null, text: null, marked: null }),
  });
  expect(await screen.findByText("cannot be found any more")).toBeTruthy();
  expect(screen.getByText(/There is no text to show/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Convert again" }).disabled).toBe(true);
});

test("a text is cut at its marked place, also in the middle of a file and past the end of a line", () => {
  const span = { start: 0, end: 3, line: 8, column: 2 };
  expect(around("a\nbcdef\ng\n", 7, span)).toEqual({
    lines: 3,
    before: "a\n",
    line: { before: "b", marked: "cde", after: "f" },
    after: "\ng",
  });
  expect(around("a\nb", 7, { ...span, column: 9 }).line).toEqual({ before: "b", marked: "", after: "" });
  expect(around("a\nb", 20, span)).toEqual({ lines: 2, before: "a\nb", line: null, after: "" });
});
