// Handover notices: whether I am told when a turn of mine begins or ends.
import { Switch } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { bare, type Doc } from "../admin/doc";
import { call, get, Problem } from "../api/client";
import { Card, Reading } from "../ui/pieces";

const field = "no_handover_notices";

/** The document with the wish in it; none is the wish to be told. Pure. */
export function wished(doc: Doc, told: boolean): Doc {
  const { [field]: _, ...rest } = bare(doc);
  return told ? rest : { ...rest, [field]: true };
}

export function Notices({ person }: { person: string }) {
  const client = useQueryClient();
  const path = `/people/${encodeURIComponent(person)}`;
  const key = ["document", "people", person, "notices"];
  const query = useQuery({ queryKey: key, queryFn: () => get<Doc>(path), retry: false });
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  async function set(told: boolean) {
    setBusy(true);
    setWrong("");
    try {
      // Read at once before writing: a person is written as a whole, and what
      // somebody else changed meanwhile must stand.
      for (let again = true; ; again = false) {
        const doc = await get<Doc>(path);
        try {
          client.setQueryData(key, await call<Doc>("PUT", path, { body: wished(doc, told), version: Number(doc["version"]) }));
          break;
        } catch (err) {
          if (!again || !(err instanceof Problem) || err.status !== 412) throw err;
        }
      }
      void client.invalidateQueries({ queryKey: ["people"] });
    } catch (err) {
      setWrong(err instanceof Error ? err.message : "That did not work.");
    } finally {
      setBusy(false);
    }
  }
  return (
    <Card title="Handover notices" id="notices">
      <Reading query={query} rows={1}>
        {(doc) => (
          <Switch color="dark" checked={doc[field] !== true} disabled={busy} onChange={(e) => void set(e.currentTarget.checked)}
            label="Tell me when a turn of mine begins or ends" description="Says until when, who had it before and what is open. Pages reach you either way." />
        )}
      </Reading>
      {wrong && <p className="wrong" role="alert" style={{ marginTop: 10 }}>{wrong}</p>}
    </Card>
  );
}
