export const tones: string[];
export const sizes: number[];
export const bars: Record<"light" | "dark", string>;
export const sights: Record<"full colour" | "protanopia" | "deuteranopia" | "tritanopia" | "grey", number[]>;
export function seen(tone: string, bar: keyof typeof bars, size: number, sight: keyof typeof sights, off?: number): Uint8ClampedArray;
export function luminance(picture: Uint8ClampedArray): number[];
