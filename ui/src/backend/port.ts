// What the screens know of the world: the types that cross to the app, and everything they may ask of it. Screens import this file and nothing else of `backend/`. Types and
// commands are those the app generates: names as they come, times as RFC 3339 strings, or epoch milliseconds where the name ends in `_at`, pointers after RFC 6901.
import type { CommandError, commands, FilesDragging, FilesDropped, Navigate, Snapshot } from "./bindings";

export type {
  About,
  Activity,
  AppSettings,
  Check,
  CommandError,
  Connection,
  ConnectionForm,
  FolderState,
  Guess,
  HistoryFilter,
  ImportPlan,
  InstanceSnapshot,
  KnownFormat as FormatInfo,
  Level,
  LogFilter,
  LogLine,
  LogPage,
  ManagedBy,
  NewInstance,
  Origin,
  Preview,
  PreviewReport,
  Problem,
  QueueFilter,
  QueuePage,
  QueueRow,
  ReportDetail,
  SettingsFile,
  SettingsVersion,
  Snapshot,
  SourceDetail,
  SourceRow,
  Span,
  StateWord,
  Submitted,
  Tone,
  Value as Json,
  Yield,
  YieldRange,
} from "./bindings";

type Commands = typeof commands;
type Value<Answer> = Answer extends { status: "ok"; data: infer Data } ? Data : never;
type Told<Command> = Command extends (...args: infer Asked) => Promise<infer Answer> ? (...args: Asked) => Promise<Value<Answer>> : never;

export type Unlisten = () => void;

/** What the app tells without being asked. Each returns how to stop listening. */
type Heard = {
  onSnapshot: (listener: (snapshot: Snapshot) => void) => Unlisten;
  /** The tray or a notification asks for a screen. */
  onNavigate: (listener: (path: Navigate["path"]) => void) => Unlisten;
  /** Files are held over the window, or are not any more. */
  onFilesDragging: (listener: (over: FilesDragging["over"]) => void) => Unlisten;
  onFilesDropped: (listener: (paths: FilesDropped["paths"]) => void) => Unlisten;
};

/** Everything the screens may ask of the app. Every command rejects with a `CommandError`. */
export type Backend = { [Name in keyof Commands]: Told<Commands[Name]> } & Heard;

/** Whether something that was thrown is an answer of the app. */
export function isCommandError(error: unknown): error is CommandError {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** The words for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (isCommandError(error)) return error.hint ? `${error.message} ${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
