// The editor of everything in the catalogue: a form, and the document behind it
// as the API and `allclear apply` have it. The API checks; its words are shown.
import { Button, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { Problem } from "../api/client";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { Failed, Loading } from "../ui/pieces";
import { capital, listing } from "../ui/words";
import { Conflict } from "./conflict";
import { named, text, type Doc } from "./doc";
import { useDocument, type Document } from "./document";
import { Form } from "./form";
import { below } from "./inputs";
import { fresh, noun, sent, specs, type Formed } from "./specs";
import css from "./form.module.css";

/** The first mistake gets the focus, wherever the form has it. */
export const showFirstFault = () => setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), 50);

/** What a save that failed leaves to say beside the fields. */
export function rest(err: unknown): unknown {
  if (!(err instanceof Problem) || err.status !== 422 || err.errors.length === 0) return err;
  return new Problem(err.status, err.title, err.errors.length === 1 ? "One thing is not right yet; nothing has been saved." : `${capital(String(err.errors.length))} things are not right yet; nothing has been saved.`, err.errors);
}

/** Deletes; what still refers to it is told by its name. */
export async function removed(d: Document): Promise<void> {
  try {
    await d.remove();
  } catch (err) {
    const by = err instanceof Problem && err.status === 409 ? err.errors.map((e) => (e.location ?? "").replace("/", " ")).filter(Boolean) : [];
    throw by.length === 0 ? err : new Error(`It is not deleted: ${listing(by)} still ${by.length === 1 ? "refers" : "refer"} to it. Change that first.`);
  }
}

/** The document as text; what is no JSON yet stays as it was typed. */
export function AsDocument({ d }: { d: Document }) {
  const [typed, setTyped] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  return (
    <Textarea
      label="Document" description="As the API and allclear apply have it. Nothing is kept until it is right as a whole."
      autosize minRows={12} maxRows={24} spellCheck={false} data-autofocus error={wrong}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      value={typed ?? (d.doc ? text(d.doc) : "")}
      onChange={(e) => {
        const next = e.currentTarget.value;
        setTyped(next);
        try {
          d.set(JSON.parse(next) as Doc);
          setWrong(undefined);
        } catch (err) {
          setWrong(`This is no JSON yet, so it is not saved: ${err instanceof Error ? err.message : String(err)}`);
        }
      }}
    />
  );
}

/** Name and id of something new: the id follows the name until somebody types one. */
export function NewId({ d, like }: { d: Document; like: string }) {
  return (
    <TextInput label="Id" inputWrapperOrder={below} description="Lower case letters, digits, dots and dashes. It cannot be changed later." placeholder={like} autoComplete="off" spellCheck={false}
      value={String(d.doc?.["id"] ?? "")} error={d.faults.get("id")} onChange={(e) => d.doc && d.set({ ...d.doc, id: e.currentTarget.value })} />
  );
}

const examples: Partial<Record<Formed, string>> = { people: "maria.lopez", vendors: "northstar", feeds: "forum", checks: "sign-in-page", components: "sign-in", stakeholders: "data-protection-authority" };

const asSent = Object.fromEntries(Object.keys(specs).map((of) => [of, (doc: Doc) => sent(of as Formed, doc)])) as Record<Formed, (doc: Doc) => Doc>;

export function Editor({ of, id, onClose }: { of: Formed; id: string; onClose: (saved?: string) => void }) {
  const d = useDocument(of, id, fresh[of], asSent[of]);
  const [view, setView] = useState("form");
  const [removing, setRemoving] = useState(false);
  const me = useMe();
  const admin = me?.role === "admin";
  const between = of === "people" ? "." : "-";
  const there = d.doc !== undefined;
  // The dialog is open before the document is read: the first field takes the focus then.
  useEffect(() => {
    if (there) document.querySelector<HTMLElement>(".dialog [data-autofocus]")?.focus();
  }, [there]);
  const change = (next: Doc) => d.set(d.isNew && d.doc ? named(d.doc, next, between) : next);
  async function save() {
    let name: string | undefined;
    try {
      name = await d.save();
    } catch (err) {
      showFirstFault();
      throw rest(err);
    }
    if (name === undefined) return; // somebody else was faster: the dialog shows it
    notifications.show({ message: d.isNew ? `${capital(noun[of])} ${name} is there.` : `${name} is saved.` });
    onClose(name);
  }
  if (removing) return <Remove d={d} of={of} id={id} onBack={() => setRemoving(false)} onClose={onClose} />;
  return (
    <Dialog title={d.isNew ? `New ${noun[of]}` : `Edit ${id}`} verb={d.isNew ? "Create" : "Save"} size={780} tall onClose={() => onClose()} onSubmit={save} ready={d.doc !== undefined && !d.clash && d.changed}
      keep
      extra={!d.isNew && admin && !d.clash ? <Button variant="subtle" onClick={() => setRemoving(true)}>Delete</Button> : undefined}>
      {d.clash ? <Conflict clash={d.clash} onSettle={d.settle} /> : d.error && !d.doc ? <Failed error={d.error} again={d.again} /> : !d.doc ? <Loading rows={6} /> : (
        <>
          <div className={css.choose}>
            <SegmentedControl size="xs" aria-label="How to edit" value={view} onChange={setView} data={[{ value: "form", label: "Form" }, { value: "document", label: "Document" }]} />
            {d.restored && <span className="small muted">What you typed before is still here. <button type="button" className="link" onClick={d.discard}>Start over</button></span>}
          </div>
          {view === "document" ? <AsDocument d={d} /> : (
            <>
              <Form sections={specs[of]} doc={d.doc} onChange={change} faults={d.faults} ownOnly={!admin} />
              {d.isNew && <NewId d={d} like={examples[of] ?? "platform"} />}
            </>
          )}
        </>
      )}
    </Dialog>
  );
}

function Remove({ d, of, id, onBack, onClose }: { d: Document; of: Formed; id: string; onBack: () => void; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={`Delete ${id}?`} verb="Delete" danger onClose={onBack} ready={typed === id} keep onSubmit={async () => {
      await removed(d);
      notifications.show({ message: `${id} is deleted.` });
      onClose();
    }}>
      <p>The {noun[of]} is removed from the catalogue at once. What has happened stays in the record; something that refers to it keeps it from going.</p>
      <TextInput label={`Type ${id} to delete it`} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} data-autofocus autoComplete="off" />
    </Dialog>
  );
}

/** The buttons and keys of a screen of the catalogue: a adds, e edits what is chosen. The address says what is open. */
export function useEditor(of: Formed, chosen?: string) {
  const search = useSearch({ strict: false }) as { do?: string; edit?: string };
  const navigate = useNavigate();
  const me = useMe();
  const admin = me?.role === "admin";
  const may = useCallback((id: string) => admin || (of === "people" && id !== "" && id === me?.person_id), [admin, me, of]);
  const go = (change: Record<string, string | undefined>, replace = false) => void navigate({ to: ".", search: ((old: object) => ({ ...old, ...change })) as never, replace });
  useCommands([
    ...(admin ? [{ id: `new-${of}`, label: `New ${noun[of]}`, group: "Catalogue", keys: "a", run: () => go({ do: "new" }) }] : []),
    ...(chosen && may(chosen) ? [{ id: `edit-${of}`, label: `Edit ${chosen}`, group: "Catalogue", keys: "e", run: () => go({ edit: chosen }) }] : []),
  ]);
  const open = search.edit ?? (search.do === "new" ? "" : undefined);
  return {
    add: admin ? <Button onClick={() => go({ do: "new" })} rightSection={<kbd className="desk">a</kbd>}>New {noun[of]}</Button> : undefined,
    edit: (id: string) => (may(id) ? <Button size="xs" onClick={() => go({ edit: id })} aria-label={`Edit ${id}`}>Edit</Button> : null),
    dialog: open === undefined ? null : <Editor key={open} of={of} id={open} onClose={() => go({ do: undefined, edit: undefined }, true)} />,
  };
}
