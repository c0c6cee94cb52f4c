// Who gets the files that are dropped on the window: what is in front, a dialog before a screen, a screen before the frame of the instance; among equals the newest.
import { backend } from "../backend";

const levels = ["instance", "screen", "dialog"] as const;
type Level = (typeof levels)[number];
type Taker = { level: Level; take: (files: string[]) => void };

class Drops {
  #takers: Taker[] = [];
  #stop: (() => void) | null = null;

  /** Takes what is dropped from now on; returns how to stop. Made for `$effect(() => drops.take(…))`. */
  take(level: Level, take: (files: string[]) => void): () => void {
    const taker = { level, take };
    this.#takers.push(taker);
    this.#stop ??= backend().onFilesDropped((files) => this.#front()?.take(files));
    return () => {
      this.#takers = this.#takers.filter((other) => other !== taker);
      if (this.#takers.length > 0) return;
      this.#stop?.();
      this.#stop = null;
    };
  }

  #front(): Taker | undefined {
    return this.#takers.reduce<Taker | undefined>(
      (front, taker) => (front && levels.indexOf(front.level) > levels.indexOf(taker.level) ? front : taker),
      undefined,
    );
  }
}

export const drops = new Drops();
