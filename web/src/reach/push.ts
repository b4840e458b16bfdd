// Pushes on this device: what the browser can do, and turning them on and off.
// The browser's subscription is the truth; the server knows it by its id.
import { reach } from "../api/endpoints";
import { newStore } from "../app/store";

/** The id of this browser's subscription at the server. */
export const here = newStore<string>("", "allclear.device");

export type Can = "yes" | "denied" | "insecure" | "install" | "no";

/** Whether this browser can take pushes, and if not, why. */
export function can(): Can {
  if (!window.isSecureContext) return "insecure";
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) return Notification.permission === "denied" ? "denied" : "yes";
  return /iPhone|iPad/.test(navigator.userAgent) ? "install" : "no";
}

export const why: Record<Exclude<Can, "yes">, string> = {
  denied: "Notifications from this site are blocked in the browser. Allow them in its settings for this site, then come back.",
  insecure: "The browser takes pushes over https only. Ask whoever runs Allclear for its https address.",
  install: "On an iPhone or iPad, add Allclear to the home screen first (Share, Add to Home Screen) and open it from there.",
  no: "This browser takes no pushes. Use a text message or a call as a contact instead.",
};

/** What people call this device. */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "Browser";
  const system = /Android/.test(agent) ? "Android" : /iPhone/.test(agent) ? "iPhone" : /iPad/.test(agent) ? "iPad" : /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "Mac" : /Linux/.test(agent) ? "Linux" : "this device";
  return `${browser} on ${system}`;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

const sameKey = (sub: PushSubscription, key: Uint8Array): boolean => {
  const has = sub.options?.applicationServerKey;
  return has != null && new Uint8Array(has).every((b, i) => b === key[i]);
};

/** Asks for permission, subscribes and tells the server; throws what went wrong, in words. */
export async function turnOn(label: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("The browser was not allowed to show notifications. Allow them for this site and try again.");
  const reg = await navigator.serviceWorker.ready;
  const key = bytes((await reach.key()).public_key);
  let sub = await reg.pushManager.getSubscription();
  if (sub && !sameKey(sub, key)) {
    await sub.unsubscribe(); // of another installation, or of a key before
    sub = null;
  }
  try {
    sub ??= await reg.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch (err) {
    throw new Error("The browser could not reach its push service. Check the network, and that nothing blocks it.", { cause: err });
  }
  const { endpoint, keys } = sub.toJSON();
  const device = await reach.subscribe({ endpoint: endpoint ?? "", keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" }, label });
  here.set(device.id);
}

/** Turns pushes off here; the server forgets the device even when the browser has. */
export async function turnOff(id: string): Promise<void> {
  await reach.unsubscribe(id);
  here.set("");
  const reg = await navigator.serviceWorker.ready;
  await (await reg.pushManager.getSubscription())?.unsubscribe();
}
