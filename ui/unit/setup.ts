// Every test begins with the page at its first address and ends with nothing left on it. uPlot draws on a canvas, which happy-dom has not: tests read the table.
import { cleanup } from "@testing-library/svelte";
import { afterEach, vi } from "vitest";

vi.mock("uplot", () => ({
  default: class {
    static paths = {};
    setSize(): void {}
    destroy(): void {}
  },
}));

afterEach(() => cleanup());
