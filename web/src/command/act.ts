// Doing something to an incident: shown at once, taken back honestly when it
// fails, kept and sent later when the network is gone (acknowledge and engage).
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { newKey, Unreachable } from "../api/client";
import { act } from "../api/endpoints";
import { q } from "../api/queries";
import type { Incident } from "../api/types";
import { present } from "../app/moment";
import { useMe } from "../app/me";
import { enqueue } from "../app/queue";

export const can = (i: Incident, action: string): boolean => i.allowed_actions.includes(action);

/** Refreshes everything shown of the incident. */
export function useRefresh(n: number): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    await Promise.all([client.invalidateQueries({ queryKey: ["incident", n] }), client.invalidateQueries({ queryKey: ["now"] }), client.invalidateQueries({ queryKey: ["incidents"] })]);
  }, [client, n]);
}

/** Runs an action and refreshes; what goes wrong is thrown for a dialog to show. */
export function useAct(n: number): <T>(run: () => Promise<T>) => Promise<T> {
  const refresh = useRefresh(n);
  return useCallback(
    async (run) => {
      const answer = await run();
      void refresh();
      return answer;
    },
    [refresh],
  );
}

/** As useAct, for buttons without a dialog: what goes wrong becomes a message. */
export function useDo(n: number): (name: string, run: () => Promise<unknown>) => Promise<boolean> {
  const doit = useAct(n);
  return useCallback(
    async (name, run) => {
      try {
        await doit(run);
        return true;
      } catch (err) {
        notifications.show({ color: "red", title: `${name} did not work`, message: err instanceof Error ? err.message : "", autoClose: false });
        return false;
      }
    },
    [doit],
  );
}

/** "I have it" and "I am working on it": optimistic, and never lost. */
export function useTake(i: Incident | undefined, n: number): (what: "acknowledge" | "engage") => Promise<void> {
  const client = useQueryClient();
  const refresh = useRefresh(n);
  const me = useMe();
  return useCallback(
    async (what) => {
      if (!i) return;
      const key = q.incident(n).queryKey;
      const now = new Date(present()).toISOString();
      const who = { id: me?.person_id ?? me?.id ?? "", name: me?.name ?? "" };
      const entry = { key: newKey(), what, incident: n, since: Date.now() };
      await client.cancelQueries({ queryKey: key, exact: true });
      client.setQueryData<Incident>(key, { ...i, ...(what === "acknowledge" ? { acknowledged_at: now, acknowledged_by: who } : { engaged_at: now }) });
      try {
        await act[what](n, entry.key);
      } catch (err) {
        client.setQueryData<Incident>(key, i);
        if (err instanceof Unreachable) {
          enqueue(entry);
          return;
        }
        notifications.show({ color: "red", title: what === "acknowledge" ? "Not acknowledged" : "Not engaged", message: err instanceof Error ? err.message : "", autoClose: false });
      }
      await refresh();
    },
    [client, i, me, n, refresh],
  );
}

/** Opens and closes dialogs in the address, so that back closes them. */
export function useDialog(): (name?: string, more?: Record<string, string | undefined>) => void {
  const navigate = useNavigate();
  return useCallback(
    (name, more = {}) => void navigate({ to: ".", search: ((old: Record<string, unknown>) => ({ ...old, do: name, message: undefined, entry: undefined, ...more })) as never, replace: name === undefined }),
    [navigate],
  );
}
