// Where the window is: every screen has an address behind `#`. Parses it, moves, and asks before unsaved changes are left behind.

export const instanceScreens = ["dashboard", "connection", "station", "converters", "queue", "history", "log"] as const;
export type InstanceScreen = (typeof instanceScreens)[number];

export type Route =
  | { screen: "overview" | "welcome" | "import" | "settings" }
  | { screen: InstanceScreen; id: string; item: string | null }
  | { screen: "missing"; path: string };

/** The screen of a path such as `/i/ict/history/12`; a query (`?text=…`) is not part of it. */
export function routeOf(path: string): Route {
  const parts = (path.split("?")[0] ?? "").split("/").filter(Boolean).map(decoded);
  const [first, id, screen, item, ...rest] = parts;
  if (first === undefined) return { screen: "overview" };
  if ((first === "welcome" || first === "import" || first === "settings") && id === undefined) return { screen: first };
  if (first === "i" && id !== undefined && rest.length === 0) {
    if (screen === undefined) return { screen: "dashboard", id, item: null };
    const known = instanceScreens.find((name) => name === screen && name !== "dashboard");
    if (known) return { screen: known, id, item: item ?? null };
  }
  return { screen: "missing", path };
}

/** The address of an instance's screen, for links and for `router.go`. */
export function instancePath(
  id: string,
  screen: InstanceScreen = "dashboard",
  item?: string | number,
  query?: Record<string, string>,
): string {
  const base = `/i/${encodeURIComponent(id)}`;
  const path = screen === "dashboard" ? base : `${base}/${screen}${item === undefined ? "" : `/${encodeURIComponent(item)}`}`;
  return query ? `${path}?${new URLSearchParams(query)}` : path;
}

/** Where another instance like this one is made. */
export function copyPath(id: string): string {
  return `/import?${new URLSearchParams({ of: id })}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Guard = { dirty: () => boolean; within: string | null };

class Router {
  path = $state(pathOf(location.hash));
  route = $derived(routeOf(this.path));
  query = $derived(new URLSearchParams(this.path.split("?")[1] ?? ""));
  /** Where somebody wants to go while there are unsaved changes: the page asks, then calls `leave` or `stay`. */
  wanted: string | null = $state(null);
  #guards = new Set<Guard>();

  /** Follows the address from now on. */
  start(): () => void {
    const changed = (): void => this.#arrived(pathOf(location.hash));
    window.addEventListener("hashchange", changed);
    changed();
    return () => window.removeEventListener("hashchange", changed);
  }

  go(path: string): void {
    if (path !== this.path) location.hash = path;
  }

  /** Changes the address without a new step in the history, for filters that live in it. */
  replace(path: string): void {
    history.replaceState(null, "", `#${path}`);
    this.path = path;
  }

  /**
   * Asks before this screen is left while `dirty()`. Moves to paths below `within` are not asked about. Returns how to stop; made for `$effect(() => router.guard(…))`.
   */
  guard(dirty: () => boolean, within: string | null = null): () => void {
    const guard = { dirty, within };
    this.#guards.add(guard);
    return () => this.#guards.delete(guard);
  }

  stay(): void {
    this.wanted = null;
  }

  leave(): void {
    const path = this.wanted;
    this.wanted = null;
    if (path === null) return;
    this.path = path;
    location.hash = path;
  }

  #arrived(path: string): void {
    if (path === this.path) return;
    const held = [...this.#guards].some((guard) => guard.dirty() && !(guard.within && path.startsWith(guard.within)));
    if (held) {
      this.wanted = path;
      history.replaceState(null, "", `#${this.path}`);
    } else {
      this.path = path;
    }
  }
}

function pathOf(hash: string): string {
  return hash.replace(/^#/, "") || "/";
}

export const router = new Router();
