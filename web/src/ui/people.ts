// Names of people for their ids, from the catalogue that is read once.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { q } from "../api/queries";
import type { PersonRef } from "../api/types";
import { listing, plain, target } from "./words";

/** Says a person's name; an id nobody knows is shown as it is. */
export function useNames(): (p: PersonRef | undefined) => string {
  const { data } = useQuery(q.people());
  const byId = useMemo(() => new Map((data ?? []).map((p) => [p.id, p.name])), [data]);
  return useCallback(
    (p) => {
      if (p === undefined || p === "") return "";
      if (typeof p !== "string") return p.name || byId.get(p.id) || p.id;
      if (p === "allclear") return "Allclear";
      if (p.startsWith("source:")) return plain(p.slice("source:".length));
      return byId.get(p) ?? p;
    },
    [byId],
  );
}

/**
 * Says who stands behind a target today: the person on call, the holder of a
 * role (of the service's area where there are several). Empty where only the
 * server can tell.
 */
export function useHolders(service?: string): (id: string) => string {
  const name = useNames();
  const people = useQuery(q.people()).data;
  const services = useQuery(q.services()).data;
  const onCall = useQuery(q.now()).data?.on_call;
  return useCallback(
    (id) => {
      const [kind, rest = ""] = id.split(":", 2);
      const o = kind === "schedule" ? onCall?.find((x) => x.schedule === rest) : undefined;
      if (o?.person) return o.name ?? name(o.person);
      if (kind !== "role") return "";
      const area = services?.find((s) => s.id === service)?.area;
      const holders = people?.filter((p) => p.roles?.includes(rest)) ?? [];
      const one = holders.length === 1 ? holders[0] : holders.find((p) => p.area !== undefined && p.area === area);
      return one?.name ?? (holders.length <= 3 ? listing(holders.map((p) => p.name), "or") : "");
    },
    [name, onCall, people, service, services],
  );
}

/** Says whom a target means today, or the target itself. */
export function useTargets(service?: string): (id: string) => string {
  const name = useNames();
  const holder = useHolders(service);
  return useCallback(
    (id) => {
      const who = holder(id);
      if (who === "") return target(id.replace(/^user:/, ""), (p) => name(p));
      return id.startsWith("schedule:") ? `${who} (${plain(id.slice("schedule:".length)).toLowerCase()})` : who;
    },
    [holder, name],
  );
}
