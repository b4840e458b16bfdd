// What speaks for an entry: words, links, and files of the vault.
import { IconExternalLink, IconPaperclip } from "@tabler/icons-react";
import type { EvidenceFile, Proof } from "../api/inquiry";
import css from "./inquiry.module.css";

export function ProofLines({ p, files }: { p: Proof; files: EvidenceFile[] }) {
  const links = p.links ?? [];
  const kept = p.files ?? [];
  if (!p.text && links.length === 0 && kept.length === 0) return null;
  return (
    <div className={css.proof}>
      {p.text && <p className="prose">{p.text}</p>}
      {(links.length > 0 || kept.length > 0) && (
        <p className="row wrap small">
          {links.map((l) => <a key={l.url} className="link" href={l.url} target="_blank" rel="noreferrer"><IconExternalLink size={13} aria-hidden /> {l.label || l.url}</a>)}
          {kept.map((id) => <a key={id} className="link" href={`#evidence-${id}`}><IconPaperclip size={13} aria-hidden /> {files.find((x) => x.id === id)?.name ?? "evidence"}</a>)}
        </p>
      )}
    </div>
  );
}
