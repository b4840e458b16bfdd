// Taking subscribers in from elsewhere, and forgetting an address wherever it stands.
import { Checkbox, FileInput, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { reading } from "../api/readers";
import { Dialog } from "../ui/dialog";
import { count } from "../ui/words";
import { taken, unfit, type Taken } from "./intake";

const listed = 30;

export function TakeIn({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [consent, setConsent] = useState(false);
  const [got, setGot] = useState<Taken>();
  const wrong = unfit(file);
  if (got) {
    return (
      <Dialog title="Subscribers imported" verb="Done" shows size={640} tall onClose={onClose} onSubmit={() => Promise.resolve()}>
        <p><b>{taken(got, consent)}</b></p>
        {got.problems.length > 0 && (
          <div className="scroll-x" tabIndex={0} role="region" aria-label="Lines that were left out">
            <table className="list">
              <thead><tr><th>Where</th><th>Left out, because it</th></tr></thead>
              <tbody>{got.problems.slice(0, listed).map((p) => <tr key={p.where}><td>{p.where}</td><td>{p.what}</td></tr>)}</tbody>
            </table>
          </div>
        )}
        {got.problems.length > listed && <p className="muted small">and {(got.problems.length - listed).toLocaleString("en-GB")} more. Correct them and import the file again: who is there already stays as it is.</p>}
      </Dialog>
    );
  }
  return (
    <Dialog title="Import subscribers" verb={consent ? "Import and tell them" : "Import and ask each"} size={640} keep onClose={onClose} ready={file !== null && wrong === undefined} onSubmit={async () => {
      if (!file) return;
      setGot(await reading.take(await file.text(), consent));
      await client.invalidateQueries({ queryKey: ["subscribers"] });
    }}>
      <FileInput label="A CSV file" description="The first line names the columns: email, phone or endpoint; or channel and address. components, kinds and language may stand beside." placeholder="Choose a file" accept=".csv,.txt,text/csv" value={file} onChange={setFile} error={wrong} data-autofocus />
      <Checkbox label="Each of them has agreed, and you can show it" description="Without this each is sent one message that asks, and is told nothing until it says yes." checked={consent} onChange={(e) => setConsent(e.currentTarget.checked)} />
    </Dialog>
  );
}

export function Forget({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [address, setAddress] = useState("");
  const [none, setNone] = useState("");
  const wanted = address.trim();
  return (
    <Dialog title="Forget an address" verb="Forget it" danger keep onClose={onClose} ready={wanted !== ""} onSubmit={async () => {
      const { ended } = await reading.forget(wanted);
      if (ended === 0) {
        setNone(wanted);
        return;
      }
      notifications.show({ message: `${wanted} is forgotten; ${count(ended, "subscription")} ended.` });
      await client.invalidateQueries({ queryKey: ["subscribers"] });
      onClose();
    }}>
      <p>Ends every subscription of an address, also those of private pages, and takes it out of what was sent. Use it where somebody asks to be forgotten. It cannot be taken back; that it was done is on the record, without the address.</p>
      <TextInput label="Address" description="An e-mail address, a phone number or a webhook, in any spelling." placeholder="mia@reader.example" value={address} onChange={(e) => setAddress(e.currentTarget.value)} error={none !== "" && none === wanted ? "Nobody subscribed with this address." : undefined} data-autofocus autoComplete="off" spellCheck={false} />
    </Dialog>
  );
}
