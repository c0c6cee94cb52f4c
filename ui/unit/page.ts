// The whole window on a fake backend, at an address: how the screens' tests begin.
import { render } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import App from "../src/App.svelte";
import { useBackend } from "../src/backend";
import { type Fake, fakeBackend, type Scenario } from "../src/backend/fake";
import { router } from "../src/router.svelte";
import { app } from "../src/state/app.svelte";
import { live } from "../src/state/live.svelte";

export async function openAt(path: string, scenario: Scenario): Promise<{ fake: Fake; user: UserEvent }> {
  const fake = fakeBackend(scenario);
  useBackend(fake);
  live.snapshot = null;
  await app.load();
  location.hash = path;
  router.replace(path);
  render(App);
  return { fake, user: userEvent.setup({ delay: null }) };
}

/** The names of the commands that were called, with what they were given. */
export function callsOf(fake: Fake, command: string): unknown[][] {
  return fake.calls.filter(([name]) => name === command).map(([, args]) => args);
}
