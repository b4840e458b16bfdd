// The live connection: server-sent events read with fetch, so that a lost
// connection resumes from the last event seen and silence is noticed.
import { url } from "./client";
import type { Change } from "./types";

export interface StreamState {
  up: boolean;
  /** When the server was last heard, milliseconds since the epoch; 0 before. */
  heard: number;
  /** When the next attempt is made, while down; 0 otherwise. */
  retryAt: number;
}

/** One parsed event of the text/event-stream format (HTML standard, 9.2.6). */
export interface Parsed {
  id?: string;
  event: string;
  data: string;
}

/** Cuts complete events off the front of buffer; what is left comes back. */
export function parse(buffer: string): { events: Parsed[]; rest: string } {
  const events: Parsed[] = [];
  const text = buffer.replace(/\r\n?/g, "\n");
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  for (const block of blocks) {
    const e: Parsed = { event: "message", data: "" };
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0) continue; // a comment, sent as a sign of life
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(value);
      else if (field === "event") e.event = value;
      else if (field === "id") e.id = value;
    }
    e.data = data.join("\n");
    if (e.data !== "" || e.id !== undefined) events.push(e);
  }
  return { events, rest };
}

/** Wait before attempt n+1 after n failures: half a second doubled, at most 15 s, spread by up to a third. */
export function wait(failures: number, random = Math.random()): number {
  const ms = Math.min(500 * 2 ** Math.max(failures - 1, 0), 15_000);
  return Math.round(ms * (1 - random / 3));
}

const silence = 70_000; // longer than any heartbeat: a quiet link is a dead one

export class Stream {
  private last = "";
  private failures = 0;
  private stopped = false;
  private abort?: AbortController;
  private timer?: ReturnType<typeof setTimeout>;
  private state: StreamState = { up: false, heard: 0, retryAt: 0 };

  constructor(
    private readonly onChange: (changes: Change[]) => void,
    private readonly onState: (state: StreamState) => void,
  ) {}

  start(): void {
    this.stopped = false;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.abort?.abort();
  }

  /** Tries again at once, when the reader asks or the network is back. */
  retry(): void {
    if (this.stopped || this.state.up) return;
    clearTimeout(this.timer);
    void this.connect();
  }

  private set(change: Partial<StreamState>): void {
    this.state = { ...this.state, ...change };
    this.onState(this.state);
  }

  private async connect(): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), silence);
      this.set({ up: true, heard: Date.now(), retryAt: 0 });
    };
    try {
      watchdog = setTimeout(() => abort.abort(), silence);
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (this.last) headers["Last-Event-ID"] = this.last;
      const res = await fetch(url("/stream"), { headers, credentials: "same-origin", signal: abort.signal, cache: "no-store" });
      if (!res.ok || !res.body) throw new Error(`stream answered ${res.status}`);
      this.failures = 0;
      heard();
      await this.read(res.body, heard);
    } catch {
      // Falls through: every way of losing the connection is the same to the reader.
    } finally {
      clearTimeout(watchdog);
    }
    if (this.stopped || this.abort !== abort) return;
    this.failures++;
    const ms = wait(this.failures);
    this.set({ up: false, retryAt: Date.now() + ms });
    this.timer = setTimeout(() => void this.connect(), ms);
  }

  private async read(body: ReadableStream<Uint8Array>, heard: () => void): Promise<void> {
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const cut = parse(buffer + value);
      buffer = cut.rest;
      const changes: Change[] = [];
      for (const e of cut.events) {
        if (e.id) this.last = e.id;
        if (e.event !== "change") continue;
        try {
          changes.push(JSON.parse(e.data) as Change);
        } catch {
          // An event we cannot read still means that something changed.
          changes.push({ id: e.id ?? "", kind: "unknown" });
        }
      }
      if (changes.length > 0) this.onChange(changes);
    }
  }
}
