// Text of files and servers as what it is: characters that would act on the screen or on a terminal, or could not be seen, become marks that can. Pure.

export type Piece = { text: string; kind: "text" | "mark" | "found" };

// Controls (ANSI begins with one), soft hyphens, what turns the direction of writing, what takes no room, line separators, tags, halves of characters.
const acting =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/u;

const controls =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

/** Whether something in it has to be marked. */
export function acts(text: string): boolean {
  return acting.test(text);
}

/** The text in pieces: as it is, marked, or found by `find` (any case). With `lines`, ends of lines, those of Windows too, and tabs stay what they are. */
export function piecesOf(given: string, find = "", lines = false): Piece[] {
  const text = lines ? given.replace(/\r(?=\n|$)/g, "") : given;
  const pieces: Piece[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") pieces.push(...found(plain, find));
    plain = "";
  };
  if (!acting.test(text)) return found(text, find);
  for (const letter of text) {
    if (!acting.test(letter) || (lines && (letter === "\n" || letter === "\t"))) {
      plain += letter;
      continue;
    }
    flush();
    pieces.push({ text: markOf(letter), kind: "mark" });
  }
  flush();
  return pieces;
}

/** The text with its marks in it, for tooltips and for what is copied from a list. */
export function visible(text: string): string {
  return piecesOf(text)
    .map((piece) => (piece.kind === "mark" ? `‹${piece.text}›` : piece.text))
    .join("");
}

/** What comes after the last slash of a path, of this system or another. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}

function markOf(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  return controls[code] ?? (code === 0x7f ? "DEL" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`);
}

function found(text: string, find: string): Piece[] {
  const pieces: Piece[] = [];
  const wanted = find.toLowerCase();
  const lower = text.toLowerCase();
  let at = 0;
  // A few capitals change their length in lower case; places in such a text mean nothing.
  while (wanted !== "" && lower.length === text.length) {
    const next = lower.indexOf(wanted, at);
    if (next < 0) break;
    if (next > at) pieces.push({ text: text.slice(at, next), kind: "text" });
    at = next + wanted.length;
    pieces.push({ text: text.slice(next, at), kind: "found" });
  }
  if (at < text.length) pieces.push({ text: text.slice(at), kind: "text" });
  return pieces;
}
