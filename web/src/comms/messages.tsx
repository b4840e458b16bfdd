// Messages to customers and others: what waits for approval, what went out to
// whom, and writing the next one.
import { Button } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import type { Incident, Message } from "../api/types";
import { useCommands } from "../app/commands";
import { can, useDialog } from "../command/act";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, Time } from "../ui/pieces";
import { channelWord, count, listing, plain } from "../ui/words";
import { Outreach } from "./outreach";
import { useSkip } from "./skip";
import { Told } from "./told";
import desk from "./desk.module.css";
import css from "./messages.module.css";

const waits = (m: Message) => m.state === "draft" || m.state === "approved";

export const audienceWord = (a: string): string => ({ customers: "customers", public: "the public", vip: "VIP customers", enterprise: "enterprise customers", all: "all customers", executives: "executives", stakeholders: "stakeholders" })[a] ?? a;

function purposeWord(m: Message): string {
  const p: Record<string, string> = { holding: "Holding statement", update: "Update", restored: "Service restored", retraction: "Retraction" };
  const word = p[m.purpose];
  if (word) return word;
  const by: Record<string, string> = { status_page: "Status post", email: "E-mail", social: "Social post", forum: "Forum post", press: "Press statement", sms: "Text message" };
  for (const channel of Object.keys(by)) if (m.channels.includes(channel)) return by[channel] ?? "";
  return plain(m.purpose || "message");
}

/** Where a message goes, in words. */
export function reach(m: Pick<Message, "channels" | "recipients" | "audience">): string {
  const where = listing(m.channels.map(channelWord));
  return m.recipients ? `${where} · ${count(m.recipients, "recipient")}` : where;
}

/** What waits for a person's approval, above everything else on the page: a line each, read whole before it goes out. */
export function Waiting({ i, list }: { i: Incident; list: Message[] }) {
  const open = list.filter(waits);
  const dialog = useDialog();
  const first = open[0];
  useCommands(first && can(i, "messages") ? [{ id: "publish", label: "Read and publish what waits for approval", keys: "!", group: i.ref, words: "approve message draft schedule", run: () => dialog("publish", { message: first.id }) }] : []);
  if (open.length === 0 || !can(i, "messages")) return null;
  return <section className={`card ${css.waiting}`} aria-label="Messages that wait for approval"><ul>{open.map((m) => <Draft key={m.id} m={m} first={m === first} />)}</ul></section>;
}

function Draft({ m, first }: { m: Message; first: boolean }) {
  const dialog = useDialog();
  const name = useNames();
  const approved = m.state === "approved";
  return (
    <li className={css.draft}>
      <IconSend size={16} aria-hidden />
      <p className="grow">
        <b>{purposeWord(m)} to {audienceWord(m.audience)} {m.publish_at ? <>{approved ? "goes out" : "is to go out, and waits for approval,"} <Time at={m.publish_at} prefix="at " /></> : approved ? "is approved, not out yet" : "waits for approval"}</b>
        <small>{m.subject ? `${m.subject}. ` : ""}{m.text}</small>
      </p>
      <span className={`faint small desk ${css.by}`}>{m.recipients ? count(m.recipients, "recipient") : listing(m.channels.map(channelWord))}<br /> · {name(m.author)}, <Time at={m.created_at} how="ago" /></span>
      <Button size="xs" variant="filled" onClick={() => dialog("publish", { message: m.id })} rightSection={first ? <kbd className="desk">!</kbd> : undefined}>{approved ? "Publish" : "Approve and publish"}</Button>
    </li>
  );
}

/** Everything that was said, with what became of it. */
export function Messages({ i, list, may }: { i: Incident; list: Message[]; may: boolean }) {
  const dialog = useDialog();
  const name = useNames();
  const said = list.filter((m) => !waits(m)).sort((a, b) => (b.published_at ?? b.created_at).localeCompare(a.published_at ?? a.created_at));
  const correct = (m: Message | undefined) => m && dialog("update", { message: m.id });
  const published = said.filter((m) => m.state === "published");
  const skip = useSkip(i, may);
  useCommands(may && published.length > 0 ? [{ id: "correct", label: "Correct or withdraw a message: the one under the focus, or the last", keys: ". c", group: i.ref, words: "correction retraction mistake wrong", run: () => {
    const at = document.activeElement?.closest<HTMLElement>("[data-message]")?.dataset["message"];
    correct(published.find((m) => m.id === at) ?? published[0]);
  } }] : []);
  return (
    <div className="stack">
      {may && <div className="row wrap"><span className="grow muted">One text, approved once, over every channel.</span>{skip.button}<Button onClick={() => dialog("update")} rightSection={<kbd className="desk">u</kbd>}>Write an update</Button></div>}
      {skip.line}
      {i.declared_at && <div className={desk.two}><Told i={i} /><Outreach i={i} /></div>}
      {said.length === 0 && list.length === 0 && <Empty title="Nobody outside has been told.">{i.severity === "P1" || i.severity === "P2" ? "The first post is due 15 minutes after the declaration." : "Write to customers only if they are affected or ask."}</Empty>}
      {said.map((m) => (
        <div key={m.id} data-message={m.id} data-row tabIndex={-1}><Card title={`${m.retracts ? "Withdrawal" : m.corrects ? "Correction" : purposeWord(m)} to ${audienceWord(m.audience)}`} aside={m.state === "cancelled" ? "cancelled" : <Time at={m.published_at} how="ago" />}>
          {m.subject && <p><b>{m.subject}</b></p>}
          <p className="prose">{m.words || m.text}</p>
          <div className={`row wrap ${css.tally}`}>
            {m.channels.map((c) => <Chip key={c} colour={m.state === "published" ? "green" : undefined}>{channelWord(c)}</Chip>)}
            {(m.skipped ?? []).map((c) => <Chip key={c}>not {channelWord(c)}</Chip>)}
            <Tally m={m} />
            <span className="grow" />
            <span className="faint small">{m.approved_by ? `approved by ${name(m.approved_by)}` : `by ${name(m.author)}`}</span>
            {may && m.state === "published" && <Button size="xs" variant="subtle" onClick={() => correct(m)} aria-label={`Correct ${m.subject || purposeWord(m)}`}>Correct</Button>}
          </div>
        </Card></div>
      ))}
    </div>
  );
}

function Tally({ m }: { m: Message }) {
  const t = m.tally ?? {};
  const all = Object.values(t).reduce((sum, n) => sum + n, 0);
  if (all === 0) return null;
  const good = (t["sent"] ?? 0) + (t["delivered"] ?? 0) + (t["accepted"] ?? 0);
  const bad = (t["failed"] ?? 0) + (t["bounced"] ?? 0);
  return (
    <>
      <Chip colour="green">{good.toLocaleString("en-GB")} of {(m.recipients || all).toLocaleString("en-GB")} accepted</Chip>
      {bad > 0 && <Chip colour="red">{bad.toLocaleString("en-GB")} failed</Chip>}
      {all - good - bad > 0 && <Chip>{(all - good - bad).toLocaleString("en-GB")} on the way</Chip>}
    </>
  );
}
