// Whether a server knows the operations that reports name. Pure.
import type { PreviewReport } from "../../backend/port";
import { valueAt } from "../../state/difference";

type Process = { code: number; name: string };

/** The operations, each once, that the server does not know: by their code where there is one, else by their exact name. */
export function unknownOperations(reports: PreviewReport[], processes: Process[]): string[] {
  const unknown = new Set<string>();
  for (const { report } of reports) {
    const code = valueAt(report, "/processCode");
    const name = valueAt(report, "/processName");
    if (typeof code === "number" && !processes.some((process) => process.code === code)) unknown.add(String(code));
    else if (typeof code !== "number" && typeof name === "string" && !processes.some((process) => process.name === name)) unknown.add(name);
  }
  return [...unknown];
}
