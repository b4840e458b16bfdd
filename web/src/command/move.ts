// Moving a task: shown at once, taken back honestly when it fails.
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { cards } from "../api/command";
import { q } from "../api/queries";
import type { Checklist, Page, Task } from "../api/types";
import { useMe } from "../app/me";
import { present } from "../app/moment";
import { useRefresh } from "./act";

export interface Move {
  take: (id: string) => Promise<boolean>;
  hand: (id: string, owner: string) => Promise<boolean>;
  done: (id: string, evidence: string) => Promise<boolean>;
  skip: (id: string, reason: string) => Promise<boolean>;
}

export function useMove(n: number): Move {
  const client = useQueryClient();
  const refresh = useRefresh(n);
  const me = useMe();
  return useMemo(() => {
    const key = q.checklists(n).queryKey;
    async function move(id: string, change: Partial<Task>, what: string, run: () => Promise<unknown>): Promise<boolean> {
      await client.cancelQueries({ queryKey: key, exact: true });
      const before = client.getQueryData<Page<Checklist>>(key);
      if (before) client.setQueryData<Page<Checklist>>(key, { ...before, items: before.items.map((c) => ({ ...c, items: c.items.map((t) => (t.id === id ? { ...t, ...change } : t)) })) });
      try {
        await run();
        return true;
      } catch (err) {
        client.setQueryData(key, before);
        notifications.show({ color: "red", title: what, message: err instanceof Error ? err.message : "", autoClose: false });
        return false;
      } finally {
        void refresh();
      }
    }
    const now = () => new Date(present()).toISOString();
    const who = { id: me?.person_id ?? "", name: me?.name ?? "" };
    return {
      take: (id) => move(id, { taken_by: who, taken_at: now() }, "Not taken", () => cards.take(id)),
      hand: (id, owner) => move(id, { owner, owner_people: [], taken_by: undefined, taken_at: undefined }, "Not handed on", () => cards.hand(id, owner)),
      done: (id, evidence) => move(id, { state: "done", done_at: now(), done_by: who.id, evidence }, "Not done", () => cards.done(id, evidence)),
      skip: (id, reason) => move(id, { state: "na", done_at: now(), done_by: who.id, evidence: reason }, "Not answered", () => cards.skip(id, reason)),
    };
  }, [client, me, n, refresh]);
}
