// Writes into the service worker which build it belongs to and which files its
// first screen needs, so that every build is another worker to the browser.
import { createHash } from "node:crypto";
import type { Plugin } from "vite";

export function shell(): Plugin {
  return {
    name: "shell",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") throw new Error("the bundle has no sw.js");
        if (worker.imports.length > 0) throw new Error("the worker shares code with the console: give it its own");
        const files = Object.keys(bundle).filter((f) => f !== "sw.js" && !f.endsWith(".map")).sort();
        const entry = Object.values(bundle).find((f) => f.type === "chunk" && f.isEntry && f !== worker);
        if (entry?.type !== "chunk") throw new Error("the bundle has no entry");
        const need = [entry.fileName, ...entry.imports, ...files.filter((f) => /^assets\/index-.*\.css$/.test(f))];
        const build = createHash("sha256").update(files.join("\n") + worker.code).digest("hex").slice(0, 16);
        worker.code = worker.code.replace("__BUILD__", build).replace("__FILES__", [...new Set(need)].map((f) => `/${f}`).join(" "));
      },
    },
  };
}
