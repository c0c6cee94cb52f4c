// @vitest-environment node
// The tray's states as different eyes see them on a light and on a dark bar, in the sizes panels have.
import { Resvg } from "@resvg/resvg-js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawing } from "../../icons/make.mjs";
import { bars, luminance, seen, sights, sizes, tones } from "../../icons/sight.mjs";

type Look = { bar: keyof typeof bars; sight: keyof typeof sights; size: number };

const looks: Look[] = (Object.keys(bars) as Look["bar"][]).flatMap((bar) =>
  (Object.keys(sights) as Look["sight"][]).flatMap((sight) => sizes.map((size) => ({ bar, sight, size }))),
);

/** How light each pixel looks, from 0 to 100 (CIE L*): no colour, only shape is left. */
function shape(tone: string, { bar, sight, size }: Look, off = 0): number[] {
  return luminance(seen(tone, bar, size, sight, off)).map((y) => (y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y));
}

function difference(one: number[], other: number[]): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}

const pairs = tones.flatMap((one, n) => tones.slice(n + 1).map((other) => [one, other] as const));

// A panel may draw an icon half a pixel off its place. What that changes is nothing to anybody, so two states must differ by more, and not only because one stands elsewhere.
test.each(looks)("all states tell apart by shape: $size px, $sight, $bar bar", (look) => {
  const drawn = new Map(
    tones.map((tone) => [tone, { there: shape(tone, look), beside: [-0.5, 0, 0.5].map((off) => shape(tone, look, off)) }]),
  );
  const all = [...drawn.values()];
  const blur = Math.max(...all.flatMap(({ there, beside }) => beside.map((moved) => difference(there, moved))));
  for (const [one, other] of pairs) {
    const apart = (drawn.get(other)?.beside ?? []).map((moved) => difference(drawn.get(one)?.there ?? [], moved));
    expect(Math.min(...apart), `${one} and ${other}`).toBeGreaterThan(blur * 1.25);
  }
});

// WCAG asks 3:1 of what has a meaning. No red reaches that on both bars in both kinds of red-green blindness, where the shape is what is left.
test.each(looks)("every state stands out from its bar: $size px, $sight, $bar bar", (look) => {
  for (const tone of tones) {
    const picture = luminance(seen(tone, look.bar, look.size, look.sight));
    const [darkest, lightest] = [Math.min(...picture), Math.max(...picture)];
    const wanted = look.sight === "full colour" || look.sight === "grey" ? 3 : 2.8;
    expect((lightest + 0.05) / (darkest + 0.05), tone).toBeGreaterThan(wanted);
  }
});

test("what is committed is what the drawings make", () => {
  for (const tone of tones) {
    const made = new Resvg(drawing(tone, "#000000"), { fitTo: { mode: "width", value: 32 } }).render().asPng();
    expect(readFileSync(join(import.meta.dirname, `../../icons/tray/${tone}-template.png`)).equals(made), tone).toBe(true);
  }
});
