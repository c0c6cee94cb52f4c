// Files somebody wants to send: what each looks like, and what became of it. Reads a few at a time, and keeps of each no more than what is shown.
import { backend } from "../../backend";
import { messageOf, type Preview } from "../../backend/port";
import { isFields } from "../../state/difference";

export type Look = {
  format: string;
  confidence: number | null;
  reports: number;
  more: boolean;
  first: { sn: string; pn: string; result: string } | null;
};
export type Outgoing = {
  file: string;
  look: Look | null;
  /** Why it cannot be sent. */
  trouble: string | null;
  outcome: { reports: number; failure: string | null } | null;
};

const atOnce = 2;

export class OutgoingFiles {
  readonly id: string;
  list: Outgoing[] = $state([]);
  /** Null: found out for every file. */
  format: string | null = $state(null);
  sending = $state(false);
  #inHand = new Set<string>();

  constructor(id: string) {
    this.id = id;
  }

  /** Those that can be sent and were not. */
  get ready(): Outgoing[] {
    return this.list.filter((one) => one.look !== null && one.outcome === null);
  }
  get troubled(): Outgoing[] {
    return this.list.filter((one) => one.trouble !== null);
  }
  get reading(): boolean {
    return this.list.some(waits);
  }

  add(files: string[]): void {
    const fresh = files.filter((file, at) => files.indexOf(file) === at && !this.list.some((one) => one.file === file));
    this.list.push(...fresh.map((file) => ({ file, look: null, trouble: null, outcome: null })));
    this.#readOn();
  }

  leaveOut(file: string): void {
    this.list = this.list.filter((one) => one.file !== file);
  }

  /** Everything that was not sent is looked at anew. */
  choose(format: string | null): void {
    this.format = format;
    for (const one of this.list) if (one.outcome === null) [one.look, one.trouble] = [null, null];
    this.#readOn();
  }

  async send(): Promise<void> {
    const ready = this.ready;
    this.sending = true;
    try {
      const outcomes = await backend().submitFiles(
        this.id,
        ready.map((one) => one.file),
        this.format,
      );
      for (const { file, reports, failure } of outcomes) {
        const one = ready.find((other) => other.file === file);
        if (one) one.outcome = { reports, failure };
      }
    } finally {
      this.sending = false;
    }
  }

  #readOn(): void {
    while (this.#inHand.size < atOnce) {
      const next = this.list.find((one) => waits(one) && !this.#inHand.has(one.file));
      if (!next) return;
      this.#inHand.add(next.file);
      void this.#read(next).finally(() => {
        this.#inHand.delete(next.file);
        this.#readOn();
      });
    }
  }

  /** An answer for a format that is not wanted any more is dropped; the file is read again. */
  async #read(one: Outgoing): Promise<void> {
    const format = this.format;
    try {
      const preview = await backend().preview(one.file, format, {}, this.id);
      if (format === this.format) [one.look, one.trouble] = judged(preview);
    } catch (error) {
      if (format === this.format) one.trouble = messageOf(error);
    }
  }
}

function waits(one: Outgoing): boolean {
  return one.look === null && one.trouble === null && one.outcome === null;
}

/** What a preview says of the whole file: it can be sent when all of it was read. */
function judged(preview: Preview): [Look | null, string | null] {
  const { failure, format, guesses, reports, more_reports } = preview;
  if (failure) return [null, `${failure.message}\n${failure.fix}`];
  if (format === null || reports.length === 0) return [null, ""];
  const report = reports[0]?.report;
  const text = (key: string): string => (isFields(report) && typeof report[key] === "string" ? report[key] : "");
  const confidence = guesses.find((guess) => guess.format === format)?.confidence ?? null;
  const first = { sn: text("sn"), pn: text("pn"), result: text("result") };
  return [{ format, confidence, reports: reports.length + more_reports, more: more_reports >= 980, first }, null];
}
