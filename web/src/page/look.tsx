// How the public page looks: name, pictures, colours, languages. Colours that cannot
// be read are said while they are typed; the API refuses them.
import { Button, Checkbox, FileButton, Select, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { paint } from "../api/endpoints";
import { q } from "../api/queries";
import type { Look, Picture } from "../api/statuspage";
import { Dialog } from "../ui/dialog";
import { Failed, Loading } from "../ui/pieces";
import { unreadable } from "./contrast";
import css from "./statuspage.module.css";

const languages = [{ value: "en", label: "English" }, { value: "de", label: "Deutsch" }, { value: "fr", label: "Français" }, { value: "es", label: "Español" }] as const;
type Language = (typeof languages)[number]["value"];

/** What text stands on, as the page draws it. */
const light = ["#ffffff", "#f8f8f6"] as const;
const dark = ["#121316", "#1a1c20"] as const;

export function LookForm({ onClose }: { onClose: () => void }) {
  const query = useQuery(q.look());
  if (query.error) return <Dialog title="How the status page looks" verb="Close" shows onClose={onClose} onSubmit={() => Promise.resolve()}><Failed error={query.error} again={() => void query.refetch()} /></Dialog>;
  if (!query.data) return <Dialog title="How the status page looks" verb="Save" ready={false} onClose={onClose} onSubmit={() => Promise.resolve()}><Loading rows={6} /></Dialog>;
  return <Form look={query.data} onClose={onClose} />;
}

function Form({ look, onClose }: { look: Look; onClose: () => void }) {
  const client = useQueryClient();
  const [l, setLook] = useState<Look>(look);
  const [wrong, setWrong] = useState<string>();
  const put = (change: Partial<Look>) => setLook((old) => ({ ...old, ...change }));
  const word = (at: "name" | "accent" | "accent_dark" | "band" | "band_text" | "support" | "footer") => ({ value: l[at] ?? "", onChange: (e: { currentTarget: { value: string } }) => put({ [at]: e.currentTarget.value }) });
  const accent = unreadable(l.accent ?? "", light);
  const accentDark = unreadable(l.accent_dark ?? "", dark);
  const band = (l.band ?? "") !== "" || (l.band_text ?? "") !== "" ? unreadable(l.band_text || "?", [l.band ?? ""]) : undefined;
  const offered = l.languages ?? languages.map((x) => x.value);
  async function save() {
    const kept = Object.fromEntries(Object.entries(l).filter(([, v]) => v !== "" && v !== undefined)) as Look;
    client.setQueryData(q.look().queryKey, await paint(kept));
    notifications.show({ message: "The status page has its new look within a second." });
  }
  return (
    <Dialog title="How the status page looks" verb="Save" size={780} tall onClose={onClose} onSubmit={save} ready={!accent && !accentDark && !band && !wrong}>
      <TextInput label="Name" placeholder="As the installation is configured" maxLength={100} {...word("name")} data-autofocus />
      <div className={css.two}>
        <Upload label="Logo" p={l.logo} onPick={(logo) => put({ logo })} onWrong={setWrong} />
        <Upload label="Icon of the tab" p={l.favicon} onPick={(favicon) => put({ favicon })} onWrong={setWrong} />
      </div>
      {wrong && <p role="alert" className="wrong">{wrong}</p>}
      <div className={css.two}>
        <TextInput label="Links, on light" placeholder="#1f51c0" error={accent} {...word("accent")} />
        <TextInput label="Links, on dark" placeholder="#93b5ff" error={accentDark} {...word("accent_dark")} />
        <TextInput label="Head of the page" placeholder="As the page" {...word("band")} />
        <TextInput label="Text on the head" placeholder="#ffffff" error={band} {...word("band_text")} />
      </div>
      <Checkbox.Group label="Languages" description="A reader gets the one the browser asks for. What people write stays as it is written." value={offered} classNames={{ description: css.apart }} onChange={(v) => put({ languages: v as Language[], ...(l.language && !v.includes(l.language) ? { language: undefined } : {}) })}>
        <div className={css.pictures}>{languages.map((x) => <Checkbox key={x.value} value={x.value} label={x.label} disabled={offered.length === 1 && offered[0] === x.value} />)}</div>
      </Checkbox.Group>
      <div className={css.two}>
        <Select label="For everybody else" data={languages.filter((x) => offered.includes(x.value)).map((x) => ({ ...x }))} value={l.language ?? offered[0] ?? "en"} onChange={(v) => put({ language: (v as Language | null) ?? undefined })} allowDeselect={false} />
        <TextInput label="Where readers get help" placeholder="https://support.example.com or mailto:" {...word("support")} />
      </div>
      <Textarea label="At the foot" autosize minRows={2} maxRows={6} maxLength={1000} {...word("footer")} />
    </Dialog>
  );
}

const most = 64 * 1024;

function Upload({ label, p, onPick, onWrong }: { label: string; p?: Picture; onPick: (p: Picture | undefined) => void; onWrong: (why: string | undefined) => void }) {
  async function read(file: File | null) {
    if (!file) return;
    if (file.size > most) {
      onWrong(`${file.name} is larger than 64 KB.`);
      return;
    }
    onWrong(undefined);
    const bytes = new Uint8Array(await file.arrayBuffer());
    onPick({ type: file.type === "image/png" ? "image/png" : "image/svg+xml", data: btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")) });
  }
  return (
    <div>
      <p className="small muted">{label}: SVG or PNG, up to 64 KB</p>
      <div className={css.pictures}>
        <FileButton accept="image/svg+xml,image/png" onChange={(f) => void read(f)}>{(props) => <Button {...props} size="xs" aria-label={`Choose: ${label}`}>{p ? "Choose another" : "Choose a file"}</Button>}</FileButton>
        {p && <span className="small">{p.type === "image/png" ? "PNG" : "SVG"}, {Math.max(1, Math.round((p.data.length * 3) / 4096))} KB</span>}
        {p && <Button size="xs" variant="subtle" onClick={() => onPick(undefined)} aria-label={`Remove: ${label}`}>Remove</Button>}
      </div>
    </div>
  );
}
