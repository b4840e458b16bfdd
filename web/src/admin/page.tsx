// A document of the catalogue on a screen of its own: its fields or the document
// behind them, what is not saved yet, what somebody else saved, and its end.
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { Problem } from "../api/client";
import { useCommands, type Command } from "../app/commands";
import { Dialog } from "../ui/dialog";
import { useFilters } from "../ui/filters";
import { Failed, Loading, PageHead } from "../ui/pieces";
import { capital } from "../ui/words";
import { Conflict } from "./conflict";
import { faultsOf, placeText, type Doc } from "./doc";
import type { Document } from "./document";
import { AsDocument, removed, rest, showFirstFault } from "./editor";
import css from "./page.module.css";
import form from "./form.module.css";

type List = "/schedules" | "/policies";

/** The way back, and the states of reading. */
export function DocumentScreen({ d, title, list, back, children }: { d: Document; title: string; list: List; back: string; children: (doc: Doc) => ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Allclear`;
  }, [title]);
  return (
    <>
      <p className="small"><Link to={list} className="link">{back}</Link></p>
      {d.doc ? children(d.doc) : d.error ? <Failed error={d.error} again={d.again} /> : <><PageHead title={title} /><Loading rows={6} /></>}
    </>
  );
}

export interface Page {
  d: Document;
  id: string;
  title: string;
  /** Names it in the messages. */
  called: (id: string) => string;
  noun: string;
  list: List;
  lead: ReactNode;
  unsaved: string;
  /** What follows from saving, as a sentence. */
  saved: string;
  /** What deleting it means. */
  gone: ReactNode;
  commands: Command[];
  fields: ReactNode;
  beside: ReactNode;
}

export function DocumentPage(p: Page) {
  const { d, title } = p;
  const navigate = useNavigate();
  const set = useFilters();
  const view = (useSearch({ strict: false }) as { view?: string }).view === "document" ? "document" : "form";
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>();
  const [removing, setRemoving] = useState(false);
  const group = capital(p.noun);
  async function save() {
    if (busy || !d.changed) return;
    setBusy(true);
    setWrong(undefined);
    try {
      const name = await d.save();
      if (name === undefined) return;
      notifications.show({ message: `${p.called(name)} is saved. ${p.saved}` });
      if (d.isNew) void navigate({ to: `${p.list}/$id`, params: { id: name }, search: {}, replace: true });
    } catch (err) {
      setWrong(rest(err));
      showFirstFault();
    } finally {
      setBusy(false);
    }
  }
  const discard = () => {
    setWrong(undefined);
    d.discard();
  };
  useCommands([
    { id: "save", label: `Save ${title}`, group, keys: "w", run: () => void save() },
    ...p.commands,
    { id: "document", label: view === "form" ? "Edit as a document" : "Edit as a form", group, keys: "d", run: () => set({ view: view === "form" ? "document" : undefined }) },
    ...(d.changed ? [{ id: "undo", label: "Drop what is not saved", group, keys: "x", run: discard }] : []),
    ...(d.isNew ? [] : [{ id: "delete", label: `Delete ${title}`, group, run: () => setRemoving(true) }]),
  ]);
  const button = <Button variant="filled" loading={busy} disabled={!d.changed || !!d.clash} onClick={() => void save()} rightSection={<kbd className="desk">w</kbd>}>{d.isNew ? `Create ${p.noun}` : `Save ${p.noun}`}</Button>;
  return (
    <>
      <PageHead title={title} lead={d.changed && !d.isNew ? p.unsaved : p.lead}
        actions={<>{!d.isNew && <Button className="desk" variant="subtle" onClick={() => setRemoving(true)}>Delete</Button>}{d.changed && !d.isNew && <Button className="desk" onClick={discard} rightSection={<kbd>x</kbd>}>Drop changes</Button>}<span className="desk">{button}</span></>} />
      {removing && <Remove p={p} onClose={() => setRemoving(false)} />}
      {d.clash ? <div className="card"><Conflict clash={d.clash} onSettle={d.settle} /></div> : (
        <>
          {wrong !== undefined && <Wrong err={wrong} />}
          <div className={css.split}>
            <div className="stack">
              <div className={form.choose}>
                <SegmentedControl size="xs" aria-label="How to edit" value={view} onChange={(v) => set({ view: v === "form" ? undefined : v })} data={[{ value: "form", label: "Form" }, { value: "document", label: "Document" }]} />
                {d.restored && <span className="small muted">What you typed before is still here. <button type="button" className="link" onClick={discard}>Start over</button></span>}
              </div>
              {view === "document" ? <AsDocument d={d} /> : p.fields}
            </div>
            <div className={`stack ${css.beside}`}>{p.beside}</div>
          </div>
        </>
      )}
      <div className="bottombar phone">{d.changed && !d.isNew ? <Button onClick={discard}>Drop changes</Button> : !d.isNew ? <Button onClick={() => setRemoving(true)}>Delete</Button> : null}{button}</div>
    </>
  );
}

function Wrong({ err }: { err: unknown }) {
  const said = err instanceof Problem ? [...faultsOf(err)].map(([at, what]) => `${placeText(at)}: ${what}`) : [];
  const list = said.length > 0 || !(err instanceof Problem) ? said : err.errors.map((e) => e.message); // none has a place
  return (
    <div role="alert" className="wrong" style={{ marginBottom: 16 }}>
      <b>{err instanceof Error ? err.message : "That did not work."}</b>
      {list.length > 0 && <ul>{list.slice(0, 8).map((line) => <li key={line}>{line}</li>)}</ul>}
    </div>
  );
}

function Remove({ p: { d, id, called, list, gone }, onClose }: { p: Page; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const navigate = useNavigate();
  return (
    <Dialog title={`Delete ${called(id)}?`} verb="Delete" danger keep onClose={onClose} ready={typed === id} onSubmit={async () => {
      await removed(d);
      notifications.show({ message: `${called(id)} is deleted.` });
      void navigate({ to: list, replace: true });
    }}>
      {gone}
      <TextInput label={`Type ${id} to delete it`} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" />
    </Dialog>
  );
}
