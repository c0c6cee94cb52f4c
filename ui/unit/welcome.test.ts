import { cleanup, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { idOf, idProblem } from "../src/screens/welcome/names";
import { callsOf, openAt } from "./page";

type User = Awaited<ReturnType<typeof openAt>>["user"];

async function nameIt(user: User, name: string): Promise<void> {
  await user.type(await screen.findByLabelText(/^Name/), name);
  await user.click(screen.getByRole("button", { name: "Next" }));
}

async function connect(user: User): Promise<void> {
  await user.clear(await screen.findByLabelText("Address of the WATS server"));
  await user.type(screen.getByLabelText("Address of the WATS server"), "https://northwind.wats.example");
  await user.type(screen.getByLabelText("Token"), "t0ken-canary");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  await screen.findByText("Connected");
  await user.click(screen.getByRole("button", { name: "Next" }));
}

test("a short name comes from the name, and a bad one is told why", () => {
  expect(idOf("ICT Linie 3 (größer)")).toBe("ict-linie-3-groesser");
  expect(idOf("--- ")).toBe("");
  expect(["", "ICT 1", "-a", "con", "lpt1", "ict", "a".repeat(65), "fct_2-b"].map((id) => idProblem(id, ["ict"]))).toEqual([
    "empty",
    "character",
    "begin",
    "device",
    "device",
    "taken",
    "long",
    null,
  ]);
});

test("five steps lead to an instance, and nothing is written before the last", async () => {
  const { fake, user } = await openAt("/welcome", "empty");
  await nameIt(user, "ICT line 3");
  await connect(user);
  expect(((await screen.findByLabelText("Name of the station")) as HTMLInputElement).value).toBe("TESTBENCH-7");
  await user.click(screen.getByRole("button", { name: "Next" }));
  await user.click(await screen.findByRole("button", { name: "Browse…" }));
  expect(await screen.findByText("31 files are here already; they will be sent")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Look at a sample file…" }));
  expect(await screen.findByText("Looks like WSTF (98 %)")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Next" }));
  const writing = ["createInstance", "setToken", "saveSettings", "startInstance"];
  expect(fake.calls.filter(([name]) => writing.includes(name))).toEqual([]);
  await user.click(await screen.findByRole("button", { name: "Finish" }));
  await waitFor(() => expect(location.hash).toBe("#/i/ict-line-3"));
  expect(callsOf(fake, "createInstance")).toEqual([
    [
      {
        id: "ict-line-3",
        token: "t0ken-canary",
        start: true,
        settings: {
          instance_name: "ICT line 3",
          service_address: "https://northwind.wats.example",
          station_name: "TESTBENCH-7",
          location: "",
          purpose: "",
          converters: [{ name: "Results", watch_folder: "/srv/testers/fct/results", format: "wstf" }],
        },
      },
    ],
  ]);
});

test("there is no way on before the server has answered well to what is typed, or somebody decides to go on without", async () => {
  const { user } = await openAt("/welcome", "empty");
  await nameIt(user, "ICT line 3");
  const next = (): HTMLButtonElement => screen.getByRole("button", { name: "Next" });
  await user.type(await screen.findByLabelText("Address of the WATS server"), "https://nowhere.example");
  await user.type(screen.getByLabelText("Token"), "t");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("Cannot reach nowhere.example")).toBeTruthy();
  expect(next().disabled).toBe(true);
  await user.click(screen.getByRole("switch", { name: "Go on without the test" }));
  expect(next().disabled).toBe(false);
});

test("a closed window continues at the same step, and the token was not kept", async () => {
  const { user } = await openAt("/welcome", "empty");
  await nameIt(user, "ICT line 3");
  await connect(user);
  await screen.findByLabelText("Name of the station");
  expect(JSON.stringify({ ...localStorage })).not.toContain("t0ken-canary");
  cleanup();
  const again = await openAt("/welcome", "empty");
  expect(await screen.findByLabelText("Name of the station")).toBeTruthy();
  await again.user.click(screen.getByRole("button", { name: "Back" }));
  expect(((await screen.findByLabelText("Address of the WATS server")) as HTMLInputElement).value).toBe("https://northwind.wats.example");
  expect((screen.getByLabelText("Token") as HTMLInputElement).value).toBe("");
});

test("a wizard that was closed after the server was tested asks for the token again before it is finished", async () => {
  const { user } = await openAt("/welcome", "empty");
  await nameIt(user, "ICT line 3");
  await connect(user);
  await user.click(await screen.findByRole("button", { name: "Next" }));
  await user.click(await screen.findByRole("button", { name: "Next" }));
  expect(((await screen.findByRole("button", { name: "Finish" })) as HTMLButtonElement).disabled).toBe(false);
  cleanup();
  const again = await openAt("/welcome", "empty");
  expect(((await screen.findByRole("button", { name: "Finish" })) as HTMLButtonElement).disabled).toBe(true);
  expect(screen.getByText(/The token is not kept while the window is closed/)).toBeTruthy();
  await again.user.click(screen.getByRole("button", { name: "Server" }));
  await connect(again.user);
  expect(await screen.findByLabelText("Name of the station")).toBeTruthy();
});

test("it can be tried without a server", async () => {
  const { fake, user } = await openAt("/welcome", "empty");
  await nameIt(user, "Trial");
  await user.click(await screen.findByRole("button", { name: "Try it without a server" }));
  await waitFor(() => expect((screen.getByRole("button", { name: "Next" }) as HTMLButtonElement).disabled).toBe(false));
  expect(callsOf(fake, "startSandbox")).toHaveLength(1);
});
