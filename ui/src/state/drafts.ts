// What was typed into the settings of an instance and not saved: kept by the page, so that a closed window or an app that was killed loses nothing. Tokens and passwords are no
// part of the settings, so they are never here.
import type { Json } from "../backend/port";
import { isFields } from "./difference";

/** `base` is the file from which the draft began, `at` when it was last changed. */
export type KeptDraft = { at: number; base: Json; draft: Json };

const place = (id: string): string => `lineside.draft.${id}`;

export function keepDraft(id: string, kept: KeptDraft): void {
  localStorage.setItem(place(id), JSON.stringify(kept));
}

/** What is kept; none where it cannot be read. */
export function keptDraft(id: string): KeptDraft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place(id)) ?? "null") as Json;
    if (!isFields(kept) || typeof kept["at"] !== "number" || !isFields(kept["draft"])) return null;
    return { at: kept["at"], base: kept["base"] ?? null, draft: kept["draft"] };
  } catch {
    return null;
  }
}

export function forgetDraft(id: string): void {
  localStorage.removeItem(place(id));
}
