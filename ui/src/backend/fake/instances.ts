// The instances of each scenario, as the app would tell of them. Names, serials and servers are invented.
import type { InstanceSnapshot, Snapshot, Tone } from "../port";
import { between, chance, pick, seedOf } from "./random";
import type { Scenario } from "./scenarios";

const root = "/home/nora/.local/share/lineside";
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
const order: Tone[] = ["error", "warning", "starting", "busy", "ok", "off"];

type Made = { id: string; name: string; station: string; sentToday: number; queued?: number; rejected?: number };

/** A worker that runs and has nothing to complain about. */
export function healthy({ id, name, station, sentToday, queued = 0, rejected = 0 }: Made): InstanceSnapshot {
  const seed = seedOf(id);
  return {
    id,
    name,
    folder: `${root}/instances/${id}`,
    station,
    service_address: "https://northwind.wats.example",
    tone: queued > 0 ? "busy" : "ok",
    word: queued > 0 ? "busy" : "ok",
    message: queued > 0 ? `Sending ${queued} reports.` : "Everything that was found has been sent.",
    running: true,
    pending: null,
    pid: between(2000, 60000, seed),
    started_at: ago(between(3000, 400000, seed, 1)),
    version: "0.1.0",
    managed_by: "tray",
    cpu_percent: 0.2 + chance(seed, 2) * 2,
    memory_bytes: between(14, 40, seed, 3) * 1024 * 1024,
    paused: false,
    restart_needed: false,
    troubles: [],
    queue: { queued, processing: queued > 0 ? Math.min(5, queued) : 0, error: 0, oldest_age_s: queued > 0 ? 41 : null },
    sent: { today: sentToday, since_start: sentToday * 3, total: sentToday * 210, last: ago(between(2, 140, seed, 4)) },
    rejected_today: rejected,
    last_report: {
      sn: `NW-26${String(between(10000, 99999, seed, 5))}`,
      pn: pick(["PSU-240-A", "CTRL-88", "AMP-12-R3"], seed, 6),
      result: chance(seed, 7) < 0.9 ? "P" : "F",
      settled_at: Date.now() - between(2, 140, seed, 4) * 1000,
    },
    server: { status: "ok", message: null, latency_ms: between(18, 95, seed, 8), since: ago(86000) },
    converters: [
      converter("ICT results", "ok", sentToday, rejected, rejected > 0 ? "line 12, column 4: `4,98` is not a number" : null),
      converter("Boundary scan", "ok", Math.round(sentToday / 4), 0, null),
    ],
    rooms: rooms(queued, "ok"),
    stuck: [],
    unclean_exit: null,
  };
}

function converter(
  name: string,
  status: string,
  ok: number,
  failed: number,
  lastError: string | null,
): InstanceSnapshot["converters"][number] {
  return {
    name,
    status,
    message: null,
    ok,
    failed,
    last_ok: ok > 0 ? ago(70) : null,
    last_error: lastError,
  };
}

function rooms(queued: number, upload: Tone, message: string | null = null): InstanceSnapshot["rooms"] {
  const room = (name: InstanceSnapshot["rooms"][number]["room"], count: number | null, tone: Tone = "ok", why: string | null = null) => ({
    room: name,
    count,
    tone,
    message: why,
  });
  const uploading = upload === "ok" && queued > 0 ? "busy" : upload;
  return [
    room("watch", 2),
    room("settle", 0),
    room("convert", 0),
    room("enqueue", 0),
    room("upload", queued, uploading, message),
    room("archive", 0),
  ];
}

export function stopped(base: InstanceSnapshot): InstanceSnapshot {
  return {
    ...base,
    ...{
      tone: "off",
      word: "stopped",
      message: "Nobody watches the folders. Start it to go on.",
      running: false,
      pending: null,
      pid: null,
      started_at: null,
    },
    ...{ managed_by: null, cpu_percent: null, memory_bytes: null, restart_needed: false, server: null },
    rooms: base.rooms.map((room) => ({ ...room, tone: "off", message: null })),
    converters: base.converters.map((one) => ({ ...one, status: "unknown" })),
  };
}

const ict = healthy({ id: "ict", name: "ICT line 3", station: "ICT-03", sentToday: 412, rejected: 1 });

function outage(): InstanceSnapshot {
  const why =
    "Cannot reach northwind.wats.example for 26 minutes: connection timed out. Reports are kept and sent when it answers; look at the network or the proxy.";
  return {
    ...healthy({ id: "ict", name: "ICT line 3", station: "ICT-03", sentToday: 288, queued: 148 }),
    ...{ tone: "error", word: "error", message: why },
    queue: { queued: 143, processing: 5, error: 3, oldest_age_s: 1571 },
    server: { status: "unreachable", message: "connection timed out after 10 s", latency_ms: null, since: ago(1571) },
    rooms: rooms(148, "error", "the server does not answer"),
  };
}

function crashed(): InstanceSnapshot {
  const base = healthy({ id: "fct", name: "FCT end of line", station: "FCT-11", sentToday: 96 });
  const tail = [
    "2026-11-21T14:02:11.204Z  INFO upload: accepted sn=NW-2671833 latency_ms=41",
    "2026-11-21T14:02:11.890Z ERROR fault: thread 'convert' panicked at 'index out of bounds'",
    "2026-11-21T14:02:11.891Z ERROR fault: memory allocation of 4294967296 bytes failed",
  ];
  return {
    ...stopped(base),
    ...{
      tone: "error",
      word: "crashed",
      message: "The worker ended without being asked to. Start it again; what it had taken is in the queue.",
    },
    queue: { queued: 7, processing: 0, error: 0, oldest_age_s: 312 },
    unclean_exit: { pid: 48213, log_tail: tail },
  };
}

function damaged(): InstanceSnapshot {
  const base = stopped(healthy({ id: "burnin", name: "Burn-in rack", station: "BURN-02", sentToday: 12 }));
  return {
    ...base,
    ...{
      tone: "error",
      word: "failed",
      message: "client_config.json cannot be read: line 14, column 3: expected `,` or `}`. Restore the backup or mend the file.",
    },
    troubles: [`${base.folder}/client_config.json: line 14, column 3: expected \`,\` or \`}\``, `${base.folder}/status.json: is empty`],
  };
}

function many(): InstanceSnapshot[] {
  const kinds = ["ICT", "FCT", "AOI", "Burn-in", "Flash", "EOL", "HiPot", "RF"] as const;
  return Array.from({ length: 40 }, (_, at) => {
    const kind = pick(kinds, 0, at);
    const line = 1 + Math.floor(at / 5);
    const id = `${kind.toLowerCase().replace("-", "")}-l${line}-${(at % 5) + 1}`;
    const made = {
      id,
      name: `${kind} line ${line}.${(at % 5) + 1}`,
      station: `${kind.toUpperCase()}-${line}${(at % 5) + 1}`,
      sentToday: between(40, 900, 5, at),
    };
    if (at === 3) return { ...outage(), ...{ id, name: made.name, station: made.station, folder: `${root}/instances/${id}` } };
    if (at === 17) {
      const warned = healthy({ ...made, rejected: 6 });
      return {
        ...warned,
        tone: "warning",
        word: "warning",
        message: "6 files rejected today, the last 4 minutes ago: operation code 7781 is unknown to the server.",
      };
    }
    if (at % 11 === 9) return stopped(healthy(made));
    return healthy({ ...made, queued: at % 6 === 0 ? between(1, 60, 6, at) : 0 });
  });
}

function backlog(): InstanceSnapshot {
  const base = healthy({ id: "ict", name: "ICT line 3", station: "ICT-03", sentToday: 21844, queued: 100_000 });
  return {
    ...base,
    ...{
      tone: "warning",
      word: "degraded",
      message: "100,000 reports wait, the oldest for 2 days. It sends 38 a second; about 44 minutes are left.",
      restart_needed: true,
    },
    queue: { queued: 99_995, processing: 5, error: 12, oldest_age_s: 190_000 },
  };
}

/** The instances of a scenario. */
export function instancesOf(scenario: Scenario): InstanceSnapshot[] {
  switch (scenario) {
    case "empty":
      return [];
    case "healthy":
      return [ict];
    case "outage":
      return [outage()];
    case "crash":
      return [ict, crashed()];
    case "many":
      return many();
    case "backlog":
      return [backlog()];
    case "damaged":
      return [ict, damaged()];
  }
}

/** Instances with their totals, as one snapshot. */
export function snapshotOf(instances: InstanceSnapshot[]): Snapshot {
  const sum = (of: (instance: InstanceSnapshot) => number): number => instances.reduce((total, instance) => total + of(instance), 0);
  return {
    instances,
    tone: order.find((tone) => instances.some((instance) => instance.tone === tone)) ?? "off",
    totals: {
      running: instances.filter((instance) => instance.running).length,
      instances: instances.length,
      owed: sum((instance) => (instance.queue?.queued ?? 0) + (instance.queue?.processing ?? 0)),
      refused: sum((instance) => instance.queue?.error ?? 0),
      sent_today: sum((instance) => instance.sent?.today ?? 0),
      rejected_today: sum((instance) => instance.rejected_today ?? 0),
    },
    root,
    root_trouble: null,
    app: { version: "0.1.0", sidecar_version: "0.1.0", sidecar_trouble: null },
  };
}
