import { cleanup, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { callsOf, openAt } from "./page";

type Opened = Awaited<ReturnType<typeof openAt>>;
const place = async (): Promise<HTMLInputElement> => (await screen.findByLabelText("Location")) as HTMLInputElement;
const kept = (): string => JSON.stringify({ ...localStorage });

async function typed(text: string): Promise<Opened> {
  const opened = await openAt("/i/ict/station", "healthy");
  const input = await place();
  await opened.user.clear(input);
  await opened.user.type(input, text);
  await waitFor(() => expect(kept()).toContain(text));
  return opened;
}

/** As when the app is killed: no screen is left in good order. */
function killed(): void {
  const all = { ...localStorage };
  cleanup();
  Object.entries(all).forEach(([key, value]) => localStorage.setItem(key, value as string));
}

test("what was typed and not saved is offered again after the app was killed, and can be gone on with", async () => {
  await typed("Hall 9");
  killed();
  const { fake, user } = await openAt("/i/ict/station", "healthy");
  expect(await screen.findByText(/There are changes that were not saved, of /)).toBeTruthy();
  expect((await place()).value).toBe("Hall 2");
  await user.click(screen.getByRole("button", { name: "Go on with them" }));
  expect((await place()).value).toBe("Hall 9");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(callsOf(fake, "saveSettings")).toHaveLength(1));
  await waitFor(() => expect(kept()).not.toContain("Hall 9"));
});

test("a kept draft goes on top of what somebody else saved meanwhile", async () => {
  await typed("Hall 9");
  killed();
  const { fake, user } = await openAt("/", "healthy");
  fake.changeSettings("ict", { purpose: "Debug" });
  location.hash = "/i/ict/station";
  await user.click(await screen.findByRole("button", { name: "Go on with them" }));
  expect((await place()).value).toBe("Hall 9");
  expect(((await screen.findByLabelText("Purpose")) as HTMLInputElement).value).toBe("Debug");
});

test("what was discarded, saved or left behind knowingly is not offered again", async () => {
  const { user } = await typed("Hall 9");
  await user.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(kept()).not.toContain("Hall 9");
  await user.type(await place(), "x");
  await waitFor(() => expect(kept()).toContain("Hall 2x"));
  location.hash = "/";
  await user.click(await screen.findByRole("button", { name: "Leave without saving" }));
  await screen.findByRole("heading", { name: "Overview" });
  expect(kept()).not.toContain("Hall 2x");
});

test("a token or a password that was typed is never kept", async () => {
  const { user } = await openAt("/i/ict/connection", "healthy");
  await user.click(await screen.findByRole("button", { name: "Replace: Token" }));
  await user.type(screen.getByLabelText("Token"), "t0ken-canary");
  await user.type(screen.getByLabelText("Address of the WATS server"), "/x");
  await waitFor(() => expect(kept()).toContain("wats.example/x"));
  expect(kept()).not.toContain("canary");
});
