// The real backend: one call per command of the app. Decides nothing; a rejection that is not a CommandError (the app itself broke) becomes one.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { type Backend, type CommandError, isCommandError, type Unlisten } from "./port";

function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  return invoke<T>(command, args).catch((error: unknown) => {
    if (isCommandError(error)) throw error;
    const broken: CommandError = { code: "internal", message: String(error), hint: null };
    throw broken;
  });
}

/** Listening begins a moment later than it is asked for; who stops before that is not called any more. */
function on<T>(event: string, listener: (payload: T) => void): Unlisten {
  let wanted = true;
  const listening = listen<T>(event, ({ payload }) => {
    if (wanted) listener(payload);
  });
  return () => {
    wanted = false;
    void listening.then((unlisten) => unlisten());
  };
}

export const host: Backend = {
  snapshot: () => call("snapshot"),
  refresh: () => call("refresh"),
  startInstance: (id) => call("start_instance", { id }),
  stopInstance: (id) => call("stop_instance", { id }),
  restartInstance: (id) => call("restart_instance", { id }),
  forceStop: (id) => call("force_stop", { id }),
  pauseUploads: (id) => call("pause_uploads", { id }),
  resumeUploads: (id) => call("resume_uploads", { id }),
  startAll: () => call("start_all"),
  stopAll: () => call("stop_all"),
  removeInstance: (id) => call("remove_instance", { id }),

  activity: (id, hours) => call("activity", { id, hours }),
  yieldOf: (id, range) => call("yield_of", { id, range }),

  loadSettings: (id) => call("load_settings", { id }),
  restoreBackup: (id) => call("restore_backup", { id }),
  checkSettings: (id, settings) => call("check_settings", { id, settings }),
  saveSettings: (id, settings, expected_hash) => call("save_settings", { id, settings, expectedHash: expected_hash }),
  settingsVersions: (id) => call("settings_versions", { id }),
  tokenState: (id) => call("token_state", { id }),
  setToken: (id, token) => call("set_token", { id, token }),
  setProxyPassword: (id, password) => call("set_proxy_password", { id, password }),
  formats: () => call("formats"),
  testConnection: (form) => call("test_connection", { form }),
  folderState: (path) => call("folder_state", { path }),

  preview: (file, format, options, instance) => call("preview", { file, format, options, instance }),
  submitFiles: (id, files, format) => call("submit_files", { id, files, format }),

  queue: (id, filter) => call("queue", { id, filter }),
  queueReport: (id, ticket) => call("queue_report", { id, ticket }),
  retry: (id, tickets) => call("retry", { id, tickets }),
  discard: (id, tickets) => call("discard", { id, tickets }),
  resend: (id, tickets) => call("resend", { id, tickets }),
  history: (id, filter) => call("history", { id, filter }),
  source: (id, source) => call("source", { id, source }),
  convertAgain: (id, source) => call("convert_again", { id, source }),

  logPage: (id, file, before, after, filter, limit) => call("log_page", { id, file, before, after, filter, limit }),

  doctor: (id) => call("doctor", { id }),
  supportBundle: (to) => call("support_bundle", { to }),
  exportInstance: (id, to, passphrase) => call("export_instance", { id, to, passphrase }),
  inspectImport: (file, passphrase) => call("inspect_import", { file, passphrase }),
  importInstance: (file, passphrase, id, folders, station) => call("import_instance", { file, passphrase, id, folders, station }),
  createInstance: (form) => call("create_instance", { form }),
  suggestStation: () => call("suggest_station"),
  startSandbox: () => call("start_sandbox"),
  stopSandbox: () => call("stop_sandbox"),
  appSettings: () => call("app_settings"),
  saveAppSettings: (settings) => call("save_app_settings", { settings }),
  about: () => call("about"),
  pickFolder: (start) => call("pick_folder", { start }),
  pickFiles: (multiple) => call("pick_files", { multiple }),
  pickSave: (name) => call("pick_save", { name }),
  openPath: (path) => call("open_path", { path }),

  onSnapshot: (listener) => on("snapshot", listener),
  onNavigate: (listener) => on<{ path: string }>("navigate", ({ path }) => listener(path)),
  onFilesDropped: (listener) => on<{ paths: string[] }>("files-dropped", ({ paths }) => listener(paths)),
};
