// Cases with partners: who was asked for help, how to reach them, and what came
// of it.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { remedy, rq, type Partner, type PartnerCase } from "../api/remedy";
import type { Incident } from "../api/types";
import { useCommands } from "../app/commands";
import { useNow } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, Reading, Time, type ChipColour } from "../ui/pieces";
import { ms, span } from "../ui/time";
import { capital } from "../ui/words";
import { can, useAct, useDialog, useDo } from "./act";
import css from "./recovery.module.css";

const states: Record<PartnerCase["state"], [string, ChipColour | undefined]> = { asked: ["being opened", "accent"], to_open: ["to be opened by you", "amber"], open: ["open", "green"], closed: ["closed", undefined], cancelled: ["taken back", undefined] };

export function Cases({ i }: { i: Incident }) {
  const query = useQuery(rq.cases(i.number));
  const partners = useQuery(rq.partners()).data ?? [];
  const dialog = useDialog();
  const may = can(i, "notes");
  useCommands(may ? [{ id: "case-ask", label: "Ask a partner for help", keys: ".", group: "Partners", words: "vendor aws google cloudflare crowdstrike support case", run: () => dialog("ask") }] : []);
  return (
    <div className={css.recovery}>
      <section className="stack" aria-label="Cases">
        <div className="row"><h2 className="grow">Cases</h2>{may && <Button variant="filled" onClick={() => dialog("ask")} rightSection={<kbd className="desk">.</kbd>}>Ask a partner</Button>}</div>
        <Reading query={query} rows={3}>{(list) => (list.length === 0 ? <Empty title="No partner has been asked.">Where a partner has an integration that is set up, a case is opened in one step.</Empty> : <>{list.map((c) => <Case key={c.id} c={c} i={i} may={may} partner={partners.find((p) => p.id === c.partner)} />)}</>)}</Reading>
      </section>
      <Card title="How to reach them">
        {partners.length === 0 ? <p className="muted">The catalogue has no partners yet.</p> : (
          <ul className="lines">{partners.map((p) => (
            <li key={p.id}>
              <b>{p.name}</b> {p.ready && <Chip colour="green">set up</Chip>}
              <p className="muted small">{[p.for, p.support_plan, p.contract ? `contract ${p.contract}` : "", p.hours].filter(Boolean).join(" · ")}</p>
              <p className={css.reach}>{p.phone && <a className="link" href={`tel:${p.phone}`}>{p.phone}</a>} {p.portal_url && <a className="link" href={p.portal_url} target="_blank" rel="noreferrer">Portal</a>}</p>
              {p.escalation && <p className="faint small">{p.escalation}</p>}
            </li>
          ))}</ul>
        )}
      </Card>
    </div>
  );
}

function Case({ c, i, may, partner }: { c: PartnerCase; i: Incident; may: boolean; partner: Partner | undefined }) {
  const name = useNames();
  const now = useNow();
  const doit = useDo(i.number);
  const [text, setText, clear] = useDraft(`case-${c.id}`);
  const [word, colour] = states[c.state];
  const due = ms(c.due_at);
  const over = c.state === "closed" || c.state === "cancelled";
  const send = (what: string, run: (words: string) => Promise<unknown>) => void doit(what, () => run(text.trim())).then((ok) => ok && clear());
  return (
    <Card title={`${partner?.name ?? c.partner}${c.number ? ` ${c.number}` : ""}`} aside={<Chip colour={colour}>{word}</Chip>}>
      <p><b>{c.subject}</b></p>
      <p className="muted small">{name(c.asked_by)}, <Time at={c.asked_at} how="ago" />{c.told ? ` · ${c.told}` : ""}{due !== undefined && !over && c.state !== "open" ? ` · ${now > due ? `${span(now - due)} late` : `${span(due - now)} left`}` : ""}</p>
      {c.problem && <p className="tone-due">{capital(c.problem)}. {partner?.portal_url ? <a className="link" href={partner.portal_url} target="_blank" rel="noreferrer">Open it in the portal</a> : null}</p>}
      {c.link && <p><a className="link" href={c.link} target="_blank" rel="noreferrer">The case there</a></p>}
      {c.result && <p>{c.result}</p>}
      {c.notes.length > 0 && <ul className="lines">{c.notes.map((x) => <li key={x.at}>{x.text}<small className="faint"> · {name(x.by)}{x.privileged ? ", privileged" : ""}</small></li>)}</ul>}
      {may && !over && (
        <div className={css.settle}>
          <TextInput size="xs" aria-label={`Words for the case with ${partner?.name ?? c.partner}`} placeholder={c.state === "to_open" ? "Its number, once it is open" : "A note, or what came of it"} value={text} onChange={(e) => setText(e.currentTarget.value)} />
          {c.state === "to_open" && <Button size="xs" disabled={!text.trim()} onClick={() => send("The number", (t) => remedy.opened(c.id, t))}>It is open</Button>}
          <Button size="xs" disabled={!text.trim()} onClick={() => send("The note", (t) => remedy.caseNote(c.id, t))}>Note</Button>
          <Button size="xs" disabled={!text.trim()} onClick={() => send("The end", (t) => remedy.end(c.id, t))}>End</Button>
        </div>
      )}
    </Card>
  );
}

export function AskDialog({ i, onClose }: { i: Incident; onClose: () => void }) {
  const partners = useQuery(rq.partners()).data ?? [];
  const [partner, setPartner] = useState<string | null>(null);
  const [text, setText, clear] = useDraft(`ask-${i.number}`);
  const doit = useAct(i.number);
  const p = partners.find((x) => x.id === partner);
  return (
    <Dialog title="Ask a partner for help" verb="Ask" onClose={onClose} ready={!!p} onSubmit={async () => { await doit(() => remedy.ask(i.number, { partner: partner ?? "", text: text.trim() })); clear(); }}>
      <Select label="Partner" searchable data={partners.map((x) => ({ value: x.id, label: x.name }))} value={partner} onChange={setPartner} data-autofocus openOnFocus={false} />
      {p && <p className="fact">{p.ready ? <>The case is opened <b>in one step</b>.</> : <>You open it{p.portal_url ? " in their portal" : p.phone ? ` by phone, ${p.phone}` : ""} and write down its number.</>}</p>}
      <Textarea label="What do you need from them?" autosize minRows={3} value={text} onChange={(e) => setText(e.currentTarget.value)} />
    </Dialog>
  );
}
