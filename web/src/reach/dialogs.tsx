// Adding a contact, proving it with the code that was sent to it, removing it.
import { Button, PinInput, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { reach } from "../api/endpoints";
import type { OwnContact, SendAnswer } from "../api/types";
import { Dialog } from "../ui/dialog";
import { channelWord } from "../ui/words";
import { Said } from "./contacts";

const kinds: Record<string, { label: string; hint: string; example: string }> = {
  sms: { label: "Text message", hint: "Mobile number with country code", example: "+15550100001" },
  voice: { label: "Call", hint: "Number with country code", example: "+15550100001" },
  email: { label: "E-mail", hint: "Mail address", example: "you@example.com" },
  slack: { label: "Slack", hint: "Your member id, from your Slack profile", example: "U012AB3CD" },
  ntfy: { label: "ntfy", hint: "The topic you subscribe to", example: "your-secret-topic" },
  webhook: { label: "Webhook", hint: "Where signed JSON is posted", example: "https://example.com/pages" },
  teams: { label: "Teams", hint: "As the integration page says", example: "" },
  mattermost: { label: "Mattermost", hint: "As the integration page says", example: "" },
  discord: { label: "Discord", hint: "As the integration page says", example: "" },
  telegram: { label: "Telegram", hint: "As the integration page says", example: "" },
};

function useChanged(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all([client.invalidateQueries({ queryKey: ["contacts"] }), client.invalidateQueries({ queryKey: ["devices"] }), client.invalidateQueries({ queryKey: ["people"] })]);
}

export function AddContact({ onClose, onAdded }: { onClose: () => void; onAdded: (c: OwnContact) => void }) {
  const changed = useChanged();
  const [channel, setChannel] = useState("sms");
  const [address, setAddress] = useState("");
  const [label, setLabel] = useState("");
  const added = useRef<OwnContact>(undefined); // read when the dialog closes, which was set up before
  const kind = kinds[channel] ?? { label: channel, hint: "", example: "" };
  async function submit() {
    const contact = { channel, address: address.trim(), label: label.trim() };
    await reach.add(contact);
    await changed();
    added.current = { ...contact, verified: false, code_by: new Date(Date.now() + 600_000).toISOString() };
  }
  return (
    <Dialog title="Add a contact" verb="Add and send a code" onClose={() => (added.current ? onAdded(added.current) : onClose())} onSubmit={submit} ready={address.trim() !== ""}>
      <Select label="Channel" data={Object.entries(kinds).map(([value, k]) => ({ value, label: k.label }))} value={channel} onChange={(v) => setChannel(v ?? "sms")} allowDeselect={false} />
      <TextInput label={kind.hint} placeholder={kind.example} value={address} onChange={(e) => setAddress(e.currentTarget.value)} type={channel === "email" ? "email" : channel === "sms" || channel === "voice" ? "tel" : "text"} autoComplete="off" required data-autofocus />
      <TextInput label="What you call it" description="Optional, such as “private phone”." value={label} onChange={(e) => setLabel(e.currentTarget.value)} maxLength={100} />
      <p className="fact">A code of six digits goes out at once. Enter it to prove that the contact is yours. Pages use it also before that.</p>
    </Dialog>
  );
}

export function EnterCode({ contact: c, onClose }: { contact: OwnContact; onClose: () => void }) {
  const changed = useChanged();
  const [code, setCode] = useState("");
  const digits = useRef<HTMLDivElement>(null);
  function anew() {
    setCode("");
    digits.current?.querySelector("input")?.focus();
  }
  const [said, setSaid] = useState<SendAnswer | Error>();
  const [busy, setBusy] = useState(false);
  async function again() {
    setBusy(true);
    try {
      setSaid(await reach.add({ channel: c.channel, address: c.address }));
    } catch (err) {
      setSaid(err instanceof Error ? err : new Error("That did not work."));
    } finally {
      setBusy(false);
      void changed();
    }
  }
  return (
    <Dialog title={`Verify your ${channelWord(c.channel)} contact`} verb="Verify" onClose={onClose} onSubmit={() => reach.verify(c.channel, c.address, code).then(changed)} onError={anew} ready={code.length === 6}
      extra={<Button loading={busy} onClick={() => void again()}>Send a code</Button>}>
      <p>Enter the six digits that were sent to <b>{c.address}</b>. They are good for 10 minutes and 5 tries.</p>
      <PinInput rootRef={digits} length={6} type="number" oneTimeCode value={code} onChange={setCode} aria-label="Digit of the code" autoFocus getInputProps={(i) => (i === 0 ? { "data-autofocus": true } : {})} />
      {said && <Said said={said} />}
    </Dialog>
  );
}

export function RemoveContact({ contact: c, onClose }: { contact: OwnContact; onClose: () => void }) {
  const changed = useChanged();
  const remove = () => (c.channel === "push" ? reach.unsubscribe(c.address) : reach.remove(c.channel, c.address));
  return (
    <Dialog title="Remove this contact?" verb="Remove" danger onClose={onClose} onSubmit={() => remove().then(changed)}>
      <p>Pages no longer go to <b>{c.channel === "push" ? c.label || "this device" : c.address}</b> ({channelWord(c.channel)}). You can add it again at any time.</p>
    </Dialog>
  );
}
