// What the wizard has been told so far. Kept in the page's own storage until Finish, so that a closed window continues where it was; the token is not: it is asked for again.
import type { ConnectionForm, Json } from "../../backend/port";
import { idOf } from "./names";

export const steps = ["name", "server", "station", "folder", "finish"] as const;
export type Step = (typeof steps)[number];

const place = "lineside.welcome";
const begin = {
  step: "name" as Step,
  name: "",
  id: "",
  address: "",
  offline: false,
  station: "",
  location: "",
  purpose: "",
  folder: "",
  format: "detect",
};
type Kept = typeof begin;

export class Draft {
  kept: Kept = $state({ ...begin, ...stored() });
  token = $state("");
  /** The connection that was tested and is good, as text, so that a change of any part asks for a new test. */
  good: string | null = $state(null);

  constructor() {
    $effect(() => localStorage.setItem(place, JSON.stringify(this.kept)));
  }

  /** The short name follows the name until somebody gives it its own. */
  rename(name: string): void {
    if (this.kept.id === idOf(this.kept.name)) this.kept.id = idOf(name);
    this.kept.name = name;
  }

  connection(): ConnectionForm {
    const { address } = this.kept;
    return {
      service_address: address.trim(),
      token: this.token.trim(),
      instance: null,
      proxy: { mode: "system" },
      ca_file: null,
      connect_timeout_s: null,
    };
  }

  /** Whether the server has answered well to exactly this, or somebody chose to go on without a test. An address is needed in any case: settings without one are not valid. */
  get decided(): boolean {
    const address = /^https?:\/\/[^\s/@]+/i.test(this.kept.address.trim());
    return (this.kept.offline && address) || (this.good !== null && this.good === JSON.stringify(this.connection()));
  }

  settings(ruleName: string): Json {
    const { name, address, station, location, purpose, folder, format } = this.kept;
    const rule = { name: ruleName, watch_folder: folder.trim(), format };
    return {
      instance_name: name.trim(),
      service_address: address.trim(),
      station_name: station.trim(),
      location: location.trim(),
      purpose: purpose.trim(),
      converters: folder.trim() === "" ? [] : [rule],
    };
  }

  forget(): void {
    this.kept = { ...begin };
    this.token = "";
    this.good = null;
  }
}

function stored(): Partial<Kept> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Partial<Kept>) : {};
  } catch {
    return {};
  }
}
