// A value that outlives components: one place, many readers, optionally kept in
// the browser. The browser may refuse storage; then the value lives for the page.
import { useSyncExternalStore } from "react";

export interface Store<T> {
  get(): T;
  set(next: T | ((old: T) => T)): void;
  subscribe(fn: () => void): () => void;
}

export function newStore<T>(initial: T, keptAs?: string): Store<T> {
  const readers = new Set<() => void>();
  let value = initial;
  if (keptAs) {
    try {
      const kept = localStorage.getItem(keptAs);
      if (kept !== null) value = JSON.parse(kept) as T;
    } catch {
      // No storage, or something else wrote there: the initial value holds.
    }
  }
  return {
    get: () => value,
    set(next) {
      value = typeof next === "function" ? (next as (old: T) => T)(value) : next;
      if (keptAs) {
        try {
          localStorage.setItem(keptAs, JSON.stringify(value));
        } catch {
          // Full or forbidden: the page still has the value.
        }
      }
      readers.forEach((fn) => fn());
    },
    subscribe(fn) {
      readers.add(fn);
      return () => readers.delete(fn);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
