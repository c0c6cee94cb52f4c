export const paint: Record<string, string>;
export function drawing(tone: string, colour: string): string;
