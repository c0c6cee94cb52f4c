// What becomes of a sample: asked anew when the file, the format or an option changes. Until the new answer is there the old one stays; an answer that was overtaken is dropped.
import { backend } from "../backend";
import { type Json, messageOf, type Preview } from "../backend/port";

export type Question = { format: string | null; options: Json; instance: string | null };

/** Typing comes in bursts. */
const pause = 120;

/** Read to its depth, so that a change anywhere in it is a new question; the type of a snapshot of something recursive has no end. */
function plain(question: Question): Question {
  return $state.snapshot(question as object) as Question;
}

export class Sample {
  file: string | null = $state(null);
  preview: Preview | null = $state.raw(null);
  /** Why there is no answer at all; why a file cannot be read is in the preview. */
  failure: string | null = $state(null);
  asking = $state(false);
  #turn = 0;

  /** To be called while a component is made. */
  constructor(question: () => Question) {
    $effect(() => {
      const file = this.file;
      const asked = plain(question());
      if (file === null) return;
      const turn = ++this.#turn;
      this.asking = true;
      const timer = setTimeout(() => void this.#ask(turn, file, asked), pause);
      return () => clearTimeout(timer);
    });
  }

  async #ask(turn: number, file: string, { format, options, instance }: Question): Promise<void> {
    try {
      const preview = await backend().preview(file, format, options, instance);
      if (turn === this.#turn) [this.preview, this.failure] = [preview, null];
    } catch (error) {
      if (turn === this.#turn) [this.preview, this.failure] = [null, messageOf(error)];
    } finally {
      if (turn === this.#turn) this.asking = false;
    }
  }
}
