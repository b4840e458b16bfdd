// Notices in the product: the keys with which it says who its users are, and what is
// built into it, ready to copy.
import { Button, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { newKey } from "../api/client";
import { product, productKeys, type InAppKey, type InAppSetup } from "../api/product";
import { useCommands } from "../app/commands";
import { Copied } from "../intake/copied";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { useNames } from "../ui/people";
import { Card, Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { count } from "../ui/words";
import css from "./inapp.module.css";
import { lastingWord, mostKeys, policyText, productVerdict, scriptTag, tokenText } from "./product";

export function InAppScreen() {
  const search = useSearch({ strict: false }) as { do?: string; end?: string };
  const set = useFilters();
  const keys = useQuery(product.keys());
  const setup = useQuery(product.setup());
  const sessions = useQuery(product.sessions()).data ?? [];
  const full = (keys.data?.length ?? 0) >= mostKeys;
  const add = () => set({ do: "new" });
  const oldest = () => document.activeElement?.closest<HTMLElement>("[data-key]")?.dataset["key"] ?? keys.data?.[0]?.id;
  useCommands([
    ...(full ? [] : [{ id: "new-in-app-key", label: "New key for in-app notices", group: "In-app notices", keys: "a", run: add }]),
    ...(keys.data?.length ? [{ id: "end-in-app-key", label: "End a key: the one under the focus, or the oldest", group: "In-app notices", keys: "x", words: "revoke rotate", run: () => set({ end: oldest() }) }] : []),
  ]);
  useEffect(() => {
    document.title = "In-app notices · Allclear";
  }, []);
  const going = keys.data?.find((k) => k.id === search.end);
  return (
    <>
      <PageHead title="In-app notices" lead={keys.data && setup.data && productVerdict(keys.data, setup.data, sessions)} actions={full ? undefined : <Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>New key</Button>} />
      {search.do === "new" && <NewKey setup={setup.data} onClose={() => set({ do: undefined })} />}
      {going && <End k={going} last={keys.data?.length === 1} onClose={() => set({ end: undefined })} />}
      <div className={css.two}>
        <div className="stack">
          <Reading query={keys} rows={2}>{(list) => <Keys list={list} onEnd={(id) => set({ end: id })} />}</Reading>
          <Reading query={setup} rows={2}>{(s) => <Pages s={s} />}</Reading>
          {sessions.length > 0 && (
            <Card title="Has it open now" aside={count(sessions.reduce((n, s) => n + s.users, 0), "user")}>
              <ul className="lines">{[...sessions].sort((a, b) => b.users - a.users).slice(0, 10).map((s) => <li key={s.customer} className={css.line}><Link to="/customers" search={{ customer: s.customer }} className="link grow">{s.customer}</Link><span className={css.n}>{s.users.toLocaleString("en-GB")}</span></li>)}</ul>
              <p className={css.note}>Who asked for notices in the last five minutes, as this server has seen.</p>
            </Card>
          )}
        </div>
        <Reading query={setup} rows={5}>{(s) => <Build s={s} kid={keys.data?.[keys.data.length - 1]?.id} />}</Reading>
      </div>
    </>
  );
}

function Keys({ list, onEnd }: { list: InAppKey[]; onEnd: (id: string) => void }) {
  const name = useNames();
  if (list.length === 0) return <Card title="Keys"><Empty title="There is no key yet.">Make one with <kbd>a</kbd>, give it to your product’s server, and put the lines beside into your pages. Users of affected customers then see a banner while something is wrong.</Empty></Card>;
  return (
    <Card title="Keys" aside={`${list.length} of ${mostKeys}`}>
      <ul className="lines">
        {list.map((k, n) => (
          <li key={k.id} className={css.line} data-key={k.id} data-row tabIndex={-1}>
            <span className="grow"><b className="mono">{k.id}</b><small className={css.made}><Time at={k.created_at} prefix="made " /> by {name(k.created_by)}</small></span>
            <Button size="xs" onClick={() => onEnd(k.id)} aria-label={`End ${k.id}`} rightSection={n === 0 ? <kbd className="desk">x</kbd> : undefined}>End</Button>
          </li>
        ))}
      </ul>
      <p className={css.note}>{list.length > 1 ? "All of them count. End the old one once your server signs with the new one." : "To change it: make another, have your server sign with that, then end this one."}</p>
    </Card>
  );
}

function Pages({ s }: { s: InAppSetup }) {
  return (
    <Card title="Pages that may read">
      {s.origins.length === 0
        ? <><p><Chip colour="amber">none</Chip> Scripts of your pages are refused until the server is started with their addresses:</p><Copied text="--in-app-origin https://app.example.com" label="the option" /></>
        : <ul className="lines">{s.origins.map((o) => <li key={o} className={`mono ${css.wrap}`}>{o}</li>)}</ul>}
      <p className={css.note}>A notice that is resolved is shown for {lastingWord(s.lasting_seconds)} more.</p>
    </Card>
  );
}

/** The steps, with this installation's addresses in them. */
function Build({ s, kid }: { s: InAppSetup; kid?: string | undefined }) {
  return (
    <Card title="Build it into your product">
      <ol className={css.steps}>
        <li><b>Your server signs a token for the signed-in user.</b> A JWT with HS256; the secret is used as the text it is. <i className="mono">tenant</i> is the customer’s id here, <i className="mono">exp</i> at most 24 hours ahead.<Copied text={tokenText(kid ?? "ik-...")} label="the token" /></li>
        <li><b>It answers with it, as plain text,</b> at an address of your own, such as <i className="mono">/allclear-token</i>.</li>
        <li><b>Your pages load the script.</b> It shows nothing until something is wrong.<Copied text={scriptTag(s)} label="the script" /></li>
        <li><b>Where your pages have a content security policy,</b> add:<Copied text={policyText(s)} label="the policy" /></li>
      </ol>
      <p className={css.note}>Without the script: <span className={`mono ${css.wrap}`}>{s.notices}</span> answers the same as JSON to a token in the header Authorization.</p>
    </Card>
  );
}

function NewKey({ setup, onClose }: { setup: InAppSetup | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const [intent] = useState(newKey);
  const [made, setMade] = useState<InAppKey>();
  if (made) {
    return (
      <Dialog title="Copy it now" verb="I have copied it" shows size={640} onClose={onClose} onSubmit={() => Promise.resolve()}>
        <p>The secret is shown this once. Whoever has it can read what any of your customers is told in the product, so it belongs on your server alone and never in a page.</p>
        <div><b>Secret</b><Copied text={made.secret ?? ""} label="the secret" /></div>
        <div><b>Id, the <span className="mono">kid</span> of the token</b><Copied text={made.id} label="the id" /></div>
        {setup && <div><b>In your pages</b><Copied text={scriptTag(setup)} label="the script" /></div>}
      </Dialog>
    );
  }
  return (
    <Dialog title="New key for in-app notices" verb="Make the key" keep onClose={onClose} onSubmit={async () => {
      setMade(await productKeys.make(intent));
      void client.invalidateQueries({ queryKey: ["inapp", "keys"] });
    }}>
      <p>With it your product’s server signs who its users are, so that each sees what is for its own company and nothing else. Keys that are there already go on counting.</p>
    </Dialog>
  );
}

function End({ k, last, onClose }: { k: InAppKey; last: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={`End ${k.id}?`} verb="End it" danger onClose={onClose} ready={typed === k.id} onSubmit={async () => {
      await productKeys.end(k.id);
      notifications.show({ message: `${k.id} has ended. Tokens signed with it are refused.` });
      await client.invalidateQueries({ queryKey: ["inapp"] });
    }}>
      <p>Tokens signed with it are refused within a second, and this cannot be taken back. {last ? <b>It is the only key: users see no notices until your server signs with another.</b> : "Be sure that your server signs with another one already."}</p>
      <TextInput label={`Type ${k.id} to end it`} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" spellCheck={false} />
    </Dialog>
  );
}
