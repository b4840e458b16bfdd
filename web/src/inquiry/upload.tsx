// Keeping a file or a pasted text as evidence, with how far it is and the hash
// under which it was kept.
import { Button, CopyButton, Progress, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { mostBytes, upload, type EvidenceFile, type InquiryFile } from "../api/inquiry";
import { useAct } from "../command/act";
import { Dialog } from "../ui/dialog";
import type { Props } from "./dialogs";
import { bytes } from "./logic";
import css from "./inquiry.module.css";

export function KeepDialog({ i, onClose, f }: Props & { f: InquiryFile | undefined }) {
  const [how, setHow] = useState<"file" | "text">("file");
  const [file, setFile] = useState<File>();
  const [text, setText] = useState("");
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const [about, setAbout] = useState<string | null>(null);
  const [sent, setSent] = useState<number>();
  const [kept, setKept] = useState<EvidenceFile>();
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const abort = useRef(new AbortController());
  const doit = useAct(i.number);
  useEffect(() => () => abort.current.abort(), []);
  if (kept) {
    return (
      <Dialog title="It is kept" verb="Close" shows onClose={onClose} onSubmit={() => Promise.resolve()}>
        <p><b>{kept.name}</b>, {bytes(kept.size)}, is kept as it came, for good.</p>
        <div className="fact">SHA-256<p className={`mono ${css.hash}`}>{kept.sha256}</p><CopyButton value={kept.sha256}>{({ copied, copy }) => <Button autoFocus onClick={copy}>{copied ? "Copied" : "Copy the hash"}</Button>}</CopyButton></div>
        <p className="muted">You are the first in its custody record. Whoever takes a copy comes after you.</p>
      </Dialog>
    );
  }
  const large = how === "file" && !!file && file.size > mostBytes * 1.05;
  const ready = how === "file" ? !!file && file.size > 0 && !large : text.trim() !== "";
  const targets = [
    { group: "Causes", items: (f?.hypotheses ?? []).map((h) => ({ value: `hypothesis:${h.id}`, label: h.text })) },
    { group: "Options", items: (f?.solutions ?? []).map((s) => ({ value: `solution:${s.id}`, label: s.title })) },
  ].filter((g) => g.items.length > 0);
  const take = (one: File | undefined) => {
    if (!one) return;
    setFile(one);
    setName(one.name);
  };
  return (
    <Dialog
      title="Keep as evidence" verb="Keep" keep onClose={onClose} ready={ready}
      onSubmit={async () => {
        const body = how === "file" ? file! : new Blob([text], { type: "text/plain" });
        setSent(0);
        try {
          setKept(await doit(() => upload(i.number, body, { name: name.trim() || (how === "file" ? file!.name : "pasted.txt"), note: note.trim() || undefined, about: about ?? undefined }, setSent, abort.current.signal)));
        } finally {
          setSent(undefined);
        }
      }}
    >
      <SegmentedControl fullWidth aria-label="What is kept" value={how} onChange={(v) => setHow(v as "file" | "text")} data={[{ value: "file", label: "File" }, { value: "text", label: "Pasted text" }]} />
      {how === "file" ? (
        <div className={css.drop} data-over={over || undefined} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(e) => { e.preventDefault(); setOver(false); take(e.dataTransfer.files[0]); }}>
          <input ref={picker} type="file" className="sr" tabIndex={-1} aria-label="File to keep" onChange={(e) => take(e.currentTarget.files?.[0])} />
          <Button onClick={() => picker.current?.click()} data-autofocus>{file ? "Choose another" : "Choose a file"}</Button>
          <p className={large ? "tone-over" : "muted"}>{file ? `${file.name}, ${bytes(file.size)}${large ? ": more than the 25 MB that are kept. Keep it elsewhere, and add where it is and its SHA-256 as text." : file.size === 0 ? ": it is empty" : ""}` : "or drop it here; at most 25 MB, nothing is unpacked"}</p>
        </div>
      ) : <Textarea label="The text" placeholder="Paste a log, a query, a chat" autosize minRows={5} maxRows={12} classNames={{ input: "mono" }} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />}
      <TextInput label="What is it called?" placeholder={how === "text" ? "pasted.txt" : file?.name} value={name} onChange={(e) => setName(e.currentTarget.value)} />
      {targets.length > 0 && <Select label="What does it speak for?" placeholder="The incident as a whole" clearable searchable data={targets} value={about} onChange={setAbout} openOnFocus={false} />}
      <TextInput label="Note" placeholder="auth-gateway eu-2, 03:00 to 03:10" value={note} onChange={(e) => setNote(e.currentTarget.value)} />
      {sent !== undefined && (
        <div role="status">
          <Progress value={sent * 100} aria-label="How much was sent" transitionDuration={100} color="dark" />
          <p className="muted small">{sent < 1 ? `${Math.round(sent * 100)} % sent` : "Sent; it is being hashed and kept"}</p>
        </div>
      )}
    </Dialog>
  );
}
