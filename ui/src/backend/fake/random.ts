// Chance that comes out the same for the same seed, so that pictures and tests do not change by themselves.

/** A number in [0, 1) for a seed and a place. */
export function chance(seed: number, at = 0): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(at + 1, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
}

export function between(low: number, high: number, seed: number, at = 0): number {
  return Math.floor(low + chance(seed, at) * (high - low + 1));
}

export function pick<T>(list: readonly [T, ...T[]], seed: number, at = 0): T {
  return list[between(0, list.length - 1, seed, at)] ?? list[0];
}

/** A number for a name. */
export function seedOf(name: string): number {
  return [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
}
