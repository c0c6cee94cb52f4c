import { screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { changesOf, freeId } from "../src/screens/carry/newcomer";
import { callsOf, openAt } from "./page";

type User = Awaited<ReturnType<typeof openAt>>["user"];

async function choose(user: User, entry: string): Promise<void> {
  await user.click(await screen.findByRole("button", { name: "More" }));
  await user.click(await screen.findByRole("menuitem", { name: entry }));
}

const field = async (label: string | RegExp): Promise<HTMLInputElement> => (await screen.findByLabelText(label)) as HTMLInputElement;

test("a name that is taken gets a number, and only what differs is told, with the name always", () => {
  expect(["fct", "ict"].map((id) => freeId(id, ["ict", "ict-2"]))).toEqual(["fct", "ict-3"]);
  const planned = { instance_name: "ICT", station_name: "A", converters: [{ watch_folder: "/old" }, { watch_folder: "/kept" }] };
  const wanted = { ...planned, converters: [{ watch_folder: "/new" }, { watch_folder: "/kept" }] };
  expect(changesOf(planned, wanted)).toEqual({ "/instance_name": "ICT", "/converters/0/watch_folder": "/new" });
});

test("an instance is exported without its token unless a passphrase, given twice, seals it", async () => {
  const { fake, user } = await openAt("/i/ict", "healthy");
  await choose(user, "Export…");
  const dialog = within(await screen.findByRole("dialog", { name: "Export ICT line 3" }));
  await user.click(dialog.getByRole("button", { name: "Export to a file…" }));
  expect(await dialog.findByText("Exported; the token is not in it")).toBeTruthy();
  await user.click(dialog.getAllByRole("button", { name: "Close" })[1]!);
  await choose(user, "Export…");
  const again = within(await screen.findByRole("dialog"));
  await expect.poll(() => (again.getByRole("switch", { name: "Put the token in too" }) as HTMLInputElement).disabled).toBe(false);
  await user.click(again.getByRole("switch", { name: "Put the token in too" }));
  await user.type(await field("Passphrase"), "long words");
  await user.type(await field("The passphrase once more"), "long word");
  expect(again.getByText("The two are not the same.")).toBeTruthy();
  expect(again.getByRole("button", { name: "Export to a file…" })).toHaveProperty("disabled", true);
  await user.type(await field("The passphrase once more"), "s");
  await user.click(again.getByRole("switch", { name: "Stop it here afterwards" }));
  await user.click(again.getByRole("button", { name: "Export to a file…" }));
  expect(await again.findByText("Exported; the token is in it, sealed")).toBeTruthy();
  const file = "/home/nora/ict.lineside.json";
  expect(callsOf(fake, "exportInstance")).toEqual([
    ["ict", file, null],
    ["ict", file, "long words"],
  ]);
  expect(callsOf(fake, "stopInstance")).toEqual([["ict"]]);
});

test("removing tells what is still owed, waits until the worker has stopped, and says where the folder went", async () => {
  const { fake, user } = await openAt("/i/ict", "outage");
  await choose(user, "Remove…");
  const dialog = within(await screen.findByRole("dialog", { name: "Remove ICT line 3?" }));
  expect(dialog.getByText("148 reports were not sent yet, and 3 refused")).toBeTruthy();
  expect(dialog.getByRole("button", { name: "Export its settings first…" })).toBeTruthy();
  expect(dialog.getByRole("button", { name: "Move to the trash" })).toHaveProperty("disabled", true);
  await user.click(dialog.getByRole("button", { name: "Stop" }));
  await expect.poll(() => dialog.getByRole("button", { name: "Move to the trash" }).hasAttribute("disabled")).toBe(false);
  expect(callsOf(fake, "removeInstance")).toEqual([]);
  await user.click(dialog.getByRole("button", { name: "Move to the trash" }));
  expect(await screen.findByText(/ICT line 3 is removed; its folder is now .*\/trash\/ict-/)).toBeTruthy();
  await expect.poll(() => location.hash).toBe("#/");
});

test("an import asks for the passphrase, tells what comes along, and gives a taken name a number and missing folders a place", async () => {
  const { fake, user } = await openAt("/import", "healthy");
  await screen.findByText("Drop the file here, or choose it.");
  fake.drop(["/media/usb/sealed.lineside.json"]);
  expect(await screen.findByText("An instance of Lineside")).toBeTruthy();
  await user.type(await field("Passphrase"), "wrong");
  await user.click(screen.getByRole("button", { name: "Open" }));
  expect(await screen.findByText(/the passphrase is not the one/)).toBeTruthy();
  await user.clear(await field("Passphrase"));
  await user.type(await field("Passphrase"), "right");
  await user.click(screen.getByRole("button", { name: "Open" }));
  await expect.poll(() => screen.queryByLabelText("Passphrase")).toBeNull();
  expect(screen.getByText("the token")).toBeTruthy();
  expect((await field(/^Short name/)).value).toBe("ict-2");
  expect(screen.getByText(/There is an instance ict already/)).toBeTruthy();
  const folder = await field("ICT results: folder");
  await user.clear(folder);
  await user.type(folder, "/srv/new");
  expect(screen.getByText("It was /srv/testers/old/results")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByText("ICT line 3 (2) is set up")).toBeTruthy();
  await expect.poll(() => document.activeElement?.tagName).toBe("H1");
  expect(await screen.findByText("client_config.json is valid.")).toBeTruthy();
  const origin = { kind: "file", path: "/media/usb/sealed.lineside.json", passphrase: "right" };
  const changes = { "/instance_name": "ICT line 3 (2)", "/converters/0/watch_folder": "/srv/new" };
  expect(callsOf(fake, "importInstance")).toEqual([[origin, "ict-2", changes]]);
  expect(callsOf(fake, "startInstance")).toEqual([]);
});

test("of a pyWATS client it is told what does not come along and why, and the token is entered anew", async () => {
  const { fake, user } = await openAt("/import", "healthy");
  await screen.findByText("Drop the file here, or choose it.");
  fake.drop(["/old/client_config.json"]);
  expect(await screen.findByText("A client of pyWATS")).toBeTruthy();
  expect(screen.getByText(/site.OwnConverter/)).toBeTruthy();
  await user.type(await field("Token"), "t0ken");
  const [first, second] = [await field("ICT results: folder"), await field("Boundary scan: folder")];
  for (const [at, input] of [first, second].entries()) {
    await user.clear(input);
    await user.type(input, `/srv/${at}`);
  }
  await expect.poll(() => screen.getByRole("button", { name: "Import" }).hasAttribute("disabled")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Import" }));
  expect(await screen.findByText("Hall 3 FCT is set up")).toBeTruthy();
  expect(callsOf(fake, "setToken")).toEqual([["hall-3-fct", "t0ken"]]);
});

test("a copy must have folders of its own: the worker's rules say so at the field", async () => {
  const { fake, user } = await openAt("/i/ict", "healthy");
  await choose(user, "Make a copy…");
  expect(await screen.findByRole("heading", { name: "Copy of ict" })).toBeTruthy();
  const folder = await field("ICT results: folder");
  expect((await screen.findAllByText(/the instance ict watches it too/)).length).toBe(2);
  expect(folder.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("button", { name: "Make the copy" })).toHaveProperty("disabled", true);
  for (const [at, label] of ["ICT results: folder", "Boundary scan: folder"].entries()) {
    await user.clear(await field(label));
    await user.type(await field(label), `/srv/own/${at}`);
  }
  await expect.poll(() => screen.getByRole("button", { name: "Make the copy" }).hasAttribute("disabled")).toBe(false);
  await user.click(screen.getByRole("button", { name: "Make the copy" }));
  expect(await screen.findByRole("link", { name: "Open" })).toBeTruthy();
  expect(callsOf(fake, "importInstance")[0]?.slice(0, 2)).toEqual([{ kind: "copy", id: "ict" }, "ict-2"]);
  expect(callsOf(fake, "startInstance")).toEqual([["ict-2"]]);
});

test("a menu is used by keyboard alone", async () => {
  const { user } = await openAt("/", "healthy");
  const button = await screen.findByRole("button", { name: "Add" });
  button.focus();
  await user.keyboard("{Enter}");
  await expect.poll(() => document.activeElement?.textContent).toBe("Set up an instance");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
  await user.keyboard("{Enter}");
  await expect.poll(() => document.activeElement?.textContent).toBe("Set up an instance");
  await user.keyboard("{ArrowDown}{Enter}");
  expect(await screen.findByRole("heading", { name: "Import an instance" })).toBeTruthy();
});
