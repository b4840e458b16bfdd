// Names of people for their ids, from the catalogue that is read once.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { q } from "../api/queries";
import type { PersonRef } from "../api/types";
import { plain } from "./words";

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
