// Every screen in every scenario in Chromium: no violation of WCAG 2.1 AA, nothing cut off or pushed out of the window, the focus seen wherever it is, no error in the console. `npm run browser [screen…]`.
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

/** Goes to everything the keyboard reaches: its ring is drawn, and nothing cuts it off. */
function focusUnseen() {
  const complaints = [];
  const name = (element) => `${element.tagName.toLowerCase()} “${(element.ariaLabel ?? element.textContent ?? "").trim().slice(0, 40)}”`;
  const scope = document.querySelector("dialog[open]") ?? document;
  for (const element of scope.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (element.matches(":disabled") || !element.checkVisibility({ visibilityProperty: true })) continue;
    element.focus();
    // A control that is not seen itself has its ring around what stands for it.
    const shown = getComputedStyle(element).opacity === "0" ? element.nextElementSibling : element;
    const style = getComputedStyle(shown);
    const width = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
    if (width === 0) complaints.push(`the focus is not seen on ${name(element)}`);
    const room = width + parseFloat(style.outlineOffset);
    const own = shown.getBoundingClientRect();
    for (let box = shown.parentElement; box; box = box.parentElement) {
      if (getComputedStyle(box).overflow === "visible" && box !== document.documentElement) continue;
      const edge = box === document.documentElement ? new DOMRect(0, 0, innerWidth, innerHeight) : box.getBoundingClientRect();
      const cut = (inside, outside) => inside >= -0.5 && inside - room < -0.5 && !outside;
      const sides = {
        left: own.left - edge.left,
        right: edge.right - own.right,
        top: own.top - edge.top,
        bottom: edge.bottom - own.bottom,
      };
      const found = Object.entries(sides).filter(([, inside]) => cut(inside, own.width > edge.width || own.height > edge.height));
      if (found.length > 0) complaints.push(`the focus ring is cut off ${found.map(([side]) => side).join(", ")} on ${name(element)}`);
    }
  }
  return complaints.slice(0, 8);
}

/** Tab moves on from everything, and Escape closes a dialog and gives the focus back. */
async function keyboardComplaints(page) {
  const complaints = [];
  await page.keyboard.press("Tab");
  complaints.push(...(await page.evaluate(focusUnseen)));
  const here = () => page.evaluateHandle(() => document.activeElement);
  let before = await here();
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    const after = await here();
    const [stuck, what] = await page.evaluate(
      ([one, other]) => [one === other && one !== document.body, one?.textContent?.trim().slice(0, 40)],
      [before, after],
    );
    if (stuck) complaints.push(`Tab does not leave “${what}”`);
    before = after;
  }
  if (await page.$("dialog[open]")) {
    await page.keyboard.press("Escape");
    const closed = page.waitForFunction(() => !document.querySelector("dialog[open]"), null, { timeout: 10_000 });
    if (!(await closed.then(Boolean, () => false))) complaints.push("Escape does not close the dialog");
    else if (await page.evaluate(() => document.activeElement === document.body)) complaints.push("the focus is lost with the dialog");
  }
  return complaints;
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
        verdict(`${what}: by keyboard`, await keyboardComplaints(page));
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
