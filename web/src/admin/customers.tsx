// Customers: who is affected when something breaks, and who looks after them.
import { Button, SegmentedControl, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import { Find, has, useFilters } from "../ui/filters";
import { Listing } from "../ui/more";
import { useNames } from "../ui/people";
import { Chip, Empty, PageHead } from "../ui/pieces";
import { plain } from "../ui/words";
import { useMe } from "../app/me";
import { useEditor } from "./editor";
import { TenantPage } from "./tenantpage";

export function CustomersScreen() {
  const search = useSearch({ from: "/app/customers" });
  const set = useFilters();
  const name = useNames();
  const query = useInfiniteQuery(q.customers({}));
  const editor = useEditor("customers");
  const role = useMe()?.role;
  const mayRead = role !== undefined && role !== "stakeholder"; // who reads contacts and contracts
  useEffect(() => {
    document.title = "Customers · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Customers" lead="Read when an incident needs to know who is hit, who is told first and by whom." actions={<>{mayRead && <Button component={Link} {...({ to: "/customers/health", search: {} } as object)}>Customer health</Button>}{editor.add}</>} />
      {editor.dialog}
      {search.page && <TenantPage key={search.page} customer={query.data?.pages.flatMap((p) => p.items).find((c) => c.id === search.page) ?? { id: search.page, name: search.page }} onClose={() => set({ page: undefined })} />}
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Which" value={search.vip ?? ""} onChange={(v) => set({ vip: v || undefined })} data={[{ value: "", label: "All" }, { value: "true", label: "VIP" }]} />
        <Select aria-label="Region" placeholder="Every region" clearable w={160} data={["us", "eu", "uk", "apac"].map((r) => ({ value: r, label: r.toUpperCase() }))} value={search.region ?? null} onChange={(v) => set({ region: v ?? undefined })} clearButtonProps={{ "aria-label": "Every region" }} />
        <Find label="Find a customer" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <Listing query={query} noun="customers">
        {(all) => {
          const list = all.filter((c) => (search.vip !== "true" || c.vip) && (!search.region || c.region === search.region) && has(`${c.name} ${c.id}`, search.find));
          if (list.length === 0) return <div className="card"><Empty title="No customer matches.">Try fewer filters.</Empty></div>;
          return (
            <div className="card scroll-x" tabIndex={0} role="region" aria-label="Customers">
              <table className="list">
                <thead><tr><th>Customer</th><th>Tier</th><th>Region</th><th>Account manager</th>{mayRead && <th>Status page</th>}<th>Change</th></tr></thead>
                <tbody>
                  {list.map((c) => (
                    <tr key={c.id}>
                      <td><b>{c.name}</b> {c.vip ? <Chip colour="accent">VIP</Chip> : c.major_account ? <Chip>major account</Chip> : null}</td>
                      <td>{plain(c.tier ?? "")}</td>
                      <td>{(c.region ?? "").toUpperCase()}</td>
                      <td>{name(c.account_manager)}</td>
                      {mayRead && <td><Button size="xs" onClick={() => set({ page: c.id })} aria-label={`Private status page of ${c.name}`}>Address</Button></td>}
                      <td>{editor.edit(c.id)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Listing>
    </>
  );
}
