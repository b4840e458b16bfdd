// Starts the service worker, tells it when there is a network again, and offers
// a new version of the console instead of changing it under somebody's hands.
import { newStore } from "./store";

/** Whether a newer version of the console waits. */
export const newer = newStore<boolean>(false);

let waiting: ServiceWorker | null = null;

/** Takes the new version; the page reloads when it has. */
export function update(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => window.location.reload(), { once: true });
  waiting?.postMessage({ type: "update" });
}

function watch(reg: ServiceWorkerRegistration): void {
  const offer = (w: ServiceWorker | null) => {
    if (!w || !navigator.serviceWorker.controller) return; // the first one replaces nothing
    waiting = w;
    newer.set(() => true);
  };
  offer(reg.waiting);
  reg.addEventListener("updatefound", () => {
    const w = reg.installing;
    w?.addEventListener("statechange", () => {
      if (w.state === "installed") offer(w);
    });
  });
}

const lookAgain = 60 * 60_000;

export async function startWorker(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const reg = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  watch(reg);
  const online = () => void navigator.serviceWorker.ready.then((r) => r.active?.postMessage({ type: "online" }));
  window.addEventListener("online", online);
  online();
  setInterval(() => void reg.update().catch(() => undefined), lookAgain);
}
