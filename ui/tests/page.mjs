// The page in Chromium: built with the fake backend, served on a free port of this machine, opened at a fixed moment so that pictures do not change by themselves.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
export const outDir = fileURLToPath(new URL("../../target/ui-browser", import.meta.url));
const moment = new Date("2026-11-21T14:04:05Z");

/** Builds and serves the page; returns its address and how to stop. */
export async function serve() {
  await build({ root, mode: "browser", logLevel: "warn" });
  const server = await preview({ root, mode: "browser", logLevel: "warn", build: { outDir }, preview: { port: 0, strictPort: false } });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("the page is not served");
  return { url, stop: () => server.close() };
}

export async function browser() {
  const executablePath = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => path && existsSync(path),
  );
  if (!executablePath) throw new Error("Chromium is missing: install the package chromium, or name the program in CHROMIUM");
  // Chromium's own sandbox does not work for root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/**
 * @param {import("playwright-core").Browser} chrome
 * @param {{ width: number, height: number, zoom?: number, theme?: "light" | "dark", language?: "en" | "de" }} look
 */
export async function context(chrome, { width, height, zoom = 1, theme = "light", language = "en" }) {
  const opened = await chrome.newContext({
    viewport: { width: Math.floor(width / zoom), height: Math.floor(height / zoom) },
    deviceScaleFactor: zoom,
    colorScheme: theme,
    locale: language === "de" ? "de-DE" : "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  await opened.clock.setFixedTime(moment);
  return opened;
}

/** Opens a screen in a scenario and waits until nothing is being loaded any more. */
export async function open(page, url, screen, scenario) {
  // A hash alone does not load a page anew.
  await page.goto("about:blank");
  await page.goto(`${url}?scenario=${scenario}#${screen.path}`);
  await page.waitForSelector("main :is(h1, h2)");
  if (screen.act) await screen.act(page);
  await page.waitForFunction(() => !document.querySelector("main .spinner"));
  await page.evaluate(() => document.fonts.ready);
}
