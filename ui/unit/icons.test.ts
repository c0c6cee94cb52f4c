// @vitest-environment node
// The tray's states as eyes without colour see them: each as its shape alone, at the smallest size a panel shows.
import { Resvg } from "@resvg/resvg-js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const tones = ["off", "starting", "ok", "busy", "warning", "error"];

function coverage(tone: string): number[] {
  const svg = readFileSync(join(import.meta.dirname, `../../icons/tray/${tone}.svg`), "utf8").replaceAll("currentColor", "black");
  const pixels = new Resvg(svg, { fitTo: { mode: "width", value: 16 } }).render().pixels;
  return Array.from({ length: pixels.length / 4 }, (_, at) => (pixels[at * 4 + 3] ?? 0) / 255);
}

test("no two states share more than their middle: at 16 pixels at least an eighth of the picture differs", () => {
  const shapes = tones.map((tone) => ({ tone, pixels: coverage(tone) }));
  for (const [n, one] of shapes.entries()) {
    for (const other of shapes.slice(n + 1)) {
      const differs = one.pixels.reduce((sum, value, at) => sum + Math.abs(value - (other.pixels[at] ?? 0)), 0) / one.pixels.length;
      expect(differs, `${one.tone} and ${other.tone}`).toBeGreaterThan(0.125);
    }
  }
});

test("what is committed is what the drawings make", () => {
  for (const tone of tones) {
    const size = readFileSync(join(import.meta.dirname, `../../icons/tray/${tone}-template.png`)).readUInt32BE(16);
    expect(size, tone).toBe(32);
  }
});
