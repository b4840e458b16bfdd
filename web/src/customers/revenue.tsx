// What is done about the revenue that an incident puts at risk.
import { Button, NumberInput, Textarea } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { newKey } from "../api/client";
import { mitigate, registry } from "../api/registry";
import { Dialog } from "../ui/dialog";
import { useDraft } from "../ui/draft";
import { useNames } from "../ui/people";
import { Card, Reading, Time } from "../ui/pieces";
import { dollars } from "./words";
import css from "./customers.module.css";

export function Revenue({ number, may }: { number: number; may: boolean }) {
  const query = useQuery(registry.revenue(number));
  const [asks, setAsks] = useState(false);
  const name = useNames();
  return (
    <Card title="Revenue at risk" aside={may ? <Button size="xs" onClick={() => setAsks(true)}>Write down what is done</Button> : undefined}>
      {asks && <Mitigate number={number} onClose={() => setAsks(false)} />}
      <Reading query={query} rows={2}>
        {(r) => {
          const all = r.incidents.flatMap((i) => i.mitigations);
          return (
            <>
              <p>{dollars(r.arr_usd)} a year of {r.accounts.toLocaleString("en-GB")} accounts{r.secured_usd > 0 ? `, ${dollars(r.secured_usd)} of it secured` : ""}.</p>
              {all.length === 0 ? <p className="muted">Nothing is written down yet about what is done to keep it.</p> : <ul className="lines">{all.map((m) => <li key={m.id} className={css.wrap}>{m.text}{m.customer ? ` (${m.customer})` : ""}{m.amount_usd ? `, ${dollars(m.amount_usd)}` : ""} <small className="muted">{name(m.by)}, <Time at={m.at} how="ago" /></small></li>)}</ul>}
            </>
          );
        }}
      </Reading>
    </Card>
  );
}

function Mitigate({ number, onClose }: { number: number; onClose: () => void }) {
  const client = useQueryClient();
  const [key] = useState(newKey);
  const [text, setText, clear] = useDraft(`mitigation-${number}`);
  const [amount, setAmount] = useState<number | string>("");
  return (
    <Dialog title="What is done to keep the revenue?" verb="Write it down" onClose={onClose} ready={text.trim() !== ""} onSubmit={async () => {
      await mitigate(number, { text: text.trim(), ...(Number(amount) > 0 ? { amount_usd: Number(amount) } : {}) }, key);
      clear();
      await client.invalidateQueries({ queryKey: ["incident", number, "revenue"] });
    }}>
      <Textarea label="What is done" placeholder="The CEO called the three largest accounts; renewals are confirmed" autosize minRows={3} maxLength={10000} data-autofocus value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <NumberInput label="Yearly revenue that it secures, US dollars" min={0} allowDecimal={false} thousandSeparator="," value={amount} onChange={setAmount} />
    </Dialog>
  );
}
