// Answers that could not be sent yet, kept in the browser until the server has
// taken or refused them. Each carries its own right to answer, the page's code,
// and no session: the server decides anew whether it still counts.
import type { Choice } from "./wire";

export interface Waiting {
  code: string;
  choice: Choice;
  title: string;
  incident?: string;
  since: number;
}

const name = "answers";

function db(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const ask = indexedDB.open("allclear-worker", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore(name, { keyPath: "code" });
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => fail(ask.error);
  });
}

async function run<T>(mode: IDBTransactionMode, what: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const d = await db();
  try {
    return await new Promise<T>((done, fail) => {
      const tx = d.transaction(name, mode);
      const ask = what(tx.objectStore(name));
      tx.oncomplete = () => done(ask.result);
      tx.onabort = tx.onerror = () => fail(tx.error);
    });
  } finally {
    d.close();
  }
}

export const keep = (w: Waiting) => run("readwrite", (s) => s.put(w));
export const forget = (code: string) => run("readwrite", (s) => s.delete(code));
export const all = () => run<Waiting[]>("readonly", (s) => s.getAll() as IDBRequest<Waiting[]>);
