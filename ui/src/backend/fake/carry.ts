// What imports and copies would make in the invented world. The file's name says what it is: `sealed` has a token that a passphrase opens (`wrong` does not), `client_config` is
// of a pyWATS client.
import { isFields, setAt } from "../../state/difference";
import type { ImportPlan, Json, Origin } from "../port";
import { refused } from "./chores";
import { settingsOf } from "./settings";

/** Settings with texts put in by their pointers. */
export function changed(settings: Json, changes: { [pointer: string]: string }): Json {
  const copy = structuredClone(settings);
  if (isFields(copy)) for (const [pointer, text] of Object.entries(changes)) setAt(copy, pointer, text);
  return copy;
}

export function copyPlan(id: string, settings: Json): ImportPlan {
  return {
    ...plan(id, settings),
    has_token: true,
    carried: ["the settings", "2 watch rules", "converters/own.py", "the token"],
    not_carried: [{ what: "queue and history", why: `they stay with ${id}` }],
  };
}

export function importPlan(origin: Extract<Origin, { kind: "file" }>): ImportPlan {
  if (origin.passphrase === "wrong") {
    throw refused("permission", "the passphrase is not the one it was exported with, or the file was changed");
  }
  if (!origin.path.includes("client_config")) return exported(origin.passphrase !== null, origin.path.includes("sealed"));
  return {
    ...plan("hall-3-fct", { ...settingsOf("fct", "Hall 3 FCT", "FCT-11") }),
    kind: "pywats",
    carried: ["service_address", "station_name", "location", "watch rule ICT results as wstf"],
    not_carried: [
      {
        what: "converters[1].format",
        why: "`site.OwnConverter` is a Python program; choose a format, or ask for a converter of this tester",
      },
      { what: "yield_monitor_enabled", why: "Lineside has no such setting; it is kept under pywats in the settings and has no effect" },
      { what: "token", why: "it is bound to the Windows account of the old computer; enter it again" },
    ],
  };
}

function exported(opened: boolean, sealed: boolean): ImportPlan {
  const token = {
    what: "token",
    why: sealed ? "it is sealed; give its passphrase, or enter the token again" : "there is none in it; enter it again",
  };
  return {
    ...plan("ict", settingsOf("old", "ICT line 3", "ICT-03")),
    has_token: opened && sealed,
    needs_passphrase: sealed && !opened,
    carried: ["the settings", "2 watch rules", ...(opened && sealed ? ["the token"] : [])],
    not_carried: [
      ...(opened && sealed ? [] : [token]),
      { what: "queue and history", why: "they stay with the old instance; let it send what it owes before it is removed" },
    ],
  };
}

function plan(id: string, settings: { [key: string]: Json } | Json): ImportPlan {
  const fields = isFields(settings) ? settings : {};
  const rules = Array.isArray(fields["converters"]) ? fields["converters"] : [];
  return {
    kind: "lineside",
    id,
    name: String(fields["instance_name"] ?? id),
    settings,
    has_token: false,
    needs_passphrase: false,
    folders: rules.map((rule, at) => ({
      pointer: `/converters/${at}/watch_folder`,
      path: isFields(rule) ? String(rule["watch_folder"]) : "",
      exists: at > 0,
    })),
    carried: [],
    not_carried: [],
  };
}
