// How every instance goes, as the app last told it. The only state that all screens share.
import { backend } from "../backend";
import { type InstanceSnapshot, messageOf, type Snapshot } from "../backend/port";

class Live {
  snapshot: Snapshot | null = $state.raw(null);
  /** Why the app does not answer; shown instead of the screens. */
  failure: string | null = $state(null);

  /** Follows the app from now on; returns how to stop. */
  start(): () => void {
    const unlisten = backend().onSnapshot((snapshot) => (this.snapshot = snapshot));
    backend()
      .snapshot()
      .then(
        (snapshot) => (this.snapshot ??= snapshot),
        (error: unknown) => (this.failure = messageOf(error)),
      );
    return unlisten;
  }

  get instances(): InstanceSnapshot[] {
    return this.snapshot?.instances ?? [];
  }

  instance(id: string): InstanceSnapshot | null {
    return this.instances.find((instance) => instance.id === id) ?? null;
  }

  /** Looks at once instead of at the next round; for after something was asked for. */
  async refresh(): Promise<void> {
    this.snapshot = await backend().refresh();
  }
}

export const live = new Live();
