// What the screens know of the world: the types that cross to the app, and one interface with everything they may ask. Screens import this file and nothing else of
// `backend/`. The shapes are those the app generates (snake_case as they come; times are RFC 3339 strings, or epoch milliseconds where the name ends in `_at`).

export type CommandError = { code: string; message: string; hint: string | null };

export type Tone = "off" | "starting" | "ok" | "busy" | "warning" | "error"; // the six tray shapes; worst: error > warning > starting > busy > ok > off
export type StateWord =
  | "stopped"
  | "crashed"
  | "not responding"
  | "unknown"
  | "startup"
  | "ok"
  | "idle"
  | "busy"
  | "degraded"
  | "warning"
  | "error"
  | "shutdown"
  | "failed";
export type ManagedBy = "tray" | "cli" | "systemd" | "launchd" | "scm" | "task";
export type Snapshot = {
  instances: InstanceSnapshot[];
  tone: Tone; // of the worst instance; off when none runs
  totals: { running: number; instances: number; owed: number; refused: number; sent_today: number; rejected_today: number };
  root: string; // folder that holds the instances
  app: { version: string; sidecar_version: string | null; sidecar_trouble: string | null }; // trouble: missing, other version: a sentence
};
export type InstanceSnapshot = {
  id: string;
  name: string;
  folder: string;
  station: string;
  service_address: string;
  tone: Tone;
  word: StateWord;
  message: string; // message: why, and what to do
  running: boolean;
  pending: null | "starting" | "stopping"; // what the app has asked for and not yet seen
  pid: number | null;
  started_at: string | null;
  version: string | null;
  managed_by: ManagedBy | null;
  cpu_percent: number | null;
  memory_bytes: number | null;
  paused: boolean;
  restart_needed: boolean;
  troubles: string[]; // files that cannot be read: path and what is wrong
  queue: { queued: number; processing: number; error: number; oldest_age_s: number | null } | null;
  sent: { today: number; since_start: number; total: number; last: string | null } | null;
  rejected_today: number | null;
  last_report: { sn: string; pn: string; result: string; settled_at: number } | null;
  server: { status: string; message: string | null; latency_ms: number | null; since: string | null } | null;
  converters: {
    name: string;
    status: string;
    message: string | null;
    ok: number;
    failed: number;
    last_ok: string | null;
    last_error: string | null;
  }[];
  rooms: {
    room: "watch" | "settle" | "convert" | "enqueue" | "upload" | "archive";
    count: number | null;
    tone: Tone;
    message: string | null;
  }[];
  stuck: { since: string; what: string }[];
  unclean_exit: null | { pid: number; log_tail: string[] }; // only when word is "crashed"
};

export type Activity = {
  from_at: number;
  bucket_s: number;
  sent: number[];
  rejected: number[];
  refused: number[];
  latency_ms: (number | null)[];
};
export type YieldRange = "day" | "week";
export type Yield = {
  range: YieldRange;
  from_at: number;
  units: number;
  first_pass: number;
  first_pass_yield: number | null; // unit = serial+part+process; first_pass: passed in its first report in the range; null: no units
  passed: number;
  failed: number;
  reports: number; // passed/failed: by the last report of each unit
  by_part: { pn: string; units: number; first_pass: number; passed: number }[];
  failures: { step: string; pn: string; units: number }[]; // top 20 failing steps: cause step of failed reports
  by_hour: { at: number; units: number; first_pass: number }[];
};

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Problem = { pointer: string; message: string; line: number | null }; // RFC 6901 pointer into the settings; message says what is allowed
export type SettingsFile = { settings: Json; hash: string; warnings: Problem[]; problems: Problem[]; path: string; backup: boolean };
export type FormatInfo = { name: string; title: string; extensions: string[]; summary: string; options_schema: Json; binary: boolean };
export type ConnectionForm = {
  service_address: string;
  token: string | null;
  instance: string | null;
  proxy: Json;
  ca_file: string | null;
  connect_timeout_s: number | null;
};
export type Connection = {
  ok: boolean;
  cause: null | "token" | "unreachable" | "address" | "tls" | "proxy" | "server" | "notwats";
  headline: string;
  detail: string;
  fix: string;
  version: string | null;
  latency_ms: number | null;
  processes: { code: number; name: string }[];
};

export type Span = { start: number; end: number; line: number; column: number };
export type Guess = { format: string; confidence: number };
export type Preview = {
  file: string;
  size: number;
  guesses: Guess[];
  format: string | null;
  source:
    | { kind: "text"; text: string; first_line: number; truncated: boolean; encoding: string }
    | { kind: "bytes"; base64: string; truncated: boolean };
  reports: PreviewReport[];
  more_reports: number; // at most 20 reports, 5,000 steps
  failure: null | { message: string; fix: string; at: Span | null };
};
export type PreviewReport = {
  id: string;
  report: Json;
  warnings: { pointer: string; message: string; at: Span | null }[];
  trace: { [pointer: string]: Span };
  issues: { pointer: string; message: string }[];
  more_steps: number; // left out of `report`
}; // report: WSJF; issues: what check() says

export type QueueFilter = {
  state: null | "owed" | "error" | "discarded" | "completed";
  text: string | null;
  before: number | null;
  limit: number;
};
export type QueueRow = {
  ticket: number;
  report_id: string;
  state: "queued" | "processing" | "completed" | "error";
  discarded_at: number | null;
  priority: number;
  source: number;
  rule: string;
  path: string;
  sn: string;
  pn: string;
  result: string;
  process: string;
  start: string;
  size: number;
  queued_at: number;
  next_at: number | null;
  settled_at: number | null;
  attempts: number;
  note: string | null;
};
export type QueuePage = { rows: QueueRow[]; total: number }; // total: of this state, without the text
export type ReportDetail = {
  row: QueueRow;
  warnings: string[];
  attempts: { n: number; at: number; latency_ms: number; status: number | null; message: string; verdict: string }[];
  body: string | null;
};
export type HistoryFilter = {
  outcome: null | "converted" | "rejected" | "duplicate";
  rule: string | null;
  text: string | null;
  day: string | null;
  before: number | null;
  limit: number;
}; // text: path, serial or part
export type SourceRow = {
  id: number;
  rule: string;
  path: string;
  size: number;
  hash: string;
  format: string;
  outcome: string;
  reason: string | null;
  of: number | null;
  at: number;
  filed: boolean;
  filed_at: string | null;
  reports: number;
};
export type SourceDetail = {
  row: SourceRow;
  reports: QueueRow[];
  file: string | null;
  marked: Span | null;
  text: string | null;
  first_line: number;
  log: LogLine[];
}; // file: where it is now, when it can be found

export type LogLine = {
  at: string;
  level: "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE";
  target: string;
  message: string;
  fields: { [key: string]: string };
  offset: number;
};
export type LogFilter = { level: string | null; text: string | null; file: string | null };
export type LogPage = { lines: LogLine[]; before: number | null; after: number; size: number; file: string; files: string[] }; // offsets into the file; before null: at its beginning

export type Check = { name: string; ok: boolean; level: "ok" | "warning" | "error"; message: string; remedy: string | null };
export type ImportPlan = {
  kind: "lineside" | "pywats";
  id: string;
  name: string;
  settings: Json;
  has_token: boolean;
  needs_passphrase: boolean;
  folders: { pointer: string; path: string; exists: boolean }[];
  carried: string[];
  not_carried: { what: string; why: string }[];
};
export type NewInstance = { id: string; settings: Json; token: string | null; start: boolean };
export type AppSettings = {
  language: "system" | "en" | "de";
  theme: "system" | "light" | "dark";
  notifications: boolean;
  start_with_computer: boolean;
  flags: { [page: string]: boolean };
};

/** Everything the screens may ask of the app. Every method rejects with a `CommandError`. */
export interface Backend {
  snapshot(): Promise<Snapshot>;
  /** Looks at every instance at once, without waiting for the next round. */
  refresh(): Promise<Snapshot>;
  startInstance(id: string): Promise<null>;
  stopInstance(id: string): Promise<null>;
  restartInstance(id: string): Promise<null>;
  forceStop(id: string): Promise<null>;
  pauseUploads(id: string): Promise<null>;
  resumeUploads(id: string): Promise<null>;
  startAll(): Promise<null>;
  stopAll(): Promise<null>;
  /** Refused while it runs; moves the folder to the trash and returns where it is now. */
  removeInstance(id: string): Promise<string>;

  activity(id: string, hours: 1 | 24 | 168): Promise<Activity>;
  yieldOf(id: string, range: YieldRange): Promise<Yield>;

  /** Rejects with code `settings_unreadable` when the file is damaged. */
  loadSettings(id: string): Promise<SettingsFile>;
  restoreBackup(id: string): Promise<SettingsFile>;
  checkSettings(id: string, settings: Json): Promise<Problem[]>;
  /** Rejects with code `changed` when the file is not the one of `expected_hash` any more, `invalid` when it has problems. */
  saveSettings(id: string, settings: Json, expected_hash: string): Promise<{ hash: string }>;
  settingsVersions(id: string): Promise<SettingsVersion[]>;
  /** Whether a token and a password for the proxy are stored; neither ever comes back. */
  tokenState(id: string): Promise<{ present: boolean; proxy_password: boolean }>;
  setToken(id: string, token: string): Promise<null>;
  setProxyPassword(id: string, password: string): Promise<null>;
  formats(): Promise<FormatInfo[]>;
  testConnection(form: ConnectionForm): Promise<Connection>;
  folderState(path: string): Promise<FolderState>;

  preview(file: string, format: string | null, options: Json, instance: string | null): Promise<Preview>;
  submitFiles(id: string, files: string[], format: string | null): Promise<Submitted[]>;

  queue(id: string, filter: QueueFilter): Promise<QueuePage>;
  queueReport(id: string, ticket: number): Promise<ReportDetail>;
  retry(id: string, tickets: number[]): Promise<null>;
  discard(id: string, tickets: number[]): Promise<null>;
  resend(id: string, tickets: number[]): Promise<null>;
  history(id: string, filter: HistoryFilter): Promise<{ rows: SourceRow[] }>;
  source(id: string, source: number): Promise<SourceDetail>;
  convertAgain(id: string, source: number): Promise<null>;

  logPage(id: string, file: string | null, before: number | null, after: number | null, filter: LogFilter, limit: number): Promise<LogPage>;

  doctor(id: string): Promise<Check[]>;
  supportBundle(to: string): Promise<{ path: string; bytes: number }>;
  exportInstance(id: string, to: string, passphrase: string | null): Promise<{ path: string }>;
  inspectImport(file: string, passphrase: string | null): Promise<ImportPlan>;
  importInstance(
    file: string,
    passphrase: string | null,
    id: string,
    folders: { [pointer: string]: string },
    station: string | null,
  ): Promise<string>;
  createInstance(form: NewInstance): Promise<string>;
  suggestStation(): Promise<string>;
  startSandbox(): Promise<{ url: string }>;
  stopSandbox(): Promise<null>;
  appSettings(): Promise<AppSettings>;
  saveAppSettings(settings: AppSettings): Promise<AppSettings>;
  about(): Promise<About>;
  pickFolder(start: string | null): Promise<string | null>;
  pickFiles(multiple: boolean): Promise<string[]>;
  pickSave(name: string): Promise<string | null>;
  openPath(path: string): Promise<null>;

  /** Each returns how to stop listening. */
  onSnapshot(listener: (snapshot: Snapshot) => void): Unlisten;
  /** The tray or a notification asks for a screen. */
  onNavigate(listener: (path: string) => void): Unlisten;
  onFilesDropped(listener: (paths: string[]) => void): Unlisten;
}

export type Unlisten = () => void;
export type SettingsVersion = { name: string; saved_at: number; settings: Json };
export type FolderState = { exists: boolean; readable: boolean; writable: boolean; files: number; more: boolean };
export type Submitted = { file: string; reports: number; failure: string | null };
export type About = { version: string; sidecar_version: string | null; licences: { name: string; version: string; licence: string }[] };

/** Whether something that was thrown is an answer of the app. */
export function isCommandError(error: unknown): error is CommandError {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** The words for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (isCommandError(error)) return error.hint ? `${error.message} ${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
