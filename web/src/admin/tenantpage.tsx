// The private status page of one customer: its address, to copy, renew and end.
import { Button, CopyButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { newKey } from "../api/client";
import { tenantPage } from "../api/endpoints";
import { q } from "../api/queries";
import type { Customer } from "../api/types";
import { useMe } from "../app/me";
import { Dialog } from "../ui/dialog";
import { Reading, Time } from "../ui/pieces";
import css from "./tenantpage.module.css";

export function TenantPage({ customer, onClose }: { customer: Pick<Customer, "id" | "name">; onClose: () => void }) {
  const query = useQuery(q.tenantPage(customer.id));
  const client = useQueryClient();
  const admin = useMe()?.role === "admin";
  const [ask, setAsk] = useState<"renew" | "end">();
  const [intent, setIntent] = useState(newKey);
  const url = query.data?.url;
  async function make() {
    client.setQueryData(q.tenantPage(customer.id).queryKey, await tenantPage.make(customer.id, intent));
    setIntent(newKey());
  }
  if (ask === "renew") {
    return (
      <Dialog key="renew" title={`New address for ${customer.name}?`} verb="Make a new address" danger keep onClose={() => setAsk(undefined)} onSubmit={async () => {
        await make();
        notifications.show({ message: `The page of ${customer.name} has a new address; the old one no longer answers.` });
        setAsk(undefined);
      }}>
        <p>The present address stops answering at once. Everybody at {customer.name} who reads the page needs the new one.</p>
      </Dialog>
    );
  }
  if (ask === "end") {
    return (
      <Dialog key="end" title={`End the page of ${customer.name}?`} verb="End it" danger onClose={() => setAsk(undefined)} onSubmit={async () => {
        await tenantPage.end(customer.id);
        void client.invalidateQueries({ queryKey: q.tenantPage(customer.id).queryKey });
        notifications.show({ message: `The address of ${customer.name} no longer answers.` });
      }}>
        <p>The address stops answering at once and never comes back. A new one can be made later.</p>
      </Dialog>
    );
  }
  const makes = admin && query.data && !url;
  return (
    <Dialog key="show" title={`Private status page of ${customer.name}`} verb={makes ? "Make an address" : "Done"} keep={!!makes} shows={!makes} size={640} onClose={onClose} onSubmit={() => (makes ? make() : Promise.resolve())}
      extra={admin && url ? <><Button variant="subtle" onClick={() => setAsk("end")}>End it</Button><Button onClick={() => setAsk("renew")}>New address</Button></> : undefined}>
      <p>It shows the public status, and what only {customer.name} is told. Whoever has the address can read it, without signing in.</p>
      <Reading query={query} rows={2}>
        {(page) => page.url ? (
          <div>
            <div className={css.copy}>
              <code>{page.url}</code>
              <CopyButton value={page.url}>{({ copied, copy }) => <Button size="xs" onClick={copy} aria-label="Copy the address">{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
            </div>
            <p className="small muted">{page.since && <Time at={page.since} prefix="made " />}</p>
          </div>
        ) : <p className="muted">{page.since ? "Its address was ended." : "No address has been handed out yet."}{admin ? "" : " An administrator can make one."}</p>}
      </Reading>
    </Dialog>
  );
}
