// What is asked of the log, as it stands in the address; an empty word asks for everything. `about` is a source file, `file` a file of the log.
import type { Level } from "../../backend/port";

export const levels = ["DEBUG", "INFO", "WARN", "ERROR"] as const satisfies readonly Level[];
export type Asked = { level: (typeof levels)[number] | ""; text: string; about: string; file: string };

export function askedIn(query: URLSearchParams): Asked {
  const get = (name: string): string => query.get(name) ?? "";
  return { level: levels.find((level) => level === get("level")) ?? "", text: get("text"), about: get("about"), file: get("file") };
}
