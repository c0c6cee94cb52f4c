// How wide the columns of the queue are; the head above the list and its rows have to agree.
export type Width = "wide" | "two" | "slim";

export function widthOf(pixels: number): Width {
  return pixels >= 960 ? "wide" : pixels >= 600 ? "two" : "slim";
}

export const firstLine = ["state", "sn", "pn", "result", "age", "attempts", "next"] as const;
export const rowHeights: Record<Width, number> = { wide: 34, two: 50, slim: 50 };

export const templates = [
  "--queue-wide: 28px 116px 124px 112px 120px 74px 64px 84px minmax(0, 1fr)",
  "--queue-two: 28px 124px minmax(0, 1.1fr) minmax(0, 1fr) 120px 66px 64px 84px",
  "--queue-slim: 28px 124px minmax(0, 1fr) 120px 66px",
].join("; ");
