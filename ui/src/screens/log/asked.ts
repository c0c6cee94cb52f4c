// What is asked of the log, as it stands in the address; an empty word asks for everything. `about` is a source file, `file` a file of the log.
export type Asked = { level: string; text: string; about: string; file: string };

export function askedIn(query: URLSearchParams): Asked {
  const get = (name: string): string => query.get(name) ?? "";
  return { level: get("level"), text: get("text"), about: get("about"), file: get("file") };
}
