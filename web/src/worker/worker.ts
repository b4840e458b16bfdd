// The service worker: pages arrive here when no tab is open, and can be
// answered from the notification. It holds no session and no data.
import { answer, arrived, replay, syncTag } from "./answer";
import { install, serve, tidy } from "./shell";
import { buttons, place, read, type Kept } from "./wire";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (e) => e.waitUntil(install()));
self.addEventListener("activate", (e) => e.waitUntil(Promise.all([tidy(), self.clients.claim()])));

self.addEventListener("fetch", (e) => {
  const res = serve(e.request);
  if (res) e.respondWith(res);
});

self.addEventListener("push", (e) => {
  const p = read(e.data?.text());
  const kept: Kept = { incident: p.incident, code: p.code, title: p.title };
  const options: NotificationOptions & Record<string, unknown> = {
    body: p.cut ? `${p.body ?? ""}\nThe rest is in the console.` : p.body,
    tag: p.key, icon: "/icon-192.png", badge: "/icon.svg", data: kept,
    requireInteraction: p.kind === "page", actions: buttons(p), renotify: p.kind !== "end", silent: p.kind === "end", // an end stands quietly where its page stood
    timestamp: p.at ? Date.parse(p.at) : undefined,
    ...(p.kind === "page" ? { vibrate: [300, 100, 300, 100, 600] } : {}),
  };
  const shown = self.registration.showNotification(p.title, options).then(() => (p.code ? arrived(p.code, p.key) : undefined));
  e.waitUntil(Promise.all([shown, replay()]));
});

self.addEventListener("notificationclick", (e) => {
  const kept = e.notification.data as Kept;
  e.notification.close();
  const act = e.action === "acknowledge" || e.action === "unavailable" ? answer(kept, e.action) : open(place(kept));
  e.waitUntil(act);
});

/** Shows the place in a tab that is open, else in a new one. */
async function open(path: string): Promise<void> {
  const tabs = await self.clients.matchAll({ type: "window" });
  const tab = tabs.find((t) => new URL(t.url).pathname === path) ?? tabs[0];
  if (!tab) {
    await self.clients.openWindow(path);
    return;
  }
  await tab.focus();
  if (new URL(tab.url).pathname !== path) await tab.navigate(path).catch(() => self.clients.openWindow(path));
}

self.addEventListener("sync", (e) => {
  if (e.tag !== syncTag) return;
  // A sync that fails is tried again by the browser.
  e.waitUntil(replay().then((done) => (done ? undefined : Promise.reject(new Error("answers still wait")))));
});

self.addEventListener("message", (e) => {
  const said = e.data as { type?: string };
  if (said.type === "online") e.waitUntil(replay());
  if (said.type === "update") e.waitUntil(self.skipWaiting());
});
