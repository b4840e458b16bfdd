// What a push carries and what its notification keeps. Fields are only ever
// added: server and worker may be of different versions.

export interface Push {
  key: string;
  kind: string;
  title: string;
  body?: string;
  cut?: boolean;
  incident?: string;
  /** Answers the page at /ack/{code}. */
  code?: string;
  /** The page asks who joins. */
  join?: boolean;
  at?: string;
}

export interface Kept {
  incident?: string;
  code?: string;
  title: string;
}

export type Choice = "acknowledge" | "unavailable";

/** Reads a push; what cannot be read still becomes something to show. */
export function read(text: string | undefined): Push {
  try {
    const p = JSON.parse(text ?? "") as Partial<Push> | null;
    if (p && typeof p.title === "string" && typeof p.key === "string") return { kind: "notice", ...p, title: p.title, key: p.key };
  } catch {
    // shown as what it is
  }
  return { key: "unreadable", kind: "notice", title: "Allclear has a message for you", body: "This device could not read it. Open the console." };
}

/** The buttons of a notification: those of a page that can be answered from here. */
export function buttons(p: Push): { action: string; title: string }[] {
  if (!p.code) return [];
  return p.join ? [{ action: "acknowledge", title: "I am joining" }, { action: "unavailable", title: "Not available" }] : [{ action: "acknowledge", title: "Acknowledge" }];
}

/** Where a press on the notification leads. */
export const place = (k: Kept): string => (k.incident ? `/incidents/${encodeURIComponent(k.incident)}` : "/");
