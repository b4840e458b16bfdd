// Who subscribed to the status page: how many, who, and what each was sent. An address
// can be forgotten.
import { Button, SegmentedControl, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { readers, reading, type Subscriber } from "../api/readers";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { Find, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { Chip, Empty, Reading, Time, type ChipColour } from "../ui/pieces";
import { save } from "../ui/save";
import { capital, channelWord, count, listing, plain } from "../ui/words";
import { Forget, TakeIn } from "./readerdialogs";
import css from "./statuspage.module.css";

const colour: Record<Subscriber["state"], ChipColour | undefined> = { confirmed: "green", pending: undefined, paused: "amber" };

export function Subscribers({ names }: { names: (component: string) => string }) {
  const search = useSearch({ strict: false }) as { channel?: string; state?: string; find?: string; open?: string; ask?: string };
  const set = useFilters();
  const query = useInfiniteQuery({ ...readers.list({ ...(search.channel && { channel: search.channel }), ...(search.state && { state: search.state }), ...(search.find && { address: search.find }) }), placeholderData: keepPreviousData });
  const taking = useMutation({
    mutationFn: reading.file,
    onSuccess: (text) => save("subscribers.csv", text),
    onError: (err) => notifications.show({ color: "red", title: "Nothing was exported", message: err.message, autoClose: false }),
  });
  const admin = useMe()?.role === "admin";
  useCommands(admin ? [
    { id: "import-subscribers", label: "Import subscribers from a file", group: "Subscribers", keys: "i", run: () => set({ ask: "import" }) },
    { id: "forget-subscriber", label: "Forget an address", group: "Subscribers", keys: "x", words: "erase gdpr remove", run: () => set({ ask: "forget" }) },
  ] : []);
  const open = query.data?.pages.flatMap((p) => p.items ?? []).find((s) => s.id === search.open);
  return (
    <>
      <Counts />
      <div className="filters">
        <SegmentedControl size="xs" aria-label="State" value={search.state ?? ""} onChange={(v) => set({ state: v || undefined })} data={[{ value: "", label: "All" }, { value: "confirmed", label: "Confirmed" }, { value: "pending", label: "Pending" }, { value: "paused", label: "Paused" }]} />
        <Select aria-label="Channel" placeholder="Every channel" clearable w={160} data={["email", "sms", "webhook"].map((c) => ({ value: c, label: capital(channelWord(c)) }))} value={search.channel ?? null} onChange={(v) => set({ channel: v ?? undefined })} clearButtonProps={{ "aria-label": "Every channel" }} />
        <Find label="Find an address" value={search.find} onChange={(find) => set({ find })} />
        <Button size="xs" loading={taking.isPending} onClick={() => taking.mutate()}>Export</Button>
        {admin && <Button size="xs" onClick={() => set({ ask: "import" })} rightSection={<kbd className="desk">i</kbd>}>Import</Button>}
        {admin && <Button size="xs" onClick={() => set({ ask: "forget" })} rightSection={<kbd className="desk">x</kbd>}>Forget an address</Button>}
      </div>
      <Listing query={query} noun="subscribers">
        {(list) => list.length === 0 ? <div className="card"><Empty title="Nobody.">{search.channel || search.state || search.find ? "Try fewer filters." : `Readers subscribe on the status page, and show here once they have asked.${admin ? " Those of another page are imported with i." : ""}`}</Empty></div> : (
          <ul className={css.list}>
            {list.map((s) => (
              <li key={s.id}>
                <span className="grow">
                  <b>{s.address}</b>
                  <small>{capital(channelWord(s.channel))} about {s.kinds.length === 1 ? (s.kinds[0] === "maintenance" ? "planned maintenance" : "incidents") : "incidents and maintenance"} of {s.components.length === 0 ? "every component" : listing(s.components.map(names))}, <Time at={s.created_at} prefix="since " />{s.imported ? ", imported" : ""}</small>
                  {s.problem && <small className={css.failed}>{s.problem}</small>}
                </span>
                <span className={css.chips}>{s.customer && <Chip>{s.customer}</Chip>}<Chip colour={colour[s.state]}>{s.state}</Chip></span>
                <Button size="xs" onClick={() => set({ open: s.id })} aria-label={`What ${s.address} was sent`} data-row>Sent</Button>
              </li>
            ))}
          </ul>
        )}
      </Listing>
      {search.ask === "import" && admin && <TakeIn onClose={() => set({ ask: undefined })} />}
      {search.ask === "forget" && admin && <Forget onClose={() => set({ ask: undefined })} />}
      {open && <Sent s={open} onClose={() => set({ open: undefined })} />}
    </>
  );
}

function Counts() {
  const all = useQuery(readers.counts()).data ?? [];
  if (all.length === 0) return null;
  const sum = (of: Partial<(typeof all)[number]>) => all.filter((c) => (!of.channel || c.channel === of.channel) && (!of.state || c.state === of.state)).reduce((n, c) => n + c.count, 0);
  const by = (["email", "sms", "webhook"] as const).map((c) => ({ c, n: sum({ channel: c, state: "confirmed" }) })).filter((x) => x.n > 0);
  return (
    <dl className={css.counts}>
      <div><dt>Confirmed</dt><dd>{sum({ state: "confirmed" }).toLocaleString("en-GB")}</dd></div>
      {by.map(({ c, n }) => <div key={c}><dt>by {channelWord(c)}</dt><dd>{n.toLocaleString("en-GB")}</dd></div>)}
      <div><dt>Not confirmed yet</dt><dd>{sum({ state: "pending" }).toLocaleString("en-GB")}</dd></div>
      {sum({ state: "paused" }) > 0 && <div><dt>Paused: what is sent fails</dt><dd className="tone-over">{sum({ state: "paused" }).toLocaleString("en-GB")}</dd></div>}
    </dl>
  );
}

function Sent({ s, onClose }: { s: Subscriber; onClose: () => void }) {
  const client = useQueryClient();
  const admin = useMe()?.role === "admin";
  const query = useQuery(readers.sent(s.id));
  async function forget() {
    await reading.end(s.id);
    notifications.show({ message: `${s.address} is forgotten.` });
    await client.invalidateQueries({ queryKey: ["subscribers"] });
  }
  return (
    <Dialog title={s.address} verb={admin ? "End it and forget the address" : "Done"} danger={admin} shows={!admin} size={640} onClose={onClose} onSubmit={() => (admin ? forget() : Promise.resolve())}>
      <Reading query={query} rows={4}>
        {(list) => list.length === 0 ? <p className="muted">Nothing was sent there in the last days.</p> : (
          <ul className="lines">{list.map((d) => <li key={d.id}><b>{d.subject || plain(d.kind)}</b> <Chip colour={d.state === "sent" ? "green" : d.state === "failed" ? "red" : undefined}>{d.state}</Chip> <small className="muted"><Time at={d.at} />{d.attempts > 1 ? `, ${count(d.attempts, "try", "tries")}` : ""}</small>{d.error && <small className="tone-over"> {d.error}</small>}</li>)}</ul>
        )}
      </Reading>
    </Dialog>
  );
}
