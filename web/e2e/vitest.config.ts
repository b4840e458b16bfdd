import { defineConfig } from "vitest/config";

// The browser tests run one after the other: they share a browser and a folder.
export default defineConfig({
  test: { include: ["e2e/**/*.e2e.ts"], environment: "node", testTimeout: 120_000, hookTimeout: 60_000, fileParallelism: false, retry: 0, expect: { poll: { timeout: 15_000 } } },
});
