// Something the page asks for again and again while it is shown. An older value stays until a newer one is there; an answer to an outdated question is dropped.
import { messageOf } from "../backend/port";

export class Polled<T> {
  value: T | null = $state.raw(null);
  failure: string | null = $state(null);
  #turn = 0;

  /** To be called while a component is made; asks again when what `load` reads changes, and every `every` ms. */
  constructor(load: () => Promise<T>, every: number) {
    $effect(() => {
      const ask = (): void => void this.#ask(load);
      ask();
      const timer = setInterval(ask, every);
      return () => clearInterval(timer);
    });
  }

  async #ask(load: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    try {
      const value = await load();
      if (turn === this.#turn) [this.value, this.failure] = [value, null];
    } catch (error) {
      if (turn === this.#turn) this.failure = messageOf(error);
    }
  }
}
