import { expect, test } from "vitest";
import { merged, Pages, placeOf } from "../src/state/pages.svelte";

type Row = { n: number; word?: string };
const key = (row: Row): number => row.n;
const down = (from: number, to: number): Row[] => Array.from({ length: from - to + 1 }, (_, at) => ({ n: from - at }));

/** Rows of falling numbers, asked for like the store is. */
class Stock {
  asked: [number | null, number][] = [];
  constructor(public rows: Row[]) {}
  ask = async (before: number | null, limit: number): Promise<{ rows: Row[]; total: number }> => {
    this.asked.push([before, limit]);
    return { rows: this.rows.filter((row) => before === null || row.n < before).slice(0, limit), total: this.rows.length };
  };
}

test("a row is found by its key, and so is the place where it would be", () => {
  const rows = [{ n: 9 }, { n: 7 }, { n: 3 }];
  expect(placeOf(rows, key, 7)).toBe(1);
  expect(placeOf(rows, key, 8)).toBe(1);
  expect(placeOf(rows, key, 1)).toBe(3);
  expect(placeOf(rows, key, 10)).toBe(0);
});

test("a newer answer replaces what it speaks of and nothing else", () => {
  const rows = down(10, 1);
  expect(merged(rows, key, 8, [{ n: 6 }, { n: 5 }], false).map(key)).toEqual([10, 9, 8, 6, 5, 4, 3, 2, 1]);
  expect(merged(rows, key, null, [{ n: 12 }, { n: 10 }], false).map(key)).toEqual([12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(merged(rows, key, 8, [{ n: 6 }], true).map(key)).toEqual([10, 9, 8, 6]);
  expect(merged(rows, key, 4, [], true).map(key)).toEqual([10, 9, 8, 7, 6, 5, 4]);
});

test("pages are loaded as the end comes near, each row once", async () => {
  const stock = new Stock(down(1200, 1));
  const pages = new Pages<Row>(key, stock.ask);
  await pages.begin();
  expect([pages.rows.length, pages.total, pages.more]).toEqual([500, 1200, true]);
  pages.seen(0, 30);
  expect(stock.asked.length).toBe(1);
  pages.seen(450, 480);
  await expect.poll(() => pages.rows.length).toBe(1000);
  pages.seen(970, 1000);
  await expect.poll(() => pages.rows.length).toBe(1200);
  expect([pages.more, pages.rows.map(key)]).toEqual([false, down(1200, 1).map(key)]);
});

test("what is seen stays where it is while new rows come and old ones go", async () => {
  const stock = new Stock(down(300, 1));
  const pages = new Pages<Row>(key, stock.ask);
  await pages.begin();
  pages.seen(200, 230);
  const seen = pages.rows[200];
  stock.rows = [...down(340, 301), ...down(295, 1)];
  await pages.again();
  expect(pages.put).toBe(35);
  expect(pages.rows[235]).toEqual(seen);
});

test("more new rows than one answer holds leave no hole", async () => {
  const stock = new Stock(down(2000, 1001));
  const pages = new Pages<Row>(key, stock.ask);
  await pages.begin();
  stock.rows = down(3400, 1001);
  await pages.again();
  expect(pages.rows.map(key)).toEqual(down(3400, 1501).map(key));
});

test("rows that are seen far down are asked for anew", async () => {
  const stock = new Stock(down(450, 1));
  const pages = new Pages<Row>(key, stock.ask);
  await pages.begin();
  pages.seen(300, 330);
  stock.rows = stock.rows.map((row) => ({ ...row, word: "sent" }));
  await pages.again();
  expect(pages.rows[300]).toEqual({ n: 150, word: "sent" });
  expect(pages.rows[200]).toEqual({ n: 250 });
});

test("an answer to an older question is dropped", async () => {
  const answers: ((rows: Row[]) => void)[] = [];
  const pages = new Pages<Row>(key, () => new Promise((answer) => answers.push((rows) => answer({ rows }))));
  const first = pages.begin();
  const second = pages.begin();
  answers[1]?.([{ n: 2 }]);
  answers[0]?.([{ n: 1 }]);
  await Promise.all([first, second]);
  expect(pages.rows).toEqual([{ n: 2 }]);
});
