// Where we listen: feeds, when each was read, and what makes a spike there.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEditor } from "../admin/editor";
import { around } from "../api/around";
import type { Feed } from "../api/outside";
import { q } from "../api/queries";
import { Chip, Empty, Reading, Time } from "../ui/pieces";
import { goSpan } from "../ui/time";
import css from "./rows.module.css";

const forms: Record<Feed["form"], string> = { rss: "RSS or Atom", json: "JSON Feed", discourse: "Discourse", x: "Search on X" };

export function FeedList() {
  const query = useQuery(around.feeds());
  const services = useQuery(q.services()).data ?? [];
  const editor = useEditor("feeds");
  const name = (id: string) => services.find((s) => s.id === id)?.name ?? id;
  return (
    <>
      {editor.dialog}
      {editor.add && <div className="filters">{editor.add}</div>}
      <Reading query={query} rows={3}>
        {(all) => all.length === 0 ? <div className="card"><Empty title="Nobody is listening yet.">A feed is a forum, a review site, a blog or a search. What it says about us is judged by its words; many complaints at once raise an alert.</Empty></div> : (
          <ul className={css.list}>
            {all.map((f) => (
              <li key={f.id} className={css.row}>
                <span className="grow">
                  <b>{f.name}</b> <Chip>{forms[f.form]}</Chip>
                  <small>{f.service ? <>{f.spike || 10} complaints within {goSpan(f.spike_within || "5m")} raise an alert on <Link to="/services" search={{ service: f.service }} className="link">{name(f.service)}</Link></> : "A spike here raises no alert: no service is named"}{(f.keywords ?? []).length > 0 ? `; counts with ${f.keywords?.join(", ")}` : ""}</small>
                  {f.error && <small className={css.failing}>{f.error}</small>}
                </span>
                <span className={css.side}>{f.error ? <Chip colour="red">not read</Chip> : f.succeeded_at ? <Chip colour="green">read</Chip> : <Chip>not read yet</Chip>}<small>{f.succeeded_at ? <Time at={f.succeeded_at} how="ago" /> : null}</small></span>
                {editor.edit(f.id)}
              </li>
            ))}
          </ul>
        )}
      </Reading>
    </>
  );
}
