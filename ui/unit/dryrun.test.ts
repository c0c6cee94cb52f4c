import { screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import type { Json, PreviewReport } from "../src/backend/port";
import { unknownOperations } from "../src/screens/converters/operations";
import { callsOf, openAt } from "./page";

const report = (fields: { processCode?: number; processName?: string }): PreviewReport => ({
  ...{ id: "", report: JSON.parse(JSON.stringify(fields)) as Json, warnings: [], trace: {}, issues: [], more_steps: 0 },
});

test("an operation is known by its code, or without one by its exact name; each unknown one is named once", () => {
  const processes = [{ code: 10, name: "ICT" }];
  const reports = [
    { processCode: 10 },
    { processCode: 42 },
    { processCode: 42, processName: "ICT" },
    { processName: "ICT" },
    { processName: "ict" },
  ];
  expect(unknownOperations(reports.map(report), processes)).toEqual(["42", "ict"]);
  expect(unknownOperations([report({ processCode: 10, processName: "Other" })], processes)).toEqual([]);
});

test("whether the server would take a sample is asked without sending it", async () => {
  const { fake, user } = await openAt("/i/ict/converters/0", "healthy");
  await user.click(await screen.findByRole("button", { name: "Choose a sample…" }));
  await user.click(await screen.findByRole("button", { name: "Would the server take it?" }));
  expect(await screen.findByText(/As far as can be told, yes: 1 report is well-formed/)).toBeTruthy();
  const answer = await fake.testConnection({ ...(callsOf(fake, "testConnection")[0]?.[0] as Parameters<typeof fake.testConnection>[0]) });
  fake.testConnection = () => Promise.resolve({ ...answer, processes: [{ code: 7, name: "Other" }] });
  await user.click(screen.getByRole("button", { name: "Would the server take it?" }));
  expect(await screen.findByText(/The server does not know operation /)).toBeTruthy();
  fake.testConnection = () =>
    Promise.resolve({ ...answer, ok: false, headline: "The token is refused", detail: "401", fix: "Make a new one" });
  await user.click(screen.getByRole("button", { name: "Would the server take it?" }));
  expect(await screen.findByText("The token is refused")).toBeTruthy();
  expect(callsOf(fake, "submitFiles")).toEqual([]);
});
