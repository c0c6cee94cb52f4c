// Which instances stand together on the overview: the worst first. Pure.
import type { InstanceSnapshot } from "../../backend/port";

export type Group = { name: "attention" | "running" | "off"; instances: InstanceSnapshot[] };

function groupOf({ tone }: InstanceSnapshot): Group["name"] {
  if (tone === "error" || tone === "warning") return "attention";
  return tone === "off" ? "off" : "running";
}

/** Only groups with instances in them; `text` is looked for in name, id, station and server. */
export function groupsOf(instances: InstanceSnapshot[], text: string): Group[] {
  const wanted = text.trim().toLowerCase();
  const found = instances.filter((one) =>
    [one.name, one.id, one.station, one.service_address].some((value) => value.toLowerCase().includes(wanted)),
  );
  const names: Group["name"][] = ["attention", "running", "off"];
  return names
    .map((name) => ({ name, instances: found.filter((one) => groupOf(one) === name).sort(errorsFirst) }))
    .filter((group) => group.instances.length > 0);
}

function errorsFirst(a: InstanceSnapshot, b: InstanceSnapshot): number {
  return Number(b.tone === "error") - Number(a.tone === "error");
}
