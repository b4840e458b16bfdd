// Importing customers: first a dry run that says what the file would change, then the
// same file for good.
import { FileInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { importCustomers, type CustomerImport } from "../api/registry";
import { Dialog } from "../ui/dialog";
import { Chip } from "../ui/pieces";
import { count } from "../ui/words";
import { summary } from "./words";
import css from "./customers.module.css";

const listed = 30;

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [dry, setDry] = useState<CustomerImport>();
  const changes = dry ? dry.created + dry.changed : 0;
  return (
    <Dialog title="Import customers" size={760} tall keep onClose={onClose} ready={file !== null && (!dry || changes > 0)} verb={dry ? `Write ${count(changes, "customer")}` : "Show what it changes"} onSubmit={async () => {
      if (!file) return;
      const got = await importCustomers(file, !dry);
      if (!dry) {
        setDry(got);
        return;
      }
      notifications.show({ message: summary(got) });
      await client.invalidateQueries({ queryKey: ["customers"] });
      onClose();
    }}>
      <FileInput label="A CSV file, or a JSON list" description="The first line names the columns, such as external_id, name, tier. Who has the external id is changed, anybody else is made; columns that are not there stay as they are." placeholder="Choose a file" accept=".csv,.json,text/csv,application/json" value={file} onChange={(f) => { setFile(f); setDry(undefined); }} data-autofocus />
      {dry && <Report r={dry} />}
    </Dialog>
  );
}

function Report({ r }: { r: CustomerImport }) {
  return (
    <section aria-label="What it changes" className="stack" aria-live="polite">
      <p><b>{summary(r)}</b>{r.ignored_columns.length > 0 && <span className="muted"> Columns that are not read: {r.ignored_columns.join(", ")}.</span>}</p>
      {r.problems.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Refused rows">
          <table className="list">
            <thead><tr><th className="num">Line</th><th>Column</th><th>Refused, because it</th></tr></thead>
            <tbody>{r.problems.slice(0, listed).map((p, k) => <tr key={k}><td className="num">{p.line}</td><td>{p.column ?? "the whole line"}</td><td className={css.wrap}>{p.reason}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      {r.refused > listed && <p className="muted small">and {(r.refused - listed).toLocaleString("en-GB")} more.</p>}
      {r.customers.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Customers that change">
          <table className="list">
            <thead><tr><th>Customer</th><th className="num">Line</th><th>What changes</th></tr></thead>
            <tbody>{r.customers.slice(0, listed).map((c) => <tr key={c.id}><td>{c.id} {c.action === "create" && <Chip colour="green">new</Chip>}</td><td className="num">{c.line}</td><td className={css.wrap}>{c.fields.map((f) => f.path.slice(1).replaceAll("/", " ").replaceAll("_", " ")).join(", ") || "all of it"}</td></tr>)}</tbody>
          </table>
        </div>
      )}
      {r.created + r.changed > listed && <p className="muted small">and {(r.created + r.changed - listed).toLocaleString("en-GB")} more.</p>}
    </section>
  );
}
