// Who gets the files that are dropped on the window: what is in front, a dialog before a screen, a screen before the frame of the instance; among equals the newest.
// While files are held over the window, whoever would get them says so.
import { untrack } from "svelte";
import { backend } from "../backend";

const levels = ["instance", "screen", "dialog"] as const;
type Level = (typeof levels)[number];
type Take = (files: string[]) => unknown;
type Taker = { level: Level; take: Take };

class Drops {
  #takers: readonly Taker[] = $state.raw([]);
  #over = $state(false);
  #stops: (() => void)[] = [];

  /** Takes what is dropped from now on; returns how to stop. Made for `$effect(() => drops.take(…))`. */
  take(level: Level, take: Take): () => void {
    const taker = { level, take };
    return untrack(() => {
      this.#takers = [...this.#takers, taker];
      if (this.#takers.length === 1) this.#listen();
      return () => this.#leave(taker);
    });
  }

  /** Whether files are held over the window now, and this one would get them. */
  awaits(take: Take): boolean {
    return this.#over && this.#front()?.take === take;
  }

  #listen(): void {
    this.#stops = [
      backend().onFilesDragging((over) => (this.#over = over)),
      backend().onFilesDropped((files) => {
        this.#over = false;
        this.#front()?.take(files);
      }),
    ];
  }

  #leave(taker: Taker): void {
    this.#takers = this.#takers.filter((other) => other !== taker);
    if (this.#takers.length > 0) return;
    this.#stops.forEach((stop) => stop());
    this.#over = false;
  }

  #front(): Taker | undefined {
    return this.#takers.reduce<Taker | undefined>(
      (front, taker) => (front && levels.indexOf(front.level) > levels.indexOf(taker.level) ? front : taker),
      undefined,
    );
  }
}

export const drops = new Drops();
