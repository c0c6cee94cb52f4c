// The way to the server as a form of settings describes it, saved or not. Pure.
import type { ConnectionForm } from "../../backend/port";
import { isFields } from "../../state/difference";
import type { SettingsForm } from "../../state/form.svelte";

/** `token` and `password` are typed and not stored yet; without them the stored ones are used. */
export function connectionOf(form: SettingsForm, token = "", password = ""): ConnectionForm {
  const proxy = form.get("/proxy");
  return {
    service_address: form.text("/service_address"),
    token: token.trim() || null,
    instance: form.id,
    proxy: isFields(proxy) ? { ...proxy, ...(password ? { password } : {}) } : { mode: "system" },
    ca_file: form.text("/ca_file") || null,
    connect_timeout_s: Number(form.text("/connect_timeout_s")) || null,
  };
}
