// Serves web/dist as the binary does (same content security policy, same
// fallback to index.html) with a fake API behind it, on a free port of loopback.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { FakeApi } from "../fake/api";
import { serve } from "../fake/http";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** As internal/edge/console sends it. */
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json" };

export async function listen(api: FakeApi): Promise<{ url: string; server: Server; close: () => Promise<void> }> {
  if (!existsSync(join(dist, "index.html"))) throw new Error("web/dist is missing: npm run build first");
  const server = createServer((req, res) => {
    void serve(api, req, res).then((done) => {
      if (done) return;
      const path = normalize(new URL(req.url ?? "/", "http://x").pathname);
      let file = join(dist, path);
      if (!file.startsWith(dist) || !existsSync(file) || statSync(file).isDirectory()) file = join(dist, "index.html");
      res.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" });
      createReadStream(file).pipe(res);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    close: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    }),
  };
}
