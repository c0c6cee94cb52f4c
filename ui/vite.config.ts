/// <reference types="vitest/config" />
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// `vite build` makes what the app ships, with the real host only. `--mode browser` makes the same page with the fake backend, for browser tests and screenshots.
export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  clearScreen: false,
  define: { __FAKE__: JSON.stringify(mode !== "production") },
  // In tests Svelte's browser half is wanted, not the one for servers.
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  server: { port: 5173, strictPort: true },
  // WebKitGTK and WKWebView of the oldest systems we build for.
  build: {
    target: ["es2022", "safari16"],
    outDir: mode === "browser" ? "../target/ui-browser" : "dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: "happy-dom",
    globals: true,
    include: ["unit/**/*.test.ts"],
    setupFiles: ["unit/setup.ts"],
    // Only what never happens fails, however busy the machine is.
    testTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
}));
