import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { configDefaults } from "vitest/config";
import { shell } from "./build/shell.ts";

// ALLCLEAR_URL points `npm run dev` at a running binary; without it the dev
// server answers /api/v1 from the fake in web/fake, which is never bundled.
const target = process.env["ALLCLEAR_URL"];

export default defineConfig(async ({ command, mode }) => ({
  plugins: [react(), shell(), command === "serve" && mode === "development" && !target && (await import("./fake/plugin.ts")).fakeApi()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or fonts
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800, // kB before compression; the budget is 350 kB gzip for the first load
    rolldownOptions: {
      input: { index: "index.html", sw: "src/worker/worker.ts" },
      // The worker's address is its identity and decides what it may serve.
      output: { entryFileNames: (chunk: { name: string }) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
    license: { fileName: "licenses.md" }, // notices of everything in the bundle
  },
  server: target ? { proxy: { "/api": { target, changeOrigin: true } } } : {},
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    exclude: [...configDefaults.exclude],
  },
}));
