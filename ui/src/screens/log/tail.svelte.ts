// A window on the log, read in pages: the end, from there older and newer ones, or the lines around a place. Days follow each other as one log unless one file is chosen.
// Only pages are ever held: the length of a log costs nothing. Looking for something rare goes on page by page until it is found or stopped.
import { isCommandError, type Level, type LogFilter, type LogLine, type LogPage, messageOf } from "../../backend/port";

export type Entry = { file: string; line: LogLine };
export type AskLog = (
  file: string | null,
  before: number | null,
  after: number | null,
  filter: LogFilter,
  limit: number,
) => Promise<LogPage>;
type Question = { file: string | null; filter: LogFilter };

const enough = 400;
const around = 200;
const most = 20_000;

export class Tail {
  entries: readonly Entry[] = $state.raw([]);
  /** The number of the first entry; an entry keeps its number while others come and go before it. */
  first = $state(0);
  /** How often it began anew: numbers of before mean nothing any more. */
  began = $state(0);
  files: string[] = $state.raw([]);
  /** The last entry is the newest there is. */
  live = $state(true);
  atBeginning = $state(false);
  cleared = $state(false);
  working = $state(false);
  /** How much of the file was looked through, between 0 and 1, while something is looked for. */
  reached: number | null = $state(null);
  failure: string | null = $state(null);
  #question: Question = { file: null, filter: { level: null, text: null, file: null } };
  #oldest: { file: string; before: number | null } = { file: "", before: null };
  #newest = { file: "", after: 0 };
  #turn = 0;

  constructor(readonly ask: AskLog) {}

  /** The newest lines; another question begins here, too. */
  async open(question: Question = this.#question): Promise<void> {
    this.#question = question;
    this.#turn++;
    await this.#work(async (wanted) => {
      const page = await this.#page(question.file, null, null);
      if (!wanted()) return;
      this.#begin(page.lines, page, page);
      this.live = true;
      await this.#fillOlder(wanted, enough - page.lines.length);
    });
  }

  async older(): Promise<void> {
    if (this.working || this.atBeginning || this.cleared) return;
    await this.#work((wanted) => this.#fillOlder(wanted, enough));
  }

  async newer(): Promise<void> {
    if (this.working) return;
    if (this.#newest.file === "") return this.open();
    await this.#work((wanted) => this.#fillNewer(wanted, enough));
  }

  /** Takes the lines away that are shown; the file stays as it is. */
  clear(): void {
    this.stop();
    this.first += this.entries.length;
    this.entries = [];
    this.cleared = true;
  }

  /** Ends what is being looked for. */
  stop(): void {
    this.#turn++;
    this.working = false;
    this.reached = null;
  }

  /** Goes to the next error before or after an entry; its place among the entries, null when there is none, undefined when the search was stopped. */
  async error(direction: "older" | "newer", from: number): Promise<number | null | undefined> {
    const step = direction === "older" ? -1 : 1;
    for (let at = from + step; at >= 0 && at < this.entries.length; at += step) if (this.entries[at]?.line.level === "ERROR") return at;
    this.stop();
    let found: number | null | undefined;
    await this.#work(async (wanted) => {
      const entry = await (direction === "older" ? this.#errorBefore(wanted) : this.#errorAfter(wanted));
      if (!wanted()) return;
      if (!entry) return void (found = null);
      const before = await this.#page(entry.file, entry.line.offset, null, around);
      const after = await this.#page(entry.file, null, entry.line.offset, around);
      if (!wanted()) return;
      this.#begin([...before.lines, ...after.lines], before, after);
      this.live = false;
      found = before.lines.length;
    });
    return found;
  }

  async #errorBefore(wanted: () => boolean): Promise<Entry | null> {
    let place: { file: string; before: number | null } | null = this.#oldest;
    while (place && wanted()) {
      const { file, before }: { file: string; before: number | null } = place;
      if (before !== null) {
        const page = await this.#page(file, before, null, 1, "ERROR");
        const [line] = page.lines;
        if (line) return { file, line };
        this.reached = 1 - (page.before ?? 0) / Math.max(1, page.size);
        place = { file, before: page.before };
        continue;
      }
      const next = this.#fileBeside(file, 1);
      place = next === null ? null : { file: next, before: Number.MAX_SAFE_INTEGER };
    }
    return null;
  }

  async #errorAfter(wanted: () => boolean): Promise<Entry | null> {
    let { file, after } = this.#newest;
    while (wanted()) {
      const page = await this.#page(file, null, after, 1, "ERROR");
      const [line] = page.lines;
      if (line) return { file, line };
      this.reached = page.after / Math.max(1, page.size);
      const next = page.after === after ? this.#fileBeside(file, -1) : file;
      if (next === null) return null;
      after = next === file ? page.after : 0;
      file = next;
    }
    return null;
  }

  async #fillOlder(wanted: () => boolean, limit: number): Promise<void> {
    for (let left = limit; left > 0;) {
      const { file, before } = this.#oldest;
      const next = before === null ? this.#fileBeside(file, 1) : file;
      if (next === null) this.atBeginning = true;
      if (next === null) return;
      const page = await this.#page(next, before, null);
      if (!wanted()) return;
      this.#oldest = { file: next, before: page.before };
      this.entries = [...page.lines.map((line) => ({ file: next, line })), ...this.entries];
      this.first -= page.lines.length;
      this.reached = 1 - (page.before ?? 0) / Math.max(1, page.size);
      left -= page.lines.length;
    }
  }

  async #fillNewer(wanted: () => boolean, limit: number): Promise<void> {
    for (let left = limit; left > 0;) {
      const { file, after } = this.#newest;
      const page = await this.#page(file, null, after);
      if (!wanted()) return;
      this.files = page.files;
      const next = page.after === after ? this.#fileBeside(file, -1) : file;
      this.live = next === null;
      if (next === null) break;
      this.#newest = { file: next, after: next === file ? page.after : 0 };
      if (page.lines.length > 0) this.entries = [...this.entries, ...page.lines.map((line) => ({ file, line }))];
      left -= page.lines.length;
    }
    this.#forget();
  }

  /** Whoever follows for days does not hold days. */
  #forget(): void {
    const oldest = this.entries[this.entries.length - most];
    if (!oldest || !this.live) return;
    this.first += this.entries.length - most;
    this.entries = this.entries.slice(-most);
    this.#oldest = { file: oldest.file, before: oldest.line.offset };
    this.atBeginning = false;
  }

  #begin(lines: LogLine[], oldest: LogPage, newest: LogPage): void {
    this.entries = lines.map((line) => ({ file: newest.file, line }));
    this.files = newest.files;
    this.#oldest = { file: oldest.file, before: oldest.before };
    this.#newest = { file: newest.file, after: newest.after };
    this.first = 0;
    this.began++;
    this.atBeginning = false;
    this.cleared = false;
  }

  /** The file beside one of them, 1 for the older, -1 for the newer; none where one file was asked for. */
  #fileBeside(file: string, step: 1 | -1): string | null {
    const at = this.files.indexOf(file);
    return this.#question.file !== null || at < 0 ? null : (this.files[at + step] ?? null);
  }

  #page(file: string | null, before: number | null, after: number | null, limit = enough, level?: Level): Promise<LogPage> {
    const { filter } = this.#question;
    return this.ask(file, before, after, level === undefined ? filter : { ...filter, level }, limit);
  }

  async #work(work: (wanted: () => boolean) => Promise<void>): Promise<void> {
    const turn = this.#turn;
    const wanted = (): boolean => turn === this.#turn;
    this.working = true;
    try {
      await work(wanted);
      if (wanted()) this.failure = null;
    } catch (error) {
      if (wanted() && isCommandError(error) && error.code === "not_found") this.#newest.file = "";
      if (wanted()) this.failure = messageOf(error);
    } finally {
      if (wanted()) this.working = false;
      if (wanted()) this.reached = null;
    }
  }
}
