// The present, as the server sees it, once a second; and the zone in which the
// reader wants times.
import { useSyncExternalStore } from "react";
import type { Zone } from "../ui/time";
import { newStore, useStore } from "./store";

let skew = 0; // server minus browser, milliseconds

/** Corrects for a browser whose clock is wrong; small differences are transport. */
export function learnServerTime(at: string): void {
  const d = Date.parse(at) - Date.now();
  if (!Number.isNaN(d)) skew = Math.abs(d) > 2_000 ? d : 0;
}

export const present = (): number => Date.now() + skew;

const readers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = Math.floor(Date.now() / 1000);

function subscribe(fn: () => void): () => void {
  readers.add(fn);
  timer ??= setInterval(() => {
    tick = Math.floor(Date.now() / 1000);
    readers.forEach((r) => r());
  }, 1000);
  return () => {
    readers.delete(fn);
    if (readers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Now in milliseconds; the component draws again every second. */
export function useNow(): number {
  const t = useSyncExternalStore(subscribe, () => tick, () => tick);
  return Math.max(t * 1000, Math.floor(Date.now() / 1000) * 1000) + skew;
}

const zone = newStore<Zone>("local", "allclear.zone");
export const useZone = (): Zone => useStore(zone);
export const toggleZone = (): void => zone.set((z) => (z === "UTC" ? "local" : "UTC"));

/** Whether the timeline counts from detection or shows the time of day. */
const elapsed = newStore<boolean>(true, "allclear.elapsed");
export const useElapsed = (): boolean => useStore(elapsed);
export const toggleElapsed = (): void => elapsed.set((e) => !e);
