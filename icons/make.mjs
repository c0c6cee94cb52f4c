// Makes every icon from the drawings beside this file: `npm run icons`. What it writes is committed, so that building needs none of this.
import { Resvg } from "@resvg/resvg-js";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const app = join(here, "../src-tauri/icons");

/** What each tone is painted with. Nobody tells a program how dark the bar is, so each is as far from a light bar as from a dark one. macOS paints templates itself. */
export const paint = {
  off: "#808794",
  starting: "#9d6bdb",
  ok: "#2b9459",
  busy: "#427fd6",
  warning: "#b37520",
  error: "#d85c57",
};

/** The tray's plain size, and those for panels and screens that are smaller or denser. */
const sizes = [16, 24, 32, 48, 64];

export function render(svg, width) {
  return new Resvg(svg, { fitTo: { mode: "width", value: width } }).render();
}

export function drawing(tone, colour) {
  return readFileSync(join(here, "tray", `${tone}.svg`), "utf8").replaceAll("currentColor", colour);
}

function tray() {
  for (const [tone, colour] of Object.entries(paint)) {
    for (const [name, painted] of Object.entries({ [tone]: colour, [`${tone}-template`]: "#000000" })) {
      for (const size of sizes) {
        const file = size === 32 ? `${name}.png` : `${name}-${size}.png`;
        writeFileSync(join(here, "tray", file), render(drawing(tone, painted), size).asPng());
      }
    }
  }
}

/** Tauri's own program knows what Windows and macOS want of an .ico and an .icns. */
function application() {
  const png = join(here, "app.png");
  writeFileSync(png, render(readFileSync(join(here, "lineside.svg"), "utf8"), 1024).asPng());
  const all = mkdtempSync(join(tmpdir(), "lineside-icons-"));
  execFileSync("npx", ["tauri", "icon", png, "--output", all], {
    cwd: join(here, ".."),
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  mkdirSync(app, { recursive: true });
  for (const name of ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.ico", "icon.icns"])
    copyFileSync(join(all, name), join(app, name));
  rmSync(all, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  tray();
  application();
}
