// One editor for everything of the catalogue: the document as the API and
// `allclear apply` have it, checked by the API, whose words are shown.
import { Button, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, get } from "../api/client";
import { useCommands } from "../app/commands";
import { Dialog } from "../ui/dialog";

export type Collection = "people" | "services" | "customers";

const noun: Record<Collection, string> = { people: "person", services: "service", customers: "customer" };

/** What a new one begins with: the fields a reader would miss. */
const fresh: Record<Collection, object> = {
  people: { id: "", name: "", title: "", email: "", level: 1, area: "platform", time_zone: "UTC", deputy: "", contacts: [{ channel: "email", address: "", verified: false }] },
  services: { id: "", name: "", description: "", owner_team: "", area: "platform", restoration_rank: 6, critical_function: false, depends_on: [], component: "" },
  customers: { id: "", name: "", tier: "enterprise", vip: false, major_account: false, region: "us", products: [], account_manager: "", contacts: [{ name: "", email: "", channels: ["email"] }], contract: { uptime_percent: 99.95 } },
};

/** What the server keeps about a document and does not take back. */
const kept = ["version", "updated_at"];

function text(doc: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(doc).filter(([k]) => !kept.includes(k))), null, 2);
}

/** Opens the editor: `id` is empty for a new one. */
export function Editor({ of, id, onClose }: { of: Collection; id: string; onClose: () => void }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["document", of, id], queryFn: ({ signal }) => get<Record<string, unknown>>(`/${of}/${encodeURIComponent(id)}`, {}, signal), enabled: id !== "", gcTime: 0 });
  const [typed, setTyped] = useState<string>();
  const value = typed ?? (id === "" ? text(fresh[of]) : query.data ? text(query.data) : "");
  async function save() {
    let doc: { id?: string };
    try {
      doc = JSON.parse(value) as { id?: string };
    } catch (err) {
      throw new Error(`This is no JSON yet: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
    }
    if (!doc.id) throw new Error("Give it an id: lower case letters, digits, dots and dashes.");
    await call("PUT", `/${of}/${encodeURIComponent(doc.id)}`, { body: doc });
    await client.invalidateQueries();
  }
  return (
    <Dialog title={id === "" ? `New ${noun[of]}` : `Edit ${id}`} verb="Save" size={720} onClose={onClose} onSubmit={save} ready={value !== ""}>
      <Textarea
        label="Document"
        description="As the API and allclear apply have it. Nothing is kept until it is right as a whole."
        autosize minRows={12} maxRows={24} spellCheck={false} data-autofocus
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        value={value}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
    </Dialog>
  );
}

/** The buttons and keys of a screen of the catalogue: a adds, e edits what is chosen. */
export function useEditor(of: Collection, chosen?: string) {
  const [open, setOpen] = useState<string>();
  useCommands([
    { id: `new-${of}`, label: `New ${noun[of]}`, group: "Catalogue", keys: "a", run: () => setOpen("") },
    ...(chosen ? [{ id: `edit-${of}`, label: `Edit ${chosen}`, group: "Catalogue", keys: "e", run: () => setOpen(chosen) }] : []),
  ]);
  return {
    add: <Button onClick={() => setOpen("")} rightSection={<kbd>a</kbd>}>New {noun[of]}</Button>,
    edit: (id: string) => <Button size="xs" onClick={() => setOpen(id)} aria-label={`Edit ${id}`}>Edit</Button>,
    dialog: open === undefined ? null : <Editor of={of} id={open} onClose={() => setOpen(undefined)} />,
  };
}
