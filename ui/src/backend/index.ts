// Which backend this page talks to: the app's inside the app, a fake one with a scenario in a plain browser (development, browser tests, screenshots).
import type { Backend } from "./port";

let current: Backend | undefined;

/** The backend of this page. */
export function backend(): Backend {
  if (!current) throw new Error("no backend has been chosen yet");
  return current;
}

export function useBackend(chosen: Backend): void {
  current = chosen;
}

/** Chooses by where the page runs. `__FAKE__` is false in what the app ships, so that the fake is not in it. */
export async function chooseBackend(): Promise<void> {
  if (__FAKE__ && !("__TAURI_INTERNALS__" in window)) {
    const { dropsOfThePage, fakeBackend, isScenario } = await import("./fake");
    const wanted = new URLSearchParams(location.search).get("scenario");
    const fake = fakeBackend(isScenario(wanted) ? wanted : "healthy");
    dropsOfThePage(fake);
    useBackend(fake);
    return;
  }
  const { host } = await import("./host");
  useBackend(host);
}
