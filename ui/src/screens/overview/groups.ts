// Which instances stand together on the overview: the worst first. Pure.
import type { InstanceSnapshot } from "../../backend/port";

export type Group = { name: "error" | "warning" | "running" | "off"; instances: InstanceSnapshot[] };

function groupOf({ tone }: InstanceSnapshot): Group["name"] {
  if (tone === "error" || tone === "warning" || tone === "off") return tone;
  return "running";
}

/** Only groups with instances in them; `text` is looked for in name, id, station and server. */
export function groupsOf(instances: InstanceSnapshot[], text: string): Group[] {
  const wanted = text.trim().toLowerCase();
  const found = instances.filter((one) =>
    [one.name, one.id, one.station, one.service_address].some((value) => value.toLowerCase().includes(wanted)),
  );
  const names: Group["name"][] = ["error", "warning", "running", "off"];
  return names
    .map((name) => ({ name, instances: found.filter((one) => groupOf(one) === name) }))
    .filter((group) => group.instances.length > 0);
}
