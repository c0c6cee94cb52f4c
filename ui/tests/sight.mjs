// One picture of the tray's states, in the sizes of panels, on a light and a dark bar, as different eyes see them: each as it is, and magnified.
import { bars, seen, sights, sizes, tones } from "../../icons/sight.mjs";

/** @param {import("playwright-core").Browser} chrome @param {string} path */
export async function sheet(chrome, path) {
  const looks = Object.keys(sights).flatMap((sight) => Object.keys(bars).map((bar) => ({ sight, bar, colour: bars[bar] })));
  const rows = looks.map((look) => ({
    ...look,
    icons: tones.flatMap((tone) => sizes.map((size) => ({ size, pixels: [...seen(tone, look.bar, size, look.sight)] }))),
  }));
  const page = await chrome.newPage({ viewport: { width: 1560, height: 600 } });
  await page.setContent(
    "<style>body{margin:8px;font:13px sans-serif}p{margin:8px 0 2px}div{display:flex;align-items:center;gap:8px;padding:8px}</style>",
  );
  await page.evaluate((rows) => {
    for (const { sight, bar, colour, icons } of rows) {
      document.body.append(Object.assign(document.createElement("p"), { textContent: `${sight}, ${bar} bar` }));
      const strip = document.body.appendChild(document.createElement("div"));
      strip.style.background = colour;
      for (const { size, pixels } of icons) {
        for (const times of size === 22 ? [1, 3] : [1]) {
          const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
          canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(pixels), size), 0, 0);
          canvas.style.cssText = `width:${size * times}px;image-rendering:pixelated`;
          strip.append(canvas);
        }
      }
    }
  }, rows);
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
