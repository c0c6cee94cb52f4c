// Every screen in every scenario in Chromium: no violation of WCAG 2.1 AA, nothing cut off or pushed out of the window, no error in the console. `npm run browser [screen…]`.
import axe from "axe-core";
import { browser, context, open, serve } from "./page.mjs";
import { screens } from "./screens.mjs";

const wanted = process.argv.slice(2);
const looks = [
  { width: 1024, height: 700, theme: "light" },
  { width: 1440, height: 900, theme: "dark" },
  { width: 1024, height: 700, zoom: 2, theme: "light", language: "de" },
];

let passed = 0;
let failed = 0;

/** @param {string} what @param {string[]} complaints */
function verdict(what, complaints) {
  if (complaints.length === 0) {
    passed++;
    return;
  }
  failed++;
  console.log(`✗ ${what}`);
  for (const complaint of complaints) console.log(`    ${complaint}`);
}

async function axeComplaints(page) {
  await page.evaluate(axe.source);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  return result.violations.map((found) => {
    const places = found.nodes.slice(0, 4).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`);
    return `${found.id}: ${found.help} (${found.nodes.length}×): ${places.join(" | ")}`;
  });
}

/** What sticks out of the window sideways, and words that are cut off without dots to say so. */
function cutOff() {
  const complaints = [];
  const name = (element) =>
    `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} “${(element.textContent ?? "").trim().slice(0, 40)}”`;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) complaints.push(`the page is ${root.scrollWidth - root.clientWidth} px wider than the window`);
  const main = document.querySelector("main");
  if (main && main.scrollWidth > main.clientWidth + 1) {
    const out = [...main.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > main.getBoundingClientRect().right + 1,
    );
    complaints.push(
      `the screen is ${main.scrollWidth - main.clientWidth} px wider than its place: ${out.slice(0, 3).map(name).join(", ")}`,
    );
  }
  for (const element of document.querySelectorAll("main *, nav *")) {
    const style = getComputedStyle(element);
    if (element.closest(".visually-hidden") || element.clientWidth === 0 || element.children.length > 0) continue;
    const clips = style.overflowX === "hidden" || style.overflowX === "clip";
    if (clips && style.textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1)
      complaints.push(`cut off: ${name(element)}`);
  }
  for (const button of document.querySelectorAll("main button, main a, nav a")) {
    if (button.scrollWidth > button.clientWidth + 2 && getComputedStyle(button).overflowX === "visible")
      complaints.push(`sticks out of its button: ${name(button)}`);
  }
  return complaints.slice(0, 8);
}

const { url, stop } = await serve();
const chrome = await browser();
for (const look of looks) {
  const opened = await context(chrome, look);
  const page = await opened.newPage();
  let errors = [];
  page.on("pageerror", (error) => errors.push(`error: ${error.message}`));
  page.on("console", (line) => line.type() === "error" && errors.push(`console: ${line.text()}`));
  for (const screen of screens.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    for (const scenario of screen.scenarios) {
      const what = `${screen.name} in ${scenario} at ${look.width}×${look.height}, ${look.theme}, ${look.language ?? "en"}, ${(look.zoom ?? 1) * 100} %`;
      errors = [];
      try {
        await open(page, url, screen, scenario);
        verdict(`${what}: axe`, await axeComplaints(page));
        verdict(`${what}: nothing is cut off`, [...(await page.evaluate(cutOff)), ...errors]);
      } catch (error) {
        verdict(what, [String(error).split("\n")[0] ?? "", ...errors]);
      }
    }
  }
  await opened.close();
}
await chrome.close();
await stop();
console.log(`browser: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
