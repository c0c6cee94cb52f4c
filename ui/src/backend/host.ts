// The real backend: the commands and events the app generates, with an answer for a value and a rejection for a failure. Decides nothing.
import { type CommandError, commands, events } from "./bindings";
import { type Backend, isCommandError, type Unlisten } from "./port";

type Answer = { status: "ok"; data: unknown } | { status: "error"; error: unknown };

/** What is rejected with is always a `CommandError`: anything else means that the app itself broke. */
async function told(asked: Promise<Answer>): Promise<unknown> {
  const answer = await asked.catch((error: unknown): Answer => ({ status: "error", error }));
  if (answer.status === "ok") return answer.data;
  const broken: CommandError = { code: "internal", message: String(answer.error), hint: null };
  throw isCommandError(answer.error) ? answer.error : broken;
}

const asking = Object.entries<(...args: never[]) => Promise<Answer>>(commands).map(
  ([name, command]) => [name, (...args: never[]) => told(command(...args))] as const,
);

/** Listening begins a moment later than it is asked for; who stops before that is not called any more. */
function on<T>(event: { listen: (heard: (event: { payload: T }) => void) => Promise<Unlisten> }, listener: (payload: T) => void): Unlisten {
  let wanted = true;
  const listening = event.listen(({ payload }) => {
    if (wanted) listener(payload);
  });
  return () => {
    wanted = false;
    void listening.then((unlisten) => unlisten());
  };
}

export const host = {
  // Made of the same list as the type: entry by entry the two are one.
  ...Object.fromEntries(asking),
  onSnapshot: (listener) => on(events.snapshot, listener),
  onNavigate: (listener) => on(events.navigate, ({ path }) => listener(path)),
  onFilesDragging: (listener) => on(events.filesDragging, ({ over }) => listener(over)),
  onFilesDropped: (listener) => on(events.filesDropped, ({ paths }) => listener(paths)),
} as Backend;
