// One document being changed: what was read, what was typed, which version it
// is for. It survives a reload and never overwrites what somebody else saved.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { call, get, Problem } from "../api/client";
import { useKept } from "../ui/draft";
import { bare, differing, faultsOf, noFaults, rebase, same, type Doc, type Faults, type Rebased } from "./doc";
import { fresh, type Collection } from "./specs";

interface Held {
  doc: Doc;
  base: Doc;
  version: number;
}

export interface Clash extends Rebased {
  base: Doc;
  mine: Doc;
  other: Doc;
  version: number;
}

export interface Document {
  doc: Doc | undefined;
  error: unknown;
  again: () => void;
  isNew: boolean;
  /** Something was typed that is not saved. */
  changed: boolean;
  /** What was typed is from before a reload or a closed dialog. */
  restored: boolean;
  faults: Faults;
  /** The place of every mistake that no field shows is kept in the error. */
  setFaults: (f: Faults) => void;
  set: (doc: Doc) => void;
  /** Resolves with the id when saved; undefined when somebody else was faster. */
  save: () => Promise<string | undefined>;
  remove: () => Promise<void>;
  discard: () => void;
  clash: Clash | undefined;
  settle: (how: "mine" | "theirs") => void;
}

const asRead = (doc: Doc): Doc => doc;

/** id is empty for a new one; asSent turns what is read into what is sent, where they differ. */
export function useDocument(of: Collection, id: string, begin: Doc = fresh[of], asSent = asRead): Document {
  const client = useQueryClient();
  const isNew = id === "";
  const path = `/${of}/${encodeURIComponent(id)}`;
  const fetched = async (signal?: AbortSignal) => asSent(await get<Doc>(path, {}, signal));
  const query = useQuery({ queryKey: ["document", of, id], queryFn: ({ signal }) => fetched(signal), enabled: !isNew, gcTime: 0, staleTime: Infinity, retry: false });
  const [held, setHeld] = useKept<Held>(`doc-${of}-${id || "new"}`);
  const [restored] = useState(held !== undefined);
  const [faults, setFaults] = useState<Faults>(noFaults);
  const [clash, setClash] = useState<Clash>();
  // Held outside of drawing, so that saving twice in one breath takes the same version.
  const saved = useRef(false);

  const read = query.data;
  const now: Held | undefined = held ?? (isNew ? { doc: begin, base: begin, version: 0 } : read ? { doc: bare(read), base: bare(read), version: Number(read["version"] ?? 0) } : undefined);
  const changed = now !== undefined && !same(now.doc, now.base);

  const set = useCallback((doc: Doc) => {
    if (!now) return;
    setHeld(same(doc, now.base) ? undefined : { ...now, doc });
  }, [now, setHeld]);

  async function save(): Promise<string | undefined> {
    if (!now || saved.current) return undefined;
    const doc = bare(now.doc);
    const name = String(doc["id"] ?? "");
    setFaults(noFaults);
    if (name === "") {
      setFaults(new Map([["id", "is missing"]]));
      throw new Error("Give it an id: lower case letters, digits, dots and dashes.");
    }
    try {
      if (isNew) await call("POST", `/${of}`, { body: doc });
      else await call("PUT", path, { body: doc, version: now.version });
    } catch (err) {
      if (err instanceof Problem && err.status === 412) {
        const other = await fetched();
        setClash({ ...rebase(now.base, doc, bare(other)), base: now.base, mine: doc, other: bare(other), version: Number(other["version"] ?? 0) });
        return undefined;
      }
      if (err instanceof Problem && err.status === 409 && isNew) setFaults(new Map([["id", "is taken"]]));
      if (err instanceof Problem && err.status === 422) setFaults(faultsOf(err));
      throw err;
    }
    saved.current = true;
    setHeld(undefined);
    await client.invalidateQueries();
    saved.current = false;
    return name;
  }

  return {
    doc: now?.doc, error: query.error, again: () => void query.refetch(), isNew, changed, restored: restored && changed, faults, setFaults, set, save, clash,
    async remove() {
      await call("DELETE", path, { version: now?.version });
      setHeld(undefined);
      client.removeQueries({ queryKey: ["document", of, id] });
      void client.invalidateQueries();
    },
    discard() {
      setHeld(undefined);
      setFaults(noFaults);
      setClash(undefined);
      if (!isNew) void query.refetch();
    },
    settle(how) {
      if (!clash) return;
      const doc = how === "mine" ? clash.doc : clash.other;
      client.setQueryData(["document", of, id], { ...clash.other, version: clash.version });
      setHeld(differing(doc, clash.other).length === 0 ? undefined : { doc, base: clash.other, version: clash.version });
      setClash(undefined);
      setFaults(noFaults);
    },
  };
}
