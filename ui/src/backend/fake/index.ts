// A backend of an invented world, for browsers, browser tests and unit tests. Every command does what the real one would do to what is seen; nothing leaves the page.
import type { AppSettings, Backend, InstanceSnapshot, Json, Problem, QueueRow, SettingsFile, Snapshot } from "../port";
import { isFields } from "../../state/difference";
import { changed, copyPlan, importPlan } from "./carry";
import { about, checks, connectionOf, formats, refused } from "./chores";
import { activityOf, yieldOf } from "./figures";
import { historyOf, sourceOf } from "./history";
import { healthy, instancesOf, snapshotOf, stopped } from "./instances";
import { logPage } from "./log";
import { previewOf } from "./preview";
import { Reports } from "./reports";
import type { Scenario } from "./scenarios";
import { problemsOf, settingsOf, sharedWith } from "./settings";

export { isScenario, type Scenario, scenarios } from "./scenarios";

/** What the tests and the developer's console may do to the invented world besides the commands. */
export type Fake = Backend & {
  change: (id: string, change: Partial<InstanceSnapshot>) => void;
  /** As if somebody saved the file in an editor. */
  changeSettings: (id: string, change: { [key: string]: Json }) => void;
  navigate: (path: string) => void;
  drop: (paths: string[]) => void;
  /** As if files were held over the window, or taken away again. */
  drag: (over: boolean) => void;
  /** Every command that was called, with what it was given. */
  calls: [string, unknown[]][];
};

const soon = 400;

class World {
  snapshot: Snapshot;
  files = new Map<string, SettingsFile>();
  tokens = new Set<string>();
  passwords = new Set<string>();
  reports = new Map<string, Reports>();
  app: AppSettings = { language: "system", theme: "system", notifications: true, start_with_computer: false, flags: {} };
  snapshots = new Set<(snapshot: Snapshot) => void>();
  navigations = new Set<(path: string) => void>();
  drops = new Set<(paths: string[]) => void>();
  drags = new Set<(over: boolean) => void>();

  constructor(readonly scenario: Scenario) {
    this.snapshot = snapshotOf(instancesOf(scenario));
    for (const { id } of this.snapshot.instances) this.tokens.add(id);
  }

  instance(id: string): InstanceSnapshot {
    const found = this.snapshot.instances.find((instance) => instance.id === id);
    if (!found) throw refused("not_found", `There is no instance \`${id}\`.`);
    return found;
  }

  show(instances: InstanceSnapshot[]): void {
    this.snapshot = snapshotOf(instances);
    for (const listener of this.snapshots) listener(this.snapshot);
  }

  change(id: string, change: (instance: InstanceSnapshot) => InstanceSnapshot): null {
    this.instance(id);
    this.show(this.snapshot.instances.map((instance) => (instance.id === id ? change(instance) : instance)));
    return null;
  }

  start(id: string): null {
    if (this.instance(id).running) throw refused("already_running", `${this.instance(id).name} runs already.`);
    this.change(id, (one) => ({ ...one, pending: "starting", tone: "starting", word: "startup", message: "Starting." }));
    setTimeout(() => this.change(id, (one) => ({ ...fresh(one), pid: 51_002, started_at: new Date().toISOString() })), soon);
    return null;
  }

  stop(id: string): null {
    this.change(id, (one) => ({ ...one, pending: "stopping", word: "shutdown", message: "Finishing what is in flight." }));
    setTimeout(() => this.change(id, stopped), soon);
    return null;
  }

  settings(id: string): SettingsFile {
    const instance = this.instance(id);
    if (instance.troubles.some((trouble) => trouble.includes("client_config.json")) && !this.files.has(id)) {
      throw refused(
        "settings_unreadable",
        `${instance.folder}/client_config.json: line 14, column 3: expected \`,\` or \`}\``,
        "A backup of yesterday, 16:40, is there.",
      );
    }
    const file = this.files.get(id) ?? {
      ...{
        settings: settingsOf(id, instance.name, instance.station),
        hash: "h1",
        warnings: [],
        problems: [],
        path: `${instance.folder}/client_config.json`,
        backup: true,
      },
    };
    this.files.set(id, file);
    return file;
  }

  add(id: string, settings: Json): void {
    const fields = isFields(settings) ? settings : {};
    const station = String(fields["station_name"] ?? "");
    const made = healthy({ id, name: String(fields["instance_name"] ?? id), station, sentToday: 0 });
    this.show([...this.snapshot.instances, stopped(made)]);
    const path = `${made.folder}/client_config.json`;
    this.files.set(id, { settings: structuredClone(settings), hash: "h1", warnings: [], problems: [], path, backup: false });
  }

  /** What the worker's rules say, of this instance or of a new one beside the others. */
  problems(id: string | null, settings: Json): Problem[] {
    const others = this.snapshot.instances.filter((other) => other.id !== id && other.troubles.length === 0);
    return [
      ...problemsOf(settings),
      ...sharedWith(
        settings,
        others.map((other) => ({ id: other.id, settings: this.settings(other.id).settings })),
      ),
    ];
  }

  save(id: string, settings: Json, expected: string): { hash: string } {
    const file = this.settings(id);
    if (file.hash !== expected) throw refused("changed", "The settings were changed meanwhile.", "Look at the difference and save again.");
    const problems = problemsOf(settings);
    if (problems.length > 0) throw refused("invalid", `${problems.length} settings are not valid.`, null);
    const hash = `h${Number(file.hash.slice(1)) + 1}`;
    this.files.set(id, { ...file, settings: structuredClone(settings), hash });
    if (this.instance(id).running) this.change(id, (one) => ({ ...one, restart_needed: true }));
    return { hash };
  }

  reportsOf(id: string): Reports {
    const reports = this.reports.get(id) ?? new Reports(() => this.instance(id));
    this.reports.set(id, reports);
    return reports;
  }

  mark(id: string, tickets: number[], change: Partial<QueueRow>): null {
    this.reportsOf(id).change(tickets, change);
    return null;
  }
}

function fresh(one: InstanceSnapshot): InstanceSnapshot {
  const base = healthy({ id: one.id, name: one.name, station: one.station, sentToday: one.sent?.today ?? 0 });
  return { ...base, queue: one.queue, sent: one.sent, last_report: one.last_report, restart_needed: false };
}

function listening<T>(set: Set<T>, listener: T): () => void {
  set.add(listener);
  return () => set.delete(listener);
}

function commands(world: World): Backend {
  const now = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
  return {
    snapshot: () => now(() => world.snapshot),
    refresh: () => now(() => world.snapshot),
    startInstance: (id) => now(() => world.start(id)),
    stopInstance: (id) => now(() => world.stop(id)),
    restartInstance: (id) => now(() => (world.change(id, stopped), world.start(id))),
    forceStop: (id) => now(() => world.change(id, stopped)),
    pauseUploads: (id) => now(() => world.change(id, (one) => ({ ...one, paused: true }))),
    resumeUploads: (id) => now(() => world.change(id, (one) => ({ ...one, paused: false }))),
    startAll: () => now(() => (world.snapshot.instances.filter((one) => !one.running).forEach((one) => world.start(one.id)), null)),
    stopAll: () => now(() => (world.snapshot.instances.filter((one) => one.running).forEach((one) => world.stop(one.id)), null)),
    removeInstance: (id) =>
      now(() => {
        if (world.instance(id).running) throw refused("running", `${world.instance(id).name} runs.`, "Stop it first.");
        world.show(world.snapshot.instances.filter((one) => one.id !== id));
        return `${world.snapshot.root}/trash/${id}-20261121T150000`;
      }),

    activity: (id, hours) => now(() => activityOf(world.instance(id), hours)),
    yieldOf: (id, range) => now(() => yieldOf(world.instance(id), range)),

    loadSettings: (id) => now(() => world.settings(id)),
    restoreBackup: (id) =>
      now(() => {
        const one = world.instance(id);
        world.change(id, (damaged) => ({ ...stopped(damaged), troubles: [] }));
        const file = {
          settings: settingsOf(id, one.name, one.station),
          hash: "h1",
          warnings: [],
          problems: [],
          path: `${one.folder}/client_config.json`,
          backup: false,
        };
        world.files.set(id, file);
        return file;
      }),
    checkSettings: (id, settings) => now(() => world.problems(id, settings)),
    saveSettings: (id, settings, expected) => now(() => world.save(id, settings, expected)),
    settingsVersions: (id) =>
      now(() => [
        {
          name: "client_config.2026-11-20T16-40-12.json",
          saved_at: Date.now() - 82_000_000,
          settings: { ...settingsOf(id, "ICT line 3", "ICT-03"), location: "Hall 1" },
        },
      ]),
    tokenState: (id) => now(() => ({ present: world.tokens.has(id), proxy_password: world.passwords.has(id) })),
    setToken: (id) => now(() => (world.tokens.add(id), null)),
    setProxyPassword: (id) => now(() => (world.passwords.add(id), null)),
    formats: () => now(() => formats),
    testConnection: (form) => now(() => connectionOf(form)),
    folderState: (path) =>
      now(() => ({
        exists: !path.includes("missing"),
        readable: true,
        writable: !path.includes("readonly"),
        files: path.includes("missing") ? 0 : 31,
        more: false,
      })),

    preview: (file, format, options) => now(() => previewOf(file, format, options)),
    submitFiles: (id, files) =>
      now(
        () => (
          world.instance(id),
          files.map((file) => ({
            file,
            reports: file.endsWith(".bad") ? 0 : 1,
            failure: file.endsWith(".bad") ? "no format knows this file" : null,
          }))
        ),
      ),

    queue: (id, filter) => now(() => world.reportsOf(id).page(filter)),
    queueReport: (id, ticket) => now(() => world.reportsOf(id).detail(ticket)),
    retry: (id, tickets) =>
      now(() => world.mark(id, tickets, { state: "queued", note: null, next_at: null, settled_at: null, discarded_at: null })),
    discard: (id, tickets) => now(() => world.mark(id, tickets, { discarded_at: Date.now() })),
    resend: (id, tickets) => now(() => world.mark(id, tickets, { state: "queued", next_at: null, settled_at: null })),
    history: (id, filter) => now(() => historyOf(world.instance(id), filter)),
    source: (id, source) => now(() => sourceOf(world.instance(id), source, (row) => world.reportsOf(id).ofSource(row))),
    convertAgain: (id) => now(() => (world.instance(id), null)),

    logPage: (id, file, before, after, filter, limit) => now(() => (world.instance(id), logPage(file, before, after, filter, limit))),

    doctor: (id) => now(() => (world.instance(id), checks)),
    supportBundle: (to) => now(() => ({ path: to, bytes: 1_482_113 })),
    exportInstance: (_, to) => now(() => ({ path: to })),
    inspectImport: (origin) =>
      now(() => (origin.kind === "copy" ? copyPlan(origin.id, world.settings(origin.id).settings) : importPlan(origin))),
    importInstance: (origin, id, changes) =>
      now(() => {
        const plan = origin.kind === "copy" ? copyPlan(origin.id, world.settings(origin.id).settings) : importPlan(origin);
        const settings = changed(plan.settings, changes);
        world.add(id, settings);
        if (plan.has_token) world.tokens.add(id);
        return id;
      }),
    createInstance: ({ id, settings, start }) =>
      now(() => {
        world.add(id, settings);
        if (start) world.start(id);
        return id;
      }),
    suggestStation: () => now(() => "TESTBENCH-7"),
    startSandbox: () => now(() => ({ url: "http://127.0.0.1:8765" })),
    stopSandbox: () => now(() => null),
    appSettings: () => now(() => world.app),
    saveAppSettings: (settings) => now(() => (world.app = settings)),
    about: () => now(() => about),
    pickFolder: () => now(() => "/srv/testers/fct/results"),
    pickFiles: () => now(() => ["/home/nora/samples/NW-2671902.txt"]),
    pickSave: (name) => now(() => `/home/nora/${name}`),
    openPath: () => now(() => null),

    onSnapshot: (listener) => listening(world.snapshots, listener),
    onNavigate: (listener) => listening(world.navigations, listener),
    onFilesDragging: (listener) => listening(world.drags, listener),
    onFilesDropped: (listener) => listening(world.drops, listener),
  };
}

/** A browser tells no paths of what is dropped on it: the names are taken as those of samples. */
export function dropsOfThePage(fake: Fake): void {
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("dragenter", () => fake.drag(true));
  window.addEventListener("dragleave", (event) => event.relatedTarget === null && fake.drag(false));
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    fake.drop(Array.from(event.dataTransfer?.files ?? [], (file) => `/home/nora/samples/${file.name}`));
  });
}

export function fakeBackend(scenario: Scenario): Fake {
  const world = new World(scenario);
  const calls: [string, unknown[]][] = [];
  const noted = new Proxy(commands(world), {
    get: (target, name: keyof Backend & string) => {
      const command = target[name] as ((...args: unknown[]) => unknown) | undefined;
      // Waiting for a backend asks whether it is a promise: it is not.
      if (command === undefined) return undefined;
      return (...args: unknown[]) => {
        calls.push([name, args]);
        return command(...args);
      };
    },
  });
  return Object.assign(Object.create(noted) as Backend, {
    calls,
    change: (id: string, change: Partial<InstanceSnapshot>) => void world.change(id, (one) => ({ ...one, ...change })),
    changeSettings: (id: string, change: { [key: string]: Json }) => {
      const file = world.settings(id);
      const settings = { ...(file.settings as { [key: string]: Json }), ...change };
      world.files.set(id, { ...file, settings, hash: `h${Number(file.hash.slice(1)) + 1}` });
    },
    navigate: (path: string) => world.navigations.forEach((listener) => listener(path)),
    drop: (paths: string[]) => world.drops.forEach((listener) => listener(paths)),
    drag: (over: boolean) => world.drags.forEach((listener) => listener(over)),
  });
}
