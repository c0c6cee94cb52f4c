// Which rows of a list are chosen, by their keys, so that they stay chosen while the list moves under them.
import type { Choice } from "../parts/VirtualList.svelte";

export class Selection {
  keys: ReadonlySet<number> = $state.raw(new Set<number>());
  current: number | null = $state(null);
  #anchor: number | null = null;

  /** `between` gives the keys from one row to another, both included. */
  choose(key: number, how: Choice, between: (from: number, to: number) => number[]): void {
    this.current = key;
    if (how === "move") return;
    if (how === "range") {
      this.keys = new Set(between(this.#anchor ?? key, key));
      this.#anchor ??= key;
      return;
    }
    this.#anchor = key;
    if (how === "one") {
      this.keys = new Set([key]);
    } else {
      const keys = new Set(this.keys);
      if (!keys.delete(key)) keys.add(key);
      this.keys = keys;
    }
  }

  all(keys: number[]): void {
    this.keys = new Set(keys);
  }

  clear(): void {
    this.keys = new Set();
    this.#anchor = null;
  }
}
