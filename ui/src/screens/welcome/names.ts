// The short name of an instance: what of a name for people it becomes, and what is wrong with one. The rule is that of the worker's folders. Pure.

export type IdProblem = "empty" | "character" | "begin" | "long" | "device" | "taken";

const longest = 64;

/** `ICT Linie 3 (neu)` becomes `ict-linie-3-neu`. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9_]+/g, "-")
    .slice(0, longest)
    .replace(/^[-_]+|-+$/g, "");
}

export function idProblem(id: string, taken: string[]): IdProblem | null {
  if (id === "") return "empty";
  if (!/^[a-z0-9_-]+$/.test(id)) return "character";
  if (/^[-_]/.test(id)) return "begin";
  if (id.length > longest) return "long";
  if (/^(con|prn|aux|nul|(com|lpt)[0-9])$/.test(id)) return "device";
  return taken.includes(id) ? "taken" : null;
}
