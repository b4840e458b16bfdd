// The app shell, so that the console opens without a network and says honestly
// that it has none. Only the page and its own files are kept, never data of the
// API, and never another surface of the same host.

declare const self: ServiceWorkerGlobalScope;

/** Written in by the build: a name for it and the files of its first screen. */
const build = "__BUILD__";
const first = "__FILES__".split(" ").filter((f) => f.startsWith("/"));

const cacheName = `shell-${build}`;
const patience = 4_000;
const elsewhere = /^\/(api|v2|hooks|alertmanager|ack|healthz|readyz|metrics|\.well-known)(\/|$)/;

export async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll(["/", "/icon.svg", "/manifest.webmanifest", ...first]);
}

/** Forgets the shells of other builds. */
export async function tidy(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith("shell-") && name !== cacheName) await caches.delete(name);
  }
}

/** The answer to a request that is the shell's; undefined leaves it to the browser. */
export function serve(req: Request): Promise<Response> | undefined {
  const url = new URL(req.url);
  if (req.method !== "GET" || url.origin !== self.location.origin) return undefined;
  if (req.mode === "navigate") return elsewhere.test(url.pathname) ? undefined : page(req);
  if (url.pathname.startsWith("/assets/")) return asset(req);
  return undefined;
}

/** The network's page while there is one: it names the files of the newest build. */
async function page(req: Request): Promise<Response> {
  try {
    return await fetch(req, { signal: AbortSignal.timeout(patience) });
  } catch {
    return (await caches.match("/", { cacheName })) ?? Response.error();
  }
}

/** Names of assets carry a hash, so what is kept is right for ever. */
async function asset(req: Request): Promise<Response> {
  const kept = await caches.match(req);
  if (kept) return kept;
  const res = await fetch(req);
  if (res.ok) {
    const cache = await caches.open(cacheName);
    await cache.put(req, res.clone());
  }
  return res;
}
