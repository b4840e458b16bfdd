// The choices of the forms: what the catalogue has already.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { q } from "../api/queries";
import { plain, target } from "../ui/words";
import type { Source } from "./specs";

export interface Option {
  value: string;
  label: string;
}

const word = (v: string): Option => ({ value: v, label: v });
const distinct = (lists: (string[] | undefined)[]): Option[] => [...new Set(lists.flatMap((l) => l ?? []))].filter(Boolean).sort().map(word);

let zones: Option[] | undefined;

/** The IANA names this browser knows, UTC first. */
export function allZones(): Option[] {
  zones ??= ["UTC", ...Intl.supportedValuesOf("timeZone").filter((z) => z !== "UTC")].map(word);
  return zones;
}

/** Says the choices of a source; two people of one name are told apart by their ids. */
export function useOptions(): (from: Source | undefined) => Option[] {
  const people = useQuery(q.people()).data;
  const teams = useQuery(q.teams()).data;
  const services = useQuery(q.services()).data;
  const schedules = useQuery(q.schedules()).data;
  const policies = useQuery(q.policies()).data;
  const components = useQuery(q.components()).data;
  const made = useMemo(() => {
    const names = new Map<string, number>();
    for (const p of people ?? []) names.set(p.name, (names.get(p.name) ?? 0) + 1);
    const roles = distinct((people ?? []).map((p) => p.roles));
    const everybody = (people ?? []).map((p) => ({ value: p.id, label: (names.get(p.name) ?? 0) > 1 ? `${p.name} (${p.id})` : p.name }));
    const targets = [
      ...roles.map((r) => ({ value: `role:${r.value}`, label: plain(r.value) })),
      ...(schedules ?? []).map((s) => ({ value: `schedule:${s.id}`, label: `${plain(s.id)} on call` })),
      ...(teams ?? []).map((t) => ({ value: `team:${t.id}`, label: t.name })),
    ];
    return {
      people: everybody,
      teams: (teams ?? []).map((t) => ({ value: t.id, label: t.name })),
      services: (services ?? []).map((s) => ({ value: s.id, label: s.name })),
      components: (components ?? []).map((c) => ({ value: c.id, label: c.name })),
      schedules: (schedules ?? []).map((s) => ({ value: s.id, label: plain(s.id) })),
      roles,
      areas: distinct([["platform", "applications"], (people ?? []).map((p) => p.area ?? ""), (services ?? []).map((s) => s.area ?? "")]),
      regions: distinct([["us", "eu", "uk", "apac"], ...(services ?? []).map((s) => s.regions)]),
      products: distinct((services ?? []).map((s) => s.products)),
      regimes: distinct([["gdpr", "hipaa", "sox", "pci-dss"]]),
      policies: (policies ?? []).filter((p) => p.source === "catalogue").map((p) => ({ value: p.id, label: p.name })),
      targets,
      pageable: [
        ...targets, ...everybody.map((p) => ({ ...p, value: `person:${p.value}` })),
        ...[...distinct((people ?? []).map((p) => p.skills)).map((s) => `sme:${s.value}`), "manager:area", "lead:owner", "level:1", "level:2", "level:3"].map((value) => ({ value, label: target(value, plain) })),
      ],
    };
  }, [people, teams, services, schedules, policies, components]);
  return useCallback((from) => (from === undefined ? [] : Array.isArray(from) ? from : from === "zones" ? allZones() : made[from]), [made]);
}
