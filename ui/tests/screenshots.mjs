// Every screen in every scenario as a picture in target/screenshots/: two sizes, light and dark, English and German, 100 % and 200 %; and the tray's states as different eyes see them.
// `npm run screenshots [screen…]`; LOOKS=1 takes only the first look; `npm run screenshots -- --readme` takes anew those of the window that the README shows.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { browser, context, open, serve } from "./page.mjs";
import { screens } from "./screens.mjs";
import { sheet } from "./sight.mjs";

const to = fileURLToPath(new URL("../../target/screenshots", import.meta.url));
const docs = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
const readme = [
  { file: "overview", screen: "overview", scenario: "many" },
  { file: "converter", screen: "preview", scenario: "healthy" },
  { file: "rejected", screen: "source-rejected", scenario: "healthy" },
];
const wanted = process.argv.slice(2);
const each = (/** @type {any[]} */ list, /** @type {(x: any) => any[]} */ of) => list.flatMap(of);
const all = each(
  [
    { width: 1024, height: 700 },
    { width: 1440, height: 900 },
  ],
  (size) =>
    each(["light", "dark"], (theme) => each(["en", "de"], (language) => [1, 2].map((zoom) => ({ ...size, theme, language, zoom })))),
);
const looks = all.slice(0, Number(process.env["LOOKS"] ?? all.length));

const { url, stop } = await serve();
const chrome = await browser();
let taken = 0;

/** One look in a browser of its own, as no two of them remember the same things. */
async function takeAll(look) {
  const folder = `${to}/${look.width}x${look.height}-${look.theme}-${look.language}-${look.zoom * 100}`;
  mkdirSync(folder, { recursive: true });
  const opened = await context(chrome, look);
  const page = await opened.newPage();
  for (const screen of screens.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    for (const scenario of screen.scenarios) {
      await open(page, url, screen, scenario);
      await page.screenshot({ path: `${folder}/${screen.name}-${scenario}.png` });
      taken++;
    }
  }
  await opened.close();
}

async function takeReadme() {
  mkdirSync(docs, { recursive: true });
  const opened = await context(chrome, { width: 1200, height: 750 });
  const page = await opened.newPage();
  for (const { file, screen, scenario } of readme) {
    const found = screens.find(({ name }) => name === screen);
    if (!found) throw new Error(`no screen is called ${screen}`);
    await open(page, url, found, scenario);
    await page.screenshot({ path: `${docs}/${file}.png` });
    taken++;
  }
  await opened.close();
}

if (wanted[0] === "--readme") {
  await takeReadme();
} else {
  // Two at a time: while one waits for its page, the other is painted.
  const left = looks.values();
  await Promise.all(
    [1, 2].map(async () => {
      for (const look of left) await takeAll(look);
    }),
  );
  if (wanted.length === 0) await sheet(chrome, `${to}/tray-sights.png`);
}
await chrome.close();
await stop();
console.log(`${taken} pictures in ${wanted[0] === "--readme" ? docs : to}`);
