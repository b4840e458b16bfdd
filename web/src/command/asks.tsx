// What is asked about the incident as a whole: who is hit, what executives are
// told, what came back, and the address for a room's screen.
import { Button, CopyButton, MultiSelect, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { command, cq } from "../api/command";
import { act, read } from "../api/endpoints";
import { q } from "../api/queries";
import type { Incident, WallAddress } from "../api/types";
import { useNow, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { Failed, Loading } from "../ui/pieces";
import { ms, span, when } from "../ui/time";
import { useAct } from "./act";

interface Props {
  i: Incident;
  onClose: () => void;
}

const same = (a: string[], b: string[]) => a.length === b.length && a.every((x) => b.includes(x));

/** Customers by name, found while typing; those chosen keep their names. */
function useCustomers(find: string, chosen: string[], known: { id: string; name: string }[]): { value: string; label: string }[] {
  const found = useQuery({ queryKey: ["customers", "found", find], queryFn: () => read.customers({ q: find || undefined, limit: 20 }), staleTime: 60_000 }).data?.items ?? [];
  const [seen] = useState(() => new Map<string, string>());
  for (const c of [...known, ...found]) seen.set(c.id, c.name);
  const ids = new Set([...chosen, ...found.map((c) => c.id)]);
  return [...ids].map((id) => ({ value: id, label: seen.get(id) ?? id }));
}

export function ScopeDialog({ i, onClose }: Props) {
  const services = useQuery(q.services()).data ?? [];
  const impact = useQuery(cq.impact(i.number)).data;
  const old = { services: (i.scope?.services ?? []).map((s) => s.id).filter((id) => id !== i.service.id), regions: i.regions ?? [], added: i.scope?.added ?? [], spared: i.scope?.spared ?? [] };
  const [also, setAlso] = useState(old.services);
  const [regions, setRegions] = useState(old.regions);
  const [added, setAdded] = useState(old.added);
  const [spared, setSpared] = useState(old.spared);
  const [reason, setReason, clearReason] = useDraft(`scope-${i.number}`, i.scope?.reason ?? "");
  const [means, setMeans, clearMeans] = useDraft(`impact-${i.number}`, i.scope?.consequence ?? "");
  const [findAdded, setFindAdded] = useState("");
  const [findSpared, setFindSpared] = useState("");
  const known = impact?.accounts ?? [];
  const more = useCustomers(findAdded, added, known);
  const less = useCustomers(findSpared, spared, known);
  const places = useMemo(() => [...new Set(["us", "eu", "uk", "apac", ...(i.affected.regions ?? []), ...old.regions])], [i, old.regions]);
  const doit = useAct(i.number);
  const client = useQueryClient();
  const differs = added.length > 0 || spared.length > 0;
  const scoped = !same(also, old.services) || !same(regions, old.regions) || !same(added, old.added) || !same(spared, old.spared) || (differs && reason.trim() !== (i.scope?.reason ?? ""));
  const said = means.trim() !== "" && means.trim() !== (i.scope?.consequence ?? "");
  // The first answer may be that what was computed is right.
  const confirms = !i.scope?.by && !said;
  return (
    <Dialog
      title="Who is hit, and what does it mean?"
      verb={scoped || said ? "Say so" : "Confirm as it is"}
      size={680}
      onClose={onClose}
      ready={(!differs || reason.trim() !== "") && (scoped || said || confirms)}
      onSubmit={async () => {
        await doit(async () => {
          if (scoped || confirms) await command.scope(i.number, { services: also, regions, added, spared, ...(reason.trim() && differs ? { reason: reason.trim() } : {}) });
          if (said) await command.consequence(i.number, means.trim());
        });
        void client.invalidateQueries({ queryKey: ["impact", i.number] });
        clearReason();
        clearMeans();
      }}
    >
      <p className="fact"><b>{i.affected.customers.toLocaleString("en-GB")} customers</b> need {i.scope && i.scope.services.length > 1 ? "these services" : i.service.name}{regions.length > 0 ? ` in ${regions.map((r) => r.toUpperCase()).join(", ")}` : ""}. The teams of services you add are called in.</p>
      <MultiSelect label={`Services beside ${i.service.name}`} searchable clearable data={services.filter((s) => s.id !== i.service.id).map((s) => ({ value: s.id, label: s.name }))} value={also} onChange={setAlso} data-autofocus openOnFocus={false} />
      <MultiSelect label="Regions" placeholder={regions.length === 0 ? "Everywhere" : undefined} data={places.map((r) => ({ value: r, label: r.toUpperCase() }))} value={regions} onChange={setRegions} openOnFocus={false} />
      <MultiSelect label="Customers who are hit as well" searchable searchValue={findAdded} onSearchChange={setFindAdded} data={more} value={added} onChange={setAdded} nothingFoundMessage="No customer of that name" openOnFocus={false} />
      <MultiSelect label="Customers who are spared" searchable searchValue={findSpared} onSearchChange={setFindSpared} data={less} value={spared} onChange={setSpared} nothingFoundMessage="No customer of that name" openOnFocus={false} />
      {differs && <TextInput label="Why do they differ from what the catalogue says?" value={reason} onChange={(e) => setReason(e.currentTarget.value)} />}
      <Textarea label="What does it mean for the business?" placeholder="Nobody can start their day; month-end reports are due at nine" autosize minRows={2} value={means} onChange={(e) => setMeans(e.currentTarget.value)} />
    </Dialog>
  );
}

export function BriefDialog({ i, onClose }: Props) {
  const draft = useQuery({ queryKey: ["brief", i.number], queryFn: () => command.draftBrief(i.number), staleTime: 0, gcTime: 0 });
  const [text, setText, clear] = useDraft(`brief-${i.number}`);
  const doit = useAct(i.number);
  useEffect(() => {
    if (draft.data && text === "") setText(draft.data.text);
    // What is typed is kept: the draft fills an empty field once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [draft.data]);
  const gaps = text.split("\n").filter((l) => /:\s*$/.test(l)).map((l) => l.replace(/:\s*$/, ""));
  return (
    <Dialog
      title={`Brief the executives on ${i.ref}`}
      verb="Send the brief"
      size={680}
      onClose={onClose}
      ready={text.trim() !== ""}
      onSubmit={async () => {
        await doit(() => command.brief(i.number, text.trim()));
        clear();
      }}
    >
      <p className="muted">From the record, as it stands now. Change what you know better; it goes to the executives at once and stands on the timeline.</p>
      {draft.error ? <Failed error={draft.error} again={() => void draft.refetch()} /> : draft.data || text ? <Textarea label="The brief" autosize minRows={8} maxRows={18} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} /> : <Loading rows={3} />}
      {gaps.length > 0 && <p className="fact">Still empty: <b>{gaps.join(", ")}</b>.</p>}
    </Dialog>
  );
}

export function Reopen({ i, onClose }: Props) {
  const [reason, setReason, clear] = useDraft(`reopen-${i.number}`);
  const doit = useAct(i.number);
  return (
    <Dialog
      title={`Reopen ${i.ref}?`}
      verb="Reopen"
      onClose={onClose}
      ready={reason.trim() !== ""}
      onSubmit={async () => {
        await doit(() => command.reopen(i.number, reason.trim()));
        clear();
      }}
    >
      <p className="muted">The impact is there again. Its people are paged, its clocks run anew, and its history is kept: the resolution that did not hold stays on the record.</p>
      <Textarea label="What came back?" placeholder="Sign-in fails again in Europe since the cache was emptied" autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </Dialog>
  );
}

const kinds = [
  { value: "note", label: "Note" },
  { value: "findings", label: "First findings" },
];
const prompts: Record<string, [string, string]> = {
  note: ["What happened?", "Traffic is back to 60 % of the usual"],
  findings: ["What do you know so far?", "All sign-ins fail since 03:02; sessions that are open still work; a deployment of auth-gateway finished six minutes before"],
};

export function Write({ i, kind, onClose }: Props & { kind: string }) {
  const [what, setWhat] = useState(kind);
  const [text, setText, clear] = useDraft(`write-${i.number}`);
  const doit = useAct(i.number);
  const [label, example] = prompts[what] ?? prompts["note"]!;
  return (
    <Dialog
      title="Write to the timeline"
      verb="Post"
      onClose={onClose}
      ready={text.trim() !== ""}
      onSubmit={async () => {
        const words = text.trim();
        await doit<unknown>(() => (what === "findings" ? command.findings(i.number, words) : act.note(i.number, words)));
        clear();
      }}
    >
      <SegmentedControl fullWidth aria-label="What it is" value={what} onChange={setWhat} data={kinds} />
      <Textarea label={label} placeholder={example} autosize minRows={3} maxRows={12} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}

const lasting = [{ value: "2h", label: "2 hours" }, { value: "8h", label: "8 hours" }, { value: "24h", label: "1 day" }, { value: "72h", label: "3 days" }];

export function WallDialog({ i, onClose }: Props) {
  const [forSpan, setForSpan] = useState("8h");
  const [made, setMade] = useState<WallAddress>();
  const doit = useAct(i.number);
  const now = useNow();
  const zone = useZone();
  if (made) {
    const until = ms(made.until) ?? now;
    const address = `${window.location.origin}/wall/${made.token}`;
    return (
      <Dialog title="The address for the screen" verb="Close" shows onClose={onClose} onSubmit={() => Promise.resolve()}>
        <TextInput label="Address" readOnly value={address} onFocus={(e) => e.currentTarget.select()} data-autofocus />
        <div className="row wrap">
          <CopyButton value={address}>{({ copied, copy }) => <Button variant="filled" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
          <Button component="a" href={address} target="_blank" rel="noreferrer">Open it here</Button>
        </div>
        <p className="fact">Whoever has it can read this incident and change nothing. It ends by itself {when(until, now, zone)}, in <b>{span(until - now)}</b>. It is shown this once.</p>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Put ${i.ref} on a room's screen`} verb="Make the address" keep onClose={onClose} onSubmit={async () => setMade(await doit(() => command.wall(i.number, forSpan)))}>
      <p className="muted">A page in big letters with the clocks, the tasks and the timeline, renewed every five seconds. No sign-in is needed, and nothing can be changed from it.</p>
      <Select label="It ends after" data={lasting} value={forSpan} onChange={(v) => setForSpan(v ?? forSpan)} allowDeselect={false} data-autofocus openOnFocus={false} />
    </Dialog>
  );
}
