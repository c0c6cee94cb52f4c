// The tray's states as a panel shows them and as different eyes see them. For the test that tells them apart and for the sheet of pictures.
import { Resvg } from "@resvg/resvg-js";
import { drawing, paint } from "./make.mjs";

export const tones = Object.keys(paint);

/** The sizes of usual panels, in pixels. */
export const sizes = [16, 22, 24, 32];

/** The greys of the usual light and dark bars. */
export const bars = { light: "#f0f0f0", dark: "#2b2b2b" };

/** What becomes of linear red, green and blue in eyes without one kind of cone (Machado, Oliveira, Fernandes 2009, severity 1), and on a grey screen. */
export const sights = {
  "full colour": [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  grey: [0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722, 0.2126, 0.7152, 0.0722],
};

const linear = (byte) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
const byte = (value) => 255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);

/** A state on a bar as somebody sees it: red, green, blue and opacity of each pixel. `off` is how many pixels right and down of its place it is drawn. */
export function seen(tone, bar, size, sight, off = 0) {
  const at = (-off * 16) / size;
  const svg = drawing(tone, paint[tone]).replace('viewBox="0 0 16 16"', `viewBox="${at} ${at} 16 16"`);
  const { pixels } = new Resvg(svg, { fitTo: { mode: "width", value: size }, background: bars[bar] }).render();
  const eye = sights[sight];
  const picture = new Uint8ClampedArray(pixels);
  for (let i = 0; i < picture.length; i += 4) {
    const rgb = [linear(picture[i]), linear(picture[i + 1]), linear(picture[i + 2])];
    for (const c of [0, 1, 2]) {
      const value = eye[3 * c] * rgb[0] + eye[3 * c + 1] * rgb[1] + eye[3 * c + 2] * rgb[2];
      picture[i + c] = byte(Math.min(1, Math.max(0, value)));
    }
  }
  return picture;
}

/** The luminance of each pixel of such a picture, from 0 to 1. */
export function luminance(picture) {
  const of = (i) => 0.2126 * linear(picture[i]) + 0.7152 * linear(picture[i + 1]) + 0.0722 * linear(picture[i + 2]);
  return Array.from({ length: picture.length / 4 }, (_, n) => of(4 * n));
}
