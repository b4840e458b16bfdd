// The one door to /api/v1: a cookie session, JSON both ways, RFC 9457 problems.
// It knows no resource; endpoints.ts does.

export const base = "/api/v1";
const timeout = 20_000;

/** A refusal the API explained (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: { location?: string; message: string }[];

  constructor(status: number, title: string, detail: string, errors: Problem["errors"] = []) {
    super(detail || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.errors = errors;
  }

  /** What the API said about one field, if anything. */
  about(field: string): string | undefined {
    return this.errors.find((e) => e.location === field || e.location?.endsWith(`.${field}`))?.message;
  }
}

/** The request did not get an answer: whether it arrived is unknown. */
export class Unreachable extends Error {
  constructor() {
    super("The server did not answer. Nothing on this screen has been changed.");
    this.name = "Unreachable";
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  /** Names the intent, so that a repeated send has one effect. */
  key?: string;
  /** A question that is asked by POST: nothing to keep an answer for. */
  asks?: boolean;
  /** Change only this version. */
  version?: number | string;
  signal?: AbortSignal;
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls back when the session has ended; returns how to stop. */
export function onSignedOut(fn: Listener): () => void {
  signedOut.add(fn);
  return () => signedOut.delete(fn);
}

/** A fresh key for one intent. crypto.randomUUID needs https, this does not. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export function url(path: string, query: Query = {}): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query)) {
    if (v !== undefined && v !== "") q.set(k, String(v));
  }
  const text = q.toString();
  return base + path + (text ? `?${text}` : "");
}

async function problem(res: Response): Promise<Problem> {
  const said = (await res.json().catch(() => ({}))) as { title?: string; detail?: string; errors?: Problem["errors"] };
  return new Problem(res.status, said.title ?? res.statusText, said.detail ?? "", said.errors ?? []);
}

async function answer(method: string, path: string, accept: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.version !== undefined) headers["If-Match"] = `"${options.version}"`;
  if (method === "POST" && !options.asks) headers["Idempotency-Key"] = options.key ?? newKey();
  const limit = AbortSignal.timeout(timeout);
  let res: Response;
  try {
    res = await fetch(url(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      credentials: "same-origin",
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    });
  } catch (err) {
    if (options.signal?.aborted) throw err;
    throw new Unreachable();
  }
  if (res.status === 502 || res.status === 503 || res.status === 504) {
    if (!res.headers.get("content-type")?.includes("json")) throw new Unreachable();
  }
  if (!res.ok) {
    const p = await problem(res);
    if (p.status === 401 && path !== "/session") signedOut.forEach((fn) => fn());
    throw p;
  }
  return res;
}

/** A file that is made by asking, as text: what an address to load cannot do, because it has an effect. */
export const file = async (method: string, path: string): Promise<string> => (await answer(method, path, "*/*", {})).text();

export async function call<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const res = await answer(method, path, "application/json", options);
  if (res.status === 204 || res.headers.get("content-length") === "0") return undefined as T;
  return (await res.json()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>("GET", path, { query, signal });
export const post = <T>(path: string, body?: unknown, key?: string) => call<T>("POST", path, { body: body ?? {}, key });
