// What an import changes, and the name it gets. Pure.
import type { Json } from "../../backend/port";
import { differences, valueAt } from "../../state/difference";

/** `ict`, or `ict-2` where there is one. */
export function freeId(wanted: string, taken: string[]): string {
  let n = 2;
  let id = wanted;
  while (taken.includes(id)) id = `${wanted}-${n++}`;
  return id;
}

/** The texts that differ from the plan, by their pointers. The name is always among them: without it the program would name the instance after its folder. */
export function changesOf(planned: Json, wanted: Json): { [pointer: string]: string } {
  const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
  const changed = differences(planned, wanted).map(({ pointer, after }) => [pointer, text(after)]);
  return { ...Object.fromEntries(changed), "/instance_name": text(valueAt(wanted, "/instance_name")) };
}
