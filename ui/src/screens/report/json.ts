// JSON for people. Pure; numbers and strings stay exactly as they were written, which parsing and writing again would not promise.

/** The same tokens on lines of their own, two spaces for each level; a text that ends in the middle is shown as far as it goes. */
export function indented(json: string): string {
  if (json.trim().includes("\n")) return json;
  let out = "";
  let depth = 0;
  let opened = false;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    const closes = token === "}" || token === "]";
    if (closes) depth = Math.max(0, depth - 1);
    // Nothing between its brackets: it stays on its line.
    if (opened !== closes) out += line();
    opened = token === "{" || token === "[";
    if (opened) depth++;
    out += token === ":" ? ": " : token === "," ? `,${line()}` : token;
  }
  return out;
}
