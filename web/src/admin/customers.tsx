// Customers: who is affected when something breaks, and who looks after them.
import { Button, SegmentedControl, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import { exportAddress, registry } from "../api/registry";
import { useCommands } from "../app/commands";
import { CustomerDetail } from "../customers/detail";
import { ImportDialog } from "../customers/import";
import { Find, useFilters } from "../ui/filters";
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
  const query = useInfiniteQuery(q.customers({ vip: search.vip, region: search.region, tier: search.tier, product: search.product, q: search.find }));
  const services = useQuery(q.services()).data;
  const editor = useEditor("customers");
  const role = useMe()?.role;
  const mayRead = role !== undefined && role !== "stakeholder"; // who reads contacts and contracts
  const admin = role === "admin";
  const risk = new Map((useQuery({ ...registry.atRisk(), enabled: mayRead }).data ?? []).map((a) => [a.customer, a]));
  const products = [...new Set((services ?? []).flatMap((s) => s.products ?? []))].sort();
  const regions = [...new Set([...(services ?? []).flatMap((s) => s.regions ?? []), "us", "eu", "uk", "apac"])].sort();
  useCommands(admin ? [{ id: "import-customers", label: "Import customers from a file", group: "Customers", keys: "i", run: () => set({ import: "1" }) }] : []);
  useEffect(() => {
    document.title = "Customers · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Customers" lead="Read when an incident needs to know who is hit, who is told first and by whom." actions={<>{mayRead && <Button component={Link} {...({ to: "/customers/health", search: {} } as object)}>Customer health</Button>}{mayRead && <Button component="a" href={exportAddress} download>Export</Button>}{admin && <Button onClick={() => set({ import: "1" })} rightSection={<kbd className="desk">i</kbd>}>Import</Button>}{editor.add}</>} />
      {editor.dialog}
      {search.import && admin && <ImportDialog onClose={() => set({ import: undefined })} />}
      {search.customer && <CustomerDetail key={search.customer} id={search.customer} may={mayRead} onClose={() => set({ customer: undefined })} />}
      {search.page && <TenantPage key={search.page} customer={query.data?.pages.flatMap((p) => p.items).find((c) => c.id === search.page) ?? { id: search.page, name: search.page }} onClose={() => set({ page: undefined })} />}
      <div className="filters">
        <SegmentedControl size="xs" aria-label="Which" value={search.vip ?? ""} onChange={(v) => set({ vip: v || undefined })} data={[{ value: "", label: "All" }, { value: "true", label: "VIP" }]} />
        <Select aria-label="Region" placeholder="Every region" clearable w={160} data={regions.map((r) => ({ value: r, label: r.toUpperCase() }))} value={search.region ?? null} onChange={(v) => set({ region: v ?? undefined })} clearButtonProps={{ "aria-label": "Every region" }} />
        <Select aria-label="Tier" placeholder="Every tier" clearable w={150} data={["enterprise", "standard"].map((t) => ({ value: t, label: plain(t) }))} value={search.tier ?? null} onChange={(v) => set({ tier: v ?? undefined })} clearButtonProps={{ "aria-label": "Every tier" }} />
        <Select aria-label="Product" placeholder="Every product" clearable w={180} data={products.map((p) => ({ value: p, label: plain(p) }))} value={search.product ?? null} onChange={(v) => set({ product: v ?? undefined })} clearButtonProps={{ "aria-label": "Every product" }} />
        {mayRead && risk.size > 0 && <Button size="xs" variant={search.risk ? "filled" : "default"} aria-pressed={!!search.risk} onClick={() => set({ risk: search.risk ? undefined : "1" })}>At risk</Button>}
        <Find label="Find a customer" value={search.find} onChange={(find) => set({ find })} />
      </div>
      <Listing query={query} noun="customers">
        {(all) => {
          const list = all.filter((c) => !search.risk || risk.has(c.id));
          if (list.length === 0) return <div className="card"><Empty title="No customer matches.">Try fewer filters.</Empty></div>;
          return (
            <div className="card scroll-x" tabIndex={0} role="region" aria-label="Customers">
              <table className="list">
                <thead><tr><th>Customer</th><th>Tier</th><th>Region</th><th>Account manager</th>{mayRead && <th>Status page</th>}<th>Change</th></tr></thead>
                <tbody>
                  {list.map((c) => (
                    <tr key={c.id}>
                      <td><button type="button" className="link" onClick={() => set({ customer: c.id })}><b>{c.name}</b></button> {risk.has(c.id) && <Chip colour="red">at risk</Chip>} {c.vip ? <Chip colour="accent">VIP</Chip> : c.major_account ? <Chip>major account</Chip> : null}</td>
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
