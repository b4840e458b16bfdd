// Acknowledgements that could not be sent yet. A weak link must not lose "I have
// it": the intent is kept in the browser with its key and sent until answered.
import { Problem, Unreachable } from "../api/client";
import { act } from "../api/endpoints";
import { newStore } from "./store";

export interface Waiting {
  key: string;
  what: "acknowledge" | "engage";
  incident: number;
  since: number;
}

export const waiting = newStore<Waiting[]>([], "allclear.waiting");

export function enqueue(entry: Waiting): void {
  waiting.set((list) => (list.some((w) => w.incident === entry.incident && w.what === entry.what) ? list : [...list, entry]));
}

let sending = false;

/** Sends what waits, oldest first. Tells the outcome of each that was answered. */
export async function flush(told: (w: Waiting, refused?: Problem) => void): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (const w of waiting.get()) {
      let refused: Problem | undefined;
      try {
        await act[w.what](w.incident, w.key);
      } catch (err) {
        if (err instanceof Unreachable) return;
        if (!(err instanceof Problem)) throw err;
        if (err.status === 401 || err.status >= 500) return;
        refused = err;
      }
      waiting.set((list) => list.filter((x) => x.key !== w.key));
      told(w, refused);
    }
  } finally {
    sending = false;
  }
}
