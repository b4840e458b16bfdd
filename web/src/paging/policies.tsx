// Escalation policies: who is paged when, by the procedure's chain and by the
// policies that services name instead, and where a step would reach nobody.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { q } from "../api/queries";
import type { DeadEnd, Policy } from "../api/policies";
import type { Service } from "../api/types";
import { useCommands } from "../app/commands";
import { useMe } from "../app/me";
import { Chip, Empty, PageHead, Reading } from "../ui/pieces";
import { capital, count, listing } from "../ui/words";
import { Ladder } from "./ladder";
import { endOf, flawsOf, usedBy } from "./rungs";
import css from "./policies.module.css";

export function PoliciesScreen() {
  const query = useQuery(q.policies());
  const services = useQuery(q.services()).data;
  const looked = useQuery(q.deadEnds()).data;
  const deadEnds = looked ?? [];
  const navigate = useNavigate();
  const admin = useMe()?.role === "admin";
  const add = () => void navigate({ to: "/policies/new", search: {} });
  useCommands(admin ? [{ id: "new-policies", label: "New escalation policy", group: "Catalogue", keys: "a", run: add }] : []);
  useEffect(() => {
    document.title = "Escalation policies · Allclear";
  }, []);
  const all = query.data ?? [];
  const flawed = all.reduce((sum, p) => sum + flawsOf(deadEnds, p, p.steps).size, 0);
  const own = all.filter((p) => p.source === "catalogue").length;
  const follow = services?.filter((s) => !s.escalation_policy).length ?? 0;
  const lead = query.data && services && [
    `${capital(count(follow, "service"))} ${follow === 1 ? "follows" : "follow"} the procedure’s chain, ${services.length - follow} a policy of their own.`,
    // What could not be read is not called well.
    looked === undefined ? "" : flawed === 0 ? "Every step reaches somebody for the next 14 days." : `${count(flawed, "step")} would reach nobody within 14 days.`,
  ].join(" ");
  const group = (source: Policy["source"]) => <List list={all.filter((p) => p.source === source)} services={services} deadEnds={deadEnds} />;
  return (
    <>
      <PageHead title="Escalation policies" lead={lead} actions={admin ? <Button onClick={add} rightSection={<kbd className="desk">a</kbd>}>New policy</Button> : undefined} />
      <Reading query={query} rows={4}>
        {() => (
          <>
            {own < all.length && <section aria-labelledby="chain"><h2 id="chain" className={css.head}>The procedure’s chain</h2>{group("procedure")}</section>}
            <section aria-labelledby="own">
              <h2 id="own" className={css.head}>Policies of services</h2>
              {own > 0 ? group("catalogue") : <div className="card"><Empty title="No policy yet.">Every service follows the procedure’s chain. A policy pages other people, or sooner, for the services that name it.{admin ? <> Add the first with <kbd>a</kbd>.</> : null}</Empty></div>}
            </section>
          </>
        )}
      </Reading>
    </>
  );
}

function List({ list, services, deadEnds }: { list: Policy[]; services: Service[] | undefined; deadEnds: DeadEnd[] }) {
  return (
    <ul className={css.list}>
      {list.map((p) => (
        <li key={p.id}>
          <div className={css.top}>
            <h3><Link to="/policies/$id" params={{ id: p.id }} search={{}} className={css.name} data-row>{p.name}</Link></h3>
            <span className={css.use}>{services && <Use p={p} by={usedBy(services, p)} />}</span>
            {p.description && <p className="muted">{p.description}</p>}
          </div>
          <Ladder along steps={p.steps} flaws={flawsOf(deadEnds, p, p.steps)} label={`Steps of ${p.name}`} />
          <p className={css.end}>{endOf(p)}</p>
        </li>
      ))}
    </ul>
  );
}

function Use({ p, by }: { p: Policy; by: Service[] }) {
  if (p.source === "procedure") return <>every {p.id} of {count(by.length, "service")} without a policy</>;
  if (by.length === 0) return <Chip colour="amber">no service uses it</Chip>;
  return <>for {by.length > 4 ? count(by.length, "service") : listing(by.map((s) => s.name))}</>;
}
