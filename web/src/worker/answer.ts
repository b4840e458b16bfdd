// Answering a page from its notification. What became of it is always shown:
// taken, refused, or waiting for the network.
import { all, forget, keep, type Waiting } from "./outbox";
import type { Choice, Kept } from "./wire";

declare const self: ServiceWorkerGlobalScope;

const patience = 15_000;

type Outcome = "taken" | "over" | "unknown" | "unreachable";

async function post(code: string, choice: Choice): Promise<Outcome> {
  try {
    const res = await fetch(`/ack/${encodeURIComponent(code)}`, {
      method: "POST", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience),
      body: new URLSearchParams(choice === "unavailable" ? { answer: "unavailable" } : {}),
    });
    if (res.ok) return "taken";
    if (res.status === 409) return "over";
    return res.status >= 500 || res.status === 429 ? "unreachable" : "unknown";
  } catch {
    return "unreachable";
  }
}

/** Says that the device shows a page, so that the person is not tried elsewhere; without a network nothing is lost but that. */
export async function arrived(code: string, key: string): Promise<void> {
  await fetch(`/ack/${encodeURIComponent(code)}/arrived`, {
    method: "POST", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience), body: new URLSearchParams({ key }),
  }).catch(() => undefined);
}

/** Sends the answer, or keeps it when there is no way to the server. */
export async function answer(k: Kept, choice: Choice): Promise<void> {
  if (!k.code) return;
  const w: Waiting = { code: k.code, choice, title: k.title, incident: k.incident, since: Date.now() };
  const outcome = await post(w.code, choice);
  if (outcome !== "unreachable") return tell(w, outcome);
  await keep(w);
  await tell(w, outcome);
  await self.registration.sync?.register(syncTag).catch(() => undefined); // not every browser has it: see replay
}

export const syncTag = "answers";

let replaying: Promise<boolean> | undefined;

/** Sends what waits; false when something still does. Asked whenever there may be a network again. */
export function replay(): Promise<boolean> {
  replaying ??= replayAll().finally(() => {
    replaying = undefined;
  });
  return replaying;
}

async function replayAll(): Promise<boolean> {
  for (const w of (await all()).sort((a, b) => a.since - b.since)) {
    const outcome = await post(w.code, w.choice);
    if (outcome === "unreachable") return false;
    await forget(w.code);
    await tell(w, outcome);
  }
  return true;
}

async function tell(w: Waiting, outcome: Outcome): Promise<void> {
  const ref = w.incident ?? "the page";
  const what = w.choice === "unavailable" ? "“not available”" : "your acknowledgement";
  const say: Record<Outcome, [string, string]> = {
    taken: [w.choice === "unavailable" ? `Noted: not available, ${ref}` : `Acknowledged: ${ref}`, w.title],
    over: [`Not taken: ${ref}`, "Nothing is left to answer: somebody has it already, or the incident is over."],
    unknown: [`Not taken: ${ref}`, "The server does not know this page any more. Acknowledge in the console."],
    unreachable: [`Not sent yet: ${ref}`, `There is no connection, so nobody knows of ${what}. It is sent as soon as there is one.`],
  };
  const [title, body] = say[outcome];
  const kept: Kept = { incident: w.incident, title: w.title };
  await self.registration.showNotification(title, { body, tag: `answer:${w.code}`, icon: "/icon-192.png", badge: "/icon.svg", silent: outcome === "taken", data: kept });
}
