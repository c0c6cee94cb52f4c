// How smoothly the queue scrolls with 100,000 reports in it: loads all of them, goes through the list four times, and prints the frames and the tasks that took longer than 50 ms.
// A measure, not a test: nothing passes or fails on a time. `npm run scroll`.
import { browser, context, open, serve } from "./page.mjs";

const passes = 4;
const perFrame = 4000; // pixels: more than a hundred rows

/** Brings the end of the list into view until there is no more to load. */
async function loadAll() {
  const list = document.querySelector("[role=listbox]");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let before = -1, same = 0; same < 30;) {
    list.scrollTop = list.scrollHeight;
    await frame();
    same = list.scrollHeight === before ? same + 1 : 0;
    before = list.scrollHeight;
  }
  return Number(document.querySelector("[role=option]").getAttribute("aria-setsize"));
}

/** Goes through the list, down and up in turn. */
async function scroll({ passes, perFrame }) {
  const list = document.querySelector("[role=listbox]");
  const long = [];
  const observer = new PerformanceObserver((seen) => long.push(...seen.getEntries().map((entry) => Math.round(entry.duration))));
  observer.observe({ type: "longtask" });
  const frames = [];
  let last = performance.now();
  for (let pass = 0; pass < passes; pass++) {
    const step = pass % 2 === 0 ? perFrame : -perFrame;
    for (let at = step > 0 ? 0 : list.scrollHeight; at >= 0 && at <= list.scrollHeight; at += step) {
      list.scrollTop = at;
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      frames.push(now - last);
      last = now;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  observer.disconnect();
  return { frames, long };
}

/** Seconds of work of the page's own thread so far. */
async function spent(/** @type {import("playwright-core").CDPSession} */ session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
}

const { url, stop } = await serve();
const chrome = await browser();
for (const { width, height } of [
  { width: 1024, height: 700 },
  { width: 1440, height: 900 },
]) {
  const opened = await context(chrome, { width, height });
  const page = await opened.newPage();
  await open(page, url, { path: "/i/ict/queue" }, "backlog");
  const rows = await page.evaluate(loadAll);
  const session = await opened.newCDPSession(page);
  // The processor's time of the page's own thread: whatever else the computer does, it is not in it.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const before = await spent(session);
  const { frames, long } = await page.evaluate(scroll, { passes, perFrame });
  const after = await spent(session);
  frames.sort((a, b) => a - b);
  const part = (/** @type {number} */ share) => (frames[Math.floor(share * (frames.length - 1))] ?? 0).toFixed(0);
  console.log(
    `${width}×${height}: ${rows} rows, ${frames.length} frames: median ${part(0.5)} ms, 99 % within ${part(0.99)} ms, longest ${part(1)} ms; ` +
      `processor ${((1000 * (after - before)) / frames.length).toFixed(1)} ms a frame; tasks over 50 ms: ${long.length}, over 100 ms: ${long.filter((ms) => ms > 100).length}, longest ${Math.max(0, ...long)} ms`,
  );
  await opened.close();
}
await chrome.close();
await stop();
