// Stakeholders: who outside has to hear from us when it is serious, from whom, how
// soon and how.
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { useEditor } from "../admin/editor";
import { groups } from "../admin/specs";
import { registry, type Stakeholder } from "../api/registry";
import { Find, has, useFilters } from "../ui/filters";
import { useTargets } from "../ui/people";
import { Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { channelWord, listing } from "../ui/words";
import rows from "../outside/rows.module.css";
import { byGroup, circleVerdict, classWord, groupWord, plansLine } from "./circle";

export function StakeholdersScreen() {
  const search = useSearch({ from: "/app/stakeholders" });
  const set = useFilters();
  const query = useQuery(registry.stakeholders());
  const editor = useEditor("stakeholders", search.stakeholder);
  const who = useTargets();
  useEffect(() => {
    document.title = "Stakeholders · Allclear";
  }, []);
  return (
    <>
      <PageHead title="Stakeholders" lead={query.data && query.data.length > 0 ? circleVerdict(query.data) : undefined} actions={editor.add} />
      {editor.dialog}
      <Reading query={query} rows={5}>
        {(all) => {
          if (all.length === 0) return <div className="card"><Empty title="Nobody outside is in the register yet.">Name whoever has to hear from you when it is serious: investors, partners, regulators, key accounts, the insurer. Each gets a plan for each class of incidents, and whoever keeps the relationship gets a task with the time.{editor.add ? <> Add the first with <kbd>a</kbd>.</> : null}</Empty></div>;
          const list = byGroup(all).filter((s) => (!search.group || s.group === search.group) && has(`${s.name} ${s.id} ${groupWord(s.group)} ${s.customer ?? ""}`, search.find));
          return (
            <>
              <div className="filters">
                <Find label="Find a stakeholder" value={search.find} onChange={(find) => set({ find })} />
                <Select aria-label="Group" placeholder="Every group" clearable w={180} data={groups.filter((g) => all.some((s) => s.group === g.value))} value={search.group ?? null} onChange={(v) => set({ group: v ?? undefined })} clearButtonProps={{ "aria-label": "Every group" }} />
              </div>
              {list.length === 0 ? <div className="card"><Empty title="No stakeholder matches.">Try fewer filters.</Empty></div> : <ul className={rows.list}>{list.map((s) => <Row key={s.id} s={s} chosen={s.id === search.stakeholder} who={who} edit={editor.edit} />)}</ul>}
            </>
          );
        }}
      </Reading>
    </>
  );
}

function Row({ s, chosen, who, edit }: { s: Stakeholder; chosen: boolean; who: (target: string) => string; edit: (id: string) => ReactNode }) {
  const told = plansLine(s);
  return (
    <li>
      <Link to="." search={((old: object) => ({ ...old, stakeholder: chosen ? undefined : s.id })) as never} replace className={rows.row} data-row aria-expanded={chosen}>
        <span className="grow"><b>{s.name}</b><small>{told ? `Hears of ${told}` : "Is told of nothing: no plan says when"}</small></span>
        <span className={rows.side}>{told ? <Chip>{groupWord(s.group)}</Chip> : <Chip colour="amber">{groupWord(s.group)}, no plan</Chip>}</span>
      </Link>
      {chosen && (
        <dl className={rows.facts}>
          <dt>Told by</dt><dd>{s.owner ? who(s.owner) : "whom the procedure names"}</dd>
          {s.customer && <><dt>Customer</dt><dd><Link to="/customers" search={{ customer: s.customer }} className="link">{s.customer}</Link>, told where it is affected</dd></>}
          <dt>Plans</dt>
          <dd>{(s.plans ?? []).length === 0 ? "none yet" : <ul className={rows.plain}>{s.plans?.map((p) => <li key={p.class}><b>{classWord(p.class)}</b> <span>{[p.within ? `within ${p.within}` : "as soon as the procedure says", ...(p.how ? [p.how] : [])].join(", ")}</span></li>)}</ul>}</dd>
          {s.contacts !== undefined && <><dt>Contacts</dt><dd>{s.contacts.length === 0 ? "nobody is known" : <ul className={rows.troubles}>{s.contacts.map((c) => <li key={c.name + (c.email ?? "")} className={rows.wraps}><b>{c.name}</b>{c.phone && <a className="link" href={`tel:${c.phone}`}>{c.phone}</a>}{c.email && <a className="link" href={`mailto:${c.email}`}>{c.email}</a>}{(c.channels ?? []).length > 0 && <small className="muted">wants {listing((c.channels ?? []).map(channelWord))}</small>}</li>)}</ul>}</dd></>}
          {s.notes && <><dt>Notes</dt><dd className="prose">{s.notes}</dd></>}
          {edit(s.id) && <><dt>Change</dt><dd className={rows.chips}>{edit(s.id)}</dd></>}
        </dl>
      )}
    </li>
  );
}
