// Serves a FakeApi over node's http, below /api/v1, with the event stream.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FakeApi } from "./api.ts";

async function bodyOf(req: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of req) text += String(chunk);
  const json = (req.headers["content-type"] ?? "").includes("json");
  return !json ? { size: text.length } : text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** Answers the request if it is one for the API; false if it is for somebody else. */
export async function serve(api: FakeApi, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const url = new URL(req.url ?? "/", "http://fake");
  const method = req.method ?? "GET";
  if (url.pathname === "/v2/enqueue") {
    const event = await bodyOf(req);
    const payload = event["payload"] as { summary?: string } | undefined;
    api.enqueue(payload?.summary ?? "an event");
    res.writeHead(202, { "Content-Type": "application/json" }).end('{"status":"success"}');
    return true;
  }
  if (!url.pathname.startsWith("/api/v1/")) return false;
  const path = url.pathname.slice("/api/v1".length);
  if (path === "/stream") {
    res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    res.write(": hello\n\n");
    const stop = api.subscribe((text) => res.write(text));
    const beat = setInterval(() => res.write(": beat\n\n"), 15_000);
    req.on("close", () => {
      stop();
      clearInterval(beat);
    });
    return true;
  }
  const session = api.signedIn || (req.headers.cookie ?? "").includes("fake=1");
  const stale = api.catalogue.stale(path.split("/").filter(Boolean), req.headers["if-match"]);
  const a = stale ?? api.handle(method, path, url.searchParams, method === "GET" ? {} : await bodyOf(req), session);
  const cookie: Record<string, string> = path === "/session" && a.status < 300 && method !== "GET" ? { "Set-Cookie": method === "POST" ? "fake=1; Path=/; HttpOnly" : "fake=; Path=/; Max-Age=0" } : {};
  res.writeHead(a.status, { ...cookie, "Content-Type": a.status < 400 ? "application/json" : "application/problem+json" });
  res.end(a.body === undefined ? undefined : JSON.stringify(a.body));
  return true;
}
