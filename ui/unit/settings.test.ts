import { screen } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";
import { callsOf, openAt } from "./page";

afterEach(() => delete document.documentElement.dataset["theme"]);

test("language and theme change at once and are kept by the app", async () => {
  const { fake, user } = await openAt("/settings", "healthy");
  await user.selectOptions(await screen.findByLabelText("Language"), "Deutsch");
  expect(await screen.findByRole("heading", { name: "Einstellungen" })).toBeTruthy();
  expect(document.documentElement.lang).toBe("de");
  await user.selectOptions(screen.getByLabelText("Farben"), "Dunkel");
  expect(document.documentElement.dataset["theme"]).toBe("dark");
  expect(await fake.appSettings()).toMatchObject({ language: "de", theme: "dark" });
});

test("a page that is hidden is not in the navigation any more", async () => {
  const { user } = await openAt("/settings", "healthy");
  await user.click(await screen.findByRole("switch", { name: "History" }));
  await user.click(screen.getByRole("link", { name: /ICT line 3/ }));
  expect(await screen.findByRole("link", { name: "Queue" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "History" })).toBeNull();
});

test("the check-up says what is wrong and what to do about it", async () => {
  const { fake, user } = await openAt("/settings", "healthy");
  await user.click(await screen.findByRole("button", { name: "Run the check-up" }));
  expect(await screen.findByText("2 things to look at")).toBeTruthy();
  expect(screen.getByText("Free some space, or lower `min_free_mib`.")).toBeTruthy();
  expect(callsOf(fake, "doctor")).toEqual([["ict"]]);
});

test("a worker program of another version is told plainly", async () => {
  const { fake } = await openAt("/", "healthy");
  const about = await fake.about();
  fake.about = () => Promise.resolve({ ...about, sidecar_version: "0.0.9" });
  expect(await screen.findByRole("heading", { name: "Overview" })).toBeTruthy();
  fake.navigate("/settings");
  expect(await screen.findByText("App and worker program are of different versions")).toBeTruthy();
});

test("the support bundle says where it is and how large", async () => {
  const { fake, user } = await openAt("/settings", "healthy");
  await user.click(await screen.findByRole("button", { name: "Save a support bundle…" }));
  expect(await screen.findByText("Saved, 1.4 MiB")).toBeTruthy();
  const [[path] = []] = callsOf(fake, "supportBundle");
  await user.click(screen.getByRole("button", { name: "Open folder" }));
  expect(callsOf(fake, "openPath")).toEqual([[path]]);
});
