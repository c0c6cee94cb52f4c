// A list, newest first, that is too long to load at once. Pages are loaded as they are needed; what is seen is asked for again and again, and stays where it is while new
// rows come and others go. An answer to a question that is not asked any more is dropped.
import { messageOf } from "../backend/port";

export type Answer<Row> = { rows: Row[]; total?: number };
/** Rows with keys below `before`, highest first. */
export type Ask<Row> = (before: number | null, limit: number) => Promise<Answer<Row>>;

const page = 500;
const head = 100;

/** The place of the first row whose key is not above `wanted`, in rows of falling keys. */
export function placeOf<Row>(rows: readonly Row[], key: (row: Row) => number, wanted: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(rows[middle]!) > wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows with a newer answer in them: it tells all there is below `before`, down to its last row, or to the end where it is `whole`. */
export function merged<Row>(
  rows: readonly Row[],
  key: (row: Row) => number,
  before: number | null,
  answer: readonly Row[],
  whole: boolean,
): Row[] {
  const last = answer.at(-1);
  const above = before === null ? [] : rows.slice(0, placeOf(rows, key, before - 1));
  const below = whole || last === undefined ? [] : rows.slice(placeOf(rows, key, key(last) - 1));
  return [...above, ...answer, ...below];
}

export class Pages<Row> {
  rows: readonly Row[] = $state.raw([]);
  /** Of all there are, as far as that is known. */
  total: number | null = $state(null);
  /** Whether there are more below those that are loaded. */
  more = $state(true);
  loading = $state(false);
  failure: string | null = $state(null);
  /** By how many places what is seen was moved down since the list began. */
  put = $state(0);
  #seen: [number, number] = [0, 0];
  #turn = 0;

  constructor(
    readonly key: (row: Row) => number,
    readonly ask: Ask<Row>,
  ) {}

  indexOf(key: number | null): number {
    if (key === null) return -1;
    const at = placeOf(this.rows, this.key, key);
    const row = this.rows[at];
    return row !== undefined && this.key(row) === key ? at : -1;
  }

  /** Another question: from the beginning. What was shown stays until the answer is there. */
  async begin(): Promise<void> {
    const turn = ++this.#turn;
    await this.#work(turn, async () => {
      const { rows, total } = await this.ask(null, page);
      if (turn !== this.#turn) return;
      this.rows = rows;
      this.more = rows.length === page;
      this.total = total ?? null;
    });
  }

  /** What is seen now, end exclusive; loads more when the end is near. */
  seen(from: number, to: number): void {
    this.#seen = [from, to];
    if (to + 100 >= this.rows.length && this.more && !this.loading && this.rows.length > 0) void this.#below();
  }

  /** Asks anew for the newest and for what is seen. */
  async again(): Promise<void> {
    if (this.loading) return;
    const turn = this.#turn;
    try {
      await this.#refresh(turn, null, head);
      const [from, to] = this.#seen;
      const first = this.rows[from];
      if (turn === this.#turn && first !== undefined && to > head) await this.#refresh(turn, this.key(first) + 1, Math.max(1, to - from));
      if (turn === this.#turn) this.failure = null;
    } catch (error) {
      if (turn === this.#turn) this.failure = messageOf(error);
    }
  }

  async #below(): Promise<void> {
    const turn = this.#turn;
    await this.#work(turn, async () => {
      const last = this.rows.at(-1);
      const before = last === undefined ? null : this.key(last);
      const { rows } = await this.ask(before, page);
      if (turn !== this.#turn) return;
      this.rows = merged(this.rows, this.key, before, rows, true);
      this.more = rows.length === page;
    });
    // The end may have been reached by the scrollbar meanwhile.
    if (turn === this.#turn && this.failure === null) this.seen(...this.#seen);
  }

  async #refresh(turn: number, before: number | null, limit: number): Promise<void> {
    const newest = this.rows[0];
    let asked = before;
    let size = limit;
    for (;;) {
      const { rows, total } = await this.ask(asked, size);
      if (turn !== this.#turn) return;
      this.#take(merged(this.rows, this.key, asked, rows, rows.length < size));
      if (rows.length < size) this.more = false;
      if (asked === null && total !== undefined) this.total = total;
      // More new rows than fit the answer: without the rest there would be a hole.
      const last = rows.at(-1);
      if (before !== null || last === undefined || newest === undefined || rows.length < size || this.key(last) <= this.key(newest)) return;
      asked = this.key(last);
      size = page;
    }
  }

  #take(rows: Row[]): void {
    const anchor = this.rows[this.#seen[0]];
    if (anchor !== undefined) this.put += placeOf(rows, this.key, this.key(anchor)) - this.#seen[0];
    this.rows = rows;
  }

  async #work(turn: number, work: () => Promise<void>): Promise<void> {
    this.loading = true;
    try {
      await work();
      if (turn === this.#turn) this.failure = null;
    } catch (error) {
      if (turn === this.#turn) this.failure = messageOf(error);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}
