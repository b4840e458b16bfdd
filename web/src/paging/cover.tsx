// Asking for cover, offering it, swapping, taking over now, or putting somebody
// on call: one dialog for a stretch of a schedule, and the list of requests.
import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { act } from "../api/endpoints";
import { q } from "../api/queries";
import type { CoverRequest, Weakness } from "../api/types";
import { useMe } from "../app/me";
import { useNow, useZone } from "../app/moment";
import { Dialog } from "../ui/dialog";
import { Card, Chip, Empty, type ChipColour } from "../ui/pieces";
import { ms, when, type Zone } from "../ui/time";
import { plain } from "../ui/words";
import css from "./oncall.module.css";

/** A stretch of a schedule that somebody picked. */
export interface Pick {
  schedule: string;
  from: number;
  until: number;
  how?: How;
}

export type How = "cover" | "offer" | "swap" | "take" | "put";

const hows: { value: How; label: string; verb: string; says: string }[] = [
  { value: "cover", label: "Ask to be relieved", verb: "Ask", says: "You stay on call until somebody accepts." },
  { value: "offer", label: "Offer to take it", verb: "Offer", says: "Whoever is on call then decides." },
  { value: "swap", label: "Swap turns", verb: "Ask", says: "The other person decides; then both turns change at once." },
  { value: "take", label: "Take over now", verb: "Take over", says: "You are on call from now. Whoever is relieved is told." },
  { value: "put", label: "Put somebody on call", verb: "Put on call", says: "Changes the schedule at once, without asking." },
];

/** An instant as a datetime-local field shows it, in the zone. Pure. */
export function fieldOf(t: number, zone: Zone): string {
  const d = new Date(t);
  if (zone === "UTC") return d.toISOString().slice(0, 16);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The instant a datetime-local field means, or undefined. Pure. */
export function instantOf(field: string, zone: Zone): string | undefined {
  const t = new Date(zone === "UTC" ? `${field}Z` : field).getTime();
  return Number.isFinite(t) ? new Date(t).toISOString() : undefined;
}

export function ChangeDialog({ pick, onClose }: { pick: Pick; onClose: () => void }) {
  const zone = useZone();
  const client = useQueryClient();
  const people = useQuery(q.people()).data ?? [];
  const [how, setHow] = useState<How>(pick.how ?? "cover");
  const [from, setFrom] = useState(fieldOf(pick.from, zone));
  const [until, setUntil] = useState(fieldOf(pick.until, zone));
  const [backFrom, setBackFrom] = useState("");
  const [backUntil, setBackUntil] = useState("");
  const [person, setPerson] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const chosen = hows.find((h) => h.value === how)!;
  const at = (field: string) => instantOf(field, zone);
  const needsPerson = how === "swap" || how === "put";
  const times = (how === "take" || at(from) !== undefined) && at(until) !== undefined && (how !== "swap" || (at(backFrom) !== undefined && at(backUntil) !== undefined));
  const hint = zone === "UTC" ? "UTC" : "Your time";
  async function submit() {
    if (how === "put") await act.override(pick.schedule, { from: at(from)!, until: at(until)!, person: person! });
    else
      await act.ask({
        kind: how, schedule: pick.schedule, until: at(until)!, ...(how === "take" ? {} : { from: at(from)! }),
        ...(how === "swap" ? { back_from: at(backFrom)!, back_until: at(backUntil)! } : {}),
        ...(person ? (how === "offer" ? { holder: person } : { taker: person }) : {}), ...(note.trim() ? { note: note.trim() } : {}),
      });
    await renew(client);
    notifications.show({ message: how === "put" || how === "take" ? "The schedule has changed." : "Asked. You will be told." });
  }
  return (
    <Dialog title={`Change who is on call: ${plain(pick.schedule)}`} verb={chosen.verb} onClose={onClose} onSubmit={submit} ready={times && (!needsPerson || !!person)}>
      <Select label="What do you want?" description={chosen.says} data={hows.map(({ value, label }) => ({ value, label }))} value={how} onChange={(v) => v && setHow(v as How)} allowDeselect={false} />
      <div className={css.times}>
        {how !== "take" && <TextInput type="datetime-local" label="From" description={hint} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />}
        <TextInput type="datetime-local" label="Until" description={hint} value={until} onChange={(e) => setUntil(e.currentTarget.value)} />
      </div>
      {how === "swap" && (
        <div className={css.times}>
          <TextInput type="datetime-local" label="In return, from" description={hint} value={backFrom} onChange={(e) => setBackFrom(e.currentTarget.value)} />
          <TextInput type="datetime-local" label="In return, until" description={hint} value={backUntil} onChange={(e) => setBackUntil(e.currentTarget.value)} />
        </div>
      )}
      {how !== "take" && (
        <Select
          label={how === "offer" ? "Whose turn is it?" : how === "cover" ? "Who should take it?" : how === "swap" ? "With whom?" : "Who?"}
          placeholder={how === "cover" ? "Anybody who takes turns" : how === "offer" ? "Whoever is on call then" : "Choose a person"}
          data={people.map((p) => ({ value: p.id, label: p.name }))} value={person} onChange={setPerson} searchable clearable={!needsPerson}
        />
      )}
      {how !== "put" && <Textarea label="Note" placeholder="Dentist from two to four" value={note} maxLength={1000} onChange={(e) => setNote(e.currentTarget.value)} />}
    </Dialog>
  );
}

async function renew(client: ReturnType<typeof useQueryClient>) {
  await Promise.all(["oncall", "schedules", "now"].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

const colours: Partial<Record<CoverRequest["state"], ChipColour>> = { open: "amber", accepted: "green", declined: "red" };

/** What is asked, in words. Pure. */
export function wish(r: CoverRequest, now: number, zone: Zone): string {
  const span = (a: string, b: string) => `${when(ms(a)!, now, zone)} to ${when(ms(b)!, now, zone)}`;
  const taker = r.taker_name ?? "anybody";
  const what = `${plain(r.schedule).toLowerCase()}, ${span(r.from, r.until)}`;
  switch (r.kind) {
    case "offer": return `${taker} offers ${r.holder_name} to take ${what}`;
    case "swap": return `${r.holder_name} would give ${taker} ${what}, for ${span(r.back_from!, r.back_until!)}`;
    case "take": return `${taker} took over ${what}`;
    default: return `${r.holder_name} asks ${taker} to take ${what}`;
  }
}

export function Requests() {
  const found = useQuery(q.coverRequests()).data;
  if (!found || found.length === 0) return null;
  return (
    <Card title="Requests" aside={String(found.filter((r) => r.state === "open").length || "")} className={css.section}>
      <ul className={css.requests}>{found.slice(0, 12).map((r) => <RequestRow key={r.id} r={r} />)}</ul>
    </Card>
  );
}

function RequestRow({ r }: { r: CoverRequest }) {
  const me = useMe()?.person_id;
  const now = useNow();
  const zone = useZone();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  async function answer(to: "accept" | "decline" | "withdraw") {
    setBusy(true);
    setWrong("");
    try {
      await act.answerRequest(r.id, to);
      await renew(client);
    } catch (err) {
      setWrong(err instanceof Error ? err.message : "That did not work.");
    } finally {
      setBusy(false);
    }
  }
  const open = r.state === "open";
  const asked = open && (r.answerer ? r.answerer === me : r.holder !== me);
  return (
    <li>
      <span className="grow">{wish(r, now, zone)}.{r.note && <small>{r.note}</small>}{r.reason && <small>{r.reason}</small>}{wrong && <small role="alert" className="tone-over">{wrong}</small>}</span>
      <Chip colour={colours[r.state]}>{r.state}</Chip>
      {asked && <Button size="xs" variant="filled" loading={busy} onClick={() => void answer("accept")}>Accept</Button>}
      {asked && r.answerer && <Button size="xs" disabled={busy} onClick={() => void answer("decline")}>Decline</Button>}
      {open && r.asker === me && <Button size="xs" disabled={busy} onClick={() => void answer("withdraw")}>Withdraw</Button>}
    </li>
  );
}

const day = 86_400_000;

/** The caller's turns of the next four weeks. */
export function MyShifts() {
  const now = useNow();
  const zone = useZone();
  const start = Math.floor(now / 3_600_000) * 3_600_000;
  const found = useQuery(q.myShifts(new Date(start).toISOString(), new Date(start + 28 * day).toISOString())).data;
  if (!found) return null;
  return (
    <Card title="My turns" aside="4 weeks" className={css.section}>
      {found.length === 0 ? <Empty title="You have no turn in the next four weeks." /> : (
        <ul className={css.requests}>
          {found.slice(0, 8).map((s) => (
            <li key={`${s.schedule}${s.from}`}><span className="grow">{plain(s.schedule ?? "")}<small>{when(ms(s.from)!, now, zone)} to {when(ms(s.until)!, now, zone)}</small></span>{s.override && <Chip colour="amber">cover</Chip>}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** One weakness of the schedules, in words. Pure. */
export function warning(f: Weakness, now: number, zone: Zone): string {
  const span = `from ${when(Math.max(ms(f.from)!, now), now, zone)} to ${when(ms(f.until)!, now, zone)}`;
  switch (f.kind) {
    case "gap": return `${plain(f.schedule)} has nobody ${span}.`;
    case "unreachable": return `${f.name ?? f.person} is ${plain(f.schedule).toLowerCase()} ${span}, but no page can reach them.`;
    case "absent": return `${f.name ?? f.person} is ${plain(f.schedule).toLowerCase()} ${span}, but away; ${f.deputy_name ? `pages go to ${f.deputy_name}` : "nobody stands in"}.`;
    default: return `${f.name ?? f.person} is both ${plain(f.schedule).toLowerCase()} and ${plain(f.other ?? "").toLowerCase()} ${span}.`;
  }
}

/** What is weak in the next 14 days. */
export function Weak({ limit = 6 }: { limit?: number }) {
  const found = useQuery(q.forecast()).data ?? [];
  const now = useNow();
  const zone = useZone();
  if (found.length === 0) return null;
  return (
    <section className={`card ${css.weak}`} aria-label="Needs attention in the next 14 days">
      <b>Needs attention in the next 14 days</b>
      <ul>{found.slice(0, limit).map((f) => <li key={`${f.kind}${f.schedule}${f.other ?? ""}${f.person ?? ""}${f.from}`}>{warning(f, now, zone)}</li>)}</ul>
      {found.length > limit && <small className="muted">and {found.length - limit} more</small>}
    </section>
  );
}
