import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";
import App from "../src/App.svelte";
import { useBackend } from "../src/backend";
import { fakeBackend } from "../src/backend/fake";
import type { Backend, LogLine, QueueRow, SourceRow } from "../src/backend/port";
import { live } from "../src/state/live.svelte";

// HTML, ANSI and a turn of the direction of writing, as a file, a server or a log could bring them.
const bad = '<img src=x onerror="alert(1)"><b>bold</b> \u001b[31mred\u001b[0m \u202Egnp.exe';
const asText = '<img src=x onerror="alert(1)"><b>bold</b> ESC[31mredESC[0m U+202Egnp.exe';
const path = `/srv/in/${bad.replaceAll("/", "")}`;
const name = asText.replaceAll("/", "");

async function opened(address: string): Promise<void> {
  const fake = fakeBackend("outage");
  const line = (one: LogLine): LogLine => ({ ...one, message: bad, target: bad, fields: { path, [bad]: bad } });
  const report = (row: QueueRow): QueueRow => ({
    ...row,
    sn: bad,
    pn: bad,
    process: bad,
    result: bad,
    rule: bad,
    path,
    note: bad,
    state: "error",
  });
  const source = (row: SourceRow): SourceRow => ({
    ...row,
    path,
    rule: bad,
    format: bad,
    reason: bad,
    outcome: "rejected",
    filed_at: path,
  });
  const backend: Partial<Backend> = {
    queue: async (...asked) => ({ rows: (await fake.queue(...asked)).rows.map(report), total: 3 }),
    queueReport: async (...asked) => {
      const detail = await fake.queueReport(...asked);
      const attempts = detail.attempts.map((one) => ({ ...one, message: bad, verdict: bad }));
      return { row: report(detail.row), warnings: [bad], attempts, body: JSON.stringify({ root: { name: bad, status: bad } }) };
    },
    history: async (...asked) => ({ rows: (await fake.history(...asked)).rows.map(source) }),
    source: async (...asked) => {
      const detail = await fake.source(...asked);
      return { ...detail, row: source(detail.row), reports: detail.reports.map(report), file: path, text: bad, log: detail.log.map(line) };
    },
    logPage: async (...asked) => {
      const page = await fake.logPage(...asked);
      return { ...page, lines: page.lines.map(line) };
    },
  };
  useBackend(Object.assign(Object.create(fake) as Backend, backend));
  live.snapshot = null;
  location.hash = address;
  render(App);
  await screen.findByRole("heading", { level: 1 });
}

/** Nothing was made of it but text, anywhere on the page. */
afterEach(() => {
  expect(document.querySelector("img, b, script")).toBeNull();
  expect(document.body.textContent).not.toMatch(/[\u001b\u202E]/);
  for (const titled of document.querySelectorAll("[title]")) expect(titled.getAttribute("title")).not.toMatch(/[\u001b\u202E]/);
});

test("serials, parts and reasons that try something stand as text in the queue and in a report", async () => {
  await opened("/i/ict/queue/438?state=error");
  await expect.poll(() => document.querySelector("[role=option]")?.textContent?.split(asText).length).toBeGreaterThan(3);
  await expect.poll(() => document.querySelector("dialog")?.textContent?.split(asText).length ?? 0).toBeGreaterThan(8);
});

test("file names and reasons that try something stand as text in the history and in a file", async () => {
  await opened("/i/ict/history");
  await expect.poll(() => document.querySelector("[role=option]")?.textContent).toContain(name);
  location.hash = "/i/ict/history/3000";
  await expect.poll(() => document.querySelector("main h3")?.textContent).toBe(name);
  expect(document.querySelector("main .source")?.textContent).toContain(asText);
  await expect.poll(() => document.querySelector("main")?.textContent?.split(asText).length ?? 0).toBeGreaterThan(8);
});

test("lines of the log that try something stand as text, whole ones too", async () => {
  await opened("/i/ict/log");
  await expect.poll(() => document.querySelector("[role=option]")?.textContent).toContain(asText);
  document.querySelector<HTMLElement>("[role=option]")?.click();
  await expect.poll(() => document.querySelector("main section pre")?.textContent).toBe(asText);
  expect(document.querySelector("main section dd")?.textContent).toContain(name);
});
