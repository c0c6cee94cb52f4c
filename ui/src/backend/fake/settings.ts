// Settings of the invented instances, and a small part of the worker's rules: enough that a form shows problems where the real one would.
import type { Json, Problem } from "../port";

type Fields = { [key: string]: Json };

export function settingsOf(id: string, name: string, station: string): Fields {
  return {
    schema_version: 3,
    instance_name: name,
    service_address: "https://northwind.wats.example",
    station_name: station,
    location: "Hall 2",
    purpose: "Production",
    default_process_code: null,
    proxy: { mode: "system", host: "", port: 8080, username: "", bypass: "" },
    ca_file: null,
    connect_timeout_s: 10,
    request_timeout_s: 60,
    max_concurrent_uploads: 5,
    converters: [
      rule("ICT results", `/srv/testers/${id}/results`, "wstf", ["*.txt"], {}),
      rule("Boundary scan", `/srv/testers/${id}/bscan`, "detect", ["*"], {}),
    ],
  };
}

function rule(name: string, watch_folder: string, format: string, file_patterns: string[], options: Fields): Fields {
  return {
    name,
    enabled: true,
    watch_folder,
    format,
    options,
    file_patterns,
    exclude_patterns: [],
    recursive: false,
    done_folder: "Done",
    error_folder: "Error",
    post_action: "move",
    priority: 5,
    duplicates: "skip",
    polling: "auto",
    settle_s: 2,
  };
}

/** What is wrong with these settings. */
export function problemsOf(settings: Json): Problem[] {
  const problems: Problem[] = [];
  const wrong = (pointer: string, message: string): void => void problems.push({ pointer, message, line: null });
  if (typeof settings !== "object" || settings === null || Array.isArray(settings))
    return [{ pointer: "", message: "must be an object", line: 1 }];
  const address = settings["service_address"];
  if (typeof address !== "string" || !/^https?:\/\/[^\s/]+/.test(address)) {
    wrong("/service_address", "must be an address that begins with https:// or http://, for example https://acme.wats.com");
  }
  for (const [key, low, high] of [
    ["connect_timeout_s", 1, 300],
    ["request_timeout_s", 1, 3600],
    ["max_concurrent_uploads", 1, 32],
  ] as const) {
    const value = settings[key];
    if (value !== undefined && (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high)) {
      wrong(`/${key}`, `must be a whole number from ${low} to ${high}`);
    }
  }
  const code = settings["default_process_code"];
  if (code !== null && code !== undefined && (typeof code !== "number" || !Number.isInteger(code) || code < 0)) {
    wrong("/default_process_code", "must be a whole number from 0, or absent");
  }
  const proxy = settings["proxy"];
  if (typeof proxy === "object" && proxy !== null && !Array.isArray(proxy) && proxy["mode"] === "manual" && proxy["host"] === "") {
    wrong("/proxy/host", "must be the name or address of the proxy, since the mode is `manual`");
  }
  rulesOf(settings).forEach((one, at) => ruleProblems(one, at, rulesOf(settings), wrong));
  return problems;
}

function rulesOf(settings: Fields): Fields[] {
  const rules = settings["converters"];
  return Array.isArray(rules) ? rules.filter((one): one is Fields => typeof one === "object" && one !== null && !Array.isArray(one)) : [];
}

function ruleProblems(one: Fields, at: number, all: Fields[], wrong: (pointer: string, message: string) => void): void {
  const here = `/converters/${at}`;
  const { name, watch_folder, priority, settle_s } = one;
  if (typeof name !== "string" || name === "") wrong(`${here}/name`, "must not be empty: every watch rule has its own name");
  else if (all.findIndex((other) => other["name"] === name) !== at)
    wrong(`${here}/name`, `another watch rule is called \`${name}\` already`);
  if (typeof watch_folder !== "string" || !/^(\/|[A-Za-z]:[\\/]|\\\\|\$\{)/.test(watch_folder)) {
    wrong(`${here}/watch_folder`, "must be a full path, for example /srv/tester/results");
  }
  if (typeof priority === "number" && (!Number.isInteger(priority) || priority < 1 || priority > 10)) {
    wrong(`${here}/priority`, "must be a whole number from 1 to 10");
  }
  if (typeof settle_s === "number" && (settle_s < 0 || settle_s > 3600)) wrong(`${here}/settle_s`, "must be from 0 to 3600 seconds");
}

/** Folders that another instance watches too. */
export function sharedWith(settings: Json, others: { id: string; settings: Json }[]): Problem[] {
  const ofOthers = new Map(others.flatMap((other) => foldersOf(other.settings).map((folder) => [folder, other.id] as const)));
  return foldersOf(settings).flatMap((folder, at) => {
    const id = ofOthers.get(folder);
    if (id === undefined) return [];
    const message = `the instance ${id} watches it too, so a file would be taken by either. Give each instance its own folder`;
    return [{ pointer: `/converters/${at}/watch_folder`, message, line: null }];
  });
}

function foldersOf(settings: Json): string[] {
  return typeof settings === "object" && settings !== null && !Array.isArray(settings)
    ? rulesOf(settings).map((rule) => String(rule["watch_folder"]))
    : [];
}
