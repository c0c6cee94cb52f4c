// Short notes at the bottom of the window: what was done, or why it could not be. A failure stays until it is closed.
import { messageOf } from "../backend/port";

export type Toast = { key: number; tone: "ok" | "error"; message: string };

const okStays = 5000;

class Toasts {
  list: Toast[] = $state([]);
  #next = 0;

  done(message: string): void {
    const { key } = this.#add("ok", message);
    setTimeout(() => this.close(key), okStays);
  }

  failed(error: unknown): void {
    this.#add("error", messageOf(error));
  }

  close(key: number): void {
    this.list = this.list.filter((toast) => toast.key !== key);
  }

  #add(tone: Toast["tone"], message: string): Toast {
    const toast: Toast = { key: this.#next++, tone, message };
    this.list = [...this.list.slice(-3), toast];
    return toast;
  }
}

export const toasts = new Toasts();

/** Runs something somebody asked for; true when it went well. What went wrong is shown. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done) toasts.done(done);
    return true;
  } catch (error) {
    toasts.failed(error);
    return false;
  }
}
