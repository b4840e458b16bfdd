// Vendors: what others run for us, how they say it is, and what of ours stands
// on them.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useEditor } from "../admin/editor";
import { around } from "../api/around";
import type { Vendor } from "../api/outside";
import { q } from "../api/queries";
import { Find, has, useFilters } from "../ui/filters";
import { Chip, Empty, PageHead, Reading, Time } from "../ui/pieces";
import { listing } from "../ui/words";
import { HealthChip } from "./pieces";
import { inOrder, vendorsVerdict } from "./states";
import css from "./rows.module.css";

const kinds: Record<Vendor["feed"], string> = { statuspage: "Statuspage", gcp: "Google Cloud", aws: "AWS Health", rss: "RSS or Atom" };

export function VendorsScreen() {
  const search = useSearch({ from: "/app/vendors" });
  const set = useFilters();
  const query = useQuery(around.vendors());
  const services = useQuery(q.services()).data ?? [];
  const editor = useEditor("vendors", search.vendor);
  useEffect(() => {
    document.title = "Vendors · Allclear";
  }, []);
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  return (
    <>
      <PageHead title="Vendors" lead={query.data && query.data.length > 0 ? vendorsVerdict(query.data, name) : undefined}
        actions={<><Button component={Link} {...({ to: "/services/map", search: {} } as object)}>Service map</Button>{editor.add}</>} />
      {editor.dialog}
      <Reading query={query} rows={4}>
        {(all) => {
          if (all.length === 0) return <div className="card"><Empty title="No vendor is known yet.">Name whoever your services stand on: the cloud, the payment provider, the mail sender. Their status page is read every minute, and an incident of yours says so when they are the cause.{editor.add ? <> Add the first with <kbd>a</kbd>.</> : null}</Empty></div>;
          const list = inOrder(all.filter((v) => has(`${v.name} ${v.id} ${(v.services ?? []).map(name).join(" ")}`, search.find)));
          return (
            <>
              <div className="filters"><Find label="Find a vendor" value={search.find} onChange={(find) => set({ find })} /></div>
              {list.length === 0 ? <div className="card"><Empty title="No vendor matches.">Try fewer letters.</Empty></div> : <ul className={css.list}>{list.map((v) => <Row key={v.id} v={v} chosen={v.id === search.vendor} name={name} edit={editor.edit} />)}</ul>}
            </>
          );
        }}
      </Reading>
    </>
  );
}

function Row({ v, chosen, name, edit }: { v: Vendor; chosen: boolean; name: (id: string) => string; edit: (id: string) => React.ReactNode }) {
  const s = v.status;
  const carries = (v.services ?? []).map(name);
  return (
    <li>
      <Link to="." search={((old: object) => ({ ...old, vendor: chosen ? undefined : v.id })) as never} replace className={css.row} data-row aria-expanded={chosen}>
        <span className="grow">
          <b>{v.name}</b>
          <small>{s.what || (carries.length > 0 ? `Carries ${listing(carries)}` : "Nothing of ours is said to stand on it")}</small>
        </span>
        <span className={css.side}>
          <HealthChip health={s.state} />
          <small>{s.error ? <>not read, <Time at={s.read_at} how="ago" /></> : s.state !== "ok" && s.since ? <Time at={s.since} prefix="since " /> : s.succeeded_at ? <>read <Time at={s.succeeded_at} how="ago" /></> : "not read yet"}</small>
        </span>
      </Link>
      {chosen && (
        <dl className={css.facts}>
          {s.error && <><dt>Last reading</dt><dd className={css.failing}>{s.error} What stood before is not believed after ten minutes.</dd></>}
          <dt>It says</dt>
          <dd>{s.troubles.length === 0 ? (s.state === "ok" ? "nothing is wrong" : s.what || "nothing yet") : <ul className={css.troubles}>{s.troubles.map((t) => <li key={t.what}><HealthChip health={t.state} /> <span>{t.link ? <a href={t.link} target="_blank" rel="noreferrer" className="link">{t.what}</a> : t.what}</span></li>)}</ul>}</dd>
          {s.since && <><dt>Since</dt><dd><Time at={s.since} /></dd></>}
          <dt>Read</dt><dd>{s.succeeded_at ? <Time at={s.succeeded_at} how="ago" /> : "not once yet"}, as {kinds[v.feed]}, from <span className="mono">{v.url}</span></dd>
          <dt>We use</dt><dd>{(v.components ?? []).length === 0 ? "everything of it" : <span className={css.chips}>{v.components?.map((c) => ((s.missing_components ?? []).includes(c) ? <Chip key={c} colour="amber">{c}: not in their document</Chip> : <Chip key={c}>{c}</Chip>))}</span>}</dd>
          <dt>Carries</dt><dd>{(v.services ?? []).length === 0 ? "nothing that is known" : v.services?.map((id, n) => <span key={id}>{n > 0 && ", "}<Link to="/services" search={{ service: id }} className="link">{name(id)}</Link></span>)}</dd>
          {v.failover && <><dt>In its place</dt><dd className="prose">{v.failover}</dd></>}
          {(v.status_page || v.support_url) && <><dt>Go there</dt><dd>{v.status_page && <a href={v.status_page} target="_blank" rel="noreferrer" className="link">Status page</a>}{v.status_page && v.support_url && ", "}{v.support_url && <a href={v.support_url} target="_blank" rel="noreferrer" className="link">open a case</a>}</dd></>}
          <dt>More</dt><dd className={css.chips}><Link to="/services/map" search={{ node: `vendor:${v.id}` }} className="link">On the map</Link> {edit(v.id)}</dd>
        </dl>
      )}
    </li>
  );
}
