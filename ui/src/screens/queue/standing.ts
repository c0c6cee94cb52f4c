// How a report stands, for people, and what can be done with some of them. Pure.
import type { QueueFilter, QueueRow, Tone } from "../../backend/port";
import type { Text } from "../../text/en";

export type Standing = keyof Text["queueStates"];

export function standingOf(row: Pick<QueueRow, "state" | "discarded_at">): Standing {
  return row.discarded_at === null ? row.state : "discarded";
}

export function toneOf(row: Pick<QueueRow, "state" | "discarded_at" | "attempts">): Tone {
  switch (standingOf(row)) {
    case "queued":
      return row.attempts > 0 ? "warning" : "starting";
    case "processing":
      return "busy";
    case "completed":
      return "ok";
    case "error":
      return "error";
    case "discarded":
      return "off";
  }
}

export type Wishes = { retry: number[]; discard: number[]; resend: number[] };

/** The tickets each wish makes sense for: what waits for its time or was refused is tried again, what is not on its way is discarded, what was sent is sent again. */
export function wishesFor(rows: readonly QueueRow[]): Wishes {
  const tickets = (fits: (row: QueueRow) => boolean): number[] => rows.filter(fits).map((row) => row.ticket);
  return {
    retry: tickets((row) => row.state === "error" || (row.state === "queued" && row.next_at !== null)),
    discard: tickets((row) => row.discarded_at === null && (row.state === "error" || row.state === "queued")),
    resend: tickets((row) => row.state === "completed"),
  };
}

export type Which = keyof Text["queue"]["filters"];
export const whiches: Which[] = ["owed", "error", "discarded", "completed", "all"];

export function stateOf(which: Which): QueueFilter["state"] {
  return which === "all" ? null : which;
}
