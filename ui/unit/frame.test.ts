import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import App from "../src/App.svelte";
import { useBackend } from "../src/backend";
import { fakeBackend } from "../src/backend/fake";
import { routeOf } from "../src/router.svelte";

test("every address leads to its screen, and an unknown one says so", () => {
  expect(routeOf("/")).toEqual({ screen: "overview" });
  expect(routeOf("/welcome")).toEqual({ screen: "welcome" });
  expect(routeOf("/settings")).toEqual({ screen: "settings" });
  expect(routeOf("/i/ict")).toEqual({ screen: "dashboard", id: "ict", item: null });
  expect(routeOf("/i/a%2Fb/history/12?text=x")).toEqual({ screen: "history", id: "a/b", item: "12" });
  expect(routeOf("/i/ict/nothing")).toEqual({ screen: "missing", path: "/i/ict/nothing" });
});

test("the navigation tells the state of every instance in words", async () => {
  useBackend(fakeBackend("crash"));
  render(App);
  expect(await screen.findByRole("link", { name: /OK ICT line 3/ })).toBeTruthy();
  expect(await screen.findByRole("link", { name: /Crashed FCT end of line/ })).toBeTruthy();
});
