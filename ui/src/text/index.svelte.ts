// The words in the language that is chosen, and numbers, times and sizes written its way. `t()` is read anew wherever it is used, so a change of language shows at once.
import { de } from "./de";
import { en, type Text } from "./en";

export type Language = "en" | "de";

const texts: Record<Language, Text> = { en, de };
let language: Language = $state("en");

/** The words: `t().queue.title`. */
export function t(): Text {
  return texts[language];
}

export function currentLanguage(): Language {
  return language;
}

/** How numbers and times are written: as the computer does where it speaks the language of the window. */
export function locale(): string {
  return navigator.languages.find((one) => one.toLowerCase().split("-")[0] === language) ?? language;
}

export function useLanguage(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
}

// Making a format costs more than drawing a row: each is made once.
const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options);
  const format = numbers.get(key) ?? new Intl.NumberFormat(locale(), options);
  numbers.set(key, format);
  return format;
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options);
  const format = dates.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  dates.set(key, format);
  return format;
}

/** `12,345` or `12.345`. */
export function number(value: number, digits = 0): string {
  return numberFormat({ maximumFractionDigits: digits }).format(value);
}

/** `97.4 %`, of a part between 0 and 1. */
export function percent(part: number, digits = 1): string {
  return numberFormat({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(part);
}

export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number(value / 1024 ** step, step > 1 ? 1 : 0)} ${units[step]}`;
}

/** `40 s`, `3 min`, `2 h 5 min`, `3 d 4 h`: the two largest units. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const units = t().units;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (s < 60) return `${s} ${units.s}`;
  if (s < 3600) return `${Math.floor(s / 60)} ${units.min}`;
  if (s < 86400) return pair(Math.floor(s / 3600), units.h, Math.floor((s % 3600) / 60), units.min);
  return pair(Math.floor(s / 86400), units.d, Math.floor((s % 86400) / 3600), units.h);
}

/** `just now`, `3 minutes ago`. */
export function ago(at: number, now: number): string {
  const s = Math.round((now - at) / 1000);
  if (s < 5 && s > -5) return t().units.now;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (Math.abs(s) < 60) return format.format(-s, "second");
  if (Math.abs(s) < 3600) return format.format(-Math.trunc(s / 60), "minute");
  if (Math.abs(s) < 86400) return format.format(-Math.trunc(s / 3600), "hour");
  return format.format(-Math.trunc(s / 86400), "day");
}

/** Local time with the offset: `21 Nov 2026, 15:04:05 UTC+1`. */
export function exactTime(at: number): string {
  return dateFormat({ dateStyle: "medium", timeStyle: "medium" }).format(at) + ` ${offset(at)}`;
}

/** The time alone when it is of today, else with the day. */
export function shortTime(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return dateFormat(sameDay ? clock : { day: "numeric", month: "short", ...clock }).format(at);
}

function offset(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const rest = Math.abs(minutes) % 60;
  const hours = `${minutes < 0 ? "−" : "+"}${Math.floor(Math.abs(minutes) / 60)}`;
  return `UTC${hours}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

/** The word for a report's result letter; a letter nobody knows stays as it is. */
export function resultWord(result: string): string {
  const words: Record<string, string> = t().results;
  return words[result] ?? result;
}

/** The word for a status the worker gives, of the whole or of a part of it. */
export function statusWord(status: string): string {
  const words: Record<string, string> = t().words;
  return words[status] ?? status;
}
