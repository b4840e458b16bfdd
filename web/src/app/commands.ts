// Everything the console can do, by name and key. Screens register what they
// offer; the keyboard, the palette and the help all read this one list.
import { useEffect, useRef } from "react";
import { newStore } from "./store";

export interface Command {
  id: string;
  label: string;
  group: string;
  /** A key ("a") or a sequence ("g i"). */
  keys?: string;
  hint?: string;
  /** More words the palette finds it by. */
  words?: string;
  run: () => void;
}

const sources = new Map<symbol, Command[]>();

/** All commands that can be given now, latest registration first, one per id. */
export function commands(): Command[] {
  const seen = new Set<string>();
  return [...sources.values()].reverse().flat().filter((c) => !seen.has(c.id) && seen.add(c.id));
}

/** Offers commands while the component is on screen. */
export function useCommands(list: Command[]): void {
  const key = useRef(Symbol("commands"));
  useEffect(() => {
    sources.set(key.current, list);
  });
  useEffect(() => {
    const k = key.current;
    return () => {
      sources.delete(k);
    };
  }, []);
}

/** Single-key shortcuts can be switched off (WCAG 2.1.4). */
export const singleKeys = newStore<boolean>(true, "allclear.keys");

/** What a sequence of keys means: a command, the start of one, or nothing. */
export function match(list: Command[], typed: string): Command | "more" | undefined {
  const exact = list.find((c) => c.keys === typed);
  if (exact) return exact;
  return list.some((c) => c.keys?.startsWith(`${typed} `)) ? "more" : undefined;
}

function editable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

const dialogOpen = () => document.querySelector('[aria-modal="true"]') !== null;

/** Moves the focus between rows marked data-row, as j and k do. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")].filter((r) => r.offsetParent !== null);
  if (rows.length === 0) return;
  const at = rows.findIndex((r) => r === document.activeElement || r.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

/** Listens to the keyboard; returns how to stop. */
export function listen(openPalette: () => void): () => void {
  let typed = "";
  let forget: ReturnType<typeof setTimeout> | undefined;
  const onKey = (e: KeyboardEvent) => {
    if ((e.metaKey || e.ctrlKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
      e.preventDefault();
      openPalette();
      return;
    }
    if (e.key === "Escape" && editable(e.target) && !dialogOpen()) (e.target as HTMLElement).blur();
    if (e.metaKey || e.ctrlKey || e.altKey || e.isComposing || editable(e.target) || dialogOpen() || !singleKeys.get()) return;
    if (e.key.length !== 1) return;
    const list = commands();
    const sequence = typed ? `${typed} ${e.key}` : e.key;
    const found = match(list, sequence) ?? (typed ? match(list, e.key) : undefined);
    clearTimeout(forget);
    typed = "";
    if (found === undefined) return;
    e.preventDefault();
    if (found === "more") {
      typed = sequence;
      forget = setTimeout(() => (typed = ""), 1500);
      return;
    }
    found.run();
  };
  window.addEventListener("keydown", onKey);
  return () => {
    clearTimeout(forget);
    window.removeEventListener("keydown", onKey);
  };
}
