// Every test ends with nothing left on the page, nor kept by it. uPlot draws on a canvas, which happy-dom has not: tests read the table.
import { cleanup, configure } from "@testing-library/svelte";
import { afterEach, vi } from "vitest";

vi.mock("uplot", () => ({
  default: class {
    static paths = {};
    setSize(): void {}
    destroy(): void {}
  },
}));

// How long a test waits says nothing about how fast the page is: only a broken one gets that far.
configure({ asyncUtilTimeout: 30_000 });

afterEach(() => {
  cleanup();
  // Tests without a page have none.
  globalThis.localStorage?.clear();
});
