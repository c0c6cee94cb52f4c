import { screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { expect, test } from "vitest";
import { live } from "../src/state/live.svelte";
import { callsOf, openAt } from "./page";

const address = "Address of the WATS server";

async function retype(user: Awaited<ReturnType<typeof openAt>>["user"], label: string, text: string): Promise<void> {
  const field = await screen.findByLabelText(label);
  await user.clear(field);
  await user.type(field, text);
}

test("each way a connection fails has its own sentence", async () => {
  const { user } = await openAt("/i/ict/connection", "healthy");
  const answers = new Map([
    ["https://nowhere.example", "Cannot reach nowhere.example"],
    ["https://selfsigned.example", "The certificate is not trusted"],
    ["https://login.example", "Something else answers here"],
    ["https://northwind.wats.example", "Connected"],
  ]);
  for (const [typed, headline] of answers) {
    await retype(user, address, typed);
    await user.click(screen.getByRole("button", { name: "Test the connection" }));
    expect(await screen.findByText(headline)).toBeTruthy();
  }
});

test("an answer to another address than the one on the screen is not shown any more", async () => {
  const { user } = await openAt("/i/ict/connection", "healthy");
  await user.click(await screen.findByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("Connected")).toBeTruthy();
  await user.type(screen.getByLabelText(address), "x");
  expect(screen.queryByText("Connected")).toBeNull();
});

test("a token that is stored is never shown, only replaced", async () => {
  const { fake, user } = await openAt("/i/ict/connection", "healthy");
  await user.click(await screen.findByRole("button", { name: "Replace: Token" }));
  await user.type(screen.getByLabelText("Token"), "wrong");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("The token is refused")).toBeTruthy();
  await user.clear(screen.getByLabelText("Token"));
  await user.type(screen.getByLabelText("Token"), "s3cret-canary");
  await user.click(screen.getByRole("button", { name: "Store" }));
  expect(await screen.findByRole("button", { name: "Replace: Token" })).toBeTruthy();
  expect(callsOf(fake, "setToken")).toEqual([["ict", "s3cret-canary"]]);
  expect(document.documentElement.outerHTML).not.toContain("s3cret-canary");
});

test("a wrong value is told at its field by the worker's rules, and cannot be saved", async () => {
  const { user } = await openAt("/i/ict/connection", "healthy");
  await retype(user, address, "northwind");
  const field = screen.getByLabelText(address);
  await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
  const told = document.getElementById(field.getAttribute("aria-describedby")?.split(" ").at(-1) ?? "");
  expect(told?.textContent).toContain("must be an address that begins with https://");
  expect((screen.getByRole("button", { name: "Save" }) as HTMLButtonElement).disabled).toBe(true);
});

test("what is being typed stays when the app tells how the instances go", async () => {
  const { fake, user } = await openAt("/i/ict/connection", "healthy");
  await retype(user, address, "https://other.example");
  live.snapshot = structuredClone(await fake.snapshot());
  await tick();
  await screen.findByRole("button", { name: "Save" });
  expect((screen.getByLabelText(address) as HTMLInputElement).value).toBe("https://other.example");
  expect(callsOf(fake, "loadSettings")).toHaveLength(1);
});

test("what is saved is the settings with only this changed, and the worker is to be restarted", async () => {
  const { fake, user } = await openAt("/i/ict/connection", "healthy");
  await retype(user, address, "https://other.wats.example");
  await user.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved. Restart the worker to apply it.")).toBeTruthy();
  const file = await fake.loadSettings("ict");
  expect(file.settings).toMatchObject({ service_address: "https://other.wats.example", location: "Hall 2", station_name: "ICT-03" });
  await user.click(await screen.findByRole("button", { name: "Restart to apply" }));
  expect(callsOf(fake, "restartInstance")).toEqual([["ict"]]);
});

test("a file that changed meanwhile is not overwritten: both sides are shown, and mine goes on top", async () => {
  const { fake, user } = await openAt("/i/ict/station", "healthy");
  await retype(user, "Name of the station", "ICT-99");
  fake.changeSettings("ict", { location: "Hall 7" });
  await user.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByText("The settings were changed meanwhile")).toBeTruthy();
  expect(screen.getByText("Hall 7")).toBeTruthy();
  expect(screen.getByText("ICT-99")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Put my changes on top" }));
  await user.click(await screen.findByRole("button", { name: "Save" }));
  await waitFor(async () =>
    expect((await fake.loadSettings("ict")).settings).toMatchObject({ location: "Hall 7", station_name: "ICT-99" }),
  );
});

test("unsaved changes are not left behind without being asked", async () => {
  const { user } = await openAt("/i/ict/station", "healthy");
  await retype(user, "Location", "Hall 9");
  await user.click(screen.getByRole("link", { name: "Overview" }));
  await user.click(await screen.findByRole("button", { name: "Stay" }));
  expect((screen.getByLabelText("Location") as HTMLInputElement).value).toBe("Hall 9");
  await user.click(screen.getByRole("link", { name: "Overview" }));
  await user.click(await screen.findByRole("button", { name: "Leave without saving" }));
  expect(await screen.findByRole("heading", { name: "Overview" })).toBeTruthy();
});

test("a damaged file is named with its line, and its backup brings it back", async () => {
  const { user } = await openAt("/i/burnin/connection", "damaged");
  expect((await screen.findAllByText(/line 14, column 3/)).length).toBeGreaterThan(0);
  await user.click(screen.getByRole("button", { name: "Restore the last backup" }));
  expect(((await screen.findByLabelText(address)) as HTMLInputElement).value).toBe("https://northwind.wats.example");
});

test("an earlier version shows what differs, and is brought back into the form without being saved", async () => {
  const { fake, user } = await openAt("/i/ict/station", "healthy");
  await user.click(await screen.findByRole("button", { name: "Earlier versions…" }));
  expect(await screen.findByText("Hall 1")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Bring back" }));
  expect((screen.getByLabelText("Location") as HTMLInputElement).value).toBe("Hall 1");
  expect(callsOf(fake, "saveSettings")).toEqual([]);
  expect(screen.getByText("Unsaved changes")).toBeTruthy();
});
