// My contacts: how I am reached when I am paged, whether it works, and this
// device. The first line says whether a page would find me now.
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { reach } from "../api/endpoints";
import { q } from "../api/queries";
import type { OwnContact, PushSubscription, SendAnswer } from "../api/types";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { useNow } from "../app/moment";
import { useStore } from "../app/store";
import { Feeds } from "../paging/feeds";
import { Card, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { ms } from "../ui/time";
import { channelWord } from "../ui/words";
import { AddContact, EnterCode, RemoveContact } from "./dialogs";
import { Absences } from "./absences";
import { Notices } from "./notices";
import { can, deviceName, here, turnOff, turnOn, why } from "./push";
import css from "./contacts.module.css";

const idOf = (c: { channel: string; address: string }) => `${c.channel} ${c.address}`;
const titled = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

type Open = { what: "add" } | { what: "code" | "remove"; contact: OwnContact } | undefined;

export function ContactsScreen() {
  const contacts = useQuery(q.contacts());
  const devices = useQuery(q.devices());
  const me = useMe()?.person_id;
  const [open, setOpen] = useState<Open>();
  useEffect(() => {
    document.title = "My contacts · Allclear";
  }, []);
  useCommands([{ id: "add-contact", label: "Add a contact", group: "My contacts", keys: "a", run: () => setOpen({ what: "add" }) }]);
  const close = () => setOpen(undefined);
  return (
    <>
      <PageHead title="My contacts" lead={<Answer contacts={contacts.data} />} actions={<Button onClick={() => setOpen({ what: "add" })} rightSection={<kbd>a</kbd>}>Add a contact</Button>} />
      <div className="stack">
        <ThisDevice devices={devices.data} />
        <Card title="How I am paged" aside="Until I answer">
          <Reading query={contacts}>
            {(list) =>
              list.length === 0 ? <Empty title="There is no way to reach you yet.">Turn on pushes on your phone, or add a number for text messages and calls. Until then a page for you goes to the fallback contact.</Empty> : (
                <ul className={`lines ${css.list}`}>
                  {list.map((c) => <Row key={idOf(c)} contact={c} device={devices.data?.find((d) => c.channel === "push" && d.id === c.address)} onOpen={setOpen} />)}
                </ul>
              )
            }
          </Reading>
        </Card>
        <Gone devices={devices.data} />
        {me && <Absences person={me} />}
        {me && <Notices person={me} />}
        {me && <Feeds of={{ kind: "person", subject: me }} mine others />}
      </div>
      {open?.what === "add" && <AddContact onClose={close} onAdded={(contact) => setOpen({ what: "code", contact })} />}
      {open?.what === "code" && <EnterCode contact={open.contact} onClose={close} />}
      {open?.what === "remove" && <RemoveContact contact={open.contact} onClose={close} />}
    </>
  );
}

/** Would a page find me now? */
function Answer({ contacts }: { contacts: OwnContact[] | undefined }) {
  if (!contacts) return <>How you are reached when you are paged.</>;
  const proven = new Set(contacts.filter((c) => c.verified).map((c) => c.channel));
  const awake = ["push", "sms", "voice"].filter((c) => proven.has(c)).map(channelWord);
  if (awake.length > 0) return <>A page reaches you by {awake.join(" and ")}. Send yourself a test page now and then: a phone changes more often than a list.</>;
  if (proven.size > 0) return <><b>Nothing here wakes you at night.</b> Turn on pushes on your phone, or add a number and enter the code that is sent to it.</>;
  return <><b>No contact of yours is verified.</b> A page is tried over what is listed, and nobody knows yet whether it arrives.</>;
}

function Row({ contact: c, device, onOpen }: { contact: OwnContact; device?: PushSubscription; onOpen: (o: Open) => void }) {
  const client = useQueryClient();
  const now = useNow();
  const mine = useStore(here);
  const [said, setSaid] = useState<SendAnswer | Error>();
  const [busy, setBusy] = useState(false);
  const codeOpen = (ms(c.code_by) ?? 0) > now;
  const name = c.channel === "push" ? device?.label || c.label || "A device" : c.address;
  async function test() {
    setBusy(true);
    try {
      setSaid(await reach.test(c.channel, c.address));
    } catch (err) {
      setSaid(err instanceof Error ? err : new Error("That did not work."));
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["devices"] });
      void client.invalidateQueries({ queryKey: ["contacts"] });
    }
  }
  return (
    <li data-row tabIndex={-1}>
      <div className={css.who}>
        <span className="row wrap">
          <b>{titled(channelWord(c.channel))}</b>
          {c.verified ? <Chip colour="green" icon={<IconCheck size={12} aria-hidden />}>verified</Chip> : <Chip colour="amber" icon={<IconAlertTriangle size={12} aria-hidden />}>{codeOpen ? "code sent" : "not verified"}</Chip>}
          {device && device.id === mine && <Chip colour="accent">this device</Chip>}
          {c.implied && <Chip>from your profile</Chip>}
        </span>
        <span className="muted">
          {name}
          {c.channel !== "push" && c.label ? ` · ${c.label}` : ""}
          {device && (device.succeeded_at ? <> · last accepted <Time at={device.succeeded_at} how="ago" /></> : " · nothing was sent yet")}
          {codeOpen && <> · enter the code <Time at={c.code_by} prefix="until " /></>}
        </span>
      </div>
      <div className={css.acts}>
        {!c.verified && <Button size="xs" variant="filled" onClick={() => onOpen({ what: "code", contact: c })} aria-label={`Verify ${name}`}>Verify</Button>}
        <Button size="xs" loading={busy} onClick={() => void test()} aria-label={`Send a test page to ${name}`}>Send a test page</Button>
        {!c.implied && <Button size="xs" onClick={() => onOpen({ what: "remove", contact: c })} aria-label={`Remove ${name}`}>Remove</Button>}
      </div>
      {said && <Said said={said} />}
    </li>
  );
}

/** What the provider said, in its own words. */
export function Said({ said }: { said: SendAnswer | Error }) {
  if (said instanceof Error) return <p className={css.said} role="alert">{said.message}</p>;
  const next = said.gone ? "The device is no contact of yours any more. Turn pushes on again on it." : said.again ? "It may work later: send it again in a minute." : "It will not work like this: correct the contact, or ask whoever runs Allclear.";
  return (
    <p className={css.said} role="status">
      {said.accepted ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}{" "}
      <b>{said.kept ? "Kept in the outbox: this installation has no provider for it." : said.accepted ? "The provider has accepted it." : "The provider has not accepted it."}</b>{" "}
      {said.answer && <>It said: <span className="mono">{said.answer}</span>.</>} {said.accepted ? (said.kept ? "Read it there." : "Whether it arrived, only you can see.") : next}
    </p>
  );
}

function ThisDevice({ devices }: { devices: PushSubscription[] | undefined }) {
  const client = useQueryClient();
  const mine = useStore(here);
  const on = devices?.find((d) => d.id === mine && !d.gone_at);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const able = can();
  async function flip() {
    setBusy(true);
    setWrong("");
    try {
      await (on ? turnOff(on.id) : turnOn(deviceName()));
    } catch (err) {
      setWrong(err instanceof Error ? err.message : "That did not work.");
    } finally {
      setBusy(false);
      await Promise.all([client.invalidateQueries({ queryKey: ["devices"] }), client.invalidateQueries({ queryKey: ["contacts"] })]);
    }
  }
  return (
    <Card title="This device" aside={on ? "Takes pages" : "Takes no pages"}>
      <div className={css.here}>
        {able === "yes" || on ? (
          <p className="muted">{on ? "Pages arrive here also when Allclear is closed, and can be acknowledged from the notification." : "Pages can arrive here also when Allclear is closed. What they say is encrypted for this device; its push service cannot read it."}</p>
        ) : (
          <p className="muted">{why[able as Exclude<typeof able, "yes">]}</p>
        )}
        {(able === "yes" || on) && <Button variant={on ? "default" : "filled"} loading={busy} disabled={!devices} onClick={() => void flip()}>{on ? "Turn pushes off here" : "Turn pushes on here"}</Button>}
      </div>
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
    </Card>
  );
}

/** Devices that their push service has forgotten: no contacts any more. */
function Gone({ devices }: { devices: PushSubscription[] | undefined }) {
  const client = useQueryClient();
  const gone = devices?.filter((d) => d.gone_at) ?? [];
  if (gone.length === 0) return null;
  return (
    <Card title="Devices that are gone" aside="They take no pages">
      <ul className={`lines ${css.list}`}>
        {gone.map((d) => (
          <li key={d.id}>
            <div className={css.who}>
              <b>{d.label}</b>
              <span className="muted">{d.host} no longer knows it, since <Time at={d.gone_at} />. Turn pushes on again on the device itself.</span>
            </div>
            <div className={css.acts}><Button size="xs" aria-label={`Forget ${d.label}`} onClick={() => void reach.unsubscribe(d.id).finally(() => client.invalidateQueries({ queryKey: ["devices"] }))}>Forget it</Button></div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
