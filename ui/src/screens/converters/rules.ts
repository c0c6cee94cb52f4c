// What may be done to the list of watch rules. Pure; the order of the list is only the order in which it is shown.
import type { FormatInfo, InstanceSnapshot, Json, Tone } from "../../backend/port";
import { isFields } from "../../state/difference";

export type Rule = { [key: string]: Json };

/** The value of `format` that finds out per file. */
export const detect = "detect";

export function rulesOf(settings: Json | undefined): Rule[] {
  const rules = isFields(settings) ? settings["converters"] : undefined;
  return Array.isArray(rules) ? rules.map((rule) => (isFields(rule) ? rule : {})) : [];
}

/** A rule for files of a format, with a name no other rule has. What is not said stays at the worker's default. */
export function newRule(format: FormatInfo | null, fallbackName: string, others: Rule[]): Rule {
  const extensions = format?.extensions ?? [];
  return {
    name: freeName(format?.title.replace(/ \(.*\)$/, "") ?? fallbackName, others),
    enabled: true,
    watch_folder: "",
    format: format?.name ?? detect,
    file_patterns: extensions.length > 0 ? extensions.map((extension) => `*.${extension}`) : ["*"],
  };
}

/** The same rule for another folder: two rules must not share one. */
export function copyOf(rule: Rule, others: Rule[]): Rule {
  return { ...rule, name: freeName(textOf(rule, "name"), others), watch_folder: "" };
}

export function moved<T>(list: T[], from: number, to: number): T[] {
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

export function textOf(rule: Rule, key: string): string {
  const value = rule[key];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function freeName(name: string, others: Rule[]): string {
  const taken = new Set(others.map((other) => textOf(other, "name")));
  if (!taken.has(name)) return name;
  let n = 2;
  while (taken.has(`${name} ${n}`)) n++;
  return `${name} ${n}`;
}

type Standing = { tone: Tone; word: "off" | "problems" | "unsaved" | "stopped" | "unknown" | "status"; status: string };

/** How a rule goes, the most important first: what keeps it from being saved, whether it is watched at all, then what the worker says. */
export function standing(rule: Rule, saved: boolean, problems: number, instance: InstanceSnapshot | null): Standing {
  const is = (tone: Tone, word: Standing["word"], status = ""): Standing => ({ tone, word, status });
  if (problems > 0) return is("warning", "problems");
  if (!saved) return is("starting", "unsaved");
  if (rule["enabled"] === false) return is("off", "off");
  if (!instance?.running) return is("off", "stopped");
  const converter = instance.converters.find((one) => one.name === rule["name"]);
  if (!converter) return is("off", "unknown");
  const tones: Record<string, Tone> = { ok: "ok", idle: "ok", busy: "busy", startup: "starting", error: "error", failed: "error" };
  return is(tones[converter.status] ?? "warning", "status", converter.status);
}
