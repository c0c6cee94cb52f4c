import { screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { callsOf, openAt } from "./page";

test("files dropped anywhere on an instance are looked at, sent without those nobody can read, and each told what became of it", async () => {
  const { fake, user } = await openAt("/i/ict/station", "healthy");
  await screen.findByRole("button", { name: "Send files…" });
  fake.drop(["/a/NW-1.txt", "/a/LOT-88.bad", "/a/NW-1.txt", "/a/PSU-2.xml"]);
  const dialog = within(await screen.findByRole("dialog", { name: "Send by hand" }));
  expect(await dialog.findByText(/WATS Standard Text Format \(WSTF\) · 98 % · 1 report · NW-2671902 · PSU-240-A · Failed/)).toBeTruthy();
  expect(await dialog.findByText("Cannot be sent")).toBeTruthy();
  await user.click(await dialog.findByRole("button", { name: "Send 2 files" }));
  expect(await dialog.findAllByText("1 report queued")).toHaveLength(2);
  expect(callsOf(fake, "submitFiles")).toEqual([["ict", ["/a/NW-1.txt", "/a/PSU-2.xml"], null]]);
  await user.click(dialog.getByRole("link", { name: "Show the queue" }));
  await expect.poll(() => location.hash).toBe("#/i/ict/queue");
});

test("files held over an instance say what letting go does, at the place that would take them, and nothing once they are gone", async () => {
  const { fake, user } = await openAt("/i/ict", "healthy");
  await screen.findByRole("button", { name: "Send files…" });
  fake.drag(true);
  expect(await screen.findByText("Let go to look at the files and send them by hand")).toBeTruthy();
  fake.drag(false);
  await expect.poll(() => screen.queryByText(/^Let go/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Send files…" }));
  await screen.findByRole("dialog", { name: "Send by hand" });
  fake.drag(true);
  expect(await screen.findByText("Let go to take it here.")).toBeTruthy();
  expect(screen.queryByText("Let go to look at the files and send them by hand")).toBeNull();
  fake.drop(["/a/NW-1.txt"]);
  expect(await screen.findByRole("button", { name: "Send 1 file" })).toBeTruthy();
  expect(screen.queryByText(/^Let go/)).toBeNull();
});

test("a file the app refuses says why, and the others are queued all the same", async () => {
  const { fake, user } = await openAt("/i/ict", "healthy");
  await screen.findByRole("button", { name: "Send files…" });
  fake.submitFiles = (_, files) =>
    Promise.resolve(files.map((file, at) => ({ file, reports: at, failure: at === 0 ? "its content was taken before" : null })));
  fake.drop(["/a/1.txt", "/a/2.txt"]);
  await user.click(await screen.findByRole("button", { name: "Send 2 files" }));
  expect(await screen.findByText("its content was taken before")).toBeTruthy();
  expect(screen.getByText("1 report queued")).toBeTruthy();
});

test("the format can be chosen for all, after which every file is looked at anew, and a file is previewed when it is asked for", async () => {
  const { fake, user } = await openAt("/i/ict", "healthy");
  await user.click(await screen.findByRole("button", { name: "Send files…" }));
  await user.click(await screen.findByRole("button", { name: "Choose files…" }));
  await screen.findByRole("button", { name: "Send 1 file" });
  await user.selectOptions(screen.getByLabelText("Format"), "WATS Standard JSON Format (WSJF)");
  expect(await screen.findByText(/this is no WSJF/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Send \d/ })).toBeNull();
  await user.selectOptions(screen.getByLabelText("Format"), "Detect for every file");
  await screen.findByRole("button", { name: "Send 1 file" });
  expect(callsOf(fake, "preview").map(([, format]) => format)).toEqual([null, "wsjf", null]);
  expect(screen.queryByRole("tree")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Preview of NW-2671902.txt" }));
  expect(await screen.findByRole("tree", { name: "Report" })).toBeTruthy();
});
