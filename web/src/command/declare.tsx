// Declaring an incident by hand: a service, a severity, a sentence. A person who
// declares has confirmed it, so the clocks start with the button.
import { SegmentedControl, Select, TextInput, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { newKey } from "../api/client";
import { act } from "../api/endpoints";
import { q } from "../api/queries";
import type { Severity } from "../api/types";
import { useDialog } from "./act";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { severityName } from "../ui/words";

const meaning: Record<Severity, string> = {
  P1: "Complete outage, or a critical function is down for everybody. Pages the primary now; war room, executives and customers follow by the clock.",
  P2: "Serious degradation for several customers. Pages the primary now; customers within 30 minutes.",
  P3: "A limited function or a few customers. Pages nobody; worked on in business hours.",
  P4: "Cosmetic, or minimal impact. Pages nobody; planned like other work.",
};

export function Declare() {
  const search = useSearch({ strict: false }) as { do?: string };
  const dialog = useDialog();
  if (search.do !== "declare") return null;
  return <Form onClose={() => dialog()} />;
}

function Form({ onClose }: { onClose: () => void }) {
  const services = useQuery(q.services()).data ?? [];
  const client = useQueryClient();
  const navigate = useNavigate();
  const [title, setTitle, clearTitle] = useDraft("declare-title");
  const [impact, setImpact, clearImpact] = useDraft("declare-impact");
  const [service, setService] = useState<string | null>(null);
  const [severity, setSeverity] = useState<Severity>("P1");
  const [key] = useState(newKey);
  const sorted = [...services].sort((a, b) => (a.restoration_rank ?? 99) - (b.restoration_rank ?? 99));
  async function submit() {
    const i = await act.declare({ service: service ?? "", severity, title: title.trim() }, key);
    if (impact.trim()) await act.note(i.number, impact.trim()).catch(() => undefined);
    clearTitle();
    clearImpact();
    void client.invalidateQueries({ queryKey: ["now"] });
    setTimeout(() => void navigate({ to: "/incidents/$ref", params: { ref: i.ref ?? `INC-${i.number}` } }), 0);
  }
  return (
    <Dialog title="Declare an incident" verb={`Declare ${severity}`} danger={severity === "P1"} onClose={onClose} onSubmit={submit} ready={title.trim() !== "" && !!service} size={600}>
      <TextInput label="What is broken?" placeholder="Sign-in fails for all users" data-autofocus value={title} onChange={(e) => setTitle(e.currentTarget.value)} maxLength={200} />
      <Select label="Service" placeholder="Choose the one that fails first" data={sorted.map((s) => ({ value: s.id, label: s.name }))} value={service} onChange={setService} searchable />
      <div>
        <SegmentedControl fullWidth aria-label="Severity" value={severity} onChange={(v) => setSeverity(v as Severity)} data={(["P1", "P2", "P3", "P4"] as const).map((s) => ({ value: s, label: `${s} ${severityName(s)}` }))} />
        <p className="muted small" style={{ marginTop: 6 }} aria-live="polite">{meaning[severity]}</p>
      </div>
      <Textarea label="What do you know so far?" description="Optional. Goes on the timeline as the first note." autosize minRows={2} value={impact} onChange={(e) => setImpact(e.currentTarget.value)} />
    </Dialog>
  );
}
