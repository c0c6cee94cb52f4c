import { screen, waitFor, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { fakeBackend } from "../src/backend/fake";
import { groupsOf } from "../src/screens/overview/groups";
import { callsOf, openAt } from "./page";

test("without an instance the overview tells the next step", async () => {
  await openAt("/", "empty");
  expect((await screen.findByRole("link", { name: "Set up an instance" })).getAttribute("href")).toBe("#/welcome");
});

test("a card says in words how it goes, what waits and what failed", async () => {
  await openAt("/", "outage");
  const card = within(await screen.findByRole("article", { name: "ICT line 3" }));
  expect(card.getByText("Error")).toBeTruthy();
  expect(card.getByText(/Cannot reach northwind.wats.example for 26 minutes/)).toBeTruthy();
  expect(card.getByText("148")).toBeTruthy();
});

test("those that need somebody stand first, and the search looks at name, station and server", async () => {
  const { instances } = await fakeBackend("many").snapshot();
  expect(groupsOf(instances, "").map((group) => group.name)).toEqual(["attention", "running", "off"]);
  expect(groupsOf(instances, "")[0]?.instances.map((one) => one.tone)).toEqual(["error", "warning"]);
  expect(groupsOf(instances, "FCT line 1.4").flatMap((group) => group.instances.map((one) => one.name))).toEqual(["FCT line 1.4"]);
  expect(groupsOf(instances, "nothing has this")).toEqual([]);
});

test("stop asks the app to stop exactly this instance, and the card follows", async () => {
  const { fake, user } = await openAt("/", "crash");
  const card = within(await screen.findByRole("article", { name: "ICT line 3" }));
  await user.click(card.getByRole("button", { name: "Stop" }));
  expect(callsOf(fake, "stopInstance")).toEqual([["ict"]]);
  await waitFor(() => expect(screen.getByRole("article", { name: "ICT line 3" }).textContent).toContain("Stopped"));
});

test("a crash shows the last words of the log and starts again with one click", async () => {
  const { fake, user } = await openAt("/i/fct", "crash");
  expect(await screen.findByText(/memory allocation of 4294967296 bytes failed/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Start it again" }));
  expect(callsOf(fake, "startInstance")).toEqual([["fct"]]);
});

test("what the app cannot do is shown with its reason and what to do", async () => {
  const { fake, user } = await openAt("/", "crash");
  fake.startAll = () => Promise.reject({ code: "sidecar", message: "The program lineside is missing.", hint: "Install Lineside again." });
  await user.click(await screen.findByRole("button", { name: "Start all" }));
  expect(await screen.findByText("The program lineside is missing. Install Lineside again.")).toBeTruthy();
});
