// What became of a file, for people. Pure.
import type { HistoryFilter, Tone } from "../../backend/port";
import { t } from "../../text/index.svelte";

export const outcomes = ["all", "converted", "rejected", "duplicate"] as const;
export type Wanted = (typeof outcomes)[number];

export function outcomeOf(wanted: Wanted): HistoryFilter["outcome"] {
  return wanted === "all" ? null : wanted;
}

export function toneOf(outcome: string): Tone {
  const tones: Record<string, Tone> = { converted: "ok", rejected: "error", duplicate: "off" };
  return tones[outcome] ?? "off";
}

export function outcomeWord(outcome: string): string {
  const words: Record<string, string> = t().history.outcomes;
  return words[outcome] ?? outcome;
}
