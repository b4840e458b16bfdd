// The vault: what was kept, under its hash, with who added it and who took a copy.
import { Button, CopyButton } from "@mantine/core";
import { IconDownload, IconFile } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { iq, type EvidenceFile, type InquiryFile } from "../api/inquiry";
import type { Incident } from "../api/types";
import { useDialog } from "../command/act";
import { useNames } from "../ui/people";
import { Card, Reading, Time } from "../ui/pieces";
import { count } from "../ui/words";
import { aboutWord, bytes } from "./logic";
import css from "./inquiry.module.css";

export function Evidence({ i, f, may }: { i: Incident; f: InquiryFile; may: boolean }) {
  const query = useQuery(iq.evidence(i.number));
  const dialog = useDialog();
  return (
    <Card id="evidence" title="Evidence" aside={may && <button type="button" className="link noprint" onClick={() => dialog("evidence")}>Keep a file</button>}>
      <Reading query={query} rows={2}>{(list) => (list.length === 0 ? <p className="muted small">Logs, screenshots and dumps are kept as they came, under their SHA-256, for good. Who adds one and who takes a copy is written down.</p> : <ul className={css.rows}>{[...list].reverse().map((e) => <Piece key={e.id} e={e} f={f} />)}</ul>)}</Reading>
    </Card>
  );
}

function Piece({ e, f }: { e: EvidenceFile; f: InquiryFile }) {
  const name = useNames();
  const about = aboutWord(e, f);
  return (
    <li id={`evidence-${e.id}`}>
      <div className={css.line}>
        <IconFile size={16} aria-hidden />
        <span className="grow"><b className={css.file}>{e.name}</b><small className="muted">{bytes(e.size)} · {name(e.by)}, <Time at={e.at} how="ago" /></small></span>
        <Button component="a" href={e.url} download={e.name} size="xs" variant="subtle" aria-label={`Take a copy of ${e.name}; it is written down`} title="Taking a copy is written down" className="noprint"><IconDownload size={16} aria-hidden /></Button>
      </div>
      {about && <p className="muted small">for {about}</p>}
      {e.note && <p className="prose">{e.note}</p>}
      <details className={css.custody}>
        <summary>SHA-256 <span className="mono">{e.sha256.slice(0, 12)}</span> · in {count(new Set(e.custody.map((c) => c.by)).size, "person's hands", "people's hands")}</summary>
        <p className="mono">{e.sha256} <CopyButton value={e.sha256}>{({ copied, copy }) => <button type="button" className="link" onClick={copy}>{copied ? "Copied" : "Copy"}</button>}</CopyButton></p>
        <ol>{e.custody.map((c, k) => <li key={k}>{c.what === "added" ? "Added" : "Copy taken"} by {name(c.by)}{c.via ? ` (${c.via})` : ""}, <Time at={c.at} /></li>)}</ol>
      </details>
    </li>
  );
}
