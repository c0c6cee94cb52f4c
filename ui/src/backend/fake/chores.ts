// Answers of the sidecar's short jobs in the invented world.
import type { About, Check, CommandError, Connection, ConnectionForm, FormatInfo } from "../port";
import formatsAsPrinted from "./formats.json";

// Printed by the real program, so it has the shape; the compiler only sees the file's literal type.
const printed: unknown = formatsAsPrinted;
export const formats = printed as FormatInfo[];

export const refused = (code: string, message: string, hint: string | null = null): CommandError => ({ code, message, hint });

const answer = (cause: Connection["cause"], headline: string, detail: string, fix: string): Connection => ({
  ...{ ok: cause === null, cause, headline, detail, fix, version: null, latency_ms: null, processes: [] },
});

/** The address and the token say which answer it is: `nowhere` is not found, `selfsigned` not trusted, `login` no WATS; the token `wrong` is refused. */
export function connectionOf(form: ConnectionForm): Connection {
  const { service_address: address, token } = form;
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  if (!/^https?:\/\/[^\s/]+/.test(address)) {
    return answer(
      "address",
      "This is not an address",
      `\`${address}\` does not begin with https:// or http://.`,
      "Copy the address from the browser in which WATS is open.",
    );
  }
  if (host.includes("nowhere"))
    return answer(
      "unreachable",
      `Cannot reach ${host}`,
      "The name is not known: dns error, name or service not known.",
      "Check the spelling, the network cable and the proxy.",
    );
  if (host.includes("selfsigned"))
    return answer(
      "tls",
      "The certificate is not trusted",
      `${host} shows a certificate of \`Northwind Test CA\`, which this computer does not know.`,
      "Choose the CA file of your company, or ask IT to install its certificate.",
    );
  if (host.includes("login"))
    return answer(
      "notwats",
      "Something else answers here",
      `${host} answered with a login page, not with WATS.`,
      "The network may ask for a log-in first, or the address is of another server.",
    );
  if (token === "wrong" || token === "")
    return answer(
      "token",
      "The token is refused",
      `${host} answered 401: it does not accept this token.`,
      "Make a new token in WATS: Control Panel, Users, API tokens.",
    );
  const processes = [
    { code: 10, name: "ICT" },
    { code: 20, name: "Boundary scan" },
    { code: 50, name: "Functional test" },
    { code: 100, name: "Programming" },
    { code: 500, name: "Repair" },
  ];
  return {
    ...answer(null, "Connected", `${host} answers and accepts the token.`, ""),
    version: "WATS 2026.2.7",
    latency_ms: 38,
    processes,
  };
}

export const checks: Check[] = [
  { name: "Settings", ok: true, level: "ok", message: "client_config.json is valid.", remedy: null },
  { name: "Token", ok: true, level: "ok", message: "A token is stored, readable only by this user.", remedy: null },
  {
    name: "Server",
    ok: true,
    level: "ok",
    message: "https://northwind.wats.example answers in 38 ms and accepts the token.",
    remedy: null,
  },
  { name: "Watch folder ICT results", ok: true, level: "ok", message: "/srv/testers/ict/results can be read and written.", remedy: null },
  {
    name: "Watch folder Boundary scan",
    ok: false,
    level: "warning",
    message: "/srv/testers/ict/bscan is on a network share: new files are found by looking, not by events.",
    remedy: "Nothing to do; files are taken within 10 seconds.",
  },
  {
    name: "Disk",
    ok: false,
    level: "error",
    message: "Only 412 MiB are free where the queue is; 500 MiB are wanted.",
    remedy: "Free some space, or lower `min_free_mib`.",
  },
  { name: "Clock", ok: true, level: "ok", message: "Differs from the server's by 0.4 s.", remedy: null },
];

export const about: About = {
  version: "0.1.0",
  sidecar_version: "0.1.0",
  licences: [
    { name: "tauri", version: "2.12.5", licence: "MIT OR Apache-2.0" },
    { name: "tokio", version: "1.54.1", licence: "MIT" },
    { name: "rustls", version: "0.23.31", licence: "Apache-2.0 OR ISC OR MIT" },
    { name: "rusqlite", version: "0.41.0", licence: "MIT" },
    { name: "svelte", version: "5.57.3", licence: "MIT" },
    { name: "uplot", version: "1.6.32", licence: "MIT" },
    { name: "@lucide/svelte", version: "1.48.0", licence: "ISC" },
  ],
};
