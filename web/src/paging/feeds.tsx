// Calendar addresses: a secret link that a calendar program subscribes to. It is
// seen once, when it is made; afterwards it can be renewed or revoked.
import { Button, CopyButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { calendars } from "../api/endpoints";
import { q } from "../api/queries";
import type { CalendarFeed } from "../api/types";
import { useCommands } from "../app/commands";
import { Dialog } from "../ui/dialog";
import { useNames } from "../ui/people";
import { Card, Reading, Time } from "../ui/pieces";
import { plain } from "../ui/words";
import css from "./feeds.module.css";

type Of = Pick<CalendarFeed, "kind" | "subject">;
type Open = { what: "made"; feed: CalendarFeed } | { what: "renew" | "revoke"; feed: CalendarFeed } | undefined;

/** Where a calendar program finds it, on the server the console came from. */
export const addressOf = (path: string, origin: string): string => new URL(path, origin).href;

function useTitle(): (f: Of) => string {
  const name = useNames();
  return (f) => (f.kind === "person" ? `The turns of ${name(f.subject)}` : `Who is on call: ${plain(f.subject).toLowerCase()}`);
}

/** The address of one person or schedule; others: what else the reader has made. */
export function Feeds({ of, mine, others = false }: { of: Of; mine?: boolean; others?: boolean }) {
  const query = useQuery(q.calendars());
  const client = useQueryClient();
  const title = useTitle();
  const [open, setOpen] = useState<Open>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const feed = query.data?.find((f) => f.kind === of.kind && f.subject === of.subject);
  const rest = others ? (query.data ?? []).filter((f) => f !== feed) : [];
  async function make() {
    if (busy || !query.data) return;
    if (feed) {
      setOpen({ what: "renew", feed });
      return;
    }
    setBusy(true);
    setWrong("");
    try {
      setOpen({ what: "made", feed: await calendars.make(of.kind, of.subject) });
      await client.invalidateQueries({ queryKey: ["calendars"] });
    } catch (err) {
      setWrong(err instanceof Error ? err.message : "That did not work.");
    } finally {
      setBusy(false);
    }
  }
  useCommands([{ id: "calendar", label: feed ? "Renew the calendar address" : "Make a calendar address", group: "Calendar", keys: "i", words: "ical ics subscribe feed", run: () => void make() }]);
  return (
    <Card title={mine ? "My turns in my calendar" : "In your calendar"} aside="A secret address" id="calendar">
      <Reading query={query} rows={1}>
        {() => (
          <>
            {feed ? <ul className={`lines ${css.list}`}><Row f={feed} title={title(feed)} onOpen={setOpen} /></ul> : (
              <div className={css.make}>
                <p className="muted">{mine ? "Your turns on call" : "The turns of this schedule"}, 90 days ahead, in any program that subscribes to calendars. The address opens nothing else.</p>
                <Button loading={busy} onClick={() => void make()} rightSection={<kbd className="desk">i</kbd>}>Make an address</Button>
              </div>
            )}
            {rest.length > 0 && (
              <>
                <h3 className={css.also}>You also subscribe to</h3>
                <ul className={`lines ${css.list}`}>{rest.map((f) => <Row key={f.id} f={f} title={title(f)} onOpen={setOpen} />)}</ul>
              </>
            )}
          </>
        )}
      </Reading>
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      {open?.what === "made" && <Made f={open.feed} title={title(open.feed)} onClose={() => setOpen(undefined)} />}
      {open?.what === "renew" && <Renew f={open.feed} onClose={() => setOpen((o) => (o?.what === "renew" ? undefined : o))} onMade={(f) => setOpen({ what: "made", feed: f })} />}
      {open?.what === "revoke" && <Revoke f={open.feed} title={title(open.feed)} onClose={() => setOpen(undefined)} />}
    </Card>
  );
}

function Row({ f, title, onOpen }: { f: CalendarFeed; title: string; onOpen: (o: Open) => void }) {
  return (
    <li data-row tabIndex={-1}>
      <span><b>{title}</b><small>made <Time at={f.created_at} how="ago" />; the address itself was shown then</small></span>
      <span className={css.acts}>
        <Button size="xs" onClick={() => onOpen({ what: "renew", feed: f })} aria-label={`Renew: ${title}`}>Renew</Button>
        <Button size="xs" onClick={() => onOpen({ what: "revoke", feed: f })} aria-label={`Revoke: ${title}`}>Revoke</Button>
      </span>
    </li>
  );
}

/** The one time the address is seen. */
function Made({ f, title, onClose }: { f: CalendarFeed; title: string; onClose: () => void }) {
  const address = addressOf(f.path ?? "", window.location.origin);
  return (
    <Dialog title="Copy it now" verb="I have copied it" onClose={onClose} onSubmit={() => Promise.resolve()} size={640}>
      <p>{title}. The address is shown this once. Whoever has it sees these turns without signing in, so keep it to yourself.</p>
      <div className={css.copy}>
        <code>{address}</code>
        <CopyButton value={address}>{({ copied, copy }) => <Button size="xs" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
      </div>
      <p className="muted">Add it in your calendar as a subscription “from URL”. Programs look for changes about once an hour; a page never waits for that.</p>
    </Dialog>
  );
}

function Renew({ f, onClose, onMade }: { f: CalendarFeed; onClose: () => void; onMade: (f: CalendarFeed) => void }) {
  const client = useQueryClient();
  return (
    <Dialog title="Renew the address?" verb="Renew" onClose={onClose} onSubmit={async () => {
      onMade(await calendars.make(f.kind, f.subject));
      void client.invalidateQueries({ queryKey: ["calendars"] });
    }}>
      <p>You get another address, and the one before ends at once: calendars that use it are no longer brought up to date.</p>
    </Dialog>
  );
}

function Revoke({ f, title, onClose }: { f: CalendarFeed; title: string; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <Dialog title="Revoke the address?" verb="Revoke" danger onClose={onClose} onSubmit={async () => {
      await calendars.end(f.id);
      notifications.show({ message: "The calendar address is revoked." });
      await client.invalidateQueries({ queryKey: ["calendars"] });
    }}>
      <p>{title}: calendars that use the address are no longer brought up to date. You can make another at any time.</p>
    </Dialog>
  );
}
